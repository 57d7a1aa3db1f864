"""Finds the commands behind names in pyproject.toml: poe, taskipy, hatch, pdm, rye and pixi tables, and mise tasks."""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import Any

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository, Role
from readiness.tables import table, toml_table

MAX_DEPTH = 6
_TABLES = {
    "poe": ("tool.poe.tasks",),
    "task": ("tool.taskipy.tasks",),
    "pdm": ("tool.pdm.scripts",),
    "rye": ("tool.rye.scripts",),
    "pixi": ("tool.pixi.tasks", "tasks"),
    "mise": ("tasks",),
    "hatch": (),
}
_DEFAULT_FILES = ("pyproject.toml", "hatch.toml")
_FILES = {"mise": ("mise.toml", ".mise.toml", ".config/mise.toml"), "pixi": ("pixi.toml", "pyproject.toml")}


def follow(repository: Repository, call: Call) -> list[Piece] | None:
    """The commands of `poe x`, `task x` (taskipy), `pdm run x`, `hatch run env:x`, `rye run x`, `mise run x`, `pixi run x`.

    None where the name is no script of the project.
    """
    tool = call.argv[0]
    words = call.words
    name = next((word for word in words if word not in ("run", "r", "env", "test", "fmt")), "")
    if tool == "hatch" and not name:
        name = next((f"hatch-{word}:" for word in words if word in ("test", "fmt")), "")
    for file in _FILES.get(tool, _DEFAULT_FILES):
        path = join(call.folder, file)
        text = repository.read_text(path) if repository.get(path) else None
        if text:
            commands = _commands(_scripts(text, tool), name, 0)
            if commands:
                return [Piece(path, _line(text, name), c, call.folder, {}, f"{tool} {name}") for c in commands]
    return None


def entry_points(repository: Repository) -> list[tuple[str, list[Piece]]]:
    """Every script of every such table outside vendored and example folders."""
    found: list[tuple[str, list[Piece]]] = []
    for tool in _TABLES:
        for file in repository.select(*(name.rpartition("/")[2] for name in _FILES.get(tool, _DEFAULT_FILES))):
            if file.role in (Role.VENDORED, Role.EXAMPLE, Role.DOCS):
                continue
            text = repository.read_text(file.path) or ""
            scripts = _scripts(text, tool)
            for name in scripts:
                commands = _commands(scripts, name, 0)
                pieces = [Piece(file.path, _line(text, name), c, file.folder, {}, f"{tool} {name}") for c in commands]
                found.append((name, pieces))
    return found


@lru_cache(maxsize=128)
def _document(text: str) -> dict[str, Any]:
    return toml_table(text) or {}


def _scripts(text: str, tool: str) -> dict[str, Any]:
    data = _document(text)
    found: dict[str, Any] = {}
    for dotted in _TABLES[tool]:
        found.update(table(data, *dotted.split(".")))
    if tool == "hatch":
        environments = {**table(data, "tool", "hatch", "envs"), **table(data, "envs")}
        for environment in environments:
            for name, value in table(environments, *environment.split("."), "scripts").items():
                found[f"{environment}:{name}"] = value
                if environment == "default":
                    found[name] = value
    return found


def _commands(scripts: dict[str, Any], name: str, depth: int) -> list[str]:
    """The shell texts of a script; sequences and references to other scripts are followed."""
    value = scripts.get(name)
    if value is None or depth > MAX_DEPTH:
        return []
    return _texts(scripts, value, name.rpartition(":")[0], depth)


def _texts(scripts: dict[str, Any], value: Any, environment: str, depth: int) -> list[str]:
    if isinstance(value, str):
        first = value.split(" ")[0].lstrip("- ")
        other = _commands(scripts, f"{environment}:{first}" if environment else first, depth + 1)
        return other or [value.lstrip("- ")]
    if isinstance(value, list):
        if (
            all(isinstance(word, str) for word in value)
            and value
            and value[0] not in scripts
            and depth
            and not environment
        ):
            return [" && ".join(value)]
        return [text for item in value for text in _texts(scripts, item, environment, depth)]
    if isinstance(value, dict):
        command = next(
            (value[k] for k in ("cmd", "shell", "run", "composite", "sequence", "chain", "parallel") if k in value), ""
        )
        if "ref" in value:
            return _commands(scripts, str(value["ref"]), depth + 1)
        if isinstance(command, list) and "cmd" in value and all(isinstance(word, str) for word in command):
            return [shlex.join(command)]
        before = value.get("depends") or value.get("depends-on") or value.get("deps") or []
        required = [t for name in before if isinstance(name, str) for t in _commands(scripts, name, depth + 1)]
        return required + _texts(scripts, command, environment, depth) if command else required
    return []


def _line(text: str, name: str) -> int:
    """The line on which the script is named as a key or a table, 1 where it is not found."""
    key = name.rpartition(":")[2]
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith((f"{key} ", f"{key}=", f'"{key}"')) or stripped.endswith((f".{key}]", f'."{key}"]')):
            return number
    return 1
