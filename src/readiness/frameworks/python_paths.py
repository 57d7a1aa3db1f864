"""Brings the path patterns of Python frameworks to one form, parameters as {name}. Matches nothing."""

from __future__ import annotations

import re

_ANGLE = re.compile(r"<(?:[^<>:]*(?:\([^)]*\))?:)?([^<>:]+)>")
_TYPED_BRACE = re.compile(r"\{([A-Za-z_]\w*)[^{}]*(?:\{[^{}]*\}[^{}]*)?\}")
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]*\))*\))*\)")
_GROUP = re.compile(r"\((?!\?)(?:[^()\\]|\\.|\([^()]*\))*\)")
_QUIET_GROUP = re.compile(r"\(\?:((?:[^()\\]|\\.)*)\)\??")
_LEFT_OVER = re.compile(r"(?<!\\)[\^$?]|\\[ZA]")


def plain(pattern: str) -> str:
    """`/a/<int:id>` and `/a/{id:path}` as `/a/{id}`."""
    return _TYPED_BRACE.sub(r"{\1}", _ANGLE.sub(r"{\1}", pattern))


def from_regex(pattern: str) -> str:
    """A regular expression of a path as text: groups as parameters, anchors and escapes left out."""
    text = _NAMED_GROUP.sub(r"{\1}", pattern)
    counter = iter(range(1, 1000))
    text = _QUIET_GROUP.sub(r"\1", text)
    text = _GROUP.sub(lambda _: f"{{arg{next(counter, 0)}}}", text)
    return re.sub(r"\\(.)", r"\1", _LEFT_OVER.sub("", text))
