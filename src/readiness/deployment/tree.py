"""Plain values from YAML with the line of each key, in a shape that can be cached. Knows no schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readiness.yamldoc import Tagged, YamlList, YamlMap, as_text

_SEPARATOR = "\x1f"


class Tree(Struct, frozen=True):
    """`data` is made of dict, list, str, int, float, bool and None; `lines` holds the line of every key and item,
    under the keys and indices that lead to it joined by the unit separator. `start` is the line where it begins."""

    data: Any
    lines: dict[str, int]
    start: int = 1

    def at(self, *keys: str | int) -> Any:
        """The value that `keys` lead to, None where they lead nowhere."""
        value = self.data
        for key in keys:
            if isinstance(value, dict):
                value = value.get(str(key))
            elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
                value = value[key]
            else:
                return None
        return value

    def mapping(self, *keys: str | int) -> dict[str, Any]:
        """The mapping that `keys` lead to, {} where there is none."""
        value = self.at(*keys)
        return value if isinstance(value, dict) else {}

    def items(self, *keys: str | int) -> list[Any]:
        """The sequence that `keys` lead to, [] where there is none."""
        value = self.at(*keys)
        return value if isinstance(value, list) else []

    def text(self, *keys: str | int) -> str:
        """The scalar that `keys` lead to as text, "" where there is none."""
        return as_text(self.at(*keys))

    def line(self, *keys: str | int) -> int:
        """The line of the last of `keys` that is there."""
        for length in range(len(keys), 0, -1):
            found = self.lines.get(_SEPARATOR.join(map(str, keys[:length])))
            if found is not None:
                return found
        return self.start

    def walk(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Every key path with its value, parents first; indices of sequences as text."""
        yield from _walk(self.data, ())


def _walk(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        path = (*keys, str(key))
        yield path, item
        yield from _walk(item, path)


def tree(value: Any, start: int = 1) -> Tree:
    """`value` as `readiness.yamldoc` gives it. `!reset x` (Compose) is None, other tags are taken off."""
    lines: dict[str, int] = {}
    data = _plain(value, "", lines)
    return Tree(data, lines, getattr(value, "start", start))


def _plain(value: Any, prefix: str, lines: dict[str, int]) -> Any:
    if isinstance(value, Tagged):
        return None if value.tag == "!reset" else _plain(value.value, prefix, lines)
    if isinstance(value, YamlMap):
        result = {}
        for key, item in value.items():
            lines[prefix + key] = value.line(key)
            result[key] = _plain(item, prefix + key + _SEPARATOR, lines)
        return result
    if isinstance(value, YamlList):
        for index in range(len(value)):
            lines[f"{prefix}{index}"] = value.line(index)
        return [_plain(item, f"{prefix}{index}{_SEPARATOR}", lines) for index, item in enumerate(value)]
    return cachable(value)


def cachable(value: Any) -> Any:
    """A scalar that MessagePack can hold: numbers beyond 64 bits and lone surrogates become text that it can."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value)[:100] if value.bit_length() < 1_000 else "a very large number"
    return value


def as_texts(value: Any) -> tuple[str, ...]:
    """A sequence's scalars as text; a single scalar stands for a sequence of one."""
    if isinstance(value, list):
        return tuple(as_text(item) for item in value if not isinstance(item, dict | list))
    return (as_text(value),) if as_text(value) else ()
