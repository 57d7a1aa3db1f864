"""YAML with lines: what a reader of a workflow or manifest relies on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.yamldoc import Tagged, YamlMap, load, load_all


def test_keys_stay_text_and_values_get_their_types() -> None:
    document = load("on: push\n200: ok\nn: 3\nf: 1.5\nb: true\nempty:\nquoted: '3'\nversion: 3.10\nyes: no\n")
    assert document == {"on": "push", "200": "ok", "n": 3, "f": 1.5, "b": True, "empty": None, "quoted": "3",
                        "version": 3.1, "yes": "no"}  # fmt: skip


def test_lines_of_keys_items_and_block_text() -> None:
    document = load("jobs:\n  a:\n    steps:\n      - run: |\n          pytest\n      - uses: x\n")
    steps = document["jobs"]["a"]["steps"]
    assert document["jobs"].line("a") == 2
    assert [steps.line(0), steps.line(1)] == [4, 6]
    assert (steps[0].line("run"), steps[0].text_line("run")) == (4, 5)
    assert steps[0].line("absent") == steps[0].start == 4


def test_merge_keys_anchors_and_many_documents() -> None:
    first, second = load_all("base: &b {image: x, tag: 1}\njob:\n  <<: *b\n  tag: 2\n---\nkind: Pod\n")
    assert first["job"] == {"image": "x", "tag": 2}
    assert first["job"].line("image") == 1
    assert second == {"kind": "Pod"}


def test_tags_are_kept_not_run() -> None:
    document = load("script: !reference [.setup, script]\nx: !!python/object/apply:os.system [ls]\n")
    assert isinstance(document["script"], Tagged)
    assert (document["script"].tag, document["script"].value) == ("!reference", [".setup", "script"])
    assert document["x"] == ["ls"]


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 2",
        "a: *nowhere",
        "[" * 500 + "]" * 500,
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{c}: &{c} [{','.join(['*' + p] * 10)}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)),
        "{{ .Values.x }}: {{",
    ],
)
def test_hostile_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load_all(text)


@given(st.text(alphabet=st.sampled_from(list("ab:-[]{}&*!|>#'\",? \n\t%@~<")), max_size=60) | st.text(max_size=60))
def test_any_text_gives_documents_or_a_value_error(text: str) -> None:
    try:
        documents = load_all(text)
    except ValueError:
        return
    assert all(isinstance(d, YamlMap | list | str | int | float | bool | Tagged | None) for d in documents)
