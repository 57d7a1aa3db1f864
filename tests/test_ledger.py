"""The ledger accounts for every point, and proposes the cheapest."""

from __future__ import annotations

import pytest
from hypothesis import given
from test_score import RESULTS

from readiness.ledger import ledger
from readiness.model import Evidence
from readiness.report import Result
from readiness.score import score
from reports import WAIVER, result


@given(RESULTS)
def test_losses_and_score_make_a_hundred(results: list[Result]) -> None:
    value = score(results).value
    if value is None:
        assert not ledger(results).losses
        return
    assert sum(loss.points for loss in ledger(results).losses) + value == pytest.approx(
        100, abs=0.1 * len(results) + 0.1
    )


def test_three_cheapest_with_what_they_bring_together() -> None:
    results = [
        result("a-partial", "partial", weight=4),
        result("a-something", "fail", weight=3, evidence=(Evidence("a.py", 1),)),
        result("a-nothing", "fail", weight=3),
        result("a-small", "fail", weight=1),
        result("a-pass", weight=9),
    ]
    found = ledger(results)
    assert found.next.items == ("a-partial", "a-something", "a-nothing")
    assert found.next.gain == 40.0
    assert [loss.id for loss in found.losses] == ["a-nothing", "a-something", "a-partial", "a-small"]


def test_waived_and_unknown_are_listed_but_not_proposed() -> None:
    found = ledger([result("a-1", "fail", standing="waived", waiver=WAIVER), result("a-2", "unknown")])
    assert {loss.id for loss in found.losses} == {"a-1", "a-2"}
    assert found.next.items == ()
