"""Reads justfiles: the lines of a recipe with its dependencies, imports and plain variables. Evaluates no functions."""

from __future__ import annotations

import re

from msgspec import Struct

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository

NAMES = ("justfile", "Justfile", ".justfile")
MAX_DEPTH = 8
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*[\"'](.*)[\"']\s*$")
_HEAD = re.compile(r"@?([A-Za-z_][\w-]*)(?=[\s:])")
_IMPORT = re.compile(r"(?:import|!include)\??\s+[\"']?([^\"'\s]+)")
_FILL = re.compile(r"\{\{\s*([A-Za-z_][\w-]*)\s*\}\}")


class _Recipe(Struct):
    path: str
    line: int
    dependencies: list[str]
    defaults: dict[str, str]
    body: list[tuple[int, str]]


class _Justfile(Struct):
    variables: dict[str, str]
    recipes: dict[str, _Recipe]


def follow(repository: Repository, call: Call) -> list[Piece]:
    """The recipe lines that `just NAME...` runs, dependencies first; the first recipe where it names none."""
    folder = join(call.folder, call.option("-d", "--working-directory"))
    named = call.option("-f", "--justfile")
    path = next((p for p in (join(folder, n) for n in ([named] if named else NAMES)) if repository.get(p)), "")
    if not path:
        return []
    justfile = _Justfile({}, {})
    _read(repository, path, justfile, 0)
    skipped = {named, call.option("-d", "--working-directory")} - {""}
    goals = [word for word in call.words if word in justfile.recipes and word not in skipped]
    found: list[Piece] = []
    for goal in goals or (list(justfile.recipes)[:1] if not call.words else []):
        _collect(justfile, goal, path.rpartition("/")[0], found, set())
    return found


def entry_points(repository: Repository) -> list[tuple[str, list[str]]]:
    """The names of the recipes of each justfile."""
    found: list[tuple[str, list[str]]] = []
    for file in repository.select(*NAMES):
        justfile = _Justfile({}, {})
        _read(repository, file.path, justfile, 0)
        found.append((file.path, list(justfile.recipes)))
    return found


def _read(repository: Repository, path: str, into: _Justfile, depth: int) -> None:
    recipe: _Recipe | None = None
    for number, line in enumerate((repository.read_text(path) or "").splitlines(), 1):
        if line[:1] in (" ", "\t"):
            if recipe is not None and line.strip():
                recipe.body.append((number, line.strip()))
            continue
        if not line.strip() or line.startswith(("#", "[")):
            continue
        recipe = None
        imported, variable, head = _IMPORT.match(line), _VARIABLE.match(line), _HEAD.match(line)
        if imported and depth < MAX_DEPTH:
            _read(repository, join(path.rpartition("/")[0], imported.group(1)), into, depth + 1)
        elif variable:
            into.variables[variable.group(1)] = variable.group(2)
        elif head and (colon := _colon(line)):
            defaults = dict(re.findall(r"([\w-]+)=[\"']?([^\"'\s]*)", line[head.end() : colon]))
            after = line[colon + 1 :]
            dependencies = re.findall(r"[A-Za-z_][\w-]*", re.sub(r"\([^)]*\)|\"[^\"]*\"", "", after))
            dependencies += re.findall(r"\(\s*([\w-]+)", after)
            recipe = _Recipe(path, number, dependencies, defaults, [])
            into.recipes[head.group(1)] = recipe


def _colon(line: str) -> int:
    """Where the colon after a recipe's head stands, quotes skipped; 0 where there is none, as in `name := value`."""
    quote = ""
    for position, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == ":":
            return 0 if line.startswith(":=", position) else position
    return 0


def _collect(justfile: _Justfile, name: str, folder: str, found: list[Piece], seen: set[str]) -> None:
    recipe = justfile.recipes.get(name)
    if recipe is None or name in seen:
        return
    seen.add(name)
    for dependency in recipe.dependencies:
        _collect(justfile, dependency, folder, found, seen)
    values = {**justfile.variables, **recipe.defaults}
    filled = [(n, _FILL.sub(lambda m: values.get(m.group(1), m.group()), text)) for n, text in recipe.body]
    if filled and filled[0][1].startswith("#!"):
        if "sh" in filled[0][1]:
            text = "\n".join(line for _, line in filled)
            found.append(Piece(recipe.path, filled[0][0], text, folder, {}, f"just {name}"))
        return
    for number, text in filled:
        prefix = text[: len(text) - len(text.lstrip("@-"))]
        command = text[len(prefix) :] + (" || true" if "-" in prefix else "")
        found.append(Piece(recipe.path, number, command, folder, {}, f"just {name}"))
