"""The report as text for a terminal. Thin for now."""

from __future__ import annotations

from readiness.report import Report


def render(report: Report) -> str:
    """Plain text."""
    lines = [f"{r.standing:15} {r.id}: {r.message}" for r in report.results]
    return "\n".join([*lines, f"score {report.score.value}, gate {'holds' if report.gate.holds else 'broken'}", ""])


def show(report: Report) -> None:
    """Print."""
    print(render(report), end="")
