"""SARIF, Markdown, JUnit, terminal and JSON: what each says, and that nothing of the target becomes markup in any."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from readiness.model import Evidence, Searched
from readiness.render import EXTENSIONS, FORMATS, format_of, render
from readiness.render.json_ import ReportFileError, parse
from readiness.render.markdown import code, prose
from readiness.report import Report
from reports import report, result, rich_report

SARIF_SCHEMA = json.loads(
    Path(__file__).with_name("data").joinpath("sarif-subset.schema.json").read_text(encoding="utf-8")
)
HOSTILE = "<script>alert(1)</script> [red]x[/red] | `code` [a](javascript:alert(1)) ![i](http://evil/x.png) @team & \"'"


def hostile_report() -> Report:
    """Hostile text in every place that a target can reach."""
    place = Evidence(
        f"src/{HOSTILE}.py", 3, HOSTILE, f"x = 1  # {HOSTILE}\n```\n</code></pre><script>alert(2)</script>"
    )
    item = result(
        "a-1", "fail", phase3=True, message=HOSTILE, evidence=(place,), searched=Searched(HOSTILE, HOSTILE, (place,))
    )
    made = report(item, result("a-2", "pass", evidence=(place,)))
    return replace(made, repository=replace(made.repository, name=HOSTILE, reason=HOSTILE, kind="library"))


def sarif(of: Report) -> dict[str, object]:
    document = json.loads(render(of, "sarif"))
    jsonschema.Draft7Validator(SARIF_SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    run: dict[str, object] = document["runs"][0]
    return run


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_renders_and_is_the_same_twice(form: str) -> None:
    assert render(rich_report(), form) == render(rich_report(), form)
    assert render(report(), form)
    assert render(hostile_report(), form)


def test_extensions_name_forms() -> None:
    assert set(EXTENSIONS.values()) == set(FORMATS)
    assert format_of(Path("a/REPORT.HTML")) == "html"
    assert format_of(Path("a/report")) is None


def test_json_comes_back_as_it_went() -> None:
    assert parse(render(rich_report(), "json").encode()) == rich_report()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"schema_version": "9.0"}', b"\xff", b"[" * 100_000])
def test_what_is_no_report_is_a_sentence(content: bytes) -> None:
    with pytest.raises(ReportFileError) as refused:
        parse(content)
    assert "\n" not in str(refused.value)


def test_another_schema_version_is_refused() -> None:
    text = render(report(), "json").replace('"schema_version": "1.0"', '"schema_version": "2.0"')
    with pytest.raises(ReportFileError, match=r"schema_version 2\.0"):
        parse(text.encode())


def test_sarif_holds_only_what_falls_short_at_a_line() -> None:
    nowhere = result("b-1", "fail", evidence=(Evidence("a.py", 0),))
    run = sarif(report(nowhere, result("b-2", "pass", evidence=(Evidence("a.py", 3),)), result("b-3", "fail")))
    assert run["results"] == []
    assert sarif(rich_report())["results"]
    assert sarif(hostile_report())["results"]


def test_sarif_fingerprints_survive_moved_lines_and_are_unique() -> None:
    def prints(*lines: int) -> list[str]:
        places = tuple(Evidence("a.py", line, "note", "key = load()") for line in lines)
        found = json.loads(render(report(result("a-1", "fail", evidence=places)), "sarif"))["runs"][0]["results"]
        return [one["partialFingerprints"]["readiness/v1"] for one in found]

    assert prints(3, 9) == prints(30, 90)
    assert len(set(prints(3, 9))) == 2


def test_sarif_suppresses_what_is_waived() -> None:
    waived = rich_report().results[4]
    placed = replace(waived, evidence=(Evidence("a.py", 3),))
    found = json.loads(render(report(placed), "sarif"))["runs"][0]["results"][0]
    assert found["suppressions"][0]["status"] == "accepted"
    assert "OPS-7" in found["suppressions"][0]["justification"]


def test_sarif_says_when_the_audit_is_incomplete() -> None:
    invocation = json.loads(render(rich_report(), "sarif"))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert "KeyError" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_markdown_of_a_hostile_target_holds_no_markup_of_its() -> None:
    text = render(hostile_report(), "markdown")
    page = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    assert "<script" not in page
    assert "<img" not in page
    assert "<a " not in page
    assert "@team" not in re.sub(r"<code>.*?</code>", "", page)
    tables = [line for line in text.splitlines() if line.startswith("| ✕")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in tables)


@pytest.mark.parametrize("text", ["a`b", "``", "a|b", "", "a\nb", "`"])
def test_code_spans_show_exactly_their_text(text: str) -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).render(f"| a |\n| - |\n| {code(text)} |\n")
    assert page.count("<td>") == 1
    assert "<code>" in page


def test_prose_shows_exactly_its_words() -> None:
    words = r"a_b *c* [d] `e` <f> \g | #h ~i~ !j $k$"
    shown = MarkdownIt().renderInline(prose(words))
    assert shown.replace("&lt;", "<").replace("&gt;", ">") == words


def test_junit_counts_failures_errors_and_skips() -> None:
    root = ElementTree.fromstring(render(rich_report(), "junit").encode())
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("8", "1", "1", "4")
    ElementTree.fromstring(render(hostile_report(), "junit").encode())


def test_junit_fails_what_breaks_a_strict_gate() -> None:
    results = [result("a-1", "partial", phase3=True)]
    made = report(*results)
    strict = replace(made, gate=replace(made.gate, holds=False, strict=True, broken_by=("a-1",)))
    assert ElementTree.fromstring(render(made, "junit").encode()).get("failures") == "0"
    assert ElementTree.fromstring(render(strict, "junit").encode()).get("failures") == "1"


def test_terminal_shows_markup_of_the_target_as_it_is_written() -> None:
    text = " ".join(render(hostile_report(), "terminal").split())
    assert "[red]x[/red]" in text
    assert "\x1b" not in text


def test_terminal_says_gate_score_and_what_to_do() -> None:
    text = render(rich_report(), "terminal")
    assert "The release gate does not hold" in text
    assert "Score 26 of 100" in text
    assert "readiness explain" in text
    assert "waived until 2999-01-31 by ana" in text
    assert "declared elsewhere: the ingress of the platform" in text
    assert "Incomplete: api-openapi" in text
