"""Unescapes Python string literals without evaluating them. Reads no syntax tree."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE = re.compile(r"\\(\r?\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL)
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}


def unescape(text: str) -> str:
    """`text` with its escape sequences replaced; what is no escape sequence stays."""
    return _ESCAPE.sub(_replace, text) if "\\" in text else text


def _replace(match: re.Match[str]) -> str:
    code = match[1]
    head = code[0]
    if head in "\r\n":
        return ""
    if head in "01234567":
        return chr(int(code, 8))
    if head in "xuU" and len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else match[0]
    if head == "N" and len(code) > 1:
        try:
            return unicodedata.lookup(code[2:-1])
        except KeyError:
            return match[0]
    if code in "\\'\"":
        return code
    return _SINGLE.get(code, match[0])
