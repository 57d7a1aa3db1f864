"""A stretch of shell text that a command leads to. Finds nothing itself."""

from __future__ import annotations

from msgspec import Struct


class Piece(Struct, frozen=True):
    """`text` begins at `line` of `path` and runs in `folder` with `environment` added; `note` says what it is."""

    path: str
    line: int
    text: str
    folder: str = ""
    environment: dict[str, str] = {}
    note: str = ""


class Call(Struct, frozen=True):
    """The command to follow: `argv` without wrappers, where it runs, and with which variables."""

    argv: tuple[str, ...]
    folder: str
    environment: dict[str, str]

    @property
    def words(self) -> list[str]:
        """The arguments that are not options."""
        return [word for word in self.argv[1:] if not word.startswith("-")]

    def option(self, *names: str) -> str:
        """The value of the first of `names` given as `-x value`, `--x value` or `--x=value`; "" without."""
        for index, word in enumerate(self.argv):
            name, equals, value = word.partition("=")
            if name in names:
                return value if equals else next(iter(self.argv[index + 1 : index + 2]), "")
        return ""
