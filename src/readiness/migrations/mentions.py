"""Finds the lines of a file that have to do with schemas and migrations, comments left out. Decides nothing about them."""

from __future__ import annotations

import re

from msgspec import Struct

VERSION = "1"
_MAX_HITS = 60
_WANTED = re.compile(
    r"(?i)migrat|alembic|\bupgrade\b|\bgoose\b|dbmate|flyway|liquibase|sqitch|prisma|drizzle-kit|postgrator|aerich|\byoyo\b|piccolo|\btern\b|"
    r"\bsoda\b|\batlas\b|create_all|automigrate|\.sync\(|synchronize|generate_schemas|create\s+table|\bpsql\b|initdb|go:embed|updateschema"
)
_COMMENT = re.compile(r"^\s*(#(?!!)|//(?!go:embed)|--|\*|/\*|;|<!--|REM\b|\{\{/\*)")


class Mentions(Struct, frozen=True, array_like=True):
    """Lines by number, cut at 400 characters."""

    lines: tuple[tuple[int, str], ...]


def read(path: str, content: bytes) -> Mentions:
    """The lines of `content` that may matter; `path` tells a JSON or document file, which has no comments."""
    text = content.decode("utf-8", "replace")
    if not _WANTED.search(text):
        return Mentions(())
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if len(found) >= _MAX_HITS:
            break
        if _WANTED.search(line[:2000]) and not _COMMENT.match(line):
            found.append((number, line.strip()[:400]))
    return Mentions(tuple(found))
