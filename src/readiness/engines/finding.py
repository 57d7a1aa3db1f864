"""What a scanner says of one place, in one shape for all of them. Runs nothing and judges nothing."""

from __future__ import annotations

from msgspec import Struct

from readiness.model import Evidence

LEVELS = ("low", "medium", "high")


class Finding(Struct, frozen=True):
    """`check` is the scanner's own id (B602, python-sql-injection); `severity` and `confidence` are of LEVELS, as the
    scanner states them. `suppressed`: a comment in the target asks scanners to pass it over (nosec, nosemgrep).

    `title` is a few words for a list ("SQL built from request data").
    """

    engine: str
    check: str
    severity: str
    confidence: str
    title: str
    message: str
    where: Evidence
    suppressed: bool = False


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """By place, then check: the same input gives the same order."""
    return tuple(sorted(findings, key=lambda f: (f.where.path, f.where.line, f.check, f.message)))
