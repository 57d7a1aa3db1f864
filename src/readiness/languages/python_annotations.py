"""Python type annotations as symbols, and parameters with them. Reads no values itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from readiness.source import CallRef, Expression, Parameter

if TYPE_CHECKING:
    from readiness.languages.python_expressions import Expressions

_DEEPEST = 30
_LONGEST = 200
_TRANSPARENT = frozenset({"Optional", "Annotated", "Final", "Required", "NotRequired"})


def parameters(expressions: Expressions, node: Node | None) -> list[Parameter]:
    """The parameters, with stars; a call in Annotated[...] is the default of one that has none."""
    found: list[Parameter] = []
    for child in node.named_children if node else ():
        name = child.child_by_field_name("name") or (child if child.type == "identifier" else None)
        if name is None and child.type in ("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"):
            name = child.named_children[0] if child.named_children else None
        if name is None:
            continue
        stars = "**" if child.type == "dictionary_splat_pattern" else "*" * (child.type == "list_splat_pattern")
        value = child.child_by_field_name("value")
        declared_type, metadata = declared(expressions, child.child_by_field_name("type"))
        default = expressions.of(value) if value else metadata
        found.append(Parameter(stars + expressions.text(name), declared_type, default))
    return found


def declared(expressions: Expressions, node: Node | None) -> tuple[str, Expression | None]:
    """The symbol of a type annotation (Optional, Annotated and `| None` left out) and the call in its Annotated."""
    if node is None:
        return "", None
    calls = len(expressions.calls)
    symbol = _type(expressions, node, 0)
    last = len(expressions.calls) - 1
    return symbol, CallRef(last) if last >= calls else None


def _type(expressions: Expressions, node: Node, depth: int) -> str:
    if depth > _DEEPEST:
        return expressions.text(node)
    if node.type in ("type", "parenthesized_expression") and node.named_child_count == 1:
        return _type(expressions, node.named_children[0], depth + 1)
    if node.type == "string":
        text = expressions.text(node).strip("'\"")
        head, dot, rest = text.partition(".")
        return expressions.scopes.resolve(head) + dot + rest if head.isidentifier() else text
    if node.type == "binary_operator":
        sides = [node.child_by_field_name(name) for name in ("left", "right")]
        types = [_type(expressions, side, depth + 1) for side in sides if side is not None]
        return " | ".join(side for side in types if side != "None") or "None"
    if node.type in ("generic_type", "subscript") and node.named_children:
        return _generic(expressions, node, depth)
    if node.type == "none":
        return "None"
    return expressions.symbol_of(expressions.of(node), node)


def _generic(expressions: Expressions, node: Node, depth: int) -> str:
    owner, *rest = node.named_children
    name = expressions.symbol_of(expressions.of(owner), owner)
    inner = [n for child in rest for n in (child.named_children if child.type == "type_parameter" else [child])]
    types = [_type(expressions, child, depth + 1) for child in inner]
    if types and name.rpartition(".")[2] in _TRANSPARENT:
        return types[0]
    return f"{name}[{', '.join(types)}]"[:_LONGEST]
