"""Reads Python literals (strings, numbers, dictionaries) into `readiness.source` values. Reads no operators and no calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from readiness.languages.python_strings import unescape
from readiness.source import Expression, Joined, Mapping, Name, Number, Opaque, Text

if TYPE_CHECKING:
    from readiness.languages.python_expressions import Expressions


def string(expressions: Expressions, node: Node) -> Expression:
    """A string literal; an f-string or t-string is the join of its parts."""
    children = node.children
    prefix = expressions.text(children[0]).rstrip("'\"").lower() if children else ""
    parts: list[Expression] = []
    for child in children[1:-1]:
        if child.type == "string_content":
            raw = expressions.source[child.start_byte : child.end_byte].decode("utf-8", "replace")
            if "f" in prefix or "t" in prefix:
                raw = raw.replace("{{", "{").replace("}}", "}")
            parts.append(Text(raw if "r" in prefix else unescape(raw)))
        elif child.type == "interpolation":
            parts.append(expressions.of(child.child_by_field_name("expression")))
    return joined(parts) if parts else Text("")


def concatenated(expressions: Expressions, node: Node) -> Expression:
    """Strings that stand side by side."""
    return joined([expressions.of(child) for child in node.named_children if child.type == "string"])


def number(expressions: Expressions, node: Node) -> Expression:
    """A number; Opaque where a double does not hold it."""
    text = expressions.text(node)
    plain = text.replace("_", "").rstrip("lL")
    try:
        return Number(float(plain) if node.type == "float" else float(int(plain, 0)))
    except (ValueError, OverflowError):  # complex numbers, Python 2 octals, numbers beyond a double
        return Opaque(text)


def negative(expressions: Expressions, node: Node) -> Expression:
    """`-` before a number; of other unary operators the text."""
    value = expressions.of(node.child_by_field_name("argument"))
    if isinstance(value, Number) and expressions.text(node).startswith("-"):
        return Number(-value.value)
    return Opaque(expressions.text(node))


def mapping(expressions: Expressions, node: Node) -> Expression:
    """A dictionary; `**other` is an entry named **."""
    entries: list[tuple[str, Expression]] = []
    for child in node.named_children:
        if child.type == "pair":
            key_node = child.child_by_field_name("key")
            key = expressions.of(key_node)
            entries.append((_key(expressions, key, key_node), expressions.of(child.child_by_field_name("value"))))
        elif child.type == "dictionary_splat":
            entries.append(("**", expressions.inner(child)))
    return Mapping(tuple(entries))


def _key(expressions: Expressions, key: Expression, node: Node | None) -> str:
    match key:
        case Text(value=value):
            return value
        case Name(written=written):
            return written
    return expressions.text(node) if node else ""


def joined(parts: list[Expression]) -> Expression:
    """The parts in order, neighbouring literals merged; a list that is a single literal is that literal."""
    merged: list[Expression] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Joined) else (part,):
            if isinstance(piece, Text) and merged and isinstance(merged[-1], Text):
                merged[-1] = Text(merged[-1].value + piece.value)
            else:
                merged.append(piece)
    return merged[0] if len(merged) == 1 and isinstance(merged[0], Text) else Joined(tuple(merged))
