"""Reads Go's txtar format: several files in one text file, so that a fixture is one readable page. Writes nothing by itself."""

from __future__ import annotations

import re
from pathlib import Path

_MARKER = re.compile(r"^-- (.+) --$")


def parse(text: str) -> dict[str, str]:
    """The files by path; text before the first `-- path --` line is a comment. Raises ValueError for an unsafe path."""
    files: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines(keepends=True):
        if marker := _MARKER.match(line.rstrip("\n")):
            name = marker[1].strip()
            if name.startswith("/") or ".." in Path(name).parts:
                raise ValueError(f"{name} leads outside the fixture")
            current = files.setdefault(name, [])
        elif current is not None:
            current.append(line)
    return {name: "".join(lines) for name, lines in files.items()}


def unpack(text: str, folder: Path) -> None:
    """Write the files of `text` below `folder`."""
    for name, content in parse(text).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
