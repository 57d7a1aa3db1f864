from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.documents.reader import read
from readiness.facts.documents import Documents


def headings(text: str, path: str = "README.md") -> list[tuple[str, int, tuple[str, ...]]]:
    return [(s.heading, s.level, s.trail) for s in read(path, text.encode()).sections]


def test_markdown_headings_nest_and_know_their_lines() -> None:
    document = read(
        "README.md",
        b"# Orders\n\n## Deployment\n\ntext\n\n### Rolling *back*\n\n```sh\n# no heading\nkubectl rollout undo\n```\n",
    )
    assert [(s.heading, s.line, s.trail) for s in document.sections] == [
        ("Orders", 1, ()),
        ("Deployment", 3, ("Orders",)),
        ("Rolling back", 7, ("Orders", "Deployment")),
    ]
    assert document.sections[2].code == ("# no heading\nkubectl rollout undo",)
    assert document.title == "Orders"


def test_underlined_headings_in_markdown_and_restructuredtext() -> None:
    assert headings("Orders\n======\n\nDeploying\n---------\ntext\n") == [
        ("Orders", 1, ()),
        ("Deploying", 2, ("Orders",)),
    ]
    assert headings("Orders\n******\n\nDeploying\n~~~~~~~~~\ntext\n", "a.rst") == [
        ("Orders", 1, ()),
        ("Deploying", 2, ("Orders",)),
    ]


def test_asciidoc_html_and_front_matter() -> None:
    assert headings("= Orders\n\n== Backup\ntext\n", "a.adoc") == [("Orders", 1, ()), ("Backup", 2, ("Orders",))]
    assert headings('<h1 align="center">Orders</h1>\n')[0][0] == "Orders"
    assert read("a.mdx", b"---\ntitle: Upgrading\n---\n\ntext\n").title == "Upgrading"


def test_a_shorter_fence_inside_a_longer_one_is_code() -> None:
    assert headings("# A\n````\n```\n# no\n```\n````\n## B\n") == [("A", 1, ()), ("B", 2, ("A",))]


def test_code_in_restructuredtext_is_apart_from_prose() -> None:
    (section,) = read("a.rst", b"Run\n===\n\nStart it::\n\n    make deploy\n\nThen look.\n").sections
    assert section.code == ("make deploy",)
    assert "Then look." in section.text


def test_licences_change_logs_and_tests_are_no_documents(gather: Callable[..., Any]) -> None:
    documents = gather(
        Documents,
        "-- README.md --\n# A\n-- LICENSE.md --\n# MIT\n-- CHANGELOG.md --\n# 1.0\n-- requirements.txt --\nflask\n"
        "-- tests/README.md --\n# T\n-- docs/runbook.md --\n# Runbook\n-- vendor/x/README.md --\n# X\n",
    )
    assert [d.path for d in documents.all] == ["README.md", "docs/runbook.md"]


def test_binary_content_is_refused() -> None:
    with pytest.raises(ValueError, match="binary"):
        read("a.md", b"\0\1")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["a.md", "a.rst", "a.adoc", "a.txt"]))
def test_any_text_gives_sections_in_order(text: str, path: str) -> None:
    content = text.encode("utf-8", "replace").replace(b"\0", b"")
    lines = [section.line for section in read(path, content).sections]
    assert lines == sorted(lines)
    assert all(line >= 1 for line in lines)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_document_or_a_reason(content: bytes) -> None:
    try:
        read("a.md", content)
    except ValueError as error:
        assert str(error) == "is binary"
