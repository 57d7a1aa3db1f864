"""Settings files with credentials that are tracked and that the code reads by a fixed path. Judges no override."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from readiness.facts.services import is_tooling
from readiness.facts.uses import Uses
from readiness.model import Evidence
from readiness.repository import Repository, Role
from readiness.source import Text
from readiness.wiring import fact, known

_KNOWN: dict[str, Any] = known(__file__, "tracked_settings.yaml")
_CREDENTIAL = re.compile(_KNOWN["credential"])
_MAX_BYTES = 200_000


class TrackedSettings(Struct, frozen=True):
    """`path` is the tracked file, `line` holds a credential in it, `read` is where the code reads the file."""

    path: str
    line: int
    read: Evidence


class TrackedSettingsFiles:
    """All of them."""

    def __init__(self, found: Iterable[TrackedSettings] = ()) -> None:
        """Keep them in the order found."""
        self.all = tuple(found)

    def within(self, paths: Iterable[str]) -> list[TrackedSettings]:
        """Those that the modules at `paths` read."""
        inside = set(paths)
        return [each for each in self.all if each.read.path in inside]


@fact
def tracked_settings(repository: Repository, uses: Uses) -> TrackedSettingsFiles:
    """Look at the files that are named by a literal where a library for settings reads them."""
    found: list[TrackedSettings] = []
    for use in uses.of(_KNOWN["readers"], how=("call",)):
        named = [argument.value for argument in use.call.args if isinstance(argument, Text)] if use.call else []
        for name in named if not is_tooling(use.where.path) else ():
            path = name.removeprefix("./")
            file = repository.get(path)
            if file is None or file.role not in (Role.CONFIG, Role.SOURCE) or file.size > _MAX_BYTES:
                continue
            if line := _credential_line(repository.read_text(path) or ""):
                found.append(TrackedSettings(path, line, use.where))
    return TrackedSettingsFiles(found)


def _credential_line(text: str) -> int:
    """The first line that gives a credential a value of its own, 0 for none."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if _CREDENTIAL.match(line[:400])), 0)
