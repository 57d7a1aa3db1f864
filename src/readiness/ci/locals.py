"""Follows the local entry points that CI does not reach: make targets, package scripts, shell scripts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from readiness.ci import justfiles, makefiles, packages, pyscripts, taskfiles
from readiness.ci.followers import follow
from readiness.ci.piece import Piece
from readiness.ci.trace import Context, Trace
from readiness.repository import Repository, Role

MAX_SCRIPTS = 400
_WHOLE = {"tox": ("tox.ini", "tox.toml"), "nox": ("noxfile.py",), "pre-commit": (".pre-commit-config.yaml",)}
_ARGUMENTS = {"pre-commit": ("run",)}
_ROLES = (Role.SOURCE, Role.CONFIG, Role.TEST, Role.EXAMPLE)


def trace_all(trace: Trace, reached: Collection[tuple[str, int]]) -> None:
    """Record what each entry point outside `reached` (places as (path, line)) runs."""
    repository = trace.repository
    for pieces in _entry_points(repository):
        _trace(trace, pieces, reached)
    for argv, folder in _calls(repository):
        _trace(trace, follow(repository, argv, folder, {}) or [], reached)


def _entry_points(repository: Repository) -> Iterator[list[Piece]]:
    """The pieces of each entry point of the files that list their own."""
    for file in repository.select(*makefiles.NAMES, roles=_ROLES):
        yield from (pieces for _, pieces in makefiles.entry_points(repository, file.path))
    yield from (pieces for _, pieces in packages.entry_points(repository))
    yield from (pieces for _, pieces in pyscripts.entry_points(repository))
    for file in repository.select("*.sh", "*.bash", roles=_ROLES)[:MAX_SCRIPTS]:
        yield [Piece(file.path, 1, repository.read_text(file.path) or "", "")]


def _calls(repository: Repository) -> Iterator[tuple[tuple[str, ...], str]]:
    """The commands by which a person would start the others, with the folder to start them in."""
    for tool, names in _WHOLE.items():
        for file in repository.select(*names, roles=_ROLES):
            yield (tool, *_ARGUMENTS.get(tool, ())), file.folder
    for path, recipes in justfiles.entry_points(repository):
        yield from ((("just", name), path.rpartition("/")[0]) for name in recipes)
    for file in repository.select(*taskfiles.NAMES, roles=_ROLES):
        yield from ((("task", name), file.folder) for name in taskfiles.names(repository, file.path))


def _trace(trace: Trace, pieces: list[Piece], reached: Collection[tuple[str, int]]) -> None:
    for piece in pieces:
        if (piece.path, piece.line) not in reached and (piece.path, piece.line) not in trace.reached:
            trace.reached.add((piece.path, piece.line))
            context = Context(folder=piece.folder)
            trace.script(piece.text, piece.path, piece.line, context, piece.note, piece.path.rpartition("/")[0])
