"""Reads YAML into plain Python values that know their lines. Knows no schema, runs no tags, expands nothing unbounded.

Built from the event stream rather than the loader, so that depth and the growth through aliases are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]  # the same interface

MAX_DEPTH = 100
MAX_NODES = 400_000
"""Nodes of one text, each alias counted with all that it stands for."""

_INT = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
          "false": False, "False": False, "FALSE": False}  # fmt: skip


class YamlMap(dict[str, Any]):
    """A mapping. Keys are always text (`on` stays "on", `200` is "200"); values are YamlMap, YamlList, Tagged, str,
    int, float, bool or None. Merge keys (`<<`) are merged in."""

    def __init__(self, start: int) -> None:
        """An empty mapping that begins at line `start`."""
        super().__init__()
        self.start = start
        self._lines: dict[str, tuple[int, int]] = {}

    def line(self, key: str) -> int:
        """The line of `key`, 1-based; the mapping's own where it has no such key."""
        return self._lines.get(key, (self.start, self.start))[0]

    def text_line(self, key: str) -> int:
        """The line where the value of `key` begins; for a block scalar (`|`, `>`) that of its first line of text."""
        return self._lines.get(key, (self.start, self.start))[1]

    def place(self, key: str, value: Any, line: int, text_line: int) -> None:
        """Set `key` with its lines."""
        self[key] = value
        self._lines[key] = (line, text_line)

    def merge(self, other: YamlMap) -> None:
        """Take over the keys of `other` that are not set."""
        for key, value in other.items():
            if key not in self:
                self.place(key, value, *other._lines[key])


class YamlList(list[Any]):
    """A sequence; its items as in YamlMap."""

    def __init__(self, start: int) -> None:
        """An empty sequence that begins at line `start`."""
        super().__init__()
        self.start = start
        self._lines: list[tuple[int, int]] = []

    def line(self, index: int) -> int:
        """The line of an item, 1-based."""
        return self._lines[index][0] if -len(self) <= index < len(self) else self.start

    def text_line(self, index: int) -> int:
        """The line where the item's text begins, as for YamlMap."""
        return self._lines[index][1] if -len(self) <= index < len(self) else self.start

    def place(self, value: Any, line: int, text_line: int) -> None:
        """Append `value` with its lines."""
        self.append(value)
        self._lines.append((line, text_line))


class Tagged:
    """A value under a tag of its own (`!reference [a, b]`, `!Ref x`); `tag` with its exclamation mark."""

    def __init__(self, tag: str, value: Any) -> None:
        """Wrap `value`."""
        self.tag = tag
        self.value = value


def load_all(text: str) -> list[Any]:
    """Every document of `text`, in order; an empty document is None.

    Raises ValueError (one line, with the place) where it is not YAML, or is deeper or larger than the bounds.
    """
    reader = _Reader()
    try:
        events = iter(yaml.parse(text, Loader=_Loader))
        return [reader.document(events) for event in events if isinstance(event, yaml.DocumentStartEvent)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(f"{place}{' '.join(str(problem).split())}") from None


def load(text: str) -> Any:
    """The first document of `text`, None where there is none. Raises ValueError as `load_all`."""
    documents = load_all(text)
    return documents[0] if documents else None


class _Reader:
    """Builds values from events. Keeps the anchors of a document and counts nodes over all documents."""

    def __init__(self) -> None:
        self.count = 0
        self.anchors: dict[str, tuple[Any, int]] = {}

    def document(self, events: Iterator[Any]) -> Any:
        self.anchors = {}
        value = self._node(next(events), events, 0)
        next(events)  # the end of the document
        return value

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError(f"line {event.start_mark.line + 1}: nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self.count
        self._grow(1, event)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = scalar(event.value) if event.implicit[0] and not event.style else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(event, events, depth)
        else:
            value = self._mapping(event, events, depth)
        if event.tag and event.tag.startswith("!") and event.tag != "!":
            value = Tagged(event.tag, value)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - before)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise ValueError(f"line {event.start_mark.line + 1}: alias *{event.anchor} names no anchor before it")
        value, size = self.anchors[event.anchor]
        self._grow(size, event)
        return value

    def _grow(self, nodes: int, event: Any) -> None:
        self.count += nodes
        if self.count > MAX_NODES:
            raise ValueError(f"line {event.start_mark.line + 1}: holds more than {MAX_NODES:,} values")

    def _sequence(self, start: Any, events: Iterator[Any], depth: int) -> YamlList:
        result = YamlList(start.start_mark.line + 1)
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            result.place(self._node(event, events, depth + 1), event.start_mark.line + 1, _text_line(event))
        return result

    def _mapping(self, start: Any, events: Iterator[Any], depth: int) -> YamlMap:
        result = YamlMap(start.start_mark.line + 1)
        merged: list[Any] = []
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = event.value if isinstance(event, yaml.ScalarEvent) else str(self._node(event, events, depth + 1))
            value_event = next(events)
            value = self._node(value_event, events, depth + 1)
            if key == "<<" and isinstance(value, YamlMap | YamlList):
                merged += [value] if isinstance(value, YamlMap) else list(value)
                continue
            result.place(key, value, event.start_mark.line + 1, _text_line(value_event))
        for other in merged:
            if isinstance(other, YamlMap):
                result.merge(other)
        return result


def _text_line(event: Any) -> int:
    return int(event.start_mark.line) + (2 if getattr(event, "style", None) in ("|", ">") else 1)


def scalar(text: str) -> str | int | float | bool | None:
    """What a plain (unquoted) scalar means in YAML 1.2's core schema: `yes` and `on` are text, `0123` as well."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) < 30:
        if _INT.match(text):
            return int(text.replace("_", ""))
        if _FLOAT.match(text):
            return float(text)
    return text


def as_text(value: Any) -> str:
    """A scalar as tools write it into a command or a setting; "" for None, mappings and sequences."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, dict | list) else str(value)
