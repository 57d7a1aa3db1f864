"""Applies waivers and declarations. Changes how an item stands, never its verdict and never what it earns.

A waiver covers an item when every part that falls short is covered: each service that falls short and each place of the
evidence. A waiver with a path speaks only for evidence below it, one with a service only for that service.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from fnmatch import translate
from typing import Literal

from readiness.model import Outcome, Verdict
from readiness.profile import Profile, ProfileError, WaiverEntry
from readiness.report import Declared, Standing, Waiver

_WAIVABLE = {Outcome.FAIL, Outcome.PARTIAL, Outcome.UNKNOWN}
Covers = Literal["all", "part", "nothing"]


def waivers_of(profile: Profile, today: date) -> list[Waiver]:
    """The profile's waivers. Raises ProfileError for one that has expired, or lacks a reason, owner or date."""
    return [
        _waiver(entry, f"{profile.source}: waiver {n} ({entry.item})", today)
        for n, entry in enumerate(profile.waiver, 1)
    ]


def _waiver(entry: WaiverEntry, name: str, today: date) -> Waiver:
    for key in ("reason", "owner"):
        if not getattr(entry, key).strip():
            raise ProfileError(f"{name}: '{key}' is empty")
    expires = _date(entry.expires, name)
    if expires < today:
        raise ProfileError(f"{name} expired on {expires.isoformat()}; mend the item or renew the waiver")
    return Waiver(entry.item, entry.reason, entry.owner, expires.isoformat(), entry.path, entry.service, entry.ticket)


def _date(value: object, name: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _refuse(value, name)
    except ValueError:
        return _refuse(value, name)


def _refuse(value: object, name: str) -> date:
    raise ProfileError(f"{name}: 'expires' must be a date such as 2030-01-31, not {value!r:.40}")


def declared_of(profile: Profile) -> dict[str, Declared]:
    """The profile's declarations by item. Raises ProfileError for two of one item or an empty `where` or `reason`."""
    found: dict[str, Declared] = {}
    for number, entry in enumerate(profile.declared, 1):
        name = f"{profile.source}: declared {number} ({entry.item})"
        if not entry.where.strip() or not entry.reason.strip():
            raise ProfileError(f"{name}: 'where' and 'reason' must not be empty")
        if entry.item in found:
            raise ProfileError(f"{name}: the item is declared twice")
        found[entry.item] = Declared(entry.item, entry.where, entry.reason, entry.owner)
    return found


def apply(
    verdict: Verdict, item: str, waivers: Sequence[Waiver], declared: Declared | None
) -> tuple[Standing, Waiver | None]:
    """How the item stands, and the waiver that speaks for it. A declaration goes first; neither touches a pass."""
    if verdict.outcome not in _WAIVABLE:
        return verdict.outcome.value, None
    if declared is not None:
        return "declared_elsewhere", None
    mine = [waiver for waiver in waivers if waiver.item == item]
    touching = [waiver for waiver in mine if _covered(verdict, [waiver])]
    if touching and all(any(_speaks_for(w, part) for w in touching) for part in _parts(verdict)):
        return "waived", touching[0]
    return verdict.outcome.value, None


def covers(waiver: Waiver, verdict: Verdict | None) -> Covers:
    """How much of the item's shortcoming `waiver` covers by itself."""
    if verdict is None or verdict.outcome not in _WAIVABLE:
        return "nothing"
    covered = _covered(verdict, [waiver])
    if not covered:
        return "nothing"
    return "all" if covered == len(_parts(verdict)) else "part"


def _covered(verdict: Verdict, waivers: Sequence[Waiver]) -> int:
    return sum(any(_speaks_for(waiver, part) for waiver in waivers) for part in _parts(verdict))


def _parts(verdict: Verdict) -> list[tuple[str, str]]:
    """(service, path) of all that falls short; "" where the verdict names none."""
    services = [s.service for s in verdict.services if s.outcome in _WAIVABLE] or [""]
    paths = list(dict.fromkeys(evidence.path for evidence in verdict.evidence)) or [""]
    return [(service, path) for service in services for path in paths]


def _speaks_for(waiver: Waiver, part: tuple[str, str]) -> bool:
    service, path = part
    return waiver.service in ("", service) and (not waiver.path or _below(path, waiver.path))


def _below(path: str, pattern: str) -> bool:
    """Whether `path` is the file or lies in the folder `pattern`, or matches it as a glob."""
    folder = pattern.rstrip("/").removeprefix("./")
    return path == folder or path.startswith(folder + "/") or re.match(translate(folder), path) is not None
