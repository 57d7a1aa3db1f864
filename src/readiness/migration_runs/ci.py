"""Which of CI's runs apply or check a migration history, or run the tests. Follows no call graph itself."""

from __future__ import annotations

import re
from functools import cache

from readiness.facts.ci import Pipelines, ToolRun
from readiness.facts.migrations import tool_named
from readiness.migrations import steps
from readiness.wiring import known

_DELIVERY = re.compile(r"(?i)deploy|release|publish|prod(uction)?\b|staging")
_COMPOSE_UP = re.compile(r"\bcompose\b.*\b(up|run|start)\b")
_OPTIONS = {"--nomigrations", "--no-migrations"}


@cache
def _pattern(tool: str, checks: bool) -> re.Pattern[str]:
    data = tool_named(tool)
    common = known(steps.__file__, "tools.yaml")["scripts"]
    ways = [*data.get("apply", ()), *common, *(data.get("check", ()) if checks else ())]
    return re.compile("|".join(ways), re.IGNORECASE)


def applying_runs(pipelines: Pipelines, tool: str) -> list[ToolRun]:
    """The runs of any trigger that apply or check the history of `tool`."""
    pattern = _pattern(tool, True)
    return [run for run in pipelines.runs if pattern.search(run.text)]


def verifying_runs(pipelines: Pipelines, tool: str) -> list[ToolRun]:
    """Those that do so before a release: a job that delivers to an environment verifies nothing."""
    return [
        run
        for run in applying_runs(pipelines, tool)
        if not _DELIVERY.search(run.job) and run.triggers - {"release", "tag", "manual"}
    ]


_RESTORES = re.compile(
    r"(?i)\b(pg_restore|mongorestore)\b|\bdatabase\s+restore\b|\b(psql|mysql)\b.*(\.dump|dump\S*\.sql|\.sql\.gz|\.bak)\b"
)


def onto_a_dump(pipelines: Pipelines, run: ToolRun) -> bool:
    """Whether the job of `run` loads a dump first, so that the history up to it does not run."""
    file = run.chain[0].path if run.chain else ""
    beside = [r for r in pipelines.runs if r.job == run.job and r.chain and r.chain[0].path == file]
    earlier = beside[: beside.index(run)] if run in beside else []
    return any(_RESTORES.search(each.text) for each in earlier)


def test_runs(pipelines: Pipelines) -> list[ToolRun]:
    """The runs of a test suite."""
    runners = set(known(steps.__file__, "tools.yaml")["test_runners"])
    return [
        run
        for run in pipelines.runs
        if (named := _programs(run) & runners) and (named - _AMBIGUOUS or _TEST_WORD.search(run.text))
    ]


def _programs(run: ToolRun) -> set[str]:
    """The program and what it may start: `coverage run manage.py test`."""
    return {run.tool, *(word.rpartition("/")[2] for word in run.argv[:8])}


_AMBIGUOUS = {"go", "node", "tsx", "bun", "deno", "manage.py", "django-admin", "python"}
_TEST_WORD = re.compile(r"(^|\s|-|:|/)(test|tests|vet-test)\b")


def composed_runs(pipelines: Pipelines) -> list[ToolRun]:
    """The runs that start the services by Compose."""
    return [
        run
        for run in pipelines.runs
        if run.tool in ("docker", "docker-compose", "podman") and _COMPOSE_UP.search(run.text)
    ]


_SWITCH = re.compile(r"(?i)migrat")
_ON = frozenset({"1", "true", "yes", "on", "up"})


def switched_runs(pipelines: Pipelines) -> list[ToolRun]:
    """The runs that a variable tells to migrate when they start: `RUN_MIGRATIONS=1 go run .`."""
    return [
        run
        for run in pipelines.runs
        if any(_SWITCH.search(name) and value.lower() in _ON for name, value in run.environment.items())
        and not _DELIVERY.search(run.job)
        and run.triggers - {"release", "tag", "manual"}
    ]


def skips_migrations(run: ToolRun) -> bool:
    """Whether a Django test run makes the tables from the models instead."""
    return bool(_OPTIONS & set(run.argv))
