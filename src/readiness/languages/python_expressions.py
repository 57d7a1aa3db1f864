"""Turns Python expressions into `readiness.source` values and records the calls in them. Reads no statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from tree_sitter import Node

from readiness.languages import python_annotations
from readiness.languages import python_environment as environment
from readiness.languages import python_literals as literals
from readiness.languages import python_operators as operators
from readiness.languages.python_names import Scopes
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
    Opaque,
    Parameter,
    Sequence,
    Text,
)

_CUT = 200
_DEEPEST = 120
"""Deeper expressions become Opaque: each level takes three Python frames."""
_SPACE = re.compile(r"\s+")


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
        self.env_of_call: dict[int, int] = {}
        self._depth = 0
        self._readers = self._by_type()

    def _by_type(self) -> dict[str, Callable[[Node], Expression]]:
        """What reads each type of node."""
        return {
            "identifier": self._identifier,
            "attribute": self._attribute,
            "string": partial(literals.string, self),
            "concatenated_string": partial(literals.concatenated, self),
            "integer": partial(literals.number, self),
            "float": partial(literals.number, self),
            "unary_operator": partial(literals.negative, self),
            "true": lambda _: Constant("true"),
            "false": lambda _: Constant("false"),
            "none": lambda _: Constant("null"),
            "call": self.call,
            "await": self.inner,
            "parenthesized_expression": self.inner,
            "list_splat": self.inner,
            "expression_list": self._sequence,
            "list": self._sequence,
            "tuple": self._sequence,
            "set": self._sequence,
            "dictionary": partial(literals.mapping, self),
            "binary_operator": partial(operators.binary, self),
            "boolean_operator": partial(operators.boolean, self),
            "conditional_expression": partial(operators.conditional, self),
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
            return reader(node) if reader else self.opaque(node)
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

    def inner(self, node: Node) -> Expression:
        """The only expression inside `node`."""
        inner = [child for child in node.named_children if child.type != "comment"]
        return self.of(inner[0]) if len(inner) == 1 else self.opaque(node)

    def opaque(self, node: Node) -> Expression:
        """`node` as its text, after reading what is inside for the calls there."""
        for child in node.named_children:
            self.of(child)
        return Opaque(self.text(node))

    def _sequence(self, node: Node) -> Expression:
        return Sequence(tuple(self.of(child) for child in node.named_children if child.type != "comment"))

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
            self.env_of_call[index] = len(self.env_reads)
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
            return (self.opaque(node),), ()
        args: list[Expression] = []
        keywords: list[tuple[str, Expression]] = []
        for child in node.named_children:
            if child.type == "keyword_argument":
                name = child.child_by_field_name("name")
                keywords.append((self.text(name) if name else "", self.of(child.child_by_field_name("value"))))
            elif child.type == "dictionary_splat":
                keywords.append(("**", self.inner(child)))
            elif child.type != "comment":
                args.append(self.of(child))
        return tuple(args), tuple(keywords)
