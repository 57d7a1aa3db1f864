"""The report as Markdown, for a job summary. Text of the target is escaped, so that it is never markup, link or mention."""

from __future__ import annotations

import re

from readiness.render import view
from readiness.render.environment import environment
from readiness.report import Report

MOST_EVIDENCE = 5


def render(report: Report) -> str:
    """GitHub-flavoured Markdown from the template report.md.j2."""
    template = environment().get_template("report.md.j2")
    short = [
        r for r in view.gravest_first(report.results) if r.standing in (*view.SHORT, "waived", "declared_elsewhere")
    ]
    text = template.render(report=report, short=short, prose=prose, code=code, most=MOST_EVIDENCE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def prose(text: str) -> str:
    """One line of plain words: what could start markup is escaped; a comment keeps GitHub from reading a mention."""
    line = " ".join(text.split())
    escaped = re.sub(r"([\\`*_{}\[\]<>|#~$!])", r"\\\1", line.replace("&", "&amp;"))
    return escaped.replace("@", "@<!-- -->").replace("://", "&#58;//").replace("www.", "www&#46;")


def code(text: str) -> str:
    """One line as a code span, fit for a table's cell: fenced by more backticks than it holds, bars escaped."""
    line = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{line or ' '}{pad}{fence}"
