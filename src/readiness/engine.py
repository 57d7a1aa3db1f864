"""Runs an audit: loads, plans, gathers facts, judges. Scores and renders nothing."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from types import ModuleType
from typing import Any

import readiness.facts
from readiness.model import Outcome, Verdict
from readiness.repository import Repository
from readiness.wiring import Fact, Rule, WiringError, facts_in, plan
from readiness.workshop import Workshop

Progress = Callable[[str], None]


@cache
def built_in_facts() -> dict[type, Fact]:
    """The facts of `readiness.facts`, by the type they provide."""
    names = sorted(info.name for info in pkgutil.iter_modules(readiness.facts.__path__))
    modules: list[ModuleType] = [importlib.import_module(f"readiness.facts.{name}") for name in names]
    return facts_in(modules)


class Audit:
    """What a run gathered: verdicts by item id, and the facts, for reporting on engines and services."""

    def __init__(self, verdicts: dict[str, Verdict], facts: dict[type, Any], crashes: dict[str, str]) -> None:
        self.verdicts = verdicts
        self.facts = facts
        self.crashes = crashes


def run(
    repository: Repository,
    rules: Sequence[Rule],
    workshop: Workshop,
    progress: Progress = lambda _: None,
    also: Iterable[type] = (),
) -> Audit:
    """Judge `repository` by `rules`. `also` names facts that the report wants besides those of the rules.

    A rule or fact that crashes gives its items the outcome `error`; it never reads as a pass and never stops the others.
    Raises WiringError before anything runs where rules and facts do not fit together.
    """
    facts = built_in_facts()
    given: dict[type, Any] = {Repository: repository, Workshop: workshop}
    wanted = [kind for rule in rules for kind in rule.needs]
    steps = plan([*also, *wanted], facts, given)
    gathered, crashes = _gather(steps, given, progress)
    verdicts: dict[str, Verdict] = {}
    for rule in rules:
        broken = next((kind for kind in rule.needs if kind in crashes), None)
        if broken is not None:
            verdicts[rule.item.id] = Verdict(
                Outcome.ERROR, f"the fact {broken.__name__} could not be gathered: {crashes[broken]}"
            )
            continue
        verdicts[rule.item.id] = _judge(rule, gathered)
    return Audit(verdicts, gathered, {kind.__name__: text for kind, text in crashes.items()})


class _Gathering:
    """Facts as they come in: `values`, `crashes` by the fact's type, and what still runs in the background."""

    def __init__(self, given: dict[type, Any], threads: ThreadPoolExecutor) -> None:
        self.values = dict(given)
        self.crashes: dict[type, str] = {}
        self.pending: dict[type, Future[Any]] = {}
        self._threads = threads

    def take(self, step: Fact, progress: Progress) -> None:
        """Compute `step`, or start it where it mostly waits. A crash, of what it needs too, is kept as its own."""
        for needed in step.needs:
            self.settle(needed)
        broken = next((self.crashes[needed] for needed in step.needs if needed in self.crashes), None)
        if broken is not None:
            self.crashes[step.provides] = broken
            return
        progress(step.provides.__name__)
        arguments = [self.values[needed] for needed in step.needs]
        if step.background:
            self.pending[step.provides] = self._threads.submit(step.function, *arguments)
        else:
            self._keep(step.provides, lambda: step.function(*arguments))

    def settle(self, kind: type) -> None:
        """Wait for a fact that was started."""
        if kind in self.pending:
            self._keep(kind, self.pending.pop(kind).result)

    def _keep(self, kind: type, compute: Callable[[], Any]) -> None:
        try:
            self.values[kind] = compute()
        except Exception as error:  # noqa: BLE001 - a fact's crash is reported on its items
            self.crashes[kind] = _describe(error)


def _gather(
    steps: Sequence[Fact], given: dict[type, Any], progress: Progress
) -> tuple[dict[type, Any], dict[type, str]]:
    """Background facts that need nothing but the target are begun first, so that they run beside the rest."""
    with ThreadPoolExecutor(max_workers=4) as threads:
        gathering = _Gathering(given, threads)
        for step in sorted(steps, key=lambda step: not (step.background and set(step.needs) <= set(given))):
            gathering.take(step, progress)
        for kind in list(gathering.pending):
            progress(kind.__name__)
            gathering.settle(kind)
    return gathering.values, gathering.crashes


def _judge(rule: Rule, facts: dict[type, Any]) -> Verdict:
    try:
        verdict = rule.check(*(facts[kind] for kind in rule.needs))
    except Exception as error:  # noqa: BLE001 - a rule's crash is its verdict
        return Verdict(Outcome.ERROR, f"the rule crashed: {_describe(error)}")
    if not isinstance(verdict, Verdict):
        return Verdict(Outcome.ERROR, "the rule returned no verdict")
    return verdict


def _describe(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {frame.name}, line {frame.lineno})"[:300]


__all__ = ["Audit", "WiringError", "built_in_facts", "run"]
