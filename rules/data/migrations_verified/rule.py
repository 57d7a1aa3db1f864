"""Migrations are verified before release.

## Why

A migration runs once on production data, at the worst moment to learn that it fails: two heads after a merge, a number
used twice, a column that the models have and the history lacks. Applying the full history to an empty database on every
change finds all of these before the release does.

## Fix

- Python: in CI, start a database service and run `alembic upgrade head` and `alembic check`; Django: run the tests on
  the real database engine (the test runner applies the migrations) and `manage.py makemigrations --check`.
- JavaScript/TypeScript: run `prisma migrate deploy`, `knex migrate:latest` or `typeorm migration:run` against a service
  container before the tests.
- Go: run `migrate -path migrations -database "$URL" up` (or `goose up`) in CI, or build the test database by the code that
  applies the migrations.
"""

from __future__ import annotations

from readiness.facts.ci import Pipelines
from readiness.facts.migrations import Migrations
from readiness.facts.modules import Modules, TestModules
from readiness.facts.services import Services
from readiness.judging import without_service
from readiness.migration_runs.ci import (
    composed_runs,
    onto_a_dump,
    skips_migrations,
    switched_runs,
    test_runs,
    verifying_runs,
)
from readiness.migration_runs.tests import applied_by_tests, scripts_for_tests, skipped_when_short, started_with
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import rule


@rule(
    weight=3,
    source=["Phase 3: Database migrations verified", "Database: Transaction management with proper rollback"],
    phase3=True,
    languages=("python", "javascript", "go"),
)
def check(
    services: Services, migrations: Migrations, pipelines: Pipelines, modules: Modules, tests: TestModules
) -> Verdict:
    """Judge by what CI runs, what the tests do, and whether each history is sound."""
    if not services.all:
        return without_service(services)
    if not migrations.chains:
        return not_applicable("There are no migrations.")
    in_tests = applied_by_tests(migrations, modules, tests)
    how = _in_ci(migrations, pipelines, in_tests, skipped_when_short(tests))
    problems = [problem for chain in migrations.chains for problem in chain.problems]
    if how and problems:
        return partial(
            f"CI applies the migrations, but the history is unsound: {problems[0].note}.", [*problems[:3], *how[:2]]
        )
    if how:
        steps = sum(len(chain.steps) for chain in migrations.chains)
        return passed(
            f"CI applies or checks the migrations, and the history of {steps} is sound.", how[:4], Strength.VERIFIED
        )
    dumped = [
        run for tool in migrations.tools for run in verifying_runs(pipelines, tool) if onto_a_dump(pipelines, run)
    ]
    if dumped:
        return partial(
            "CI applies the migrations to a restored dump, so that only those after it run.", dumped[0].chain
        )
    local = in_tests or scripts_for_tests(migrations)
    if local:
        return partial(
            "A test suite or script applies the migrations, but found no CI run of it.",
            local[:3],
            searched=_searched(pipelines),
        )
    return failed(
        "Found nothing in CI or the tests that applies or checks the migrations.",
        [*problems[:2], migrations.chains[0].place],
        _searched(pipelines),
    )


def _in_ci(
    migrations: Migrations, pipelines: Pipelines, in_tests: list[Evidence], skipped: frozenset[str]
) -> list[Evidence]:
    """The chain of evidence from CI to what applies the history, empty where there is none."""
    for tool in migrations.tools:
        if runs := [run for run in verifying_runs(pipelines, tool) if not onto_a_dump(pipelines, run)]:
            return [*runs[0].chain, *(place for run in runs[1:2] for place in run.chain[-1:])]
    runs = test_runs(pipelines)
    if "Django" in migrations.tools:
        runs = [run for run in runs if not skips_migrations(run)]
    for run in runs:
        if ran := [place for place in in_tests if "-short" not in run.argv or place.path not in skipped]:
            return [*run.chain, *ran[:2]]
    starting, started = [*switched_runs(pipelines), *composed_runs(pipelines)], started_with(migrations)
    return [*starting[0].chain, *started[:2]] if starting and started else []


def _searched(pipelines: Pipelines) -> Searched:
    where = (
        f"{len(pipelines.runs)} commands of {len(pipelines.files)} CI files, and the tests"
        if pipelines.files
        else "the tests; there are no CI files"
    )
    return Searched(
        "a command that applies or checks the migrations, or tests that build their database by them", where
    )
