"""Reads Go expressions into `readiness.source` expressions and records the calls in them. Resolves no names itself."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from readiness.languages.go_names import text
from readiness.languages.go_records import Records, first_line, last_line
from readiness.source import (
    Call,
    CallRef,
    Choice,
    Constant,
    Expression,
    FunctionRef,
    Joined,
    Mapping,
    Name,
    Number,
    Opaque,
    Sequence,
    Text,
)

_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_VERB = re.compile(r"%[-+# 0]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?(?:\[\d+\])?([a-zA-Z%])")
_CONSTANTS = {"true": "true", "false": "false", "nil": "null"}
_LISTS = {"slice_type", "array_type", "implicit_length_array_type"}


def unquote(literal: str) -> str:
    """The value of a Go string or rune literal."""
    if literal[:1] == "`":
        return literal.strip("`").replace("\r", "")
    return _ESCAPE.sub(_unescape, literal[1:-1]) if "\\" in literal else literal[1:-1]


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "xuU" and len(code) > 1:
        value = int(code[1:], 16)
        return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else "\ufffd"
    if len(code) == 3:
        return chr(int(code, 8))
    return _SIMPLE.get(code, code)


def number(literal: str) -> float | None:
    """The value of a Go number literal, None where it is imaginary or malformed."""
    digits = literal.replace("_", "")
    try:
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            return float(int(digits, 8))
        return (
            float(int(digits, 0)) if not re.search(r"[.epEP]", digits) or digits[:2] in ("0x", "0X") else float(digits)
        )
    except (ValueError, OverflowError):
        return None


def formatted(arguments: tuple[Expression, ...]) -> Expression | None:
    """The parts of a Sprintf call in order, None where its format is not a literal."""
    if not arguments or not isinstance(arguments[0], Text):
        return None
    parts: list[Expression] = []
    rest, position = iter(arguments[1:]), 0
    form = arguments[0].value
    for verb in _VERB.finditer(form):
        parts.append(Text(form[position : verb.start()] + ("%" if verb.group(1) == "%" else "")))
        position = verb.end()
        if verb.group(1) != "%":
            parts.append(next(rest, Opaque(verb.group())))
    parts.append(Text(form[position:]))
    return Joined(tuple(part for part in parts if part != Text("")))


class Expressions:
    """Reads expressions into `records`; `body` reads the block of a function literal."""

    def __init__(self, records: Records, body: Callable[[Node | None], None]) -> None:
        """Keep where to record."""
        self.records = records
        self.names = records.names
        self._body = body
        self._by_type: dict[str, Callable[[Node, str], Expression]] = {
            "interpreted_string_literal": lambda node, _: Text(unquote(text(node))),
            "raw_string_literal": lambda node, _: Text(unquote(text(node))),
            "rune_literal": lambda node, _: Text(unquote(text(node))),
            "int_literal": self._number,
            "float_literal": self._number,
            "true": self._constant,
            "false": self._constant,
            "nil": self._constant,
            "identifier": self._name,
            "iota": self._name,
            "selector_expression": self._selector,
            "call_expression": self._call,
            "func_literal": self._function,
            "composite_literal": self._composite,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "parenthesized_expression": self._inner,
            "literal_element": self._inner,
            "type_conversion_expression": self._conversion,
            "type_assertion_expression": self._assertion,
        }

    def read(self, node: Node | None, bound: str = "") -> Expression:
        """The expression at `node`; `bound` is the target that it is assigned to."""
        if node is None:
            return Opaque("")
        reader = self._by_type.get(node.type)
        with self.records.deeper() as allowed:
            if not allowed:
                return self._opaque(node)
            if reader is not None:
                return reader(node, bound)
            for child in node.named_children:
                self.read(child)
        return self._opaque(node)

    @staticmethod
    def _opaque(node: Node) -> Expression:
        return Opaque(text(node)[:200])

    def _number(self, node: Node, _: str) -> Expression:
        value = number(text(node))
        return Number(value) if value is not None else self._opaque(node)

    @staticmethod
    def _constant(node: Node, _: str) -> Expression:
        return Constant(_CONSTANTS[node.type])

    def _name(self, node: Node, _: str) -> Expression:
        written = text(node)
        return Name(self.names.lookup(written), written)

    def _selector(self, node: Node, _: str) -> Expression:
        self._operand(node)
        return Name(self.names.symbol(node), " ".join(text(node).split())[-200:])

    def _operand(self, node: Node) -> Expression | None:
        """What stands left of the dot, its calls recorded."""
        operand = node.child_by_field_name("operand")
        return self.read(operand) if operand is not None else None

    def _inner(self, node: Node, bound: str) -> Expression:
        inner = next((child for child in node.named_children if child.type != "comment"), None)
        return self.read(inner, bound) if inner is not None else self._opaque(node)

    def _call(self, node: Node, bound: str) -> Expression:
        function = node.child_by_field_name("function")
        index = self.records.reserve_call()
        receiver = None
        callee = self.names.callee(function)
        target = (
            function.child_by_field_name("operand")
            if function is not None and function.type == "index_expression"
            else function
        )
        if target is not None and target.type == "selector_expression":
            receiver = self._operand(target)
        elif target is not None and target.type != "identifier":
            self.read(target)
        arguments = self._arguments(node.child_by_field_name("arguments"))
        kind = "raise" if callee == "panic" else "call"
        written = " ".join(text(function).split())[-200:] if function is not None else ""
        call = Call(callee, written, first_line(node), last_line(node), arguments, (), receiver, bound=bound, kind=kind)
        self.records.fill_call(index, call)
        if callee == "fmt.Sprintf":
            return formatted(arguments) or CallRef(index)
        return Choice(arguments) if callee == "cmp.Or" and arguments else CallRef(index)

    def _arguments(self, node: Node | None) -> tuple[Expression, ...]:
        if node is None:
            return ()
        return tuple(self.read(child) for child in node.named_children if child.type != "comment")

    def _function(self, node: Node, _: str) -> Expression:
        with self.records.inside(node):
            index = self.records.function
            self._body(node.child_by_field_name("body"))
        return FunctionRef(index)

    def _unary(self, node: Node, bound: str) -> Expression:
        operator = node.child_by_field_name("operator")
        value = self.read(node.child_by_field_name("operand"), bound)
        match text(operator):
            case "&" | "*" | "+":
                return value
            case "-" if isinstance(value, Number):
                return Number(-value.value)
            case _:
                return self._opaque(node)

    def _binary(self, node: Node, _: str) -> Expression:
        """A chain of one operator is left-deep: it is read in a loop, so that long concatenations do not nest."""
        operands: list[Node] = []
        operators: set[str] = set()
        current: Node | None = node
        while current is not None and current.type == "binary_expression":
            operators.add(text(current.child_by_field_name("operator")))
            right = current.child_by_field_name("right")
            operands += [right] if right is not None else []
            current = current.child_by_field_name("left")
        operands += [current] if current is not None else []
        parts = [self.read(operand) for operand in reversed(operands)]
        if operators == {"+"} and not any(isinstance(part, Number) for part in parts):
            return Joined(tuple(parts))
        return self._opaque(node)

    def _conversion(self, node: Node, bound: str) -> Expression:
        """`[]byte("x")` is its operand; `f[int](x)` parses alike and is a call."""
        kind = node.child_by_field_name("type")
        if kind is None or kind.type != "generic_type":
            return self.read(node.child_by_field_name("operand"), bound)
        index = self.records.reserve_call()
        operand = self.read(node.child_by_field_name("operand"))
        call = Call(self.names.type_symbol(kind), text(kind)[-200:], first_line(node), last_line(node), (operand,))
        self.records.fill_call(index, call)
        return CallRef(index)

    def _assertion(self, node: Node, _: str) -> Expression:
        self._operand(node)
        return Name(self.names.symbol(node), text(node)[-200:])

    def _composite(self, node: Node, bound: str) -> Expression:
        kind = node.child_by_field_name("type")
        body = node.child_by_field_name("body")
        symbol = self.names.type_symbol(kind)
        if kind is not None and kind.type in _LISTS:
            return self._list(body, symbol.removeprefix("[]"))
        return self._struct(body, symbol, bound, node)

    def _list(self, body: Node | None, element: str) -> Expression:
        items: list[Expression] = []
        for child in body.named_children if body is not None else ():
            if child.type == "keyed_element":
                child = child.child_by_field_name("value") or child
            if child.type != "comment":
                items.append(self._element(child, element))
        return Sequence(tuple(items))

    def _element(self, node: Node, kind: str) -> Expression:
        """A value in a composite literal; `{...}` without a type has the element type `kind`."""
        inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
        if inner.type != "literal_value":
            return self.read(inner)
        with self.records.deeper() as allowed:
            if not allowed:
                return self._opaque(inner)
            if kind.startswith("[]"):
                return self._list(inner, kind[2:])
            return self._struct(inner, kind, "", inner)

    def _struct(self, body: Node | None, symbol: str, bound: str, whole: Node) -> Expression:
        """A struct or map literal: a Mapping, and for a struct a Call of kind "new"."""
        is_map = symbol.startswith("map[")
        index = -1 if is_map else self.records.reserve_call()
        fields = self.names.structs.get(symbol, {})
        keyed: list[tuple[str, Expression]] = []
        plain: list[Expression] = []
        for child in body.named_children if body is not None else ():
            if child.type == "keyed_element":
                key = self._key(child.child_by_field_name("key"))
                value = child.child_by_field_name("value")
                kind = self.names.element(symbol) if is_map else fields.get(key, "")
                keyed.append((key, self._element(value, kind) if value is not None else Opaque("")))
            elif child.type != "comment":
                plain.append(self._element(child, ""))
        names = [*fields, *(str(n) for n in range(len(fields), len(plain)))]
        entries = (*keyed, *zip(names, plain, strict=False))
        if index >= 0:
            call = Call(
                symbol, symbol, first_line(whole), last_line(whole), tuple(plain), entries, bound=bound, kind="new"
            )
            self.records.fill_call(index, call)
        return Mapping(entries, symbol)

    def _key(self, node: Node | None) -> str:
        inner = node.named_children[0] if node is not None and node.named_children else node
        if inner is not None and inner.type.endswith("string_literal"):
            return unquote(text(inner))
        return text(inner)[:200]
