"""The library's front door: audit a folder, get a report. Parses no command line and prints nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import platformdirs
from msgspec import Struct

from readiness import profile as profiles
from readiness.assemble import Choices, assemble
from readiness.cache import Cache
from readiness.catalogue import all_rules, chosen
from readiness.engine import run
from readiness.facts.services import Services
from readiness.remembered import key_of, recall, remember
from readiness.report import Report
from readiness.repository import Repository
from readiness.waivers import declared_of, waivers_of
from readiness.workshop import Workshop


class Options(Struct, frozen=True):
    """What a caller can choose. Empty `items` and `groups` mean all; `jobs` None takes the machine's count, up to 4."""

    items: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    strict: bool = False
    jobs: int | None = None
    waivers: bool = True
    rule_folders: tuple[Path, ...] = ()
    config: Path | None = None
    cache: Path | None = None
    timings: bool = False


_DEFAULT = Options()


def default_cache() -> Path:
    """The folder of READINESS_CACHE_DIR, else the user's cache folder."""
    named = os.environ.get("READINESS_CACHE_DIR")
    return Path(named) if named else platformdirs.user_cache_path("readiness")


def audit(
    target: Path,
    options: Options = _DEFAULT,
    progress: Callable[[str], None] = lambda _: None,
    today: date | None = None,
) -> Report:
    """Audit `target`. Raises TargetError, ProfileError, SelectionError or WiringError, with a sentence for the user."""
    rules = all_rules(options.rule_folders)
    profile = profiles.load(target, options.config, options.waivers)
    profiles.check_items(profile, {rule.item.id for rule in rules})
    waivers = waivers_of(profile, today or date.today())
    choices = Choices(
        profile, waivers, declared_of(profile), options.strict, options.timings,
        (*options.items, *options.groups), not options.waivers,
    )  # fmt: skip
    wanted = chosen(rules, options.items, options.groups, profile.off)
    repository = Repository(target, profile.exclude)
    cache = Cache(options.cache)
    key = key_of(repository, wanted) if options.cache else ""  # it reads every file: only where something is kept
    found = recall(cache, key, repository) if key else None
    if found is None:
        workshop = Workshop(options.jobs, cache)
        try:
            found = run(repository, wanted, workshop, progress, also=[Services])
        finally:
            workshop.close()
        if key:
            remember(cache, key, found, repository)
    return assemble(repository, [rule.item for rule in wanted], found, choices, _notes(cache))


def _notes(cache: Cache) -> Sequence[str]:
    return [cache.note] if cache.note else []


__all__ = ["Options", "audit", "default_cache"]
