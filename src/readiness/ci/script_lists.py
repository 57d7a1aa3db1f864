"""Follows lists of shell commands as CI files write them, one shell for the whole list. Knows no provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.ci.trace import Context, Trace
from readiness.repository import Repository
from readiness.yamldoc import YamlList, YamlMap, load_all


def numbered(holder: YamlMap, key: str) -> list[tuple[int, str]]:
    """The commands at `key`, a text or a list of texts (nested lists count), each with its line."""
    value = holder.get(key)
    if isinstance(value, str):
        return [(holder.text_line(key), value)]
    return _items(value)


def _items(value: Any) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for index, item in enumerate(value) if isinstance(value, YamlList) else ():
        if isinstance(item, str):
            found.append((value.text_line(index), item))
        elif isinstance(item, YamlList):
            found += _items(item)
    return found


def follow_list(trace: Trace, items: Iterable[tuple[int, str]], path: str, context: Context, note: str) -> None:
    """Follow the commands in one shell: a `cd` or an `export` holds for those after it. Each text is put at its own
    line; where the lines run backwards (an anchor from further up), a new shell begins."""
    text, start = "", 0
    for line, command in items:
        current = start + text.count("\n")
        if not text:
            start = line
        elif line > current:
            text += "\n" * (line - current)
        else:
            trace.script(text, path, start, context, note)
            text, start = "", line
        text += command.rstrip("\n")
    if text:
        trace.script(text, path, start, context, note)


def texts(value: Any) -> dict[str, str]:
    """A mapping of variables, or a list of NAME=value, as texts; `{value: x}` entries by their value."""
    if isinstance(value, YamlMap):
        pairs = {k: v.get("value") if isinstance(v, YamlMap) else v for k, v in value.items()}
        return {k: as_text(v) for k, v in pairs.items() if not isinstance(v, list | dict)}
    found: dict[str, str] = {}
    for item in value if isinstance(value, list) else ():
        if isinstance(item, YamlMap):
            found.update(texts(item))
        elif isinstance(item, str):
            found.update(dict(word.split("=", 1) for word in item.split() if "=" in word))
    return found


def as_text(value: Any) -> str:
    """A scalar as it would be put into a command."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def documents(repository: Repository, path: str, reader: str) -> list[YamlMap]:
    """The mappings among the file's documents; none, and an unread note, where it is no YAML."""
    try:
        return [document for document in load_all(repository.read_text(path) or "") if isinstance(document, YamlMap)]
    except ValueError as error:
        repository.note_unread(path, reader, str(error))
        return []
