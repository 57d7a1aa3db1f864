"""Reads JavaScript string and number literals into their values."""

from __future__ import annotations

import re

from tree_sitter import Node

from readiness.source import Number, Opaque

_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.|\n))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits is None:
        return _SIMPLE.get(match[4], match[4])
    code = int(digits, 16)
    # Half of a surrogate pair cannot be encoded again.
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def string(node: Node, quoted: bool = True) -> str:
    """The value of a string literal (with its quotes), or of a template's fragment."""
    raw = (node.text or b"").decode("utf-8", "replace")
    value = raw[1:-1] if quoted else raw
    return _ESCAPE.sub(_unescaped, value) if "\\" in value else value


def number(written: str) -> Number | Opaque:
    """The value of a number literal; Opaque where it has none that a float holds."""
    bare = written.replace("_", "").rstrip("n").lower()
    try:
        if bare[:2] in ("0x", "0o", "0b"):
            return Number(float(int(bare, 0)))
        return Number(float(bare))
    except (ValueError, OverflowError):
        return Opaque(written[:200])
