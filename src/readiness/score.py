"""Turns verdicts into score, coverage and gate. Pure functions of results; knows no file and no format.

The score counts an unknown or crashed item as not earned, with its weight still in the denominator, so that neither
can lift it; coverage says which share of the applicable weight was assessed. A waived item scores what it scores
without the waiver. Not applicable, and declared elsewhere, stay out of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

from readiness.model import Outcome
from readiness.report import Coverage, Gate, GroupScore, Result, Score

_HALVES = {Outcome.PASS: 2, Outcome.PARTIAL: 1}
_ASSESSED = {Outcome.PASS, Outcome.PARTIAL, Outcome.FAIL}
_BREAKS = {Outcome.FAIL, Outcome.ERROR}
_BREAKS_STRICT = _BREAKS | {Outcome.PARTIAL, Outcome.UNKNOWN}


def counts(result: Result) -> bool:
    """Whether the result is in the score's denominator."""
    return result.verdict is not Outcome.NOT_APPLICABLE and result.standing != "declared_elsewhere"


def earned_halves(result: Result) -> int:
    """Half points: weight times 2 for a pass, times 1 for partial."""
    return result.weight * _HALVES.get(result.verdict, 0)


def percent(part: int | Fraction, whole: int | Fraction) -> float | None:
    """`part` of `whole` in percent, rounded down to one decimal (99.96 is not 100); None of nothing."""
    return None if whole == 0 else int(Fraction(part) * 1000 / Fraction(whole)) / 10


def score(results: Iterable[Result]) -> Score:
    """The score in all and per group, groups in order of first appearance."""
    counted: dict[str, list[Result]] = {}
    for result in results:
        counted.setdefault(result.group, []).extend([result] if counts(result) else [])
    groups = tuple(GroupScore(group, *_sum(members)) for group, members in counted.items())
    return Score(*_sum([result for members in counted.values() for result in members]), groups)


def _sum(results: Sequence[Result]) -> tuple[float | None, float, float]:
    earned = sum(earned_halves(result) for result in results)
    possible = sum(result.weight for result in results)
    return percent(earned, 2 * possible), earned / 2, float(possible)


def coverage(results: Iterable[Result]) -> Coverage:
    """Which share of the applicable weight was assessed."""
    counted = [result for result in results if counts(result)]
    assessed = sum(result.weight for result in counted if result.verdict in _ASSESSED)
    applicable = sum(result.weight for result in counted)
    return Coverage(percent(assessed, applicable), assessed, applicable)


def gate(results: Sequence[Result], must_have: Collection[str] = (), strict: bool = False) -> Gate:
    """The gate over Phase 3 and `must_have`: no fail and no crash; `strict`: no partial and no unknown either."""
    members = [result for result in results if result.phase3 or result.id in must_have]
    breaking = [result for result in members if result.verdict in (_BREAKS_STRICT if strict else _BREAKS)]
    excused = [result.id for result in breaking if result.standing in ("waived", "declared_elsewhere")]
    broken = [result.id for result in breaking if result.id not in excused]
    return Gate(not broken, strict, tuple(r.id for r in members), tuple(broken), tuple(excused))


def meets(score: Score, wanted: float | None) -> bool:
    """Whether the score is at least `wanted`; a repository to which nothing applies meets everything."""
    if wanted is None or not score.possible:
        return True
    return Fraction(str(score.earned)) * 100 >= Fraction(str(wanted)) * Fraction(str(score.possible))
