"""Follows the local entry points that CI does not reach: make targets, package scripts, shell scripts."""

from __future__ import annotations

from collections.abc import Collection

from readiness.ci import justfiles, makefiles, packages, pyscripts, taskfiles
from readiness.ci.followers import follow
from readiness.ci.piece import Piece
from readiness.ci.trace import Context, Trace
from readiness.repository import Role

MAX_SCRIPTS = 400
_WHOLE = {"tox": ("tox.ini", "tox.toml"), "nox": ("noxfile.py",), "pre-commit": (".pre-commit-config.yaml",)}
_ARGUMENTS = {"pre-commit": ("run",)}
_ROLES = (Role.SOURCE, Role.CONFIG, Role.TEST, Role.EXAMPLE)


def trace_all(trace: Trace, reached: Collection[tuple[str, int]]) -> None:
    """Record what each entry point outside `reached` (places as (path, line)) runs."""
    repository = trace.repository
    for file in repository.select(*makefiles.NAMES, "*.mk", roles=_ROLES):
        if file.name in makefiles.NAMES:
            for _, pieces in makefiles.entry_points(repository, file.path):
                _trace(trace, pieces, reached)
    for _, pieces in packages.entry_points(repository):
        _trace(trace, pieces, reached)
    for _, pieces in pyscripts.entry_points(repository):
        _trace(trace, pieces, reached)
    for tool, names in _WHOLE.items():
        for file in repository.select(*names, roles=_ROLES):
            _trace(trace, follow(repository, (tool, *_ARGUMENTS.get(tool, ())), file.folder, {}) or [], reached)
    for path, recipes in justfiles.entry_points(repository):
        for name in recipes:
            _trace(trace, follow(repository, ("just", name), path.rpartition("/")[0], {}) or [], reached)
    for file in repository.select(*taskfiles.NAMES, roles=_ROLES):
        for name in taskfiles.names(repository, file.path):
            _trace(trace, follow(repository, ("task", name), file.folder, {}) or [], reached)
    for file in repository.select("*.sh", "*.bash", roles=_ROLES)[:MAX_SCRIPTS]:
        _trace(trace, [Piece(file.path, 1, repository.read_text(file.path) or "", "")], reached)


def _trace(trace: Trace, pieces: list[Piece], reached: Collection[tuple[str, int]]) -> None:
    for piece in pieces:
        if (piece.path, piece.line) not in reached and (piece.path, piece.line) not in trace.reached:
            trace.reached.add((piece.path, piece.line))
            context = Context(folder=piece.folder)
            trace.script(piece.text, piece.path, piece.line, context, piece.note, piece.path.rpartition("/")[0])
