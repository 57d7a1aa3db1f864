"""The rules that an audit can use: built in, from folders, from installed packages; and the choice among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from readiness.profile import no_such
from readiness.wiring import Rule, WiringError, data_folder, load_rules

ENTRY_POINTS = "readiness.rules"


class SelectionError(Exception):
    """The choice of items names what does not exist, or leaves nothing; the message is one sentence for the user."""


def all_rules(folders: Iterable[Path] = ()) -> list[Rule]:
    """The built-in rules with those of installed packages and of `folders`, sorted by id. Raises WiringError."""
    rules: dict[str, Rule] = {}
    for folder in [data_folder("rules"), *_installed(), *folders]:
        if not folder.is_dir():
            raise WiringError(f"the rules folder {folder} does not exist")
        for rule in load_rules(folder):
            if rule.item.id in rules:
                raise WiringError(
                    f"the rule {rule.item.id} exists twice: {rules[rule.item.id].folder} and {rule.folder}"
                )
            rules[rule.item.id] = rule
    return [rules[name] for name in sorted(rules)]


def _installed() -> list[Path]:
    """The folders that installed packages offer: an entry point names a path or a package that holds group folders."""
    return [
        _folder(point.name, point.load()) for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name)
    ]


def _folder(name: str, offered: object) -> Path:
    if isinstance(offered, ModuleType) and offered.__file__:
        return Path(offered.__file__).parent
    if isinstance(offered, (str, Path)):
        return Path(offered)
    raise WiringError(f"the entry point {name} of {ENTRY_POINTS} offers neither a folder nor a package")


def chosen(
    rules: Sequence[Rule], items: Collection[str], groups: Collection[str], off: Collection[str] = ()
) -> list[Rule]:
    """The rules of `items` and `groups` (all where both are empty) without those `off`. Raises SelectionError."""
    ids, names = {rule.item.id for rule in rules}, {rule.item.group for rule in rules}
    for item in items:
        if item not in ids:
            raise SelectionError(no_such("item", item, ids))
    for group in groups:
        if group not in names:
            raise SelectionError(no_such("group", group, names))
    everything = not items and not groups
    wanted = [r for r in rules if everything or r.item.id in items or r.item.group in groups]
    kept = [rule for rule in wanted if rule.item.id not in off]
    if not kept:
        raise SelectionError("nothing is left to audit: the profile switches off every chosen item")
    return kept
