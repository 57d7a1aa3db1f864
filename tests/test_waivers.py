"""Waivers and declarations: what they cover, and what they never do."""

from __future__ import annotations

from datetime import date

import pytest

from readiness.model import Evidence, Outcome, ServiceVerdict, Verdict
from readiness.profile import DeclaredEntry, Profile, ProfileError, WaiverEntry
from readiness.report import Declared, Waiver
from readiness.waivers import apply, covers, declared_of, waivers_of

TODAY = date(2030, 6, 1)


def waiver(path: str = "", service: str = "", item: str = "a-1") -> Waiver:
    return Waiver(item, "reason", "owner", "2031-01-01", path, service)


def verdict(outcome: str, *paths: str, services: tuple[ServiceVerdict, ...] = ()) -> Verdict:
    return Verdict(Outcome(outcome), "m", tuple(Evidence(path, 1) for path in paths), services=services)


def entry(expires: object = date(2031, 1, 1), reason: str = "r", owner: str = "o") -> Profile:
    return Profile(waiver=(WaiverEntry("a-1", reason, owner, expires),), source="readiness.toml")


@pytest.mark.parametrize("outcome", ["fail", "partial", "unknown"])
def test_a_waiver_without_path_covers_the_item(outcome: str) -> None:
    assert apply(verdict(outcome, "x.py"), "a-1", [waiver()], None) == ("waived", waiver())


@pytest.mark.parametrize("outcome", ["pass", "not_applicable", "error"])
def test_a_waiver_never_touches_these(outcome: str) -> None:
    assert apply(verdict(outcome), "a-1", [waiver()], None) == (outcome, None)
    assert covers(waiver(), verdict(outcome)) == "nothing"


def test_a_path_covers_only_what_lies_below_it() -> None:
    both = verdict("fail", "legacy/a.py", "src/b.py")
    assert apply(both, "a-1", [waiver("legacy/")], None)[0] == "fail"
    assert covers(waiver("legacy"), both) == "part"
    assert apply(both, "a-1", [waiver("legacy"), waiver("src/*.py")], None)[0] == "waived"
    assert apply(verdict("fail", "legacyish/a.py"), "a-1", [waiver("legacy")], None)[0] == "fail"
    assert apply(verdict("fail"), "a-1", [waiver("legacy")], None)[0] == "fail"


def test_a_service_covers_only_that_service() -> None:
    short = (ServiceVerdict("orders", Outcome.FAIL, ""), ServiceVerdict("billing", Outcome.FAIL, ""),
             ServiceVerdict("shop", Outcome.PASS, ""))  # fmt: skip
    assert apply(verdict("fail", services=short), "a-1", [waiver(service="orders")], None)[0] == "fail"
    both = [waiver(service="orders"), waiver(service="billing")]
    assert apply(verdict("fail", services=short), "a-1", both, None)[0] == "waived"


def test_a_waiver_of_another_item_is_nothing() -> None:
    assert apply(verdict("fail"), "a-1", [waiver(item="a-2")], None) == ("fail", None)


def test_a_declaration_stands_before_a_waiver_and_leaves_a_pass_alone() -> None:
    declared = Declared("a-1", "the ingress", "TLS ends there")
    assert apply(verdict("fail"), "a-1", [waiver()], declared)[0] == "declared_elsewhere"
    assert apply(verdict("pass"), "a-1", [], declared)[0] == "pass"


@pytest.mark.parametrize("expires", [date(2031, 1, 1), "2031-01-01", TODAY])
def test_dates_as_toml_writes_them(expires: object) -> None:
    assert waivers_of(entry(expires), TODAY)[0].expires in ("2031-01-01", "2030-06-01")


@pytest.mark.parametrize(
    ("profile", "sentence"),
    [
        (entry(date(2030, 5, 31)), "expired on 2030-05-31"),
        (entry("soon"), "'expires' must be a date"),
        (entry(True), "'expires' must be a date"),
        (entry(20310101), "'expires' must be a date"),
        (entry(reason=" "), "'reason' is empty"),
        (entry(owner=""), "'owner' is empty"),
    ],
)
def test_expired_and_malformed_are_refused(profile: Profile, sentence: str) -> None:
    with pytest.raises(ProfileError, match=sentence):
        waivers_of(profile, TODAY)


def test_declarations_say_where_and_why_and_only_once() -> None:
    one = DeclaredEntry("a-1", "ingress", "why")
    assert declared_of(Profile(declared=(one,)))["a-1"].where == "ingress"
    with pytest.raises(ProfileError, match="declared twice"):
        declared_of(Profile(declared=(one, one)))
    with pytest.raises(ProfileError, match="must not be empty"):
        declared_of(Profile(declared=(DeclaredEntry("a-1", " ", "why"),)))
