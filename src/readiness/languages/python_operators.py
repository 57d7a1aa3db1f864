"""Reads Python's operators: choices, conditions, concatenations and sums, with the guards they put on their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from readiness.languages.python_literals import joined
from readiness.source import CallRef, Choice, EnvRead, Expression, Joined, Number, Opaque, Text

if TYPE_CHECKING:
    from readiness.languages.python_expressions import Expressions

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b if b else 0.0,
}  # fmt: skip


def binary(expressions: Expressions, node: Node) -> Expression:
    """`+` as a join or a sum, `%` on text as a join, arithmetic of numbers; of others the text."""
    operator = node.child_by_field_name("operator")
    sign = operator.type if operator else ""
    left, right = expressions.of(node.child_by_field_name("left")), expressions.of(node.child_by_field_name("right"))
    if isinstance(left, Number) and isinstance(right, Number) and sign in _ARITHMETIC:
        return Number(_ARITHMETIC[sign](left.value, right.value))
    if sign == "+" or (sign == "%" and isinstance(left, Text | Joined)):
        parts = (*(left.parts if isinstance(left, Joined) else (left,)), right)
        return joined(list(parts)) if sign == "+" else Joined(parts)
    return Opaque(expressions.text(node))


def boolean(expressions: Expressions, node: Node) -> Expression:
    """`or` as a choice; `and` puts its left side as a guard on its right."""
    operator = node.child_by_field_name("operator")
    left_node = node.child_by_field_name("left")
    left = expressions.of(left_node)
    if operator is None or operator.type == "and":
        with expressions.guarded(expressions.text(left_node) if left_node else ""):
            expressions.of(node.child_by_field_name("right"))
        return Opaque(expressions.text(node))
    right = expressions.of(node.child_by_field_name("right"))
    _default_read(expressions, left, right)
    return Choice((*(left.options if isinstance(left, Choice) else (left,)), right))


def _default_read(expressions: Expressions, left: Expression, right: Expression) -> None:
    """`os.getenv("X") or default`: the read of the last alternative gets a default."""
    last = left.options[-1] if isinstance(left, Choice) else left
    if isinstance(last, CallRef) and (index := expressions.env_of_call.get(last.index)) is not None:
        read = expressions.env_reads[index]
        if read.default is None:
            expressions.env_reads[index] = EnvRead(read.name, read.line, read.function, right, False)


def conditional(expressions: Expressions, node: Node) -> Expression:
    """`a if c else b` as a choice, each side under its condition."""
    parts = [child for child in node.named_children if child.type != "comment"]
    if len(parts) != 3:
        return expressions.opaque(node)
    expressions.of(parts[1])
    condition = expressions.text(parts[1])
    with expressions.guarded(condition):
        first = expressions.of(parts[0])
    with expressions.guarded(f"not {condition}"):
        second = expressions.of(parts[2])
    return Choice((first, second))
