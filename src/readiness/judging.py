"""Puts the verdicts on single services together into one on the item. Decides nothing of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from readiness.facts.services import Service, Services
from readiness.model import Outcome, ServiceVerdict, Strength, Verdict, not_applicable, unknown

_ORDER = [Strength.DECLARED, Strength.WIRED, Strength.VERIFIED]


def each_service(services: Iterable[Service], judge: Callable[[Service], Verdict], otherwise: Verdict) -> Verdict:
    """Judge each service and combine: all pass is pass, none (partly) passing is fail, else partial.

    Services for which `judge` says not_applicable do not count; `otherwise` is the verdict where there is no service.
    """
    judged = [(service, judge(service)) for service in services]
    counted = [(service, verdict) for service, verdict in judged if verdict.outcome is not Outcome.NOT_APPLICABLE]
    if not counted:
        return judged[0][1] if len(judged) == 1 else not_applicable(judged[0][1].message) if judged else otherwise
    if len(counted) == 1:
        return counted[0][1]
    outcomes = {verdict.outcome for _, verdict in counted}
    outcome = outcomes.pop() if len(outcomes) == 1 else _mixed(outcomes)
    short = [service.name for service, verdict in counted if verdict.outcome is not Outcome.PASS]
    shown = next(((s, v) for s, v in counted if v.outcome is not Outcome.PASS), counted[0])
    detail = shown[1].message if shown[0].name in shown[1].message else f"{shown[0].name}: {shown[1].message}"
    message = (
        f"All {len(counted)} services pass. {detail}"
        if not short
        else f"{len(short)} of {len(counted)} services {'falls' if len(short) == 1 else 'fall'} short ({listed(short)}). {detail}"
    )
    strengths = [v.strength for _, v in counted if v.strength is not None]
    return Verdict(
        outcome,
        message,
        tuple(dict.fromkeys(e for _, v in counted for e in v.evidence)),
        min(strengths, key=_ORDER.index) if strengths else None,
        next((v.searched for _, v in counted if v.searched is not None), None),
        tuple(ServiceVerdict(service.name, verdict.outcome, verdict.message) for service, verdict in counted),
    )


def without_service(services: Services, what: str = "serves requests or consumes a queue") -> Verdict:
    """The verdict on a repository that shows no service that `what`: unknown where its programs could not be read."""
    if services.target == "unread":
        return unknown(f"This could not be judged: {services.reason}.")
    return not_applicable(services.why_none(what))


def _mixed(outcomes: set[Outcome]) -> Outcome:
    if Outcome.PASS in outcomes or Outcome.PARTIAL in outcomes:
        return Outcome.PARTIAL
    return Outcome.UNKNOWN


def listed(names: list[str]) -> str:
    """The first four, and how many more."""
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
