"""Test coverage is measured and at least 80%.

## Why
Without a figure nobody knows which code no test has ever run, and without a limit the figure only falls. A threshold that
fails the build keeps it where it is, whoever is in a hurry.

## Fix
Let the command that CI runs measure, and fail under 80:

- Python: `pytest --cov=app --cov-fail-under=80`, or `fail_under = 80` under `[tool.coverage.report]`
- JavaScript and TypeScript: `jest --coverage` with `coverageThreshold: { global: { lines: 80 } }`, in Vitest
  `coverage: { thresholds: { lines: 80 } }`, or `c8 --check-coverage --lines 80 node --test`
- Go: `go test -coverprofile=cover.out ./...`, then `go-test-coverage --profile=cover.out --threshold-total=80`, or a script
  that compares the total of `go tool cover -func=cover.out`

Codecov holds it with a fixed `target: 80%` under `coverage.status.project.default`; `target: auto` is no limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from readiness.facts.ci import Pipelines, Scripts, ToolRun
from readiness.facts.coverage import CoverageSetting, CoverageSettings
from readiness.facts.services import Services
from readiness.judging import without_service
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.repository import Repository, Role
from readiness.wiring import known, rule

Limit = tuple[float, list[Evidence]]

WANTED = 80.0
AUTOMATIC = frozenset({"push", "pull_request", "schedule"})


@rule(
    weight=3,
    source=["Testing: Testing Methodology (80%+ Coverage)"],
    phase3=True,
    languages=("python", "javascript", "go"),
)
def check(
    repository: Repository, pipelines: Pipelines, scripts: Scripts, coverage: CoverageSettings, services: Services
) -> Verdict:
    """A threshold that CI enforces, or a checked-in result, of 80 is a pass; measuring alone is partial."""
    sources = [file for file in repository.files if file.language and file.role is Role.SOURCE]
    if services.target == "unread":
        return without_service(services)
    if not sources:
        return not_applicable("There is no Python, JavaScript or Go source code here.")
    data = known(__file__)
    for result in coverage.results:
        if result.percent >= WANTED:
            return passed(
                f"A checked-in report shows {result.percent:g}% of lines covered.", [result.place], Strength.VERIFIED
            )
    runs = [run for run in pipelines.runs if run.triggers & AUTOMATIC]
    limits = [
        *_limits(runs, data),
        *_told(runs, data),
        *_action_limits(pipelines, data),
        *_enforced(runs, pipelines, coverage.settings, data),
    ]
    best = max(limits, key=lambda limit: limit[0], default=None)
    if best is not None and best[0] >= WANTED:
        if folder := _small_part(best, coverage.settings, [file.path for file in sources]):
            return partial(
                f"CI fails under {best[0]:g}% coverage in {folder} alone; the rest has no threshold.", best[1]
            )
        return passed(f"CI fails under {best[0]:g}% coverage.", best[1])
    measured = [*_measuring(runs, coverage.settings, data), *_uploads(runs, pipelines, data)]
    if best is not None:
        return partial(f"CI enforces {best[0]:g}% coverage, under the {WANTED:g}% asked for.", best[1], Strength.WIRED)
    if measured:
        return partial(
            "CI measures coverage, but no threshold for the total was found.", _first(measured), Strength.WIRED
        )
    return _local(scripts, pipelines, coverage.settings, data, len(sources))


def _small_part(best: Limit, settings: Iterable[CoverageSetting], sources: list[str]) -> str:
    """The folder that the best limit holds in, where that is less than half of the code in its language."""
    folder = next((setting.folder for setting in settings if setting.place in best[1]), "")
    inside = [path for path in sources if path.startswith(f"{folder}/")]
    endings = tuple({path[path.rindex(".") :] for path in inside})
    alike = [path for path in sources if path.endswith(endings)] if endings else []
    return folder if folder and 2 * len(inside) < len(alike) else ""


def _local(
    scripts: Scripts, pipelines: Pipelines, settings: Iterable[CoverageSetting], data: Mapping[str, Any], sources: int
) -> Verdict:
    """Without a measurement in CI: one that a person can start is partial."""
    idle = {setting.folder for setting in settings if setting.idle}
    by_hand = [run for run in pipelines.runs if not run.triggers & AUTOMATIC]
    runs = [run for run in (*by_hand, *scripts.runs) if not (run.tool == "jest" and run.folder in idle)]
    local = [*_measuring(runs, settings, data)]
    limits = [setting for setting in settings if setting.threshold is not None and not setting.idle]
    if local or limits:
        best = max((setting.threshold or 0 for setting in limits), default=0)
        what = f"A threshold of {best:g}% is set" if best else "A local command measures coverage"
        places = [*_first(local), *(setting.place for setting in limits[:2])]
        return partial(f"{what}, but CI does not measure coverage.", places)
    searched = Searched("a command that measures coverage, an upload, a threshold or a checked-in report",
                        f"{len(pipelines.runs)} commands of CI, {len(scripts.runs)} of local scripts, test settings",
                        tuple(setting.place for setting in settings)[:3])  # fmt: skip
    return failed(f"Did not find that coverage is measured anywhere ({sources} source files).", searched=searched)


def _first(places: Iterable[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(places))[:3]


def _limits(runs: Iterable[ToolRun], data: Mapping[str, Any]) -> Iterator[Limit]:
    """Thresholds that commands set by option."""
    for run in runs:
        tool = "pytest" if run.tool == "py.test" else run.tool
        found = [match.group(1) for p in data["limits"].get(tool, ()) if (match := re.search(p, run.text))]
        default = data["defaults"].get(tool)
        if found:
            yield float(found[0]), [run.chain[-1]]
        elif default and re.search(default["text"], run.text):
            yield float(default["figure"]), [run.chain[-1]]


def _told(runs: Iterable[ToolRun], data: Mapping[str, Any]) -> Iterator[Limit]:
    """Thresholds that a script, which may be another repository's, is told by a variable in front of it."""
    for run in runs:
        for name, value in run.environment.items() if run.tool.endswith(".sh") else ():
            if re.search(data["variables"], name) and (figure := re.match(r"(\d+(?:\.\d+)?)%?\Z", value)):
                yield float(figure.group(1)), [run.chain[-1]]


def _action_limits(pipelines: Pipelines, data: Mapping[str, Any]) -> Iterator[Limit]:
    for action in pipelines.actions:
        for key, pattern in data["inputs"].get(action.name.lower(), {}).items():
            value = next((v for name, v in action.inputs.items() if name.lower() == key), "")
            if action.triggers & AUTOMATIC and (match := re.search(pattern, value)):
                yield float(match.group(1)), [action.chain[-1]]


def _enforced(
    runs: list[ToolRun], pipelines: Pipelines, settings: Sequence[CoverageSetting], data: Mapping[str, Any]
) -> Iterator[Limit]:
    """Thresholds in settings, with the command in CI that makes them bite."""
    for setting in settings:
        if setting.threshold is None or setting.idle:
            continue
        if setting.tool == "codecov":
            for place in _uploads(runs, pipelines, data):
                yield setting.threshold, [setting.place, place]
                break
            continue
        for run in runs:
            if run.tool in data["enforcers"].get(setting.tool, ()) and _related(run.folder, setting.folder):
                reports = run.tool == "coverage" and run.argv[1:2] in (("report",), ("html",), ("xml",), ("json",))
                measuring = run.tool != "coverage" and next(_measuring([run], settings, data), None)
                if reports or measuring or setting.tool in ("go", "go-test-coverage"):
                    yield setting.threshold, [setting.place, run.chain[-1]]
                    break


def _related(one: str, other: str) -> bool:
    """Whether one folder is the other or lies in it."""
    return not one or not other or f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _measuring(
    runs: Iterable[ToolRun], settings: Iterable[CoverageSetting], data: Mapping[str, Any]
) -> Iterator[Evidence]:
    """Where runs measure: by their own options, or by settings that make the plain command measure."""
    always = [setting for setting in settings if setting.measures and not setting.idle]
    for run in runs:
        wanted = data["measures"].get(run.tool)
        if wanted is None or ("not" in wanted and re.search(wanted["not"], run.text)):
            continue
        if re.search(wanted.get("text", ""), run.text):
            yield run.chain[-1]
        elif not re.search(r"--coverage[= ]false|--no-coverage", run.text):
            for setting in always:
                if run.tool in data["enforcers"].get(setting.tool, ()) and _related(run.folder, setting.folder):
                    yield run.chain[-1]
                    yield setting.place


def _uploads(runs: Iterable[ToolRun], pipelines: Pipelines, data: Mapping[str, Any]) -> Iterator[Evidence]:
    uploads = data["uploads"]
    for action in pipelines.actions:
        if action.triggers & AUTOMATIC and any(fnmatchcase(action.name.lower(), name) for name in uploads["actions"]):
            yield action.chain[-1]
    for run in runs:
        if run.tool in uploads["runs"] or re.search(uploads["text"], run.text):
            yield run.chain[-1]
