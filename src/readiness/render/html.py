"""The report as one self-contained HTML file: no network, no external font or script. Escaping is Jinja's autoescape.

A content security policy allows only the file's own style and script, by their hashes, so that even a hole in the
escaping would run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup
from msgspec import Struct

from readiness.render import view
from readiness.render.environment import environment, source
from readiness.report import Report, Result

MOST_EVIDENCE = 8
MOST_IN_ALL = 100
_BARS = ("pass", "partial", "fail", "error", "unknown")


class Bar(Struct, frozen=True):
    """A stretch of a group's bar, in percent of its weight."""

    standing: str
    start: float
    width: float


def render(report: Report) -> str:
    """The page, from the templates report.html.j2, report.css and report.js."""
    style, script = source("report.css"), source("report.js")
    return environment().get_template("report.html.j2").render(
        report=report,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        bars=_bars,
        markdown=_markdown,
        services_of=_services_of,
        most=MOST_EVIDENCE,
        most_in_all=MOST_IN_ALL,
    )  # fmt: skip


def _hash(text: str) -> str:
    """As a content security policy wants it; browsers hash the text after newlines are made \\n."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.replace("\r\n", "\n").encode()).digest()).decode()


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _markdown(text: str) -> Markup:
    """A rule's own Markdown as HTML; raw HTML in it is escaped, links to scripts are dropped by markdown-it."""
    return Markup(_reader().render(text))


def _services_of(result: Result) -> list[str]:
    return [service.service for service in result.services]


def _bars(results: list[Result]) -> list[Bar]:
    """How the weight of a group is shared among the verdicts; what does not count is left out."""
    counted = [r for r in results if r.standing not in ("not_applicable", "declared_elsewhere")]
    total = sum(result.weight for result in counted)
    bars, start = [], 0.0
    for standing in _BARS:
        weight = sum(result.weight for result in counted if result.verdict.value == standing)
        if weight:
            width = 100 * weight / total
            bars.append(Bar(standing, round(start, 2), round(width, 2)))
            start += width
    return bars


__all__ = ["MOST_EVIDENCE", "render", "view"]
