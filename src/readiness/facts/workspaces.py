"""What the repository's own packages lend each other in a workspace. Knows no service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from readiness.facts.manifests import Manifest, Manifests, holds
from readiness.facts.modules import Modules

_STARTS = re.compile(r"(?i)^(start|serve|worker|run)\b")


def modules_of(folder: str, language: str, modules: Modules, manifests: Manifests) -> set[str]:
    """Paths of the modules of the repository's own packages that the package in `folder` depends on, transitively."""
    lenders = [m.folder for m in _lenders(folder, manifests)]
    return {m.path for m in modules.of(language) if any(holds(lender, m.path) for lender in lenders)}


def hosted(folders: Iterable[str], manifests: Manifests) -> dict[str, list[str]]:
    """For each of `folders` whose package starts nothing by itself, those of its dependents that start what it holds."""
    given = set(folders)
    idle = {m.folder for m in manifests.all if m.kind == "node" and m.folder in given and _is_idle(m)}
    lent = {folder: {m.folder for m in _lenders(folder, manifests)} for folder in given - idle}
    hosts = {folder: sorted(host for host, lenders in lent.items() if folder in lenders) for folder in sorted(idle)}
    return {folder: found for folder, found in hosts.items() if found}


def _is_idle(manifest: Manifest) -> bool:
    """Whether neither a script nor a command of a named package starts it."""
    starts = any(_STARTS.search(name) for name in manifest.scripts)
    return bool(manifest.folder and manifest.name) and not starts and not manifest.entry_points


def _lenders(folder: str, manifests: Manifests) -> Iterator[Manifest]:
    """The repository's own packages that the package in `folder` depends on in production, transitively."""
    by_name = {m.name: m for m in manifests.all if m.name and m.folder}
    todo = [m for m in manifests.all if m.folder == folder]
    seen: set[str] = {folder}
    while todo:
        for dependency in todo.pop().dependencies:
            own = by_name.get(dependency.name)
            if own is None or own.folder in seen or dependency.scope == "dev":
                continue
            seen.add(own.folder)
            todo.append(own)
            yield own
