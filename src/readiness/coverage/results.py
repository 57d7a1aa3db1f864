"""Checked-in coverage reports: Cobertura and Clover XML, lcov, Istanbul and coverage.py JSON, Go profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.coverage.readings import CoverageResult
from readiness.model import Evidence
from readiness.repository import Repository, Role
from readiness.tables import json_table

MAX_REPORT = 30_000_000
_NAMES = ("coverage.xml", "cobertura*.xml", "clover.xml", "lcov.info", "*.lcov", "coverage-summary.json", "coverage.json",
          "coverage.out", "cover.out", "coverage.txt", "c.out", "*.coverprofile", "coverage-final.json")  # fmt: skip


def read(repository: Repository) -> Iterator[CoverageResult]:
    """The reports that the repository holds, fixtures and vendored ones left out."""
    for file in repository.select(*_NAMES):
        if file.role in (Role.VENDORED, Role.EXAMPLE, Role.TEST):
            continue
        text = repository.read_text(file.path, MAX_REPORT) or ""
        percent = _percent(file.name.lower(), text)
        if percent is not None:
            yield CoverageResult(round(percent, 1), Evidence(file.path, 1, f"{percent:.1f}% of lines covered"))


def _percent(name: str, text: str) -> float | None:
    if name.endswith(".xml"):
        return _xml(text)
    if name.endswith(".json"):
        return _json(text)
    if text.startswith("mode:"):
        return _go(text)
    found = [sum(int(n) for n in re.findall(rf"(?m)^{key}:(\d+)\s*$", text)) for key in ("LH", "LF")]
    return 100 * found[0] / found[1] if found[1] else None


def _xml(text: str) -> float | None:
    """From the head of the document alone: the rate is the root's, and no entity of a hostile file is expanded."""
    rate = re.search(r"<coverage\b[^>]*\bline-rate=\"([\d.]+)\"", text[:5000])
    if rate:
        return 100 * float(rate.group(1)) if re.fullmatch(r"\d+(\.\d+)?", rate.group(1)) else None
    clover = re.search(r"<metrics\b[^>]*\bstatements=\"(\d+)\"[^>]*\bcoveredstatements=\"(\d+)\"", text[:5000])
    return 100 * int(clover.group(2)) / int(clover.group(1)) if clover and int(clover.group(1)) else None


def _json(text: str) -> float | None:
    data = json_table(text)
    if data is None:
        return None
    totals, total = data.get("totals"), data.get("total")
    if isinstance(totals, dict) and isinstance(totals.get("percent_covered"), int | float):
        return float(totals["percent_covered"])
    lines = total.get("lines") if isinstance(total, dict) else None
    percent = lines.get("pct") if isinstance(lines, dict) else None
    return float(percent) if isinstance(percent, int | float) else None


def _go(text: str) -> float | None:
    statements = covered = 0
    for count, hits in re.findall(r"(?m)^\S{1,400}:\d+\.\d+,\d+\.\d+ (\d+) (\d+)\s*$", text):
        statements += int(count)
        covered += int(count) if int(hits) else 0
    return 100 * covered / statements if statements else None
