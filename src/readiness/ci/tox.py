"""Reads tox settings (tox.ini, setup.cfg, pyproject.toml, tox.toml): the commands of the environments that a call names."""

from __future__ import annotations

import configparser
import re
import shlex

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository
from readiness.tables import rows, table, toml_table

_SECTION_REFERENCE = re.compile(r"\{\[([^\]]+)\]([\w_]+)\}")
_POSARGS = re.compile(r"\{posargs(?::([^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}|\[\]")
_FACTOR = re.compile(r"^([\w!,.{}-]+):\s+(.*)$")


def follow(repository: Repository, call: Call) -> list[Piece]:
    """The commands of the environments; all environments where the call names none."""
    wanted = call.option("-e", "-m", "--env") or call.environment.get("TOXENV", "")
    names = [name for name in re.split(r"[,\s]+", wanted) if name and name != "ALL" and "$" not in name]
    posargs = " ".join(call.argv[call.argv.index("--") + 1 :]) if "--" in call.argv else ""
    config = call.option("-c", "--conf")
    for name in [config] if config else ["tox.ini", "setup.cfg", "tox.toml", "pyproject.toml"]:
        path = join(call.folder, name)
        text = repository.read_text(path) if repository.get(path) else None
        if not text:
            continue
        found = _toml(text, names) if name.endswith(".toml") else _ini(text, names, posargs)
        if found:
            return [Piece(path, line, command, call.folder, {}, f"tox {env}") for env, line, command in found]
    return []


def _toml(text: str, names: list[str]) -> list[tuple[str, int, str]]:
    data = toml_table(text) or {}
    settings = table(data, "tool", "tox") or data
    if isinstance(settings.get("legacy_tox_ini"), str):
        offset = text[: text.find("legacy_tox_ini")].count("\n")
        return [(env, line + offset, command) for env, line, command in _ini(settings["legacy_tox_ini"], names, "")]
    chosen = {"": settings.get("env_run_base", {}), **table(settings, "env")}
    found: list[tuple[str, int, str]] = []
    for name, environment in chosen.items():
        if names and name and name not in names:
            continue
        for command in rows(environment, "commands") if isinstance(environment, dict) else []:
            words = [word for word in command if isinstance(word, str)] if isinstance(command, list) else []
            if words:
                found.append((name, _line_of(text, words[0]), shlex.join(words)))
    return found


def _ini(text: str, names: list[str], posargs: str) -> list[tuple[str, int, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    sections = [s for s in parser.sections() if s == "testenv" or s.startswith("testenv:")]
    found: list[tuple[str, int, str]] = []
    for section in sections:
        own = {name.strip() for name in section.partition(":")[2].split(",")} - {""}
        if names and own and not any(name in own or _expands_to(own, name) for name in names):
            continue
        if names and not own and all(parser.has_option(f"testenv:{name}", "commands") for name in names):
            continue
        for option in ("commands_pre", "commands", "commands_post"):
            found += [
                (section.partition(":")[2], _line_of(text, command, section), command.lstrip("- "))
                for command in _commands(parser, section, option, posargs)
            ]
    return found


def _expands_to(own: set[str], name: str) -> bool:
    return any("{" in pattern and re.fullmatch(re.sub(r"\{[^}]*\}", "[^-]*", pattern), name) for pattern in own)


def _commands(parser: configparser.ConfigParser, section: str, option: str, posargs: str, depth: int = 0) -> list[str]:
    if depth > 5 or not parser.has_option(section, option):
        return []
    result: list[str] = []
    for raw in (parser.get(section, option) or "").replace("\\\n", " ").splitlines():
        line = raw.strip()
        factor = _FACTOR.match(line)
        line = factor.group(2) if factor else line
        reference = _SECTION_REFERENCE.fullmatch(line)
        if reference:
            result += _commands(parser, reference.group(1), reference.group(2), posargs, depth + 1)
        elif line and not line.startswith("#"):
            filled = _POSARGS.sub(lambda m: posargs or m.group(1) or "", line)
            result.append(re.sub(r"\{(toxinidir|tox_root)\}/?", "", filled))
    return result


def _line_of(text: str, command: str, section: str = "") -> int:
    """The line of the command's first words, searched from its section on; 1 where it is not written so."""
    start = max(text.find(f"[{section}]"), 0) if section else 0
    at = text.find(command.split("  ")[0][:40].strip(), start)
    if at < 0:
        at = text.find(command.split()[0], start)
    return text.count("\n", 0, max(at, 0)) + 1
