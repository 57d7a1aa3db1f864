"""What makes a report incomplete, and where its engines come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from readiness.assemble import Choices, assemble
from readiness.engine import Audit
from readiness.model import EngineRun, Evidence, Item, Outcome, Unread, Verdict
from readiness.profile import Profile
from readiness.report import Report
from readiness.repository import Repository

ITEM = Item("a-1", "A title", "a", 3, True, ("Section: line",), "page", "fix")


@dataclass
class Findings:
    """A fact that carries an engine's run."""

    run: EngineRun


def assembled(repository: Repository, outcome: str, *runs: EngineRun, timings: bool = False, crash: str = "") -> Report:
    audit = Audit(
        {"a-1": Verdict(Outcome(outcome), "m", (Evidence("a.py", 1),))},
        {type(f"Fact{n}", (), {}): Findings(run) for n, run in enumerate(runs)},
        {"Thing": crash} if crash else {},
    )
    return assemble(repository, [ITEM], audit, Choices(Profile(), timings=timings))


@pytest.fixture
def target(repository: Callable[[str], Repository]) -> Repository:
    return repository("-- a.py --\nx = 1\n")


def test_an_engine_that_ran_is_listed_once_and_without_seconds(target: Repository) -> None:
    run = EngineRun("bandit", "1", "ok", 3, 1.23456, unread=(Unread("b.py", "bandit", "syntax"),))
    report = assembled(target, "pass", run, run)
    assert [(engine.name, engine.files, engine.seconds) for engine in report.engines] == [("bandit", 3, None)]
    assert report.engines[0].unread[0].path == "b.py"
    assert report.incomplete == ()
    assert assembled(target, "pass", run, timings=True).engines[0].seconds == 1.23


@pytest.mark.parametrize("status", ["failed", "missing", "timeout"])
def test_an_engine_that_did_not_run_makes_the_audit_incomplete(target: Repository, status: str) -> None:
    report = assembled(target, "unknown", EngineRun("semgrep", "", status, 0, 0.0, "no such program"))
    assert report.incomplete == (f"semgrep {status}: no such program",)
    assert report.score.value == 0.0


def test_a_crash_of_a_rule_or_fact_makes_the_audit_incomplete(target: Repository) -> None:
    assert assembled(target, "error").incomplete == ("a-1: m",)
    assert assembled(target, "pass", crash="KeyError").incomplete == ("the fact Thing could not be gathered: KeyError",)
    assert assembled(target, "unknown").incomplete == ()
