"""Finds what package.json scripts run: npm, yarn, pnpm, bun, their workspaces, and the runners that call several."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec import Struct

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository, Role
from readiness.tables import json_table, table

_SHORT = frozenset({"test", "t", "start", "stop", "restart"})
_ALIASES = {"t": "test", "tst": "test"}
_VALUE_OPTIONS = frozenset({"-w", "--workspace", "--prefix", "-C", "--dir", "--cwd", "--filter", "-F", "--loglevel", "-j",
                            "--scope", "--projects", "-p", "-t", "--target", "--targets", "--parallel", "-c", "-n",
                            "--names", "--concurrency"})  # fmt: skip
_OWN_COMMANDS = frozenset({"install", "i", "ci", "add", "audit", "publish", "pack", "build", "version", "config", "login",
                           "cache", "set", "up", "upgrade", "update", "outdated", "dedupe", "link", "prune", "test"})  # fmt: skip


class _Package(Struct, frozen=True):
    path: str
    folder: str
    name: str
    scripts: dict[str, tuple[str, int]]


def follow(repository: Repository, call: Call) -> list[Piece] | None:
    """The scripts that `npm run x`, `yarn x`, `pnpm --filter a x`, `bun run x` or `node --run x` run.

    None where the command is one of the package manager's own (install, audit).
    """
    tool = call.argv[0]
    if tool == "node":
        name = call.option("--run")
        return _scripts(_at(repository, call.folder), name, []) if name else None
    folder = join(call.folder, call.option("--prefix", "-C", "--dir", "--cwd"))
    name, extra, everywhere = _called(tool, list(call.argv[1:]))
    if not name:
        return None
    chosen = _chosen(repository, call, folder, everywhere)
    if chosen is None:
        return []
    found = [piece for package in chosen for piece in _scripts(package, name, extra)]
    own = tool != "npm" and name in _OWN_COMMANDS and name not in ("build", "test")
    if not found and (own or (tool in ("yarn", "pnpm", "bun") and "run" not in call.argv)):
        return None
    return found


def _called(tool: str, words: list[str]) -> tuple[str, list[str], bool]:
    """The script's name, what is handed on to it, and whether it runs in every workspace."""
    everywhere = False
    position = 0
    seen_run = False
    while position < len(words):
        word = words[position]
        if word.startswith("-"):
            everywhere |= word in ("-r", "--recursive", "--workspaces", "-ws", "--filter", "-F", "-w", "--workspace")
            position += 2 if word in _VALUE_OPTIONS else 1
        elif word == "workspaces":
            everywhere, position = True, position + 1
        elif word in ("foreach", "exec") and everywhere:
            position += 1
        elif word == "workspace" and tool == "yarn":
            position += 2
        elif word in ("run", "run-script", "rum", "urn") and not seen_run:
            seen_run, position = True, position + 1
        else:
            break
    if position >= len(words):
        return "", [], False
    name, rest = words[position], words[position + 1 :]
    if tool == "npm":
        if not seen_run and name not in _SHORT and name not in _ALIASES:
            return "", [], False
        rest = rest[rest.index("--") + 1 :] if "--" in rest else [word for word in rest if not word.startswith("-")]
    if tool == "bun" and not seen_run and name in ("test", "build", "install", "add", "x"):
        return "", [], False
    return _ALIASES.get(name, name), [word for word in rest if word != "--"], everywhere


def _chosen(repository: Repository, call: Call, folder: str, everywhere: bool) -> list[_Package] | None:
    """The packages to run in: those that a filter names, all workspaces, or the one of the folder."""
    wanted = [
        call.argv[i + 1]
        for i, word in enumerate(call.argv[:-1])
        if word in ("-w", "--workspace", "--filter", "-F") or (word == "workspace" and call.argv[0] == "yarn")
    ]
    wanted += [word.partition("=")[2] for word in call.argv if word.startswith(("--workspace=", "--filter="))]  # fmt: skip
    if wanted:
        names = [name.strip(".^{}[]!").removeprefix("./") for name in wanted]
        return [p for p in _all(repository) if any(_matches(p, name, folder) for name in names)]
    if everywhere:
        return [p for p in _all(repository) if not folder or p.folder.startswith(folder)]
    package = _at(repository, folder)
    return [package] if package else None


def _matches(package: _Package, name: str, folder: str) -> bool:
    return fnmatchcase(package.name, name) or package.folder == join(folder, name) or package.name.endswith("/" + name)


def follow_group(repository: Repository, call: Call) -> list[Piece]:
    """The scripts and commands of run-s, run-p, npm-run-all and concurrently."""
    package = _at(repository, call.folder)
    if package is None:
        return []
    found: list[Piece] = []
    for word in call.argv[1:]:
        name = re.sub(r"^(npm|yarn|pnpm|bun):", "", word)
        if " " in name.strip():
            found.append(Piece(package.path, 1, name, call.folder))
        elif not word.startswith("-"):
            pattern = name.replace("**", "*")
            for script in package.scripts:
                if fnmatchcase(script, pattern):
                    found += _scripts(package, script, [])
    return found


def follow_workspaces(repository: Repository, call: Call) -> list[Piece] | None:
    """The scripts that turbo, nx and lerna run over the workspaces."""
    words = [
        w for i, w in enumerate(call.argv) if i and not w.startswith("-") and call.argv[i - 1] not in _VALUE_OPTIONS
    ]
    targets = call.option("-t", "--target", "--targets").split(",") if call.argv[0] == "nx" else []
    names = [w for w in words if w not in ("run", "run-many", "affected", "exec", "watch")] + [t for t in targets if t]
    found: list[Piece] = []
    for name in names:
        project, colon, script = name.rpartition(":")
        for package in _all(repository):
            if colon and call.argv[0] == "nx" and project in (package.name, package.folder.rpartition("/")[2]):
                found += _scripts(package, script, [])
            elif name in package.scripts and not package.scripts[name][0].startswith(call.argv[0]):
                found += _scripts(package, name, [])
    return found


def entry_points(repository: Repository) -> list[tuple[str, list[Piece]]]:
    """Every script of every package, without what runs before and after it."""
    return [
        (name, [Piece(package.path, line, text, package.folder, {}, f"script {name}")])
        for package in _all(repository)
        for name, (text, line) in package.scripts.items()
    ]


def _scripts(package: _Package | None, name: str, extra: list[str]) -> list[Piece]:
    """The script with its pre and post scripts; `extra` words are handed on to it."""
    if package is None or name not in package.scripts:
        return []
    found = []
    for script in (f"pre{name}", name, f"post{name}"):
        if script in package.scripts:
            text, line = package.scripts[script]
            handed = " " + " ".join(_quoted(word) for word in extra) if extra and script == name else ""
            found.append(Piece(package.path, line, text + handed, package.folder, {}, f"script {script}"))
    return found


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else "'" + word.replace("'", "'\\''") + "'"


def _at(repository: Repository, folder: str) -> _Package | None:
    path = join(folder, "package.json")
    return _read(path, repository.read_text(path) or "") if repository.get(path) else None


def _all(repository: Repository) -> list[_Package]:
    files = repository.select("package.json")
    kept = [file for file in files if file.role not in (Role.VENDORED, Role.EXAMPLE, Role.DOCS)]
    return [package for file in kept if (package := _read(file.path, repository.read_text(file.path) or ""))]


@lru_cache(maxsize=2048)
def _read(path: str, text: str) -> _Package | None:
    data = json_table(text)
    if data is None:
        return None
    scripts = table(data, "scripts")
    lines = _script_lines(text)
    texts = {k: (v, lines.get(k, 1)) for k, v in scripts.items() if isinstance(v, str)}
    return _Package(path, path.rpartition("/")[0], str(data.get("name") or ""), texts)


def _script_lines(text: str) -> dict[str, int]:
    """The line of each key in the `scripts` object, as far as it is laid out one key a line."""
    start = re.search(r'"scripts"\s*:\s*\{', text)
    if not start:
        return {}
    offset = text.count("\n", 0, start.end())
    found: dict[str, int] = {}
    for number, line in enumerate(text[start.end() :].split("\n"), offset + 1):
        for match in re.finditer(r'"((?:[^"\\]|\\.)*)"\s*:', line):
            found.setdefault(match.group(1), number)
        if re.match(r"\s*}", line):
            break
    return found
