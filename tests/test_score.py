"""Score, coverage and gate: what lifts them, what never does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.model import Outcome
from readiness.report import Result
from readiness.score import coverage, gate, meets, score
from reports import DECLARED, WAIVER, result

RESULTS = st.lists(
    st.builds(
        lambda number, verdict, weight, phase3: result(
            f"group{number % 3}-item{number}", verdict, weight=weight, phase3=phase3
        ),
        st.integers(0, 30),
        st.sampled_from([outcome.value for outcome in Outcome]),
        st.integers(0, 100),
        st.booleans(),
    ),
    max_size=20,
    unique_by=lambda r: r.id,
)


def with_verdict(one: Result, verdict: str) -> Result:
    return replace(one, verdict=Outcome(verdict), standing=verdict)


def test_pass_counts_in_full_partial_by_half_fail_not_at_all() -> None:
    found = score(
        [result("a-1", "pass", weight=4), result("a-2", "partial", weight=4), result("b-1", "fail", weight=2)]
    )
    assert (found.value, found.earned, found.possible) == (60.0, 6.0, 10.0)
    assert [(group.group, group.value) for group in found.groups] == [("a", 75.0), ("b", 0.0)]


def test_not_applicable_costs_nothing_and_nothing_applicable_has_no_score() -> None:
    assert score([result("a-1"), result("a-2", "not_applicable")]).value == 100.0
    empty = score([result("a-1", "not_applicable")])
    assert empty.value is None
    assert meets(empty, 90)
    assert coverage([result("a-1", "not_applicable")]).value is None


@given(RESULTS, st.integers(0, 30), st.sampled_from(["unknown", "error"]))
def test_unknown_and_error_never_lift_the_score(results: list[Result], place: int, verdict: str) -> None:
    if not results:
        return
    place %= len(results)
    if results[place].verdict is Outcome.NOT_APPLICABLE:
        return
    worse = [with_verdict(one, verdict) if n == place else one for n, one in enumerate(results)]
    assert (score(worse).value or 0) <= (score(results).value or 0)
    assert coverage(worse).assessed <= coverage(results).assessed


@given(RESULTS)
def test_a_waiver_changes_no_score(results: list[Result]) -> None:
    waived = [replace(one, standing="waived", waiver=WAIVER) if one.verdict is Outcome.FAIL else one for one in results]
    assert score(waived) == score(results)
    assert gate(waived).holds >= gate(results).holds


@given(RESULTS)
def test_score_stays_within_bounds_and_order_does_not_matter(results: list[Result]) -> None:
    found = score(results)
    assert found.value is None or 0 <= found.value <= 100
    assert score(results[::-1]).value == found.value
    assert all(group.value is None or 0 <= group.value <= 100 for group in found.groups)


@given(RESULTS)
def test_what_holds_strictly_holds(results: list[Result]) -> None:
    assert gate(results, strict=True).holds <= gate(results).holds


def test_99_96_is_not_100() -> None:
    assert score([result("a-1", weight=10000), result("a-2", "fail", weight=4)]).value == 99.9


def test_fail_under_compares_without_rounding() -> None:
    found = score([result("a-1", weight=2), result("a-2", "fail", weight=1)])
    assert meets(found, 66.6)
    assert not meets(found, 66.7)


def test_gate_is_phase_3_with_the_must_haves() -> None:
    results = [result("a-1", "fail"), result("a-2", "partial", phase3=True), result("a-3", "unknown", phase3=True)]
    assert gate(results).holds
    assert gate(results, must_have={"a-1"}).broken_by == ("a-1",)
    assert gate(results, strict=True).broken_by == ("a-2", "a-3")


def test_declared_elsewhere_holds_the_gate_and_stays_out_of_the_score() -> None:
    declared = result("a-1", "fail", phase3=True, standing="declared_elsewhere", declared=DECLARED)
    found = gate([declared])
    assert found.holds
    assert found.excused == ("a-1",)
    assert score([declared, result("a-2")]).value == 100.0
