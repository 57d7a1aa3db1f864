"""Reads Go source into a `readiness.source.Module`, by tree-sitter. Looks at one file; `readiness.symbols_go` joins files."""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter_go
from tree_sitter import Language, Node, Parser

from readiness.languages.go_env import environment_reads
from readiness.languages.go_expressions import unquote
from readiness.languages.go_names import NEW, Names, import_symbol, package_name, text
from readiness.languages.go_records import Records, first_line, last_line
from readiness.languages.go_statements import Statements, is_bindable
from readiness.source import Class, Field, Import, Module, Parameter

VERSION = "2"

_LANGUAGE = Language(tree_sitter_go.language())
_NEW = re.compile(rb"\bnew\(")
_IGNORED = re.compile(rb"(?m)^//(go:build|\s*\+build)\s+(ignore|tools)\b")


def read(path: str, content: bytes) -> Module:
    """The module at `path` (relative to the target's root); what does not parse is left out and `has_errors` is set.

    Never raises on any content. A struct's or interface's method elements are not functions; a function's `returns` is
    its first result. Calls of same-file functions bind as the type that they return.
    """
    root = _parse(content)
    reader = _File(root)
    reader.read()
    records = reader.records
    ignored = bool(_IGNORED.search(content[:4000]))
    calls = tuple(call for call in records.calls if call is not None)
    has_main = any(f.name == "main" and not f.owner and f.parent == -1 for f in records.functions)
    module = Module(
        path=path,
        language="go",
        package=reader.package,
        imports=tuple(records.imports),
        functions=tuple(records.functions),
        classes=tuple(records.classes),
        calls=calls,
        assignments=tuple(records.assignments),
        returns=tuple(records.returns),
        lines=content.count(b"\n") + (not content.endswith(b"\n") and bool(content)),
        has_errors=records.truncated or _has_error(root),
        is_main=reader.package == "main" and has_main and not ignored,
    )
    return environment_reads(module)


def _parse(content: bytes) -> Node:
    """The tree. The grammar takes `new(x)` for a type only, as it was before Go 1.26: where that may be what does not
    parse, a plain name of the same length stands in for it (`Names.callee` reads it back)."""
    root = Parser(_LANGUAGE).parse(content).root_node
    if root.has_error and b"new(" in content:
        again = Parser(_LANGUAGE).parse(_NEW.sub(NEW.encode() + b"(", content)).root_node
        return again if not again.has_error else root
    return root


def _has_error(root: Node) -> bool:
    """Whether something could not be parsed; a missing separator, which loses nothing, does not count."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error or (node.is_missing and node.is_named):
            return True
        waiting += [child for child in node.children if child.has_error or child.is_error]
    return False


class _File:
    """One file's declarations, read in two rounds: what names mean, then what functions do."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.names = Names()
        self.records = Records(self.names)
        self.statements = Statements(self.records)
        self.package = ""

    def read(self) -> None:
        """Both rounds."""
        top = self.root.named_children
        for node in top:
            if node.type == "package_clause" and node.named_children:
                self.package = text(node.named_children[0])
            elif node.type == "import_declaration":
                self._imports(node)
        for node in top:
            if node.type == "type_declaration":
                self._types(node)
            elif node.type == "function_declaration":
                self._signature(node)
        for node in top:
            if node.type == "var_declaration":
                self._foresee(node)
        for node in top:
            self._declaration(node)

    def _declaration(self, node: Node) -> None:
        match node.type:
            case "function_declaration" | "method_declaration":
                self._function(node)
            case "package_clause" | "import_declaration" | "type_declaration" | "comment":
                return
            case _:
                self.statements.read(node)

    def _imports(self, node: Node) -> None:
        for spec in _below(node, "import_spec"):
            path = unquote(text(spec.child_by_field_name("path")))
            alias = text(spec.child_by_field_name("name"))
            local = alias or package_name(path)
            self.records.imports.append(Import(local, import_symbol(path), first_line(spec)))
            if alias not in ("_", "."):
                self.names.imports[local] = import_symbol(path)

    def _types(self, node: Node) -> None:
        for spec in node.named_children:
            if spec.type not in ("type_spec", "type_alias"):
                continue
            name, kind = text(spec.child_by_field_name("name")), spec.child_by_field_name("type")
            fields: list[Field] = []
            bases: list[str] = []
            if kind is not None and kind.type == "struct_type":
                self._fields(kind, fields, bases)
            elif kind is not None and kind.type == "interface_type":
                self._methods(kind, fields, bases)
            elif kind is not None:
                bases.append(self.names.type_symbol(kind))
            self.names.structs[name] = {field.name: field.type for field in fields if field.type}
            self.records.classes.append(Class(name, first_line(spec), last_line(spec), tuple(bases), tuple(fields)))

    def _fields(self, struct: Node, fields: list[Field], bases: list[str]) -> None:
        for declaration in _below(struct, "field_declaration"):
            kind = self.names.type_symbol(declaration.child_by_field_name("type"))
            written = text(declaration.child_by_field_name("tag"))
            tag = unquote(written) if written else ""
            names = declaration.children_by_field_name("name")
            if not names:
                bases.append(kind)
                fields.append(Field(kind.rpartition(".")[2], first_line(declaration), kind, tag=tag))
            fields += [Field(text(name), first_line(name), kind, tag=tag) for name in names]

    def _methods(self, interface: Node, fields: list[Field], bases: list[str]) -> None:
        for element in interface.named_children:
            if element.type in ("method_elem", "method_spec"):
                name = element.child_by_field_name("name")
                fields.append(Field(text(name), first_line(element), "func"))
            elif element.type != "comment":
                bases.append(self.names.type_symbol(element))

    def _signature(self, node: Node) -> None:
        result = self.names.result_type(node.child_by_field_name("result"))
        if result:
            self.names.results[text(node.child_by_field_name("name"))] = result

    def _foresee(self, node: Node) -> None:
        """Bind package-level variables before functions are read: they may stand above the declaration."""
        for spec in _below(node, "var_spec"):
            kind = self.names.type_symbol(spec.child_by_field_name("type"))
            value = spec.child_by_field_name("value")
            first = value.named_children[0] if value is not None and value.named_children else None
            for name in spec.children_by_field_name("name")[:1] if not kind else spec.children_by_field_name("name"):
                made = self.names.symbol(first) if first is not None and is_bindable(first) else ""
                self.names.bind(text(name), kind or made)

    def _function(self, node: Node) -> None:
        receivers = self.records.parameters(node.child_by_field_name("receiver"))
        receiver: Parameter | None = receivers[0] if receivers else None
        owner = receiver.type if receiver else ""
        with self.records.inside(node, text(node.child_by_field_name("name")), owner, receiver):
            self.statements.block(node.child_by_field_name("body"))


def _below(node: Node, kind: str) -> Iterator[Node]:
    """The nodes of `kind` among the children and, through lists, theirs."""
    for child in node.named_children:
        if child.type == kind:
            yield child
        elif child.type.endswith("_list"):
            yield from _below(child, kind)
