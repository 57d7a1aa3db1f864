"""Which rules the linters of a repository are set to check: ruff, golangci-lint, ESLint, flake8. Runs none of them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.model import Evidence
from readiness.repository import File, Repository, Role
from readiness.tables import rows, table
from readiness.wiring import fact
from readiness.yamldoc import YamlMap, load

_ESLINT = (".eslintrc", ".eslintrc.*", "eslint.config.*", ".oxlintrc.json")
_GOLANGCI = (".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json")
_STRING = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'", re.DOTALL)
_PLAIN_NAME = re.compile(r"(?m)^\s*-\s+([@\w/:.-]+)")


class LinterSettings(Struct, frozen=True):
    """One linter's settings file. `names` are what it enables, with the line of each: rule selectors for ruff and flake8
    ("S", "ALL"), linters for golangci-lint, plugins and shared configurations for ESLint (every text of its file).
    `disabled` are those it switches off. `folder` is where the file lies."""

    linter: str
    path: str
    folder: str
    names: dict[str, int]
    disabled: frozenset[str] = frozenset()

    def place(self, name: str) -> Evidence:
        """Where `name` is enabled."""
        return Evidence(self.path, self.names.get(name, 0), f"{self.linter}: {name}")


class Linters:
    """All of them."""

    def __init__(self, settings: Iterable[LinterSettings] = ()) -> None:
        """Keep them in order of path."""
        self.all = tuple(sorted(settings, key=lambda s: s.path))

    def nearest(self, linter: str, folder: str) -> LinterSettings | None:
        """The settings of `linter` that hold in `folder`: the closest at or above it."""
        fitting = [
            s for s in self.all if s.linter == linter and (not s.folder or f"{folder}/".startswith(f"{s.folder}/"))
        ]
        return max(fitting, key=lambda s: len(s.folder), default=None)

    def within(self, linter: str, folder: str) -> list[LinterSettings]:
        """The settings that a run in `folder` comes across: those that hold there and those below."""
        above = self.nearest(linter, folder)
        below = [s for s in self.all if s.linter == linter and (not folder or f"{s.folder}/".startswith(f"{folder}/"))]
        return [*([above] if above and above not in below else []), *below]


@fact
def linters(repository: Repository) -> Linters:
    """Read the settings outside vendored, example and documentation folders."""
    return Linters(_read(repository))


def _read(repository: Repository) -> Iterator[LinterSettings]:
    for names, reader in (
        (("pyproject.toml", "ruff.toml", ".ruff.toml"), _ruff),
        (_GOLANGCI, _golangci),
        ((*_ESLINT, "package.json"), _eslint),
        ((".flake8", "setup.cfg", "tox.ini"), _flake8),
    ):
        for file in repository.select(*names):
            if file.role not in (Role.VENDORED, Role.EXAMPLE, Role.DOCS):
                text = repository.read_text(file.path) or ""
                try:
                    found = reader(file, text)
                except (ValueError, RecursionError) as error:
                    repository.note_unread(file.path, "linters", str(error)[:200])
                    continue
                if found is not None:
                    yield found


def _ruff(file: File, text: str) -> LinterSettings | None:
    data: Any = tomllib.loads(text)
    section = table(data, "tool").get("ruff") if file.name == "pyproject.toml" else data
    if not isinstance(section, dict):
        return None
    lint = table(section, "lint")
    chosen = [str(s) for part in (section, lint) for key in ("select", "extend-select") for s in rows(part, key)]
    ignored = [str(s) for part in (section, lint) for key in ("ignore", "extend-ignore") for s in rows(part, key)]
    start = text.find("select")
    names = {name: _line(text, f'"{name}"', start) for name in chosen}
    return LinterSettings("ruff", file.path, file.folder, names, frozenset(ignored))


def _golangci(file: File, text: str) -> LinterSettings | None:
    data: Any = tomllib.loads(text) if file.name.endswith(".toml") else load(text)
    section = table(data, "linters")
    enabled = [str(name) for name in rows(section, "enable")]
    enabled += [f"preset:{name}" for name in rows(section, "presets")]
    if section.get("enable-all") is True or section.get("default") == "all":
        enabled.append("ALL")
    disabled = frozenset(str(name) for name in rows(section, "disable"))
    names = {name: _line(text, name.removeprefix("preset:"), text.find("enable")) for name in enabled}
    if "ALL" in names:
        names["ALL"] = _line(
            text, "enable-all" if section.get("enable-all") is True else "default", text.find("linters")
        )
    return LinterSettings("golangci-lint", file.path, file.folder, names, disabled)


def _eslint(file: File, text: str) -> LinterSettings | None:
    if file.name == "package.json":
        data = json.loads(text)
        section = data.get("eslintConfig") if isinstance(data, dict) else None
        if not isinstance(section, dict):
            return None
        offset = text[: text.find('"eslintConfig"')].count("\n")
        return LinterSettings("eslint", file.path, file.folder, _texts(json.dumps(section), offset))
    names = _texts(text, 0)
    if file.name.endswith((".yml", ".yaml", ".eslintrc")):
        bare = re.sub(r"(?m)#.*$", "", text)
        for match in _PLAIN_NAME.finditer(bare):
            names.setdefault(match.group(1), bare[: match.start(1)].count("\n") + 1)
        names.update({str(v): 1 for v in _extends(file, text) if str(v) not in names})
    return LinterSettings("eslint", file.path, file.folder, names)


def _extends(file: File, text: str) -> list[Any]:
    data = load(text)
    value = data.get("extends") if isinstance(data, YamlMap) else None
    return value if isinstance(value, list) else [value] if value else []


def _texts(text: str, offset: int) -> dict[str, int]:
    """Every string of a JavaScript or JSON text outside comments, with its first line."""
    found: dict[str, int] = {}
    for match in _STRING.finditer(text):
        value = match.group(1) or match.group(2)
        if value:
            found.setdefault(value, offset + text[: match.start()].count("\n") + 1)
    return found


def _flake8(file: File, text: str) -> LinterSettings | None:
    at = text.find("[flake8]")
    if at < 0:
        return None
    body = text[at + 8 :].split("\n[", 1)[0]
    first = text[:at].count("\n") + 1
    names: dict[str, int] = {}
    for match in re.finditer(r"(?m)^(select|extend-select|extend_select)\s*=((?:.*)(?:\n[ \t]+.*)*)", body):
        line = first + body[: match.start()].count("\n")
        names.update(dict.fromkeys(re.findall(r"[A-Z]+\d*", match.group(2)), line))
    return LinterSettings("flake8", file.path, file.folder, names)


def _line(text: str, needle: str, start: int) -> int:
    at = text.find(needle, max(start, 0))
    return text[: max(at, 0)].count("\n") + 1
