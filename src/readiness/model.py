"""The frozen nouns of an audit: places, evidence, verdicts and items. Imports nothing of ours and does no work."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """What a rule decided of an item. `error` is the engine's alone: the rule crashed."""

    PASS = "pass"
    PARTIAL = "partial"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERROR = "error"


class Strength(StrEnum):
    """How much a verdict rests on, weakest first: declared < wired < verified (ran, passed, measured)."""

    DECLARED = "declared"
    WIRED = "wired"
    VERIFIED = "verified"


class Evidence(Struct, frozen=True):
    """A place in the target that a reader can open. `line` is 1-based; 0 means the whole file.

    A rule leaves `snippet` empty: the engine fills it from the file, masking secrets where `secret` is set.
    """

    path: str
    line: int = 0
    note: str = ""
    snippet: str = ""
    secret: bool = False


class Searched(Struct, frozen=True):
    """What was looked for, where, and what came nearest, so that an absence can be checked by hand."""

    what: str
    where: str
    nearest: tuple[Evidence, ...] = ()


class ServiceVerdict(Struct, frozen=True):
    """The outcome for one service of a repository that holds several."""

    service: str
    outcome: Outcome
    message: str


class Verdict(Struct, frozen=True):
    """What a rule says of its item. Built by the functions below, which demand evidence or a search."""

    outcome: Outcome
    message: str
    evidence: tuple[Evidence, ...] = ()
    strength: Strength | None = None
    searched: Searched | None = None
    services: tuple[ServiceVerdict, ...] = ()


def passed(message: str, evidence: Iterable[Evidence], strength: Strength = Strength.WIRED) -> Verdict:
    """A pass. `evidence` must not be empty, unless `message` states what was read and found clean."""
    return Verdict(Outcome.PASS, message, tuple(evidence), strength)


def partial(
    message: str,
    evidence: Iterable[Evidence] = (),
    strength: Strength = Strength.DECLARED,
    searched: Searched | None = None,
) -> Verdict:
    """Shown in part, with what is missing in `message`."""
    return Verdict(Outcome.PARTIAL, message, tuple(evidence), strength, searched)


def failed(message: str, evidence: Iterable[Evidence] = (), searched: Searched | None = None) -> Verdict:
    """Nothing shows it (then `searched` says what was looked for), or `evidence` contradicts it."""
    return Verdict(Outcome.FAIL, message, tuple(evidence), None, searched)


def not_applicable(reason: str, evidence: Iterable[Evidence] = ()) -> Verdict:
    """The thing the item speaks of is not in this repository; `reason` says so in a reader's words."""
    return Verdict(Outcome.NOT_APPLICABLE, reason, tuple(evidence))


def unknown(reason: str, evidence: Iterable[Evidence] = (), searched: Searched | None = None) -> Verdict:
    """It could not be decided; `reason` says what evidence would settle it."""
    return Verdict(Outcome.UNKNOWN, reason, tuple(evidence), None, searched)


class Unread(Struct, frozen=True, order=True):
    """A file that `reader` (a parser or an engine) could not take in, and why."""

    path: str
    reader: str
    reason: str


class EngineRun(Struct, frozen=True):
    """One engine's part in an audit: `status` is ok, failed, missing or timeout; `seconds` are wall-clock."""

    name: str
    version: str
    status: str
    files: int
    seconds: float
    message: str = ""
    unread: tuple[Unread, ...] = ()


class Item(Struct, frozen=True):
    """A checklist item as its rule folder states it. `weight` is 1-5; `source` names checklist lines "Section: line"."""

    id: str
    title: str
    group: str
    weight: int
    phase3: bool
    source: tuple[str, ...]
    page: str
    remediation: str
