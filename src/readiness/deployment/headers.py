"""Finds the response headers that proxy directives and documents add. Judges no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readiness.deployment.proxyconf import Directive
from readiness.deployment.tree import Tree
from readiness.yamldoc import as_text

Found = tuple[str, str, int]
"""Name, value and line of a header."""


def header_of(server: str, directive: Directive) -> tuple[str, str] | None:
    """Name and value of the response header that `directive` adds, None where it adds none."""
    args = directive.args
    if server == "nginx":
        return _nginx(directive)
    if server == "caddy" and directive.name == "header":
        words = [word for word in args if not word.startswith(("/", "@", "*"))]
        if not words or words[0].startswith("-") or words[0] in ("defer", "match"):
            return None
        return words[0].lstrip("+?>"), " ".join(words[1:])
    if server == "apache" and directive.name == "header":
        words = [word for word in args if word.lower() not in ("always", "onsuccess")]
        adds = len(words) > 1 and words[0].lower() in ("set", "add", "append", "merge", "setifempty")
        return (words[1], " ".join(words[2:])) if adds else None
    if server == "haproxy" and directive.name in ("http-response", "http-after-response") and len(args) > 2:
        return (args[1], " ".join(args[2:])) if args[0] in ("set-header", "add-header") else None
    if server == "haproxy" and directive.name == "rspadd" and args:
        return _colon(" ".join(args))
    return None


def _nginx(directive: Directive) -> tuple[str, str] | None:
    args = directive.args
    if directive.name == "add_header" and args:
        return args[0], " ".join(word for word in args[1:] if word != "always")
    if directive.name == "more_set_headers" and args:
        return _colon(args[-1])
    return None


def _colon(text: str) -> tuple[str, str] | None:
    name, colon, value = text.replace("\\ ", " ").partition(":")
    return (name.strip(), value.strip()) if colon and value.strip() else None


def headers_in_document(tree: Tree, options: Mapping[str, str], maps: list[str]) -> Iterator[Found]:
    """Headers in a Traefik, Envoy or Kong document, or in Kubernetes objects that configure them.

    `options` maps lower-case option names to the header that they send; `maps` are keys whose mapping holds headers.
    """
    for keys, value in tree.walk():
        key = keys[-1].lower()
        if key in options and value not in (False, 0, None, ""):
            yield options[key], as_text(value), tree.line(*keys)
        elif key in maps and isinstance(value, dict):
            for name, content in value.items():
                yield name, as_text(content), tree.line(*keys, name)
        elif key == "response_headers_to_add" and isinstance(value, list):
            for index, item in enumerate(value):
                header = item.get("header") if isinstance(item, dict) else None
                if isinstance(header, dict):
                    yield as_text(header.get("key")), as_text(header.get("value")), _line(tree, *keys, index)


def _line(tree: Tree, *keys: str | int) -> int:
    return tree.line(*keys)


def headers_in_header_file(text: str) -> Iterator[Found]:
    """Headers of a static host's `_headers` file: a path line, then indented `Name: value` lines."""
    for number, line in enumerate(text.splitlines(), 1):
        pair = _colon(line) if line[:1].isspace() else None
        if pair is not None and not pair[0].startswith(("#", "!")):
            yield *pair, number
