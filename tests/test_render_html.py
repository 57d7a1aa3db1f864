"""The HTML page as text: self-contained, escaped, complete without scripts. test_html_browser.py opens it in a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from test_render_forms import hostile_report

from readiness.render import render
from readiness.report import Report
from reports import report, result, rich_report

_VOID = {"meta", "link", "br", "input", "rect", "circle", "img", "hr"}


class Outline(HTMLParser):
    """Tags, attributes and text; `open` is empty at the end of a well-formed page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(of: Report) -> Outline:
    return Outline(render(of, "html"))


def test_the_page_is_well_formed_and_ids_are_unique() -> None:
    outline = page(rich_report())
    assert not outline.open
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_from_anywhere() -> None:
    for made in (rich_report(), hostile_report()):
        for tag, attributes in page(made).tags:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
            assert not {"src", "srcset", "action", "style", "onclick", "onload", "onerror"} & set(attributes)
            assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|https?://", render(rich_report(), "html"))


def test_a_hostile_target_adds_no_element() -> None:
    plain, hostile = page(report(result("a-1"))), page(hostile_report())
    assert [tag for tag, _ in plain.tags].count("script") == [tag for tag, _ in hostile.tags].count("script") == 1
    assert "alert(2)" in "".join(hostile.words)


def test_markdown_of_a_rule_cannot_carry_html_or_script_links() -> None:
    fix = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil/y.png) `ok`"
    outline = page(report(result("a-1", "fail", remediation=fix)))
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert not [a for _, a in outline.tags if (a.get("href") or "").startswith("javascript")]


def test_every_item_is_open_without_scripts_and_the_filters_are_hidden() -> None:
    tags = page(rich_report()).tags
    items = [a for tag, a in tags if tag == "details" and "data-verdict" in a]
    assert len(items) == 8
    assert all("open" in a for a in items)
    assert next(a for tag, a in tags if tag == "form").keys() >= {"hidden", "aria-label"}


def test_gate_score_and_fixes_come_before_the_results() -> None:
    words = " ".join(" ".join(page(rich_report()).words).split())
    order = [
        "This audit is incomplete",
        "Release gate",
        "Does not hold",
        "Score",
        "Groups",
        "Cheapest next",
        "How to fix",
    ]
    places = [words.index(each, words.index("Production readiness")) for each in order]
    assert places == sorted(places)
    for each in (
        "waived",
        "declared elsewhere",
        "What was looked for",
        "5 more places",
        "bandit 1.9.4",
        "2 files not read in full",
    ):
        assert each in words


def test_contrast_of_every_text_colour_is_aa_in_light_and_dark() -> None:
    style = re.search(r"<style>(.*?)</style>", render(report(), "html"), re.DOTALL)
    assert style
    light, dark = re.findall(r":root \{(.*?)\}", style[1], re.DOTALL)[:2]
    for block in (light, dark):
        colours = dict(re.findall(r"--([\w_]+): (#[0-9a-f]{6})", block))
        backgrounds = [colours[name] for name in ("page", "panel", "code", "hit")]
        for name in (
            "ink",
            "soft",
            "accent",
            "pass",
            "partial",
            "fail",
            "error",
            "unknown",
            "not_applicable",
            "waived",
        ):
            assert min(contrast(colours[name], background) for background in backgrounds[:2]) >= 4.5, name
        assert min(contrast(colours[name], back) for name in ("ink", "soft") for back in backgrounds) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours as #rrggbb."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
