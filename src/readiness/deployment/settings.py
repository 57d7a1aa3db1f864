"""Reads YAML, TOML and JSON settings into one tree with lines. Knows no platform."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from readiness.deployment.tree import Tree, cachable, tree
from readiness.yamldoc import YamlMap, as_text, load


def read_settings(path: str, text: str) -> Tree:
    """The settings in `text`, by the suffix of `path` (JSON is read as YAML, for its lines). Raises ValueError."""
    if not path.endswith(".toml"):
        value = load(text)
        return tree(value if value is not None else YamlMap(1))
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    return Tree(_plain(data), dict(_toml_lines(text)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return cachable(value) if isinstance(value, str | int | float | bool) else str(value)


def _toml_lines(text: str) -> Iterator[tuple[str, int]]:
    """The line of each table and key that stands at the beginning of a line; tomllib gives none."""
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line)
        if header:
            table = [part.strip().strip("\"'") for part in header[2].split(".")]
            if header[1] == "[[":
                index = counts[header[2]] = counts.get(header[2], -1) + 1
                table.append(str(index))
            yield "\x1f".join(table), number
            continue
        key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if key:
            yield "\x1f".join([*table, *(part.strip("\"'") for part in key[1].split("."))]), number


def find_all(data: Tree, pattern: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The keys and values that a dotted `pattern` leads to, `*` standing for any key or index."""
    found: list[tuple[tuple[str | int, ...], Any]] = [((), data.data)]
    for part in pattern.split("."):
        found = [step for keys, value in found for step in _inside(keys, value, part)]
    yield from found


def _inside(keys: tuple[str | int, ...], value: Any, part: str) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, list):
        numbered = enumerate(value)
        return [((*keys, i), item) for i, item in numbered] if part == "*" else []
    if not isinstance(value, dict):
        return []
    if part == "*":
        return [((*keys, key), item) for key, item in value.items()]
    return [((*keys, part), value[part])] if part in value else []


def scalars(data: Tree, pattern: str) -> Iterator[tuple[str, int]]:
    """Text and line of every scalar that `pattern` leads to; of a sequence of scalars, all of them."""
    for keys, value in find_all(data, pattern):
        if isinstance(value, list):
            yield from ((as_text(item), data.line(*keys, i)) for i, item in enumerate(value) if as_text(item))
        elif as_text(value):
            yield as_text(value), data.line(*keys)
