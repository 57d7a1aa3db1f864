"""Finds the lines of a file that have to do with schemas and migrations, comments left out. Decides nothing about them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

VERSION = "2"
_MAX_HITS = 60
_MAX_PLACES = 300
_WANTED = (
    "migrat", "alembic", "upgrade", "goose", "dbmate", "flyway", "liquibase", "sqitch", "prisma", "drizzle-kit", "mongodb",
    "postgrator", "aerich", "yoyo", "piccolo", "tern ", "soda ", "atlas ", "create_all", "automigrate", ".sync(",
    "synchronize", "generate_schemas", "create table", "create unlogged table", "create or replace table", "psql",
    "initdb", "go:embed", "updateschema",
)  # fmt: skip
"""Plain words: looking for them one by one is many times as fast as one pattern of them all."""

_COMMENT = re.compile(r"^\s*(#(?!!)|//(?!go:embed)|--|\*|/\*|;|<!--|REM\b|\{\{/\*)")


class Mentions(Struct, frozen=True, array_like=True):
    """Lines by number, cut at 400 characters."""

    lines: tuple[tuple[int, str], ...]


def read(path: str, content: bytes) -> Mentions:
    """The lines of `content` that may matter; `path` tells a JSON or document file, which has no comments."""
    text = content.decode("utf-8", "replace")
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that grows in lower case would shift every place after it
        lowered = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    starts = sorted({lowered.rfind("\n", 0, place) + 1 for word in _WANTED for place in _places(lowered, word)})
    found: list[tuple[int, str]] = []
    number, last = 1, 0
    for start in starts:
        number, last = number + lowered.count("\n", last, start), start
        end = lowered.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if len(found) < _MAX_HITS and not _COMMENT.match(line):
            found.append((number, line.strip()[:400]))
    return Mentions(tuple(found))


def _places(text: str, word: str) -> Iterator[int]:
    """Where `word` occurs, at most so often that a hostile file costs no more than another."""
    place = text.find(word)
    for _ in range(_MAX_PLACES):
        if place < 0:
            return
        yield place
        place = text.find(word, place + len(word))
