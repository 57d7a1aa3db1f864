"""Follows commands from step to tool and records each on the way. How a build tool's targets are found is followers.py's."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from readiness.ci.followers import follow
from readiness.ci.model import ActionRun, ToolRun
from readiness.ci.piece import Piece
from readiness.ci.shell import Command, commands
from readiness.ci.wrappers import peel
from readiness.model import Evidence
from readiness.repository import Repository

MAX_DEPTH = 12
MAX_RUNS = 15_000
_NOISE = frozenset(
    {":", "true", "false", "continue", "break", "return", "shift", "read", "wait", "trap", "unset", "umask"}
)
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh", "eval"})


class Context(Struct, frozen=True):
    """What holds for the commands of a step; the fields are those of ToolRun. `chain` leads to the step, not beyond."""

    triggers: frozenset[str] = frozenset()
    job: str = ""
    folder: str = ""
    environment: dict[str, str] = {}
    containers: tuple[str, ...] = ()
    may_fail: bool = False
    conditions: tuple[str, ...] = ()
    chain: tuple[Evidence, ...] = ()

    def with_(self, **changes: object) -> Context:
        """A copy with some fields replaced."""
        return msgspec.structs.replace(self, **changes)

    def link(self, path: str, line: int, note: str = "") -> Context:
        """A copy whose chain goes on to a line."""
        return self.with_(chain=(*self.chain, Evidence(path, line, note)))


class Trace:
    """Collects what CI runs. One for the whole repository; `open` holds the pieces being followed, against circles."""

    def __init__(self, repository: Repository) -> None:
        """Start with nothing found."""
        self.repository = repository
        self.runs: list[ToolRun] = []
        self.actions: list[ActionRun] = []
        self.unresolved: list[Evidence] = []
        self.reached: set[tuple[str, int]] = set()
        self._open: list[Piece] = []

    def script(
        self, text: str, path: str, line: int, context: Context, note: str = "", script_folder: str = ""
    ) -> None:
        """Follow shell `text` that begins at `line` of `path`."""
        for command in commands(text, context.folder, context.environment, script_folder):
            here = context.link(path, line + command.line - 1, note).with_(
                folder=command.folder,
                environment=command.environment,
                may_fail=context.may_fail or command.may_fail,
            )
            self._command(command, path, line + command.line - 1, here)

    def action(self, name: str, version: str, inputs: Mapping[str, str], context: Context) -> None:
        """Record a packaged step; the chain of `context` already ends at it."""
        self.actions.append(
            ActionRun(name, version, dict(inputs), context.chain, context.triggers, context.job, context.containers,
                      context.may_fail, context.conditions)
        )  # fmt: skip

    def unresolve(self, context: Context, note: str) -> None:
        """Note that the last line of the chain leads to something that is not in the repository."""
        if context.chain:
            entry = msgspec.structs.replace(context.chain[-1], note=note)
            if entry not in self.unresolved:
                self.unresolved.append(entry)

    def _command(self, command: Command, path: str, line: int, context: Context) -> None:
        for layer in peel(command.argv, command.folder, command.environment):
            here = context.with_(folder=layer.folder, environment=layer.environment)
            inner = shell_text(layer.argv)
            if inner is not None:
                if len(self._open) < MAX_DEPTH:
                    self._open.append(Piece(path, line, inner))
                    self._inline(inner, here)
                    self._open.pop()
                continue
            self._record(layer.argv, here)
            self._follow(layer.argv, here)

    def _inline(self, text: str, context: Context) -> None:
        """Follow the text of `bash -c`: it stands on the line that the chain already ends with."""
        for command in commands(text, context.folder, context.environment):
            last = context.chain[-1]
            here = context.with_(folder=command.folder, environment=command.environment,
                                 may_fail=context.may_fail or command.may_fail)  # fmt: skip
            self._command(command, last.path, last.line, here)

    def _record(self, argv: tuple[str, ...], context: Context) -> None:
        if len(self.runs) < MAX_RUNS and argv[0] not in _NOISE:
            tool = argv[0].rpartition("/")[2]
            self.runs.append(
                ToolRun(tool, (tool, *argv[1:]), context.chain, context.triggers, context.job, context.folder,
                        context.environment, context.containers, context.may_fail, context.conditions)
            )  # fmt: skip

    def _follow(self, argv: tuple[str, ...], context: Context) -> None:
        found = follow(self.repository, argv, context.folder, context.environment)
        if found is None:
            return
        if not found:
            self.unresolve(context, f"`{' '.join(argv)[:100]}` could not be followed")
        for piece in found:
            self.reached.add((piece.path, piece.line))
            if piece in self._open or len(self._open) >= MAX_DEPTH or len(self.runs) >= MAX_RUNS:
                continue
            self._open.append(piece)
            inner = context.with_(folder=piece.folder, environment={**context.environment, **piece.environment})
            self.script(piece.text, piece.path, piece.line, inner, piece.note, piece.path.rpartition("/")[0])
            self._open.pop()


def shell_text(argv: tuple[str, ...]) -> str | None:
    """The text that `bash -c TEXT` or `eval TEXT` runs, None for any other command."""
    if argv[0].rpartition("/")[2] not in _SHELLS:
        return None
    if argv[0] == "eval":
        return " ".join(argv[1:])
    for index, word in enumerate(argv[1:], 1):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            return argv[index + 1] if index + 1 < len(argv) else None
        if not word.startswith(("-", "+")) and argv[index - 1] not in ("-o", "-O"):
            return None
    return None
