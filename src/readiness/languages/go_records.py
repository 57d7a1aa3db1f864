"""Collects what one Go file says while it is walked: functions, calls, assignments, returns. Walks nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from tree_sitter import Node

from readiness.languages.go_names import Names, text
from readiness.source import (
    Assignment,
    Call,
    Class,
    EnvRead,
    Expression,
    Function,
    Import,
    Parameter,
    Return,
)

MAX_DEPTH = 130
"""Nesting below this is not read; each level takes up to four Python frames."""

_GUARD_LENGTH = 200


class Records:
    """The growing content of a Module, the function that is being read and the conditions around it."""

    def __init__(self, names: Names) -> None:
        """Start empty."""
        self.names = names
        self.imports: list[Import] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.calls: list[Call | None] = []
        self.assignments: list[Assignment] = []
        self.returns: list[Return] = []
        self.env_reads: list[EnvRead] = []
        self.function = -1
        self.guards: tuple[str, ...] = ()
        self.depth = 0
        self.truncated = False

    @contextmanager
    def deeper(self) -> Iterator[bool]:
        """One level down; false where the bound is reached."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.truncated = True
        try:
            yield self.depth <= MAX_DEPTH
        finally:
            self.depth -= 1

    @contextmanager
    def guarded(self, condition: str) -> Iterator[None]:
        """Under `condition`; "" is none."""
        before = self.guards
        if condition:
            self.guards = (*before, " ".join(condition.split())[:_GUARD_LENGTH])
        try:
            yield
        finally:
            self.guards = before

    @contextmanager
    def inside(self, node: Node, name: str = "", owner: str = "", receiver: Parameter | None = None) -> Iterator[None]:
        """Within the function that `node` declares, its parameters bound."""
        parameters = self.parameters(node.child_by_field_name("parameters"))
        returns = self.names.result_type(node.child_by_field_name("result"))
        before, guards = self.function, self.guards
        self.functions.append(Function(name, owner, first_line(node), last_line(node), before, parameters, returns))
        self.function = len(self.functions) - 1
        with self.names.scope():
            for parameter in (*parameters, *((receiver,) if receiver else ())):
                self.names.bind(parameter.name, parameter.type)
            yield
        self.function, self.guards = before, guards

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a list, one for each name; an unnamed one has the name ""."""
        found: list[Parameter] = []
        for child in node.named_children if node is not None else ():
            if child.type not in ("parameter_declaration", "variadic_parameter_declaration"):
                continue
            kind = self.names.type_symbol(child.child_by_field_name("type"))
            kind = f"[]{kind}" if child.type.startswith("variadic") else kind
            names = child.children_by_field_name("name")
            found += [Parameter(text(name), kind) for name in names] or [Parameter("", kind)]
        return tuple(found)

    def reserve_call(self) -> int:
        """A place in the list for a call whose arguments are still to be read, so that calls keep their order."""
        self.calls.append(None)
        return len(self.calls) - 1

    def fill_call(self, index: int, call: Call) -> None:
        """Put `call` in its place, with the function and guards around it."""
        self.calls[index] = msgspec.structs.replace(call, function=self.function, guards=self.guards)

    def assign(self, target: str, value: Expression, line: int, annotation: str = "") -> None:
        """Record an assignment."""
        self.assignments.append(Assignment(target, value, line, self.function, self.guards, annotation))


def first_line(node: Node) -> int:
    """The line on which `node` begins, from 1."""
    return int(node.start_point[0]) + 1


def last_line(node: Node) -> int:
    """The line on which `node` ends, from 1."""
    return int(node.end_point[0]) + 1
