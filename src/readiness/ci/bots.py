"""Finds the settings of services that watch a repository from outside (dependency bots, analysers). Asks none of them."""

from __future__ import annotations

from typing import Any

from readiness.model import Evidence
from readiness.repository import Repository
from readiness.tables import json_table
from readiness.wiring import known
from readiness.yamldoc import YamlMap, load


def find(repository: Repository) -> list[tuple[str, Evidence]]:
    """Each bot's name with its settings' place; Dependabot once per ecosystem as "dependabot:pip"."""
    found: list[tuple[str, Evidence]] = []
    data: dict[str, Any] = known(__file__, "bots.yaml")
    for bot, paths in data["files"].items():
        for path in paths:
            if repository.get(path):
                found += _dependabot(repository, path) if bot == "dependabot" else [(bot, Evidence(path, 0))]
    text = repository.read_text("package.json") if repository.get("package.json") else None
    for bot, key in data["package_keys"].items():
        if text and key in _keys(text):
            line = text[: text.find(f'"{key}"')].count("\n") + 1
            found.append((bot, Evidence("package.json", line)))
    return found


def _keys(text: str) -> set[str]:
    return set(json_table(text) or ())


def _dependabot(repository: Repository, path: str) -> list[tuple[str, Evidence]]:
    try:
        data = load(repository.read_text(path) or "")
    except ValueError as error:
        repository.note_unread(path, "dependabot", str(error))
        return []
    updates = data.get("updates") if isinstance(data, YamlMap) else None
    return [
        (f"dependabot:{update['package-ecosystem']}", Evidence(path, update.line("package-ecosystem")))
        for update in (updates if isinstance(updates, list) else [])
        if isinstance(update, YamlMap) and isinstance(update.get("package-ecosystem"), str)
    ]
