"""Resolves the names in one Go file to symbols: imports, types, variables in their scopes. Records no calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

MAX_SYMBOL = 400
"""A longer symbol comes from a chain of calls that nobody matches; it is cut back to what is written."""

NEW = "neW"
"""Stands for the built-in `new` where it is called with a value."""

_MAX_CHAIN = 150
_PLAIN = frozenset(
    """any bool byte comparable complex64 complex128 error float32 float64 func int int8 int16 int32 int64 rune string uint
    uint8 uint16 uint32 uint64 uintptr interface{} struct{}""".split()  # noqa: SIM905 - a list of words reads better
)
_VERSION = re.compile(r"v([2-9]|[1-9][0-9]+)")
_FORGES = {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com"}
_VERSION_SUFFIX = re.compile(r"\.v[0-9]+$")
_TRANSPARENT = {"pointer_type", "parenthesized_type"}


def text(node: Node | None) -> str:
    """The source text of `node`, "" for None."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def import_symbol(path: str) -> str:
    """The import path as a symbol: without major-version elements (github.com/go-chi/chi/v5 -> github.com/go-chi/chi).

    gopkg.in/yaml.v3 keeps its name without the version (gopkg.in/yaml). A folder named v2 deeper in a repository of a
    forge (github.com/owner/name/api/v2) is a package's name and stays, and so does one in a module without a host.
    """
    parts = path.split("/")
    if parts[0] in _FORGES:
        kept = [part for position, part in enumerate(parts) if position != 3 or not _VERSION.fullmatch(part)]
    elif "." in parts[0]:
        kept = [part for part in parts if not _VERSION.fullmatch(part)]
    else:
        kept = parts
    symbol = "/".join(kept) or path
    return _VERSION_SUFFIX.sub("", symbol) if symbol.startswith("gopkg.in/") else symbol


def package_name(path: str) -> str:
    """The package name that an import path most likely has, by the customs for naming repositories."""
    name = _VERSION_SUFFIX.sub("", import_symbol(path)).rpartition("/")[2]
    for prefix in ("go-", "go."):
        name = name.removeprefix(prefix)
    for suffix in (".go", "-go", ".v1"):
        name = name.removesuffix(suffix)
    return name.rpartition("-")[2] if "-" in name else name


class Names:
    """What the names of one file mean. Variables map to the symbol of their type or of the call that made them."""

    def __init__(self) -> None:
        """Start with an empty file scope."""
        self.imports: dict[str, str] = {}
        self.structs: dict[str, dict[str, str]] = {}
        self.results: dict[str, str] = {}
        self.scopes: list[dict[str, str]] = [{}]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """A block's own names."""
        self.scopes.append({})
        try:
            yield
        finally:
            self.scopes.pop()

    def bind(self, name: str, symbol: str) -> None:
        """`name` means `symbol` until its scope ends; "" or a built-in type says nothing, but hides outer names."""
        if name and name != "_":
            known = symbol and symbol not in _PLAIN and len(symbol) <= MAX_SYMBOL
            self.scopes[-1][name] = symbol if known else name

    def lookup(self, name: str) -> str:
        """The symbol of a plain name."""
        for scope in reversed(self.scopes):
            if (found := scope.get(name)) is not None:
                return found
        return self.imports.get(name, name)

    def type_symbol(self, node: Node | None, depth: int = 0) -> str:
        """A type as a symbol, pointers stripped: net/http.Server, []Item, map[string]string, func, "" for None."""
        if node is None or depth > 20:
            return ""
        match node.type:
            case "type_identifier" | "package_identifier" | "identifier":
                return text(node)
            case "qualified_type":
                package = text(node.child_by_field_name("package"))
                return f"{self.imports.get(package, package)}.{text(node.child_by_field_name('name'))}"
            case "generic_type":
                return self.type_symbol(node.child_by_field_name("type"), depth + 1)
            case "slice_type" | "array_type" | "implicit_length_array_type":
                return f"[]{self.type_symbol(node.child_by_field_name('element'), depth + 1)}"
            case "map_type":
                key = self.type_symbol(node.child_by_field_name("key"), depth + 1)
                return f"map[{key}]{self.type_symbol(node.child_by_field_name('value'), depth + 1)}"
            case "channel_type":
                return f"chan {self.type_symbol(node.child_by_field_name('value'), depth + 1)}"
            case "function_type":
                return "func"
            case kind if kind in _TRANSPARENT or kind == "type_elem":
                return self.type_symbol(next(iter(node.named_children), None), depth + 1)
            case _:
                return " ".join(text(node).split())[:MAX_SYMBOL]

    def result_type(self, node: Node | None) -> str:
        """The type of a function's first result, "" if it has none."""
        if node is None:
            return ""
        if node.type != "parameter_list":
            return self.type_symbol(node)
        first = next((child for child in node.named_children if child.type == "parameter_declaration"), None)
        return self.type_symbol(first.child_by_field_name("type")) if first is not None else ""

    def symbol(self, node: Node | None, depth: int = 0) -> str:
        """What an expression is, as a symbol; what cannot be said stays as it is written."""
        if node is None:
            return ""
        if depth > _MAX_CHAIN:
            return "?"
        found = self._symbol(node, depth + 1)
        return found if len(found) <= MAX_SYMBOL else text(node)[-80:]

    def _symbol(self, node: Node, depth: int) -> str:
        match node.type:
            case "identifier" | "type_identifier" | "package_identifier" | "field_identifier":
                return self.lookup(text(node))
            case "selector_expression":
                owner = self.symbol(node.child_by_field_name("operand"), depth)
                return self.member(owner, text(node.child_by_field_name("field")))
            case "call_expression":
                return self._called(node, depth)
            case "composite_literal" | "type_assertion_expression":
                return self.type_symbol(node.child_by_field_name("type"))
            case "unary_expression":
                return self.symbol(node.child_by_field_name("operand"), depth)
            case "parenthesized_expression":
                return self.symbol(next(iter(node.named_children), None), depth)
            case "index_expression":
                return self.element(self.symbol(node.child_by_field_name("operand"), depth)) or text(node)
            case "type_conversion_expression":
                made = self.type_symbol(node.child_by_field_name("type"))
                generic = node.child_by_field_name("type")
                return f"{made}()" if generic is not None and generic.type == "generic_type" else made
            case "qualified_type" | "generic_type":
                return self.type_symbol(node)
            case "func_literal":
                return "func"
            case _:
                return text(node)[:80]

    def _called(self, node: Node, depth: int) -> str:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        written = text(function) if function is not None and function.type == "identifier" else ""
        if written in ("new", "make", NEW) and arguments is not None and arguments.named_children:
            made = arguments.named_children[0]
            return self.symbol(made, depth) if written == NEW else self.type_symbol(made)
        callee = self.callee(function, depth)
        return self.results.get(callee) or f"{callee}()"

    def callee(self, function: Node | None, depth: int = 0) -> str:
        """The symbol of what a call calls; type arguments (`f[int]`) are left out."""
        if function is not None and function.type == "index_expression":
            function = function.child_by_field_name("operand")
        if function is not None and function.type == "type_instantiation_expression":
            return self.type_symbol(function.child_by_field_name("type"))
        symbol = self.symbol(function, depth)
        return "new" if symbol == NEW else symbol

    def member(self, owner: str, field: str) -> str:
        """The symbol of `owner.field`; a field of a struct of this file is its type."""
        declared = self.structs.get(owner, {}).get(field, "")
        return declared if declared and declared not in _PLAIN else f"{owner}.{field}"

    @staticmethod
    def element(container: str) -> str:
        """The type of an element of a slice or map type, "" for others."""
        if container.startswith("[]"):
            return container[2:]
        return container.partition("]")[2] if container.startswith("map[") else ""
