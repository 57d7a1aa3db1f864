"""Turns Python expressions into `readiness.source` values and records the calls in them. Reads no statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tree_sitter import Node

from readiness.languages import python_annotations
from readiness.languages import python_environment as environment
from readiness.languages.python_names import Scopes
from readiness.languages.python_strings import unescape
from readiness.source import (
    Assignment,
    Call,
    CallRef,
    Choice,
    Constant,
    EnvRead,
    Expression,
    Function,
    FunctionRef,
    Joined,
    Mapping,
    Name,
    Number,
    Opaque,
    Parameter,
    Sequence,
    Text,
)

_CUT = 200
_DEEPEST = 120
"""Deeper expressions become Opaque: each level takes three Python frames."""
_SPACE = re.compile(r"\s+")
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b if b else 0.0,
}  # fmt: skip


class Expressions:
    """Reads the expressions of one file; what it finds on the way gathers in its lists.

    `function` and `guards` say where the reader stands; the statement reader moves them.
    """

    def __init__(self, source: bytes, scopes: Scopes) -> None:
        """Read expressions of `source`, names resolved by `scopes`."""
        self.source = source
        self.scopes = scopes
        self.calls: list[Call] = []
        self.functions: list[Function] = []
        self.assignments: list[Assignment] = []
        self.env_reads: list[EnvRead] = []
        self.function = -1
        self.guards: tuple[str, ...] = ()
        self._schemes: dict[str, Expression] = {}
        self._env_of_call: dict[int, int] = {}
        self._depth = 0
        self._readers: dict[str, Callable[[Node], Expression]] = {
            "identifier": self._identifier,
            "attribute": self._attribute,
            "string": self._string,
            "concatenated_string": self._concatenated,
            "integer": self._number,
            "float": self._number,
            "unary_operator": self._negative,
            "true": lambda _: Constant("true"),
            "false": lambda _: Constant("false"),
            "none": lambda _: Constant("null"),
            "call": self.call,
            "await": self._inner,
            "parenthesized_expression": self._inner,
            "list_splat": self._inner,
            "expression_list": self._sequence,
            "list": self._sequence,
            "tuple": self._sequence,
            "set": self._sequence,
            "dictionary": self._mapping,
            "binary_operator": self._binary,
            "boolean_operator": self._boolean,
            "conditional_expression": self._conditional,
            "lambda": self._lambda,
            "named_expression": self._walrus,
            "subscript": self._subscript,
        }

    def text(self, node: Node) -> str:
        """The source of `node`, white space squeezed, cut at 200 characters."""
        raw = self.source[node.start_byte : min(node.end_byte, node.start_byte + 4 * _CUT)].decode("utf-8", "replace")
        return (_SPACE.sub(" ", raw) if "\n" in raw else raw)[:_CUT]

    def of(self, node: Node | None) -> Expression:
        """The value that `node` writes down."""
        if node is None:
            return Opaque("")
        reader = self._readers.get(node.type)
        if self._depth >= _DEEPEST:
            return Opaque(self.text(node))
        self._depth += 1
        try:
            return reader(node) if reader else self._opaque(node)
        finally:
            self._depth -= 1

    def bound_to(self, node: Node | None, target: str, kind: str = "call") -> Expression:
        """As `of`; where the value is a call, it is recorded as bound to `target` and of `kind`."""
        value = self.of(node)
        if isinstance(value, CallRef) and (target or kind != "call"):
            call = self.calls[value.index]
            self.calls[value.index] = Call(
                call.callee, call.written, call.line, call.end_line, call.args, call.keywords, call.receiver,
                call.function, target, call.guards, kind,
            )  # fmt: skip
        return value

    @contextmanager
    def guarded(self, *conditions: str) -> Iterator[None]:
        """Inside, `conditions` hold as well."""
        before = self.guards
        self.guards = (*before, *conditions)
        try:
            yield
        finally:
            self.guards = before

    def symbol_of(self, value: Expression, node: Node) -> str:
        """The dotted name under which `value` is reached from; its source where it has none."""
        match value:
            case Name(symbol=symbol):
                return symbol
            case CallRef(index=index):
                return self.calls[index].callee + "()"
            case Text() | Joined():
                return "str"
            case Sequence():
                return "list"
            case Mapping():
                return "dict"
        return self.text(node)

    def carried(self, value: Expression) -> str:
        """The symbol that a name bound to `value` carries, "" if none."""
        match value:
            case Name(symbol=symbol) if '"]' not in symbol:
                return symbol
            case CallRef(index=index):
                return self.calls[index].callee + "()"
            case Choice(options=options):
                return next((s for s in map(self.carried, options) if s), "")
        return ""

    def _identifier(self, node: Node) -> Expression:
        name = self.text(node)
        return Name(self.scopes.resolve(name), name)

    def _attribute(self, node: Node) -> Expression:
        owner = node.child_by_field_name("object")
        member = node.child_by_field_name("attribute")
        if owner is None or member is None:
            return Opaque(self.text(node))
        return Name(self.scopes.member(self.symbol_of(self.of(owner), owner), self.text(member)), self.text(node))

    def _inner(self, node: Node) -> Expression:
        inner = [child for child in node.named_children if child.type != "comment"]
        return self.of(inner[0]) if len(inner) == 1 else self._opaque(node)

    def _opaque(self, node: Node) -> Expression:
        for child in node.named_children:
            self.of(child)
        return Opaque(self.text(node))

    def _string(self, node: Node) -> Expression:
        children = node.children
        prefix = self.text(children[0]).rstrip("'\"").lower() if children else ""
        parts: list[Expression] = []
        for child in children[1:-1]:
            if child.type == "string_content":
                raw = self.source[child.start_byte : child.end_byte].decode("utf-8", "replace")
                if "f" in prefix or "t" in prefix:
                    raw = raw.replace("{{", "{").replace("}}", "}")
                parts.append(Text(raw if "r" in prefix else unescape(raw)))
            elif child.type == "interpolation":
                parts.append(self.of(child.child_by_field_name("expression")))
        return _joined(parts) if parts else Text("")

    def _concatenated(self, node: Node) -> Expression:
        return _joined([self.of(child) for child in node.named_children if child.type == "string"])

    def _number(self, node: Node) -> Expression:
        text = self.text(node)
        plain = text.replace("_", "").rstrip("lL")
        try:
            return Number(float(plain) if node.type == "float" else float(int(plain, 0)))
        except (ValueError, OverflowError):  # complex numbers, Python 2 octals, numbers beyond a double
            return Opaque(text)

    def _negative(self, node: Node) -> Expression:
        value = self.of(node.child_by_field_name("argument"))
        if isinstance(value, Number) and self.text(node).startswith("-"):
            return Number(-value.value)
        return Opaque(self.text(node))

    def _sequence(self, node: Node) -> Expression:
        return Sequence(tuple(self.of(child) for child in node.named_children if child.type != "comment"))

    def _mapping(self, node: Node) -> Expression:
        entries: list[tuple[str, Expression]] = []
        for child in node.named_children:
            if child.type == "pair":
                key_node = child.child_by_field_name("key")
                key = self.of(key_node)
                entries.append((self._key(key, key_node), self.of(child.child_by_field_name("value"))))
            elif child.type == "dictionary_splat":
                entries.append(("**", self._inner(child)))
        return Mapping(tuple(entries))

    def _key(self, key: Expression, node: Node | None) -> str:
        match key:
            case Text(value=value):
                return value
            case Name(written=written):
                return written
        return self.text(node) if node else ""

    def _binary(self, node: Node) -> Expression:
        operator = node.child_by_field_name("operator")
        sign = operator.type if operator else ""
        left, right = self.of(node.child_by_field_name("left")), self.of(node.child_by_field_name("right"))
        if isinstance(left, Number) and isinstance(right, Number) and sign in _ARITHMETIC:
            return Number(_ARITHMETIC[sign](left.value, right.value))
        if sign == "+" or (sign == "%" and isinstance(left, Text | Joined)):
            parts = (*(left.parts if isinstance(left, Joined) else (left,)), right)
            return _joined(list(parts)) if sign == "+" else Joined(parts)
        return Opaque(self.text(node))

    def _boolean(self, node: Node) -> Expression:
        operator = node.child_by_field_name("operator")
        left_node = node.child_by_field_name("left")
        left = self.of(left_node)
        if operator is None or operator.type == "and":
            with self.guarded(self.text(left_node) if left_node else ""):
                self.of(node.child_by_field_name("right"))
            return Opaque(self.text(node))
        right = self.of(node.child_by_field_name("right"))
        self._default_read(left, right)
        return Choice((*(left.options if isinstance(left, Choice) else (left,)), right))

    def _default_read(self, left: Expression, right: Expression) -> None:
        """`os.getenv("X") or default`: the read of the last alternative gets a default."""
        last = left.options[-1] if isinstance(left, Choice) else left
        if isinstance(last, CallRef) and (index := self._env_of_call.get(last.index)) is not None:
            read = self.env_reads[index]
            if read.default is None:
                self.env_reads[index] = EnvRead(read.name, read.line, read.function, right, False)

    def _conditional(self, node: Node) -> Expression:
        parts = [child for child in node.named_children if child.type != "comment"]
        if len(parts) != 3:
            return self._opaque(node)
        self.of(parts[1])
        condition = self.text(parts[1])
        with self.guarded(condition):
            first = self.of(parts[0])
        with self.guarded(f"not {condition}"):
            second = self.of(parts[2])
        return Choice((first, second))

    def _lambda(self, node: Node) -> Expression:
        parameters = python_annotations.parameters(self, node.child_by_field_name("parameters"))
        index = len(self.functions)
        self.functions.append(
            Function("", "", node.start_point.row + 1, node.end_point.row + 1, self.function, tuple(parameters))
        )
        self.enter_function(index, parameters)
        self.of(node.child_by_field_name("body"))
        self.leave_function(index)
        return FunctionRef(index)

    def enter_function(self, index: int, parameters: Iterable[Parameter]) -> None:
        """Stand inside `functions[index]`."""
        self.scopes.enter()
        for parameter in parameters:
            name = parameter.name.lstrip("*")
            if name in ("self", "cls") and not parameter.type:
                self.scopes.bind(name, name)
            else:
                self.scopes.bind_type(name, parameter.type)
        self.function = index

    def leave_function(self, index: int) -> None:
        """Stand outside again."""
        self.function = self.functions[index].parent
        self.scopes.leave()

    def _walrus(self, node: Node) -> Expression:
        target = node.child_by_field_name("name")
        name = self.text(target) if target else ""
        value = self.bound_to(node.child_by_field_name("value"), name)
        self.scopes.bind(name, self.carried(value) or name)
        line = node.start_point.row + 1
        self.assignments.append(Assignment(name, value, line, self.function, self.guards))
        return value

    def _subscript(self, node: Node) -> Expression:
        owner_node = node.child_by_field_name("value")
        keys = node.children_by_field_name("subscript")
        if owner_node is None:
            return Opaque(self.text(node))
        owner = self.of(owner_node)
        values = [self.of(key) for key in keys]
        if len(values) == 1 and isinstance(values[0], Text) and isinstance(owner, Name | CallRef):
            symbol = self.symbol_of(owner, owner_node)
            if symbol in environment.MAPPINGS:
                line = node.start_point.row + 1
                self.env_reads.append(EnvRead(values[0].value, line, self.function, None, True))
            return Name(f'{symbol}["{values[0].value}"]', self.text(node))
        return Opaque(self.text(node))

    def call(self, node: Node) -> Expression:
        """Record the call and what it is made of."""
        callee, receiver, written = self._callee(node.child_by_field_name("function"))
        args, keywords = self._arguments(node.child_by_field_name("arguments"))
        call = Call(
            callee, written, node.start_point.row + 1, node.end_point.row + 1, args, keywords, receiver,
            self.function, "", self.guards,
        )  # fmt: skip
        index = len(self.calls)
        self.calls.append(call)
        self._schemes.update(environment.scheme_of(call))
        read = environment.read_by_call(call)
        if read is not None:
            if read.default is None and (declared := self._schemes.get(read.name)) is not None:
                read = EnvRead(read.name, read.line, read.function, declared, False)
            self._env_of_call[index] = len(self.env_reads)
            self.env_reads.append(read)
        return CallRef(index)

    def _callee(self, node: Node | None) -> tuple[str, Expression | None, str]:
        if node is None:
            return "", None, ""
        if node.type == "attribute":
            owner, member = node.child_by_field_name("object"), node.child_by_field_name("attribute")
            if owner is not None and member is not None:
                receiver = self.of(owner)
                symbol = self.scopes.member(self.symbol_of(receiver, owner), self.text(member))
                return symbol, receiver, self.text(node)
        if node.type == "subscript" and (owner := node.child_by_field_name("value")) is not None:
            generic = self.symbol_of(self.of(owner), owner)
            if generic.rpartition(".")[2][:1].isupper():  # Page[Item](...)
                return generic, None, self.text(node)
        value = self.of(node)
        return self.symbol_of(value, node), None if isinstance(value, Name) else value, self.text(node)

    def _arguments(self, node: Node | None) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
        if node is None:
            return (), ()
        if node.type != "argument_list":  # f(x for x in y)
            return (self._opaque(node),), ()
        args: list[Expression] = []
        keywords: list[tuple[str, Expression]] = []
        for child in node.named_children:
            if child.type == "keyword_argument":
                name = child.child_by_field_name("name")
                keywords.append((self.text(name) if name else "", self.of(child.child_by_field_name("value"))))
            elif child.type == "dictionary_splat":
                keywords.append(("**", self._inner(child)))
            elif child.type != "comment":
                args.append(self.of(child))
        return tuple(args), tuple(keywords)


def _joined(parts: list[Expression]) -> Expression:
    """The parts in order, neighbouring literals merged; a list that is a single literal is that literal."""
    merged: list[Expression] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Joined) else (part,):
            if isinstance(piece, Text) and merged and isinstance(merged[-1], Text):
                merged[-1] = Text(merged[-1].value + piece.value)
            else:
                merged.append(piece)
    return merged[0] if len(merged) == 1 and isinstance(merged[0], Text) else Joined(tuple(merged))
