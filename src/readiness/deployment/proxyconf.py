"""Reads the configuration of nginx, Caddy, Apache httpd and HAProxy into directives. Follows no include.

Templated files (`{{ x }}`, `{% if %}`, `${X}`) are read as far as their plain words go.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from msgspec import Struct

_NGINX_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*|\{[%\#].*?[%\#]\})"
    r"|(?P<template>\{\{.*?\}\}\S*)"
    r'|"(?P<double>(?:\\.|[^"\\])*)"'
    r"|'(?P<single>(?:\\.|[^'\\])*)'"
    r"|(?P<mark>[{};])"
    r"|(?P<word>(?:\$\{\w+\}|\{\{.*?\}\}|\\.|[^\s{};\"'\\])(?:\$\{\w+\}|\{\{.*?\}\}|\\.|[^\s{};\\])*)",
    re.DOTALL,
)
_MAX_DIRECTIVES = 20_000


class Directive(Struct, frozen=True):
    """`name` with its words in lower case; `context` the blocks around it, outermost first."""

    name: str
    args: tuple[str, ...]
    line: int
    context: tuple[str, ...] = ()


def read_nginx(text: str) -> list[Directive]:
    """The directives of an nginx configuration, blocks included (a block is a directive as well)."""
    found: list[Directive] = []
    words: list[tuple[str, int]] = []
    context: list[str] = []
    line, position = 1, 0
    for token in _NGINX_TOKEN.finditer(text):
        line += text.count("\n", position, token.start())
        position = token.start()
        if token["comment"] or token["template"]:
            continue
        mark = token["mark"]
        if mark is None:
            words.append((next(g for g in (token["double"], token["single"], token["word"]) if g is not None), line))
            continue
        if words and len(found) < _MAX_DIRECTIVES:
            found.append(Directive(words[0][0].lower(), tuple(w for w, _ in words[1:]), words[0][1], tuple(context)))
        if mark == "{":
            context.append(" ".join(w for w, _ in words))
        elif mark == "}" and context:
            context.pop()
        words = []
    return found


def read_caddy(text: str) -> list[Directive]:
    """The directives of a Caddyfile, line by line; a `header { ... }` block comes as one `header` per line."""
    found: list[Directive] = []
    context: list[str] = []
    for number, words in _lines(text):
        opens = words[-1] == "{"
        if words == ["}"]:
            context = context[:-1]
            continue
        inner = words[:-1] if opens else words
        if inner and context and context[-1].split(" ")[0] == "header" and not opens:
            found.append(Directive("header", tuple(inner), number, tuple(context)))
        elif inner:
            found.append(Directive(inner[0].lower(), tuple(inner[1:]), number, tuple(context)))
        if opens:
            context.append(" ".join(inner))
    return found[:_MAX_DIRECTIVES]


def read_apache(text: str) -> list[Directive]:
    """The directives of an httpd configuration or .htaccess; sections (<VirtualHost ...>) are the context."""
    found: list[Directive] = []
    context: list[str] = []
    for number, words in _lines(text):
        if words[0].startswith("</"):
            context = context[:-1]
        elif words[0].startswith("<"):
            context.append(" ".join(words).strip("<>"))
        else:
            found.append(Directive(words[0].lower(), tuple(words[1:]), number, tuple(context)))
    return found[:_MAX_DIRECTIVES]


def read_haproxy(text: str) -> list[Directive]:
    """The directives of an HAProxy configuration; the section (frontend x, backend y, defaults) is the context."""
    found: list[Directive] = []
    section = ""
    indents = {number: line[:1].isspace() for number, line in enumerate(text.splitlines(), 1)}
    for number, words in _lines(text):
        if not indents[number] and words[0] in _HAPROXY_SECTIONS:
            section = " ".join(words)
        else:
            found.append(Directive(words[0].lower(), tuple(words[1:]), number, (section,) if section else ()))
    return found[:_MAX_DIRECTIVES]


_HAPROXY_SECTIONS = {"global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "resolvers", "cache"}


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are neither empty nor comments, with their number and words; a backslash at the end goes on."""
    held = ""
    begin = 0
    for number, line in enumerate(text.splitlines(), 1):
        begin = begin if held else number
        joined = held + line.strip()
        if joined.endswith("\\"):
            held = joined[:-1] + " "
            continue
        held = ""
        words = _split(joined)
        if words:
            yield begin, words


def _split(line: str) -> list[str]:
    if not line or line.startswith("#"):
        return []
    try:
        return shlex.split(line, comments=True, posix=True)
    except ValueError:  # a lone quote, as in an apostrophe: take the words as they stand
        return line.split()
