"""How test coverage is set up and what checked-in reports say. Whether CI measures it is for a rule to see."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.ci.model import Pipelines
from readiness.coverage import python_settings, results, script_settings
from readiness.coverage.readings import CoverageResult, CoverageSetting
from readiness.model import Evidence
from readiness.repository import Repository
from readiness.wiring import fact

__all__ = ["CoverageResult", "CoverageSetting", "CoverageSettings", "coverage_settings"]

_NEAR = 40
_WIDTH = 300
_COMPARED = re.compile(
    r"(?i)(?:cov\w*|total\w*|threshold|percent\w*|minimum\w*|\$3)\w*[\"')}]*[^\n]{0,40}?"
    r"(?:<=?|>=?|-lt|-le|-ge|-gt)\s*[\"']?(\d{2,3}(?:\.\d+)?)\b"
)
_NAMED = re.compile(
    r"(?i)\b(\w*(?:threshold|min\w*_?cov|cov\w*_?(?:min|limit|required)|fail_under)\w*)"
    r"\s*[:?]?=\s*[\"']?(\d{2,3}(?:\.\d+)?)\b"
)


class CoverageSettings:
    """`settings` are configurations and thresholds, `results` checked-in reports."""

    def __init__(self, settings: Iterable[CoverageSetting] = (), results: Iterable[CoverageResult] = ()) -> None:
        """Keep each in order."""
        self.settings = tuple(settings)
        self.results = tuple(results)


@fact
def coverage_settings(repository: Repository, pipelines: Pipelines) -> CoverageSettings:
    """Read them all, with the thresholds of scripts that compare what `go tool cover` prints."""
    settings = [
        *python_settings.read(repository),
        *script_settings.read(repository),
        *_go_scripts(repository, pipelines),
    ]
    return CoverageSettings(settings, results.read(repository))


def _go_scripts(repository: Repository, pipelines: Pipelines) -> Iterable[CoverageSetting]:
    """A figure that the lines after a `go tool cover -func` in CI compare with, the only form that Go's own tools leave."""
    seen: set[tuple[str, int]] = set()
    for run in pipelines.running("go"):
        place = run.chain[-1]
        if run.argv[1:3] != ("tool", "cover") or "-func" not in run.text or (place.path, place.line) in seen:
            continue
        seen.add((place.path, place.line))
        lines = (repository.read_text(place.path) or "").splitlines()
        first = max(place.line - _NEAR, 0)
        for number, line in enumerate(lines[first : place.line + _NEAR], first + 1):
            line = line[:_WIDTH]
            match = _COMPARED.search(line) if number >= place.line else None
            named = _NAMED.search(line)
            figure = match.group(1) if match else named.group(2) if named else ""
            if figure and 1 < float(figure) <= 100:
                note = f"compares the total with {figure}%"
                yield CoverageSetting("go", Evidence(place.path, number, note), run.folder, float(figure))
                break
