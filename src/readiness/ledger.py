"""Says what each point was lost on and which fixes are cheapest. A reckoning; promises no effort in hours.

The cost of a fix is a rough 1-3: a partial lacks its last step (1); a fail with evidence or a near miss has a start to
mend (2); a fail where nothing was found starts from nothing (3). Fixes come by points per cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from readiness.model import Outcome
from readiness.report import Ledger, Loss, NextFixes, Result
from readiness.score import counts, earned_halves

_TOGETHER = 3


def ledger(results: Sequence[Result]) -> Ledger:
    """Losses, most points first. The cheapest fixes leave out what is waived, unknown or crashed."""
    counted = [result for result in results if counts(result)]
    possible = 2 * sum(result.weight for result in counted)
    exact = {result.id: _lost(result, possible) for result in counted}
    losing = sorted((result for result in counted if exact[result.id]), key=lambda r: (-exact[r.id], r.id))
    fixable = [r for r in losing if r.verdict in (Outcome.FAIL, Outcome.PARTIAL) and r.standing != "waived"]
    cheapest = sorted(fixable, key=lambda r: (-exact[r.id] / _cost(r), _cost(r), r.id))[:_TOGETHER]
    losses = tuple(Loss(r.id, r.title, r.group, _points(exact[r.id]), r.standing, _cost(r)) for r in losing)
    gain = sum((exact[result.id] for result in cheapest), Fraction(0))
    return Ledger(losses, NextFixes(tuple(r.id for r in cheapest), _points(gain)))


def _lost(result: Result, possible_halves: int) -> Fraction:
    return Fraction(100 * (2 * result.weight - earned_halves(result)), possible_halves or 1)


def _points(exact: Fraction) -> float:
    return float(round(exact, 1))


def _cost(result: Result) -> int:
    if result.verdict is Outcome.PARTIAL:
        return 1
    something = result.evidence or (result.searched is not None and result.searched.nearest)
    return 2 if something else 3
