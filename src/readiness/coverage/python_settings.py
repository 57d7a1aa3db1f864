"""Coverage settings of Python projects: coverage.py's files, and pytest's default options."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from typing import Any

from readiness.coverage.readings import CoverageSetting
from readiness.model import Evidence
from readiness.repository import File, Repository, Role
from readiness.tables import table, toml_table

_THRESHOLD_OPTION = re.compile(r"--cov-fail-under[= ](\d+(?:\.\d+)?)")
_NAMES = ("pyproject.toml", "setup.cfg", "tox.ini", ".coveragerc", "pytest.ini", ".coveragerc.toml", "pytest.toml")


def read(repository: Repository) -> Iterator[CoverageSetting]:
    """The settings of every Python configuration file outside vendored, example and documentation folders."""
    for file in repository.select(*_NAMES):
        if file.role in (Role.VENDORED, Role.EXAMPLE, Role.DOCS):
            continue
        text = repository.read_text(file.path) or ""
        yield from _toml(file, text) if file.name.endswith(".toml") else _ini(file, text)


def _toml(file: File, text: str) -> Iterator[CoverageSetting]:
    data = toml_table(text)
    if data is None:
        return
    coverage = table(data, "tool", "coverage")
    if coverage:
        limit = table(coverage, "report").get("fail_under")
        yield _setting("coverage", file, text, "fail_under" if limit is not None else "[tool.coverage", limit)
    addopts = table(data, "tool", "pytest", "ini_options").get("addopts") or table(data, "tool", "pytest").get(
        "addopts"
    )
    joined = " ".join(map(str, addopts)) if isinstance(addopts, list) else str(addopts or "")
    yield from _pytest(file, text, joined)


def _ini(file: File, text: str) -> Iterator[CoverageSetting]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    prefix = "" if file.name == ".coveragerc" else "coverage:"
    if any(parser.has_section(f"{prefix}{name}") for name in ("run", "report")):
        limit = parser.get(f"{prefix}report", "fail_under", fallback=None)
        yield _setting("coverage", file, text, "fail_under" if limit else f"[{prefix}", limit)
    for section in ("tool:pytest", "pytest"):
        yield from _pytest(file, text, parser.get(section, "addopts", fallback="") or "")


def _pytest(file: File, text: str, addopts: str) -> Iterator[CoverageSetting]:
    if "--cov" in addopts and "--no-cov" not in addopts.split():
        match = _THRESHOLD_OPTION.search(" ".join(addopts.split()))
        needle = "--cov-fail-under" if match else "--cov"
        setting = _setting("pytest", file, text, needle, match.group(1) if match else None)
        yield CoverageSetting("pytest", setting.place, file.folder, setting.threshold, True)


def _setting(tool: str, file: File, text: str, needle: str, limit: Any) -> CoverageSetting:
    line = text[: max(text.find(needle), 0)].count("\n") + 1
    try:
        threshold = float(limit) if limit is not None else None
    except (TypeError, ValueError):
        threshold = None
    note = f"fail_under {limit}" if threshold is not None else "coverage settings without a threshold"
    return CoverageSetting(tool, Evidence(file.path, line, note), file.folder, threshold)
