"""Keeps what a whole audit found, so that a second audit of the same content answers at once. Renders and scores nothing.

The key covers the content of every file that is listed, the rules, and this program's own code. An audit in which
anything failed or crashed is not kept: the next one tries again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from readiness.cache import Cache, digest
from readiness.engine import Audit
from readiness.facts.secrets import Secret, SecretFindings
from readiness.facts.services import Service, Services
from readiness.model import EngineRun, Outcome, Unread, Verdict
from readiness.repository import Repository
from readiness.wiring import Rule

_KIND = "audit"


class Remembered(Struct, frozen=True):
    """An audit's findings in a form that can be kept."""

    verdicts: dict[str, Verdict]
    services: tuple[Service, ...]
    target: str
    reason: str
    secrets: tuple[Secret, ...]
    secret_files: int
    runs: tuple[EngineRun, ...]
    unread: tuple[Unread, ...]


class _Ran:
    """A fact that is only known to have run an engine."""

    def __init__(self, run: EngineRun) -> None:
        self.run = run


def key_of(repository: Repository, rules: Sequence[Rule]) -> str:
    """The name under which an audit of `repository` by `rules` is kept."""
    folders = {rule.folder.parents[1] for rule in rules} | {Path(__file__).parent}
    code = sorted(f"{path}:{status.st_size}:{status.st_mtime_ns}" for path, status in _own_files(folders))
    items = sorted(rule.item.id for rule in rules)
    return digest(*code, "\0".join(items), repository.content_digest)


def _own_files(folders: Iterable[Path]) -> Iterable[tuple[str, os.stat_result]]:
    """Code and knowledge below `folders`, fixtures left out: what decides a verdict."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in (".py", ".yaml") and "fixtures" not in path.parts:
                yield str(path), path.stat()


def recall(cache: Cache, key: str, repository: Repository) -> Audit | None:
    """The audit kept under `key`, its unread files noted on `repository`; None where there is none."""
    blob = cache.get(_KIND, [key]).get(key)
    if blob is None:
        return None
    try:
        kept = msgspec.msgpack.decode(blob, type=Remembered)
    except msgspec.DecodeError:
        return None
    repository.unread[:] = kept.unread
    facts: dict[type, object] = {
        Services: Services(kept.services, kept.target, kept.reason),
        SecretFindings: SecretFindings(kept.secrets, kept.secret_files),
    }
    for number, run in enumerate(kept.runs):
        facts[type(f"Engine{number}", (), {})] = _Ran(run)
    return Audit(kept.verdicts, facts, {})


def remember(cache: Cache, key: str, audit: Audit, repository: Repository) -> None:
    """Keep `audit` under `key`, unless something in it failed."""
    runs = tuple(run for fact in audit.facts.values() if isinstance(run := getattr(fact, "run", None), EngineRun))
    failed = any(verdict.outcome is Outcome.ERROR for verdict in audit.verdicts.values())
    if audit.crashes or failed or any(run.status != "ok" for run in runs):
        return
    services: Services | None = audit.facts.get(Services)
    secrets: SecretFindings | None = audit.facts.get(SecretFindings)
    kept = Remembered(
        audit.verdicts,
        services.all if services else (),
        services.target if services else "",
        services.reason if services else "",
        secrets.all if secrets else (),
        secrets.files if secrets else 0,
        runs,
        tuple(repository.unread),
    )
    cache.put(_KIND, {key: msgspec.msgpack.encode(kept)})
