"""The report: frozen records of everything an audit says, as `--format json` prints them. Does no work.

docs/configuration.md explains the score and the gate; schema/report.schema.json is generated from these records.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from readiness.model import Evidence, Outcome, Searched, ServiceVerdict, Strength, Unread

SCHEMA_VERSION = "1.0"
"""Raised in the second place for an addition, in the first for a change that breaks a reader."""

Standing = Literal["pass", "partial", "fail", "not_applicable", "unknown", "error", "waived", "declared_elsewhere"]


class Tool(Struct, frozen=True):
    """What made the report."""

    name: str
    version: str


class Target(Struct, frozen=True):
    """The audited repository. `commit` is "" without git; `languages` holds the number of source files of each.

    `kind` and `reason` say what the repository is where it holds no service (a library, a command line ...).
    """

    name: str
    commit: str
    files: int
    languages: dict[str, int]
    kind: str = ""
    reason: str = ""


class ReportedService(Struct, frozen=True):
    """A program that the repository runs in production, and what makes it one."""

    name: str
    folder: str
    language: str
    kinds: tuple[str, ...]
    frameworks: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class GroupScore(Struct, frozen=True):
    """The score of one group of items; `value` is None where nothing in it applies."""

    group: str
    value: float | None
    earned: float
    possible: float


class Score(Struct, frozen=True):
    """0-100, rounded down to one decimal: `earned` of `possible` weight. None where no item applies."""

    value: float | None
    earned: float
    possible: float
    groups: tuple[GroupScore, ...]


class Coverage(Struct, frozen=True):
    """How much of the applicable weight was assessed (pass, partial or fail); the rest is unknown or crashed."""

    value: float | None
    assessed: int
    applicable: int


class Gate(Struct, frozen=True):
    """The release gate: `holds` where none of `items` is in `broken_by`. `excused` are waived or declared elsewhere."""

    holds: bool
    strict: bool
    items: tuple[str, ...]
    broken_by: tuple[str, ...]
    excused: tuple[str, ...]


class Loss(Struct, frozen=True):
    """Points of the 100 that an item lost, and what its mending is reckoned to cost (1 small, 2 medium, 3 large)."""

    id: str
    title: str
    group: str
    points: float
    standing: Standing
    cost: int


class NextFixes(Struct, frozen=True):
    """The cheapest fixes and the points that they bring together."""

    items: tuple[str, ...]
    gain: float


class Ledger(Struct, frozen=True):
    """What each point was lost on, most first, and the cheapest next fixes."""

    losses: tuple[Loss, ...]
    next: NextFixes


class EngineReport(Struct, frozen=True):
    """One engine's part: `status` is ok, failed, missing or timeout. `seconds` is None without `--timings`."""

    name: str
    version: str
    status: str
    files: int
    seconds: float | None
    message: str
    unread: tuple[Unread, ...]


class Waiver(Struct, frozen=True):
    """A shortcoming that its owner accepts until `expires` (an ISO date), for an item or a path or service of it."""

    item: str
    reason: str
    owner: str
    expires: str
    path: str = ""
    service: str = ""
    ticket: str = ""


class AppliedWaiver(Struct, frozen=True):
    """A waiver and how much of its item's shortcoming it covers: all, part, or nothing (then it can be deleted)."""

    waiver: Waiver
    covers: Literal["all", "part", "nothing"]


class Declared(Struct, frozen=True):
    """What the repository cannot show because it is done `where`."""

    item: str
    where: str
    reason: str
    owner: str = ""


class ProfileReport(Struct, frozen=True):
    """How the audit departs from the built-in checklist, and the file that says so ("" where nothing does)."""

    source: str = ""
    off: tuple[str, ...] = ()
    weights: dict[str, int] = {}
    must_have: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    waivers_ignored: bool = False


class Result(Struct, frozen=True):
    """What the audit says of one item.

    `verdict` is what the repository shows; `standing` is that, or waived or declared_elsewhere by the profile.
    `fingerprint` stays the same when lines move.
    """

    id: str
    title: str
    group: str
    phase3: bool
    weight: int
    verdict: Outcome
    standing: Standing
    strength: Strength | None
    message: str
    evidence: tuple[Evidence, ...]
    searched: Searched | None
    services: tuple[ServiceVerdict, ...]
    remediation: str
    waiver: Waiver | None
    declared: Declared | None
    fingerprint: str


class Report(Struct, frozen=True):
    """All that an audit says. `incomplete` lists why it is not complete: engines that failed, rules that crashed."""

    schema_version: str
    tool: Tool
    repository: Target
    score: Score
    coverage: Coverage
    gate: Gate
    incomplete: tuple[str, ...]
    ledger: Ledger
    services: tuple[ReportedService, ...]
    results: tuple[Result, ...]
    engines: tuple[EngineReport, ...]
    unread: tuple[Unread, ...]
    waivers: tuple[AppliedWaiver, ...]
    profile: ProfileReport
    selection: tuple[str, ...]
    notes: tuple[str, ...]
