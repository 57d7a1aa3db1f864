"""Reads JavaScript's operators: choices, conditions and concatenations, with the guards they put on their parts."""

from __future__ import annotations

from tree_sitter import Node

from readiness.languages import javascript_expressions as expressions
from readiness.languages.javascript_draft import Draft, short
from readiness.source import Choice, Constant, Expression, Joined, Number, Opaque, Text


def _under(draft: Draft, guard: str, node: Node) -> Expression:
    before = draft.guards
    draft.guards = (*before, guard)
    found = expressions.expression(draft, node)
    draft.guards = before
    return found


def binary(draft: Draft, node: Node) -> Expression:
    """`||`, `??` and `&&` as choices, `+` with text as a join; of others only the calls inside count."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return expressions.other(draft, node)
    kind = operator.type
    if kind == "+":
        return _concatenation(draft, node)
    since = len(draft.env_reads)
    first = expressions.unbound(draft, left)
    if kind in ("||", "??"):
        read_here = len(draft.env_reads)
        second = _under(draft, f"not {short(left)}", right)
        _default(draft, since, read_here, second)
        options = first.options if isinstance(first, Choice) else (first,)
        return Choice((*options, second))
    if kind == "&&":
        return Choice((_under(draft, short(left), right),))
    expressions.unbound(draft, right)
    return Opaque(short(node))


def _default(draft: Draft, since: int, until: int, default: Expression) -> None:
    """`process.env.X || d`: only the reads left of the operator take the default."""
    later = draft.env_reads[until:]
    del draft.env_reads[until:]
    draft.default_env(since, default)
    draft.env_reads += later


def _concatenation(draft: Draft, node: Node) -> Expression:
    """`a + b + c` without recursion: generated code chains thousands."""
    reversed_parts: list[Node] = []
    current: Node | None = node
    while current is not None and current.type == "binary_expression":
        operator, right = current.child_by_field_name("operator"), current.child_by_field_name("right")
        if operator is None or operator.type != "+" or right is None:
            break
        reversed_parts.append(right)
        current = current.child_by_field_name("left")
    if current is not None:
        reversed_parts.append(current)
    parts = [expressions.unbound(draft, part) for part in reversed(reversed_parts)]
    if any(isinstance(part, Text | Joined) for part in parts):
        return Joined(tuple(parts))
    return Opaque(short(node))


def ternary(draft: Draft, node: Node) -> Expression:
    """`c ? a : b`; a literal b is the default of an environment variable that c or a reads."""
    parts = [node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")]
    condition, yes, no = parts
    if condition is None or yes is None or no is None:
        return expressions.other(draft, node)
    since = len(draft.env_reads)
    expressions.unbound(draft, condition)
    guard = short(condition)
    chosen = _under(draft, guard, yes)
    read_here = len(draft.env_reads)
    otherwise = _under(draft, f"not {guard}", no)
    if condition.type in ("member_expression", "subscript_expression") and isinstance(
        otherwise, Text | Constant | Number
    ):
        _default(draft, since, read_here, otherwise)
    return Choice((chosen, otherwise))
