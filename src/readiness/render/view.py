"""What every rendered form says in the same words: labels, marks, order and sentences. Knows no format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.model import Evidence
from readiness.report import Report, Result, Standing

LABELS: dict[str, str] = {
    "fail": "fail",
    "error": "error",
    "partial": "partial",
    "unknown": "unknown",
    "waived": "waived",
    "declared_elsewhere": "declared elsewhere",
    "pass": "pass",
    "not_applicable": "not applicable",
}
"""The standings, gravest first, as readers see them."""

MARKS: dict[str, str] = {
    "fail": "✕",
    "error": "!",
    "partial": "◐",
    "unknown": "?",
    "waived": "~",
    "declared_elsewhere": "↗",
    "pass": "✓",
    "not_applicable": "-",
}

STRENGTHS = {
    "declared": "declared: the repository says so",
    "wired": "wired: code, manifest or CI uses it",
    "verified": "verified: it ran, passed or was measured",
}
SHORT: tuple[Standing, ...] = ("fail", "error", "partial", "unknown")
"""Standings that ask something of the reader."""


def gravest_first(results: Iterable[Result]) -> list[Result]:
    """In order of standing, gate items first within each, then by id."""
    order = list(LABELS)
    return sorted(results, key=lambda r: (order.index(r.standing), not r.phase3, r.id))


def by_group(report: Report) -> list[tuple[str, list[Result]]]:
    """The results of each group, groups in the report's order, gravest first within."""
    groups: dict[str, list[Result]] = {}
    for result in report.results:
        groups.setdefault(result.group, []).append(result)
    return [(group, gravest_first(members)) for group, members in groups.items()]


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many results stand how, gravest first, without the standings that do not occur."""
    standings = [result.standing for result in results]
    return {name: standings.count(name) for name in LABELS if name in standings}


def number(value: float | None) -> str:
    """ "71", "71.5", or "n/a" for nothing to score."""
    return "n/a" if value is None else f"{value:g}"


def plural(count: int, noun: str) -> str:
    """ "1 item", "2 items"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def place(evidence: Evidence) -> str:
    """ "path:12", or the path alone for a whole file."""
    return f"{evidence.path}:{evidence.line}" if evidence.line else evidence.path


def gate_sentence(report: Report) -> str:
    """What the gate came to, in one sentence."""
    gate = report.gate
    strict = " (strict)" if gate.strict else ""
    verb = "holds" if gate.holds else "does not hold"
    return f"The release gate{strict} {verb}: {gate_detail(report)}"


def gate_detail(report: Report) -> str:
    """Why the gate holds or not, to follow its name."""
    gate = report.gate
    if not gate.items:
        return "none of the audited items is in it."
    if gate.holds:
        short = "no fail, partial or unknown" if gate.strict else "no fail"
        excused = f", {len(gate.excused)} waived or declared elsewhere" if gate.excused else ""
        return f"{short} among {plural(len(gate.items), 'item')}{excused}."
    verb = "breaks" if len(gate.broken_by) == 1 else "break"
    return f"{len(gate.broken_by)} of {plural(len(gate.items), 'item')} {verb} it."


def next_sentence(report: Report) -> str:
    """The cheapest next fixes, "" where nothing is to be gained."""
    fixes = report.ledger.next
    if not fixes.items:
        return ""
    words = {1: "This one", 2: "These two", 3: "These three"}
    return f"{words.get(len(fixes.items), 'These')}: +{number(fixes.gain)} points"


def target_sentence(report: Report) -> str:
    """Commit, languages and services of the repository."""
    target = report.repository
    languages = ", ".join(f"{name} ({plural(files, 'file')})" for name, files in target.languages.items())
    parts = [f"commit {target.commit[:12]}" if target.commit else "no commit", languages or "no source code"]
    if report.services:
        parts.append(f"{plural(len(report.services), 'service')}: {', '.join(s.name for s in report.services[:6])}")
        if len(report.services) > 6:
            parts[-1] += f" and {len(report.services) - 6} more"
    elif target.kind:
        parts.append(f"no service: {target.reason or target.kind}")
    return " · ".join(parts)


def departures(report: Report) -> list[str]:
    """How this audit departs from a plain one: the profile's changes, a choice of items."""
    profile, lines = report.profile, []
    if report.selection:
        lines.append(f"Only {', '.join(report.selection)} was audited; score and gate speak of that alone.")
    if profile.off:
        lines.append(f"{profile.source} switches off {', '.join(profile.off)}.")
    if profile.weights:
        lines.append(f"{profile.source} weighs {', '.join(f'{k} {v}' for k, v in profile.weights.items())}.")
    if profile.must_have:
        lines.append(f"{profile.source} adds to the gate {', '.join(profile.must_have)}.")
    if profile.exclude:
        lines.append(f"{profile.source} leaves out {', '.join(profile.exclude)}.")
    if profile.waivers_ignored:
        lines.append("Waivers and declarations were left aside (--no-waivers).")
    return lines


def shown(evidence: Sequence[Evidence], most: int) -> tuple[Sequence[Evidence], int]:
    """The first `most`, and how many more there are."""
    return evidence[:most], max(0, len(evidence) - most)
