"""Schema changes are version-controlled migrations.

## Why

A schema that the code makes at start (`create_all`, `AutoMigrate`, `synchronize: true`) is never changed in a controlled
way: columns are not altered, data is not moved, nobody can say which version a database is at, and two instances that
start together race. Ordered migrations make each change a reviewed file that every environment applies in the same order.

## Fix

- Python: `alembic init migrations`, then `alembic revision --autogenerate` and `alembic upgrade head` before the new
  version starts. Django: check in what `manage.py makemigrations` writes and run `manage.py migrate` on deployment.
- JavaScript/TypeScript: `npx prisma migrate dev`, `npx knex migrate:make`, `typeorm migration:generate` with
  `synchronize: false`; apply with `prisma migrate deploy`, `knex migrate:latest` or `typeorm migration:run` on release.
- Go: numbered `migrations/000001_name.up.sql` and `.down.sql` with golang-migrate or goose, embedded and applied at start
  or by a release step, instead of `AutoMigrate`.
"""

from __future__ import annotations

from readiness.facts.ci import Pipelines
from readiness.facts.migrations import Migrations, tool_named
from readiness.facts.services import Services
from readiness.judging import without_service
from readiness.migration_runs.ci import applying_runs
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import rule


@rule(
    weight=4,
    source=["Database: Version-controlled migration scripts"],
    phase3=True,
    languages=("python", "javascript", "go"),
)
def check(services: Services, migrations: Migrations, pipelines: Pipelines) -> Verdict:
    """Judge by the histories and by what applies them."""
    if not services.all:
        return without_service(services)
    if not migrations.owns_schema:
        if migrations.documents:
            return not_applicable("The data is in a document store without a migration tool.", migrations.documents[:2])
        return not_applicable(
            "No relational database is used: found no ORM model, driver, SQL definition or migration."
        )
    if migrations.chains:
        return _with_history(migrations, pipelines)
    return _without_history(migrations)


def _with_history(migrations: Migrations, pipelines: Pipelines) -> Verdict:
    chains = sorted(migrations.chains, key=lambda chain: -len(chain.steps))
    shown = [chain.place for chain in chains[:3]]
    count = sum(len(chain.steps) for chain in chains)
    what = f"{count} {' and '.join(migrations.tools)} migration{'s' if count > 1 else ''}"
    applied = [a.where for tool in migrations.tools for a in migrations.applying(tool)]
    applied = applied or [
        run.chain[-1] for tool in migrations.tools for run in applying_runs(pipelines, tool) if run.chain
    ]
    if not applied:
        return partial(
            f"{what} checked in, but found nothing in the code, the deployment or the documents that applies them.",
            shown,
            searched=Searched("a command or call that applies them", "source, scripts, deployment files and documents"),
        )
    if alongside := _auto_sync(migrations):
        return partial(
            f"{what} checked in and applied, but the schema is also made without them.",
            [*alongside[:2], *shown, applied[0]],
        )
    return passed(f"{what} checked in, and the repository applies them.", [*shown, *applied[:3]], Strength.WIRED)


def _auto_sync(migrations: Migrations) -> list[Evidence]:
    """Tables made at start beside a history. A file that applies or stamps the history too makes new installations by it."""
    same_file = {a.where.path for a in migrations.applied} | set(migrations.stamped)
    return [
        e
        for e in migrations.created
        if e.path not in same_file and not e.path.endswith((".json", ".sh", ".yml", ".yaml"))
    ]


def _without_history(migrations: Migrations) -> Verdict:
    scripts = [e for e in migrations.schema_files if e.path.endswith(".sql")]
    tools = [(name, e) for name, e in migrations.setups if not tool_named(name).get("config_is_orm")]
    if tools:
        return partial(f"{tools[0][0]} is set up, but there are no migrations.", [e for _, e in tools[:2]])
    if scripts:
        return partial(
            "The schema is in SQL files that create it whole; there are no ordered migrations.",
            scripts[:3],
            searched=_SEARCHED,
        )
    if migrations.created:
        return failed("The code makes the tables at start; there are no migrations.", migrations.created[:3], _SEARCHED)
    if migrations.schema_files:
        return failed("Tables are defined outside any migration history.", migrations.schema_files[:3], _SEARCHED)
    return failed(
        "A relational database is used, but found neither migrations nor a schema.",
        migrations.relational[:2],
        _SEARCHED,
    )


_SEARCHED = Searched(
    "ordered migration files of any known tool, or numbered files in a migrations folder",
    "all folders but tests and examples",
)
