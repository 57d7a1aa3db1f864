"""What a migration history is made of. No logic but lookups."""

from __future__ import annotations

from msgspec import Struct

from readiness.model import Evidence


class Migration(Struct, frozen=True, array_like=True):
    """One step of a history.

    `revision` identifies it (Alembic's revision, else the file's name without suffix); `number` is what orders it, ""
    where its name does; `parents` are the revisions it follows, for the tools that say so. `has_down` says whether it
    can be taken back by a step that does something; None where the tool has no such steps or it could not be told.
    """

    path: str
    revision: str
    number: str = ""
    name: str = ""
    parents: tuple[str, ...] = ()
    has_down: bool | None = None
    line: int = 0


class Chain(Struct, frozen=True):
    """The steps of one history in order. `problems` are why it is unsound: several heads, gaps, duplicate numbers.

    `store` is relational or document; `home_made` where no known tool's files are like these.
    """

    tool: str
    folder: str
    steps: tuple[Migration, ...]
    problems: tuple[Evidence, ...] = ()
    store: str = "relational"
    home_made: bool = False

    @property
    def place(self) -> Evidence:
        """Where to look: its newest step."""
        last = self.steps[-1]
        count = f"{len(self.steps)} {self.tool} migration{'s' if len(self.steps) > 1 else ''}, the last one here"
        return Evidence(last.path, last.line or 1, count)


class Applied(Struct, frozen=True):
    """A place where `tool` applies (or `checks`) its history. `kind`: code, command, document, or test; `text` the line."""

    tool: str
    where: Evidence
    kind: str
    checks: bool = False
    text: str = ""
