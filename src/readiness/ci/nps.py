"""Reads package-scripts.js of nps: scripts by dotted name, nested objects, and what series and its like string together."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.languages import javascript
from readiness.repository import Repository
from readiness.source import CallRef, Expression, Mapping, Module, Text, literal

NAMES = ("package-scripts.js", "package-scripts.cjs", "package-scripts.mjs", "package-scripts.ts")
_MAX_DEPTH = 8


def follow(repository: Repository, call: Call) -> list[Piece]:
    """The commands of the scripts that `nps NAME...` runs; the one called default where it names none."""
    path = next((p for p in (join(call.folder, name) for name in NAMES) if repository.get(p)), "")
    if not path:
        return []
    module = javascript.read(path, (repository.read_text(path) or "").encode())
    scripts = _scripts(module)
    names = [word.split()[0] for word in call.words if word.strip()] or ["default"]
    return [
        Piece(path, line, text, call.folder, {}, f"script {name}")
        for name in names
        for text, line in _texts(_found(scripts, name), module, 0)
    ]


def _scripts(module: Module) -> Expression | None:
    for assignment in module.assignments:
        if assignment.target in ("module.exports", "default") and isinstance(assignment.value, Mapping):
            return assignment.value.get("scripts")
    return None


def _found(scripts: Expression | None, name: str) -> Expression | None:
    """The script of that dotted name; of a group, the one called default or script."""
    current = scripts
    for part in name.split("."):
        current = current.get(part) if isinstance(current, Mapping) else None
    for _ in range(_MAX_DEPTH):
        if not isinstance(current, Mapping):
            break
        current = current.get("script") or current.get("default")
    return current


def _texts(value: Expression | None, module: Module, depth: int) -> Iterator[tuple[str, int]]:
    """The commands in a text or in the arguments of series(...), concurrent(...), crossEnv(...), with their line."""
    if isinstance(value, CallRef) and depth < _MAX_DEPTH:
        call = module.calls[value.index]
        for argument in call.args:
            if isinstance(argument, Text):
                yield argument.value, call.line
            else:
                yield from _texts(argument, module, depth + 1)
    elif (text := literal(value)) is not None:
        yield text, 1
