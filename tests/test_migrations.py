from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.facts.migrations import Migrations
from readiness.migrations.steps import read


def alembic(revision: str, parent: str, down: str = "op.drop_table('a')", extra: str = "") -> str:
    return (
        f"-- migrations/versions/{revision}.py --\nrevision = '{revision}'\ndown_revision = {parent}\n{extra}\n"
        f"def upgrade():\n    op.create_table('a')\n\n\ndef downgrade():\n    {down}\n"
    )


def django(app: str, name: str, dependencies: str, operations: str = "", replaces: str = "") -> str:
    return (
        f"-- {app}/migrations/{name}.py --\nfrom django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
        f"{replaces}    dependencies = [{dependencies}]\n    operations = [{operations}]\n"
    )


def test_an_alembic_history_is_in_order_and_knows_its_down_steps(gather: Callable[..., Any]) -> None:
    text = (
        alembic("b2", "'a1'", "pass") + alembic("a1", "None") + alembic("c3", "('b2',)", "raise NotImplementedError()")
    )
    (chain,) = gather(Migrations, text).chains
    assert (chain.tool, [s.revision for s in chain.steps]) == ("Alembic", ["a1", "b2", "c3"])
    assert [s.has_down for s in chain.steps] == [True, False, False]
    assert chain.problems == ()


def test_two_heads_and_a_missing_parent_are_problems(gather: Callable[..., Any]) -> None:
    (chain,) = gather(Migrations, alembic("a1", "None") + alembic("b2", "'a1'") + alembic("c3", "'a1'")).chains
    assert {p.note for p in chain.problems} == {"one of 2 heads"}
    (chain,) = gather(Migrations, alembic("a1", "None") + alembic("b2", "'a1'") + alembic("c3", "('b2', 'zz')")).chains
    assert "follows zz, which is not there" in [p.note for p in chain.problems]


def test_named_branches_may_have_a_head_each(gather: Callable[..., Any]) -> None:
    text = alembic("a1", "None", extra="branch_labels = ('main',)\n") + alembic(
        "b2", "None", extra="branch_labels = ('other',)\n"
    )
    assert gather(Migrations, text).chains[0].problems == ()


def test_a_django_squash_stands_for_what_it_replaces(gather: Callable[..., Any]) -> None:
    text = django(
        "shop", "0001_squashed_0002_b", "", replaces='    replaces = [("shop", "0001_a"), ("shop", "0002_b")]\n'
    ) + django("shop", "0003_c_test", '("shop", "0002_b"), ("auth", "0001_initial")')
    (chain,) = gather(Migrations, text).chains
    assert len(chain.steps) == 2
    assert chain.problems == ()


def test_django_s_code_steps_need_a_way_back(gather: Callable[..., Any]) -> None:
    text = (
        django("shop", "0001_a", "", "migrations.CreateModel(name='A', fields=[])")
        + django("shop", "0002_b", '("shop", "0001_a")', "migrations.RunPython(fill)")
        + django("shop", "0003_c", '("shop", "0002_b")', "migrations.RunPython(fill, migrations.RunPython.noop)")
        + django("shop", "0004_d", '("shop", "0003_c")', 'migrations.RunSQL("select 1, 2", elidable=True)')
    )
    (chain,) = gather(Migrations, text).chains
    assert [s.has_down for s in chain.steps] == [True, False, True, False]


KNEX = "exports.up = (knex) => knex.schema.createTable('a');\nexports.down = (knex) => knex.schema.dropTable('a');\n"
TOOLS = [
    ("Prisma", "prisma/migrations/20240101000000_init/migration.sql", "CREATE TABLE a (id int);", None),
    ("Knex", "migrations/20240101000000_init.js", KNEX, True),
    ("Knex", "migrations/20240101000000_init.js", KNEX.partition("exports.down")[0] + "exports.down = () => {};\n", False),
    ("TypeORM", "src/migrations/1700000000000-Init.ts", "import { MigrationInterface } from 'typeorm';\n"
     "export class A implements MigrationInterface {\n"
     "  async up(q) { await q.query('x'); }\n  async down(q) { await q.query('y'); }\n}\n", True),
    ("Sequelize", "migrations/20240101-init.js", "module.exports = {\n"
     "  up: async (queryInterface) => { await queryInterface.createTable('a'); },\n"
     "  down: async (queryInterface) => { throw new Error('no'); }\n};\n", False),
    ("goose", "db/migrations/00001_init.sql", "-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\nDROP TABLE a;\n", True),
    ("dbmate", "db/migrations/20240101_init.sql", "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\n-- nothing\n", False),
    ("sql-migrate", "migrations/1_init.sql", "-- +migrate Up\nCREATE TABLE a (id int);\n", None),
    ("golang-migrate", "migrations/000001_init.up.sql", "CREATE TABLE a (id int);", False),
    ("Flyway", "src/main/resources/db/migration/V1__init.sql", "CREATE TABLE a (id int);", None),
    ("Liquibase", "db/changelog/001.sql", "-- liquibase formatted sql\nCREATE TABLE a (id int);", None),
    ("postgrator", "migrations/001.do.init.sql", "CREATE TABLE a (id int);", False),
    ("Aerich", "migrations/models/0_20240101_init.py",
     "async def upgrade(db):\n    return ''\n\n\nasync def downgrade(db):\n    return 'DROP'\n", None),
    ("yoyo", "migrations/0001.init.py", "from yoyo import step\n\nstep('CREATE TABLE a (id int)')\n", None),
    ("gormigrate", "internal/migrate/migrate.go",
     'package migrate\n\nvar all = []*gormigrate.Migration{\n\t{ID: "202401", Rollback: down},\n}\n', True),
    ("ordered files of its own", "store/migrations/001_init.sql", "CREATE TABLE a (id int);", None),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "path", "content", "down"), TOOLS, ids=[f"{t[0]}-{n}" for n, t in enumerate(TOOLS)])
def test_each_tool_s_files_are_known(
    gather: Callable[..., Any], tool: str, path: str, content: str, down: bool | None
) -> None:
    (chain,) = gather(Migrations, f"-- {path} --\n{content}").chains
    assert chain.tool == tool
    assert len(chain.steps) == 1
    if down is not None:
        assert chain.steps[0].has_down is down


def numbered(*names: str) -> str:
    return "".join(
        f"-- migrations/{n}.up.sql --\nCREATE TABLE a (id int);\n-- migrations/{n}.down.sql --\nDROP TABLE a;\n"
        for n in names
    )


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("000001_a", "000002_b"), ""),
        (("000001_a", "000002_b", "000002_c"), "has the number 000002 of 000002_b.up.sql too"),
        (("000001_a", "000003_c"), "the count has gaps: 2 missing"),
    ],
)
def test_numbers_used_twice_and_gaps_are_problems(
    gather: Callable[..., Any], names: tuple[str, ...], problem: str
) -> None:
    (chain,) = gather(Migrations, numbered(*names)).chains
    assert [p.note for p in chain.problems] == ([problem] if problem else [])


def test_times_have_no_gaps(gather: Callable[..., Any]) -> None:
    text = "".join(
        f"-- migrations/{n}_a.up.sql --\nCREATE TABLE a (id int);\n" for n in (20240101120000, 20250101120000)
    )
    assert gather(Migrations, text).chains[0].problems == ()


@pytest.mark.parametrize(
    ("file", "kind", "line"),
    [
        ("start.sh --\n# alembic upgrade head\n", "", 0),
        ("Dockerfile --\nFROM x\nCMD alembic upgrade head && run\n", "command", 2),
        ("README.md --\n# A\n\n```\nalembic upgrade head\n```\n", "document", 1),
        (
            "app/db.py --\nfrom alembic import command\n\n\ndef up(config):\n    command.upgrade(config, 'head')\n",
            "code",
            5,
        ),
        ("tests/conftest.py --\nimport subprocess\n\nsubprocess.run(['alembic', 'upgrade', 'head'])\n", "test", 3),
    ],
)
def test_where_a_history_is_applied_is_found_and_comments_are_not(
    gather: Callable[..., Any], file: str, kind: str, line: int
) -> None:
    found = gather(Migrations, alembic("a1", "None") + "-- " + file).applied
    assert {(a.kind, a.where.line) for a in found} == ({(kind, line)} if kind else set())


def test_histories_in_test_folders_do_not_count(gather: Callable[..., Any]) -> None:
    assert (
        gather(Migrations, "-- tests/migrations/001_a.up.sql --\nCREATE TABLE a (id int);\n-- a.py --\n").chains == ()
    )


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("adefgmnoprsuvw_-+*(){}[]'\"`,:=>\n #RunPython down"), max_size=300),
    st.sampled_from(["m/migrations/0001_a.py", "migrations/1_a.sql", "migrations/1_a.js", "migrations/1_a.go"]),
    st.sampled_from(
        [
            "",
            "down_revision = ",
            "class Migration(migrations.Migration):\n    operations = [migrations.RunPython(",
            "exports.down = ",
        ]
    ),
)
def test_any_text_is_read(text: str, path: str, head: str) -> None:
    read(path, (head + text).encode())
