"""Reads Taskfile.yml (go-task): the commands of a task, with its dependencies, local includes and variables."""

from __future__ import annotations

import re
from typing import Any

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository
from readiness.yamldoc import YamlList, YamlMap, load

NAMES = ("Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml")
MAX_DEPTH = 8
_VARIABLE = re.compile(r"\{\{\s*\.(\w+)\s*(?:\|[^}]*)?\}\}")


def follow(repository: Repository, call: Call) -> list[Piece]:
    """The commands of the tasks that the call names, or of `default`."""
    folder = join(call.folder, call.option("-d", "--dir"))
    named = call.option("-t", "--taskfile")
    path = next((p for p in (join(folder, n) for n in ([named] if named else NAMES)) if repository.get(p)), "")
    tasks = _tasks(repository, path, folder, 0) if path else {}
    skipped = {named, call.option("-d", "--dir")} - {""}
    goals = [word for word in call.words if word not in skipped and "=" not in word] or ["default"]
    found: list[Piece] = []
    for goal in goals:
        _collect(tasks, goal, found, set())
    return found


def exists(repository: Repository, folder: str) -> bool:
    """Whether a Taskfile lies in `folder`, where `task` would look first."""
    return any(repository.get(join(folder, name)) for name in NAMES)


def names(repository: Repository, path: str) -> list[str]:
    """The names of the tasks of the Taskfile at `path`."""
    return list(_tasks(repository, path, path.rpartition("/")[0], 0))


class _Task:
    """A task with where it is written and runs."""

    def __init__(self, body: Any, holder: YamlMap, key: str, path: str, folder: str, variables: dict[str, str]) -> None:
        self.body = body if isinstance(body, YamlMap) else None
        self.plain = body
        self.holder = holder
        self.key = key
        self.path = path
        self.folder = join(folder, str(self.body.get("dir") or "")) if self.body is not None else folder
        self.variables = {**variables, **(_texts(self.body.get("vars")) if self.body is not None else {})}
        self.prefix = ""


def _texts(value: Any) -> dict[str, str]:
    return {k: str(v) for k, v in value.items() if isinstance(v, str | int)} if isinstance(value, YamlMap) else {}


def _tasks(repository: Repository, path: str, folder: str, depth: int) -> dict[str, _Task]:
    try:
        document = load(repository.read_text(path) or "")
    except ValueError as error:
        repository.note_unread(path, "task", str(error))
        return {}
    if not isinstance(document, YamlMap):
        return {}
    variables = _texts(document.get("vars"))
    listed = document.get("tasks")
    tasks = (
        {k: _Task(v, listed, k, path, folder, variables) for k, v in listed.items()}
        if isinstance(listed, YamlMap)
        else {}
    )
    includes = document.get("includes")
    for name, entry in includes.items() if isinstance(includes, YamlMap) and depth < MAX_DEPTH else ():
        target = str(entry.get("taskfile", "")) if isinstance(entry, YamlMap) else str(entry)
        base = join(path.rpartition("/")[0], target.removeprefix("./"))
        inner = join(folder, str(entry.get("dir") or "")) if isinstance(entry, YamlMap) else folder
        found = next((p for p in (base, *(join(base, n) for n in NAMES)) if repository.get(p)), "")
        for key, task in (_tasks(repository, found, inner, depth + 1) if found else {}).items():
            task.prefix = f"{name}:{task.prefix}"
            tasks[f"{name}:{key}"] = task
    return tasks


def _collect(tasks: dict[str, _Task], name: str, found: list[Piece], seen: set[str]) -> None:
    task = tasks.get(name)
    if task is None or name in seen or len(seen) > 200:
        return
    seen.add(name)
    if task.body is None:
        _commands(tasks, task, task.plain, task.holder, task.key, found, seen)
        return
    dependencies = task.body.get("deps")
    for entry in dependencies if isinstance(dependencies, YamlList) else ():
        target = entry.get("task") if isinstance(entry, YamlMap) else entry
        _collect(tasks, _resolve(tasks, task, str(target)), found, seen)
    for key in ("cmds", "cmd"):
        if key in task.body:
            _commands(tasks, task, task.body[key], task.body, key, found, seen)


def _commands(
    tasks: dict[str, _Task], task: _Task, value: Any, holder: YamlMap, key: str, found: list[Piece], seen: set[str]
) -> None:
    if isinstance(value, str):
        found.append(_piece(task, value, holder.text_line(key)))
    for index, entry in enumerate(value) if isinstance(value, YamlList) else ():
        if isinstance(entry, str):
            found.append(_piece(task, entry, value.text_line(index)))
        elif isinstance(entry, YamlMap) and isinstance(entry.get("task"), str):
            _collect(tasks, _resolve(tasks, task, entry["task"]), found, seen)
        elif isinstance(entry, YamlMap) and isinstance(entry.get("cmd"), str):
            text = entry["cmd"] + (" || true" if entry.get("ignore_error") is True else "")
            found.append(_piece(task, text, entry.text_line("cmd")))


def _resolve(tasks: dict[str, _Task], task: _Task, name: str) -> str:
    """The full name of a task that `task` calls: `:name` is the root's, else one of the same file first."""
    if name.startswith(":"):
        return name[1:]
    return task.prefix + name if task.prefix + name in tasks else name


def _piece(task: _Task, text: str, line: int) -> Piece:
    filled = _VARIABLE.sub(
        lambda m: "" if m.group(1) == "CLI_ARGS" else task.variables.get(m.group(1), m.group()), text
    )
    return Piece(task.path, line, filled, task.folder, {}, f"task {task.prefix}{task.key}")
