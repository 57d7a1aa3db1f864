"""Reads .pre-commit-config.yaml: each hook that a run would start, as a command. Fetches no hook repository."""

from __future__ import annotations

import shlex
from typing import Any

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository
from readiness.yamldoc import YamlList, YamlMap, load

NAMES = (".pre-commit-config.yaml", ".pre-commit-config.yml")

_VALUE_OPTIONS = frozenset({"-c", "--config", "--from-ref", "--to-ref", "-s", "-o", "--source", "--origin", "--files",
                            "--hook-stage", "--stage", "--color", "--local-branch", "--remote-branch", "-C",
                            "--directory", "-j", "--jobs"})  # fmt: skip


def follow(repository: Repository, call: Call) -> list[Piece] | None:
    """The hooks of `pre-commit run [HOOK]`, None for its other commands. A hook of another repository becomes its id
    followed by that repository's address and its arguments."""
    if "run" not in call.argv[1:]:
        return None
    config = call.option("-c", "--config")
    names = [join(call.folder, config)] if config else [join(base, n) for base in (call.folder, "") for n in NAMES]
    path = next((name for name in names if repository.get(name)), "")
    if not path:
        return []
    after = call.argv[call.argv.index("run") + 1 :]
    chosen = [word for i, word in enumerate(after) if word[:1] != "-" and (not i or after[i - 1] not in _VALUE_OPTIONS)]
    skipped = set(call.environment.get("SKIP", "").split(","))
    stage = call.option("--hook-stage")
    return [piece for name, piece in hooks(repository, path, stage) if name not in skipped and _wanted(name, chosen)]


def _wanted(name: str, chosen: list[str]) -> bool:
    plain = [word for word in chosen if "/" not in word and "." not in word]
    return not plain or name in plain


def hooks(repository: Repository, path: str, stage: str = "") -> list[tuple[str, Piece]]:
    """The hooks of the configuration by id, but for those of the manual stage unless `stage` names it."""
    try:
        data = load(repository.read_text(path) or "")
    except ValueError as error:
        repository.note_unread(path, "pre-commit", str(error))
        return []
    repos = data.get("repos") if isinstance(data, YamlMap) else None
    found: list[tuple[str, Piece]] = []
    for repo in repos if isinstance(repos, YamlList) else []:
        listed = repo.get("hooks") if isinstance(repo, YamlMap) else None
        for hook in listed if isinstance(listed, YamlList) else []:
            if isinstance(hook, YamlMap) and isinstance(hook.get("id"), str) and _in_stage(hook, stage):
                text = _text(str(repo.get("repo", "")), hook)
                found.append((hook["id"], Piece(path, hook.line("id"), text, "", {}, f"hook {hook['id']}")))
    return found


def settings(repository: Repository) -> tuple[str, YamlMap] | None:
    """The configuration at the root and its place, None where there is none."""
    path = next((name for name in NAMES if repository.get(name)), "")
    if not path:
        return None
    try:
        data = load(repository.read_text(path) or "")
    except ValueError:
        return None
    return (path, data) if isinstance(data, YamlMap) else None


def _in_stage(hook: YamlMap, stage: str) -> bool:
    stages = hook.get("stages")
    return not isinstance(stages, list) or (stage in stages if stage else stages != ["manual"])


def _text(repo: str, hook: YamlMap) -> str:
    arguments = [str(word) for word in _list(hook.get("args"))]
    if repo == "local":
        entry = hook.get("entry")
        if isinstance(entry, str) and hook.get("language") != "pygrep":
            return " ".join([entry, *map(shlex.quote, arguments)])
        return shlex.quote(hook["id"])
    return " ".join(map(shlex.quote, [hook["id"], *arguments, *([repo] if repo != "meta" else [])]))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
