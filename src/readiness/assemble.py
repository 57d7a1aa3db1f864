"""Builds the report from an audit and a profile: places shown, standings applied, score and ledger. Judges nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

from msgspec.structs import replace

from readiness import __version__
from readiness.engine import Audit
from readiness.facts.secrets import SecretFindings
from readiness.facts.services import Services
from readiness.ledger import ledger
from readiness.masking import clean_prose, mask_likely
from readiness.model import EngineRun, Evidence, Item, Outcome, ServiceVerdict, Unread, Verdict
from readiness.profile import Profile
from readiness.report import (
    SCHEMA_VERSION,
    AppliedWaiver,
    Declared,
    EngineReport,
    ProfileReport,
    Report,
    ReportedService,
    Result,
    Target,
    Tool,
    Waiver,
)  # fmt: skip
from readiness.repository import Repository, Role
from readiness.score import coverage, gate, score
from readiness.snippets import Snippets
from readiness.waivers import apply, covers


class Choices:
    """What the caller decided beside the profile."""

    def __init__(
        self,
        profile: Profile,
        waivers: Sequence[Waiver] = (),
        declared: dict[str, Declared] | None = None,
        strict: bool = False,
        timings: bool = False,
        selection: Collection[str] = (),
        waivers_ignored: bool = False,
    ) -> None:
        """Keep them."""
        self.profile = profile
        self.waivers = waivers
        self.declared = declared or {}
        self.strict = strict
        self.timings = timings
        self.selection = tuple(sorted(selection))
        self.waivers_ignored = waivers_ignored


def assemble(
    repository: Repository, items: Sequence[Item], audit: Audit, choices: Choices, notes: Iterable[str] = ()
) -> Report:
    """The report of `audit` on `items`. The same input gives the same report, unless timings are asked for."""
    runs = engine_runs(audit.facts.values())
    unread = tuple(sorted(_clean_unread(entry) for entry in set(repository.unread)))
    snippets = Snippets(repository, _secret_places(audit))
    results = tuple(_result(item, audit.verdicts[item.id], snippets, choices) for item in items)
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("readiness", __version__),
        repository=_target(repository, audit.facts.get(Services)),
        score=score(results),
        coverage=coverage(results),
        gate=gate(results, choices.profile.must_have, choices.strict),
        incomplete=_incomplete(results, runs, audit.crashes),
        ledger=ledger(results),
        services=_services(audit.facts.get(Services), snippets),
        results=results,
        engines=tuple(_engine(run, choices.timings) for run in runs),
        unread=unread,
        waivers=tuple(AppliedWaiver(w, covers(w, audit.verdicts.get(w.item))) for w in choices.waivers),
        profile=_profile(choices),
        selection=choices.selection,
        notes=tuple(notes),
    )


def engine_runs(facts: Iterable[Any]) -> list[EngineRun]:
    """The runs of the engines among `facts`: those that carry a `run`, by name."""
    runs = {run for fact in facts if isinstance(run := getattr(fact, "run", None), EngineRun)}
    return sorted(runs, key=lambda run: (run.name, run.version))


def _result(item: Item, verdict: Verdict, snippets: Snippets, choices: Choices) -> Result:
    declared = choices.declared.get(item.id)
    standing, waiver = apply(verdict, item.id, choices.waivers, declared)
    evidence = snippets.fill_all(verdict.evidence)
    return Result(
        id=item.id,
        title=item.title,
        group=item.group,
        phase3=item.phase3,
        weight=choices.profile.weights.get(item.id, item.weight),
        verdict=verdict.outcome,
        standing=standing,
        strength=verdict.strength,
        message=mask_likely(clean_prose(verdict.message)),
        evidence=evidence,
        searched=snippets.fill_searched(verdict.searched),
        services=tuple(
            ServiceVerdict(clean_prose(s.service), s.outcome, mask_likely(clean_prose(s.message)))
            for s in verdict.services
        ),
        remediation=item.remediation,
        waiver=waiver,
        declared=declared if standing == "declared_elsewhere" else None,
        fingerprint=fingerprint(item.id, evidence),
    )


def fingerprint(item: str, evidence: Iterable[Evidence]) -> str:
    """Names a result by its item and the text of its evidence, not by line numbers: 32 hexadecimal characters."""
    state = blake2b(item.encode(), digest_size=16)
    for path, first in sorted({(e.path, " ".join(e.snippet.partition("\n")[0].split())) for e in evidence}):
        state.update(f"\0{path}\0{first}".encode())
    return state.hexdigest()


def _secret_places(audit: Audit) -> set[tuple[str, int]]:
    """Where secrets are, whether a verdict rests on them or not: another item's snippet may show the same line."""
    places = [e for verdict in audit.verdicts.values() for e in verdict.evidence if e.secret]
    if (findings := audit.facts.get(SecretFindings)) is not None:
        places += [secret.where for secret in findings.all if secret.standing != "harmless"]
    return {(place.path, place.line) for place in places}


def _target(repository: Repository, services: Services | None) -> Target:
    languages = Counter(file.language for file in repository.files if file.role is Role.SOURCE and file.language)
    return Target(
        name=clean_prose(repository.root.name),
        commit=repository.commit,
        files=len(repository.files),
        languages=dict(sorted(languages.items(), key=lambda pair: (-pair[1], pair[0]))),
        kind=clean_prose(services.target) if services and not services.all else "",
        reason=clean_prose(services.reason) if services and not services.all else "",
    )


def _services(services: Services | None, snippets: Snippets) -> tuple[ReportedService, ...]:
    return tuple(
        ReportedService(
            name=clean_prose(service.name),
            folder=clean_prose(service.folder),
            language=service.language,
            kinds=tuple(sorted(service.kinds)),
            frameworks=tuple(sorted(service.frameworks)),
            evidence=snippets.fill_all(service.evidence),
        )
        for service in (services.all if services else ())
    )


def _engine(run: EngineRun, timings: bool) -> EngineReport:
    unread = tuple(sorted(_clean_unread(entry) for entry in set(run.unread)))
    seconds = round(run.seconds, 2) if timings else None
    return EngineReport(run.name, run.version, run.status, run.files, seconds, clean_prose(run.message), unread)


def _clean_unread(entry: Unread) -> Unread:
    return replace(entry, path=clean_prose(entry.path), reason=clean_prose(entry.reason))


def _incomplete(results: Sequence[Result], runs: Sequence[EngineRun], crashes: dict[str, str]) -> tuple[str, ...]:
    reasons = [f"{run.name} {run.status}: {run.message}".rstrip(": ") for run in runs if run.status != "ok"]
    reasons += [f"{result.id}: {result.message}" for result in results if result.verdict is Outcome.ERROR]
    reasons += [f"the fact {name} could not be gathered: {why}" for name, why in sorted(crashes.items())]
    return tuple(dict.fromkeys(clean_prose(reason) for reason in reasons))


def _profile(choices: Choices) -> ProfileReport:
    profile = choices.profile
    return ProfileReport(
        profile.source, tuple(sorted(profile.off)), dict(sorted(profile.weights.items())),
        tuple(sorted(profile.must_have)), profile.exclude, choices.waivers_ignored,
    )  # fmt: skip
