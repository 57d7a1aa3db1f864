from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from readiness.facts.linters import Linters
from readiness.tables import json_table, rows, table, toml_table

SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.text())
def test_any_text_is_a_table_or_none(text: str) -> None:
    assert json_table(text) is None or isinstance(json_table(text), dict)
    assert toml_table(text) is None or isinstance(toml_table(text), dict)


def test_a_text_too_deep_to_read_is_no_table() -> None:
    assert json_table('{"a":' * 100_000) is None
    assert toml_table("a = " + "[" * 100_000) is None


@given(SHAPES, st.lists(st.text(), max_size=3))
def test_whatever_lies_there_a_look_gives_tables_and_lists(data: object, keys: list[str]) -> None:
    found = table(data, *keys)
    assert isinstance(found, dict)
    assert all(isinstance(rows(found, key), list) for key in [*found, "absent"])


def test_linter_settings_of_another_shape_are_passed_over(gather) -> None:  # type: ignore[no-untyped-def]
    found = gather(
        Linters,
        """\
-- pyproject.toml --
tool = "none"
-- ruff.toml --
select = 3
lint = "all"
-- .golangci.yml --
linters: {enable: 5}
""",
    )
    assert {settings.path: settings.names for settings in found.all} == {".golangci.yml": {}, "ruff.toml": {}}
