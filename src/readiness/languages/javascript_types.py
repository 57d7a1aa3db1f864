"""Reads TypeScript type annotations into the symbol of the type that matters. Knows no values."""

from __future__ import annotations

from tree_sitter import Node

from readiness.languages.javascript_draft import Draft, short, text

_WRAPPERS = {"Promise", "Readonly", "Partial", "Required", "Awaited", "NonNullable"}
_EMPTY = {"undefined", "null"}


def type_symbol(draft: Draft, node: Node | None, depth: int = 0) -> str:
    """The symbol of an annotation or type: `Promise<X>` and `X | undefined` are X, `Repository<User>` is Repository,
    `X[]` is "X[]"; "" without a type. What has no name stays as text."""
    if node is None:
        return ""
    if depth > 8:
        return short(node)
    kind = node.type
    children = [child for child in node.named_children if child.type != "comment"]
    if kind in ("type_annotation", "parenthesized_type", "readonly_type") and children:
        return type_symbol(draft, children[0], depth + 1)
    if kind in ("type_identifier", "identifier"):
        return draft.scope.lookup(text(node))
    if kind in ("nested_type_identifier", "member_expression", "nested_identifier"):
        head, _, rest = "".join(text(node).split()).partition(".")
        base = draft.scope.lookup(head)
        return f"{base}.{rest}"
    if kind == "generic_type" and children:
        name = type_symbol(draft, children[0], depth + 1)
        given = children[1].named_children if len(children) > 1 else []
        return type_symbol(draft, given[0], depth + 1) if name in _WRAPPERS and given else name
    if kind == "array_type" and children:
        return f"{type_symbol(draft, children[0], depth + 1)}[]"
    if kind == "union_type":
        return _first_of_union(draft, children, depth)
    return short(node)


def _first_of_union(draft: Draft, children: list[Node], depth: int) -> str:
    for child in children:
        found = type_symbol(draft, child, depth + 1)
        if found not in _EMPTY:
            return found
    return ""
