"""Puts the steps that were read together into ordered histories, and says where one is unsound."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from readiness.migrations.model import Chain, Migration
from readiness.migrations.steps import Step, patterns
from readiness.model import Evidence

Tools = list[dict[str, Any]]
Fits = Callable[[dict[str, Any], dict[str, Any], str], bool]
"""Whether a file pattern's further conditions (a file beside it, a dependency, a configuration) hold for a path."""

_VERSION_FOLDER = re.compile(r"/[vV]?\d+(\.\d+)*$")
"""A home-made set may keep a folder of numbered steps for each release."""

_SEQUENTIAL_DIGITS = 6
"""Longer numbers are times, which have no gaps."""


def chains(steps: Mapping[str, Step], tools: Tools, fits: Fits) -> list[Chain]:
    """The histories among `steps` (by path), in order of their folders."""
    groups: dict[tuple[int, str], dict[str, tuple[Step, re.Match[str]]]] = defaultdict(dict)
    compiled = {(t, p): where for t, p, where, _ in patterns()}
    for path, step in steps.items():
        for tool, place in step.tools:
            entry = tools[tool]["files"][place]
            if not fits(tools[tool], entry, path):
                continue
            match = compiled[tool, place].search(path)
            if match is not None:
                groups[tool, _folder(path, tools[tool], entry, match)][path] = (step, match)
            break
    found = [
        chain for (tool, folder), files in groups.items() if (chain := _chain(tools[tool], folder, files)) is not None
    ]
    known = {chain.folder for chain in found if not chain.home_made}
    return sorted(
        (c for c in found if not c.home_made or not _lies_in(c.folder, known)), key=lambda c: (c.folder, c.tool)
    )


def _lies_in(folder: str, others: set[str]) -> bool:
    """Whether a tool's history has `folder` or a folder around or directly in it: its statements or notes in files of their own."""
    return any(folder == other or folder.startswith(f"{other}/") or other.startswith(f"{folder}/") for other in others)


def _folder(path: str, tool: dict[str, Any], entry: dict[str, Any], match: re.Match[str]) -> str:
    folder = path.rpartition("/")[0]
    nested = entry["path"].endswith(r"/migration\.sql$") or (tool.get("home_made") and _VERSION_FOLDER.search(folder))
    return folder.rpartition("/")[0] if nested else folder


def _chain(tool: dict[str, Any], folder: str, files: dict[str, tuple[Step, re.Match[str]]]) -> Chain | None:
    if tool["order"] == "list":
        steps = [
            Migration(p, name, name, name, (), s.has_down, line)
            for p, (s, _) in sorted(files.items())
            for name, line in s.listed
        ]
        return _made(tool, folder, steps, ()) if steps else None
    if tool["order"] == "graph":
        alembic = {p: s for p, (s, _) in files.items() if s.revision}
        steps = _alembic(alembic) if alembic else _django(folder, {p: s for p, (s, _) in files.items()})
        branches = any(step.branch for step in alembic.values())
        replaced = {r: _stem(path) for path, (step, _) in files.items() for r in step.replaces}
        problems = _graph_problems(steps, branches, replaced)
        return _made(tool, folder, steps, problems) if steps else None
    steps = _by_name(tool, files)
    if not steps or (tool.get("home_made") and not _is_ordered_set(steps)):
        return None
    return _made(tool, folder, steps, _number_problems(steps) if tool["order"] == "number" else ())


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _made(tool: dict[str, Any], folder: str, steps: list[Migration], problems: Iterable[Evidence]) -> Chain:
    return Chain(
        tool["name"],
        folder,
        tuple(steps),
        tuple(problems),
        tool.get("store", "relational"),
        bool(tool.get("home_made")),
    )


def _alembic(files: Mapping[str, Step]) -> list[Migration]:
    steps = {s.revision: Migration(p, s.revision, "", "", s.parents, s.has_down) for p, s in files.items()}
    return _in_order(steps)


def _django(folder: str, files: Mapping[str, Step]) -> list[Migration]:
    """Django's dependencies name an app by its label, which is the folder's name unless the app says otherwise."""
    names = {path.rpartition("/")[2].removesuffix(".py"): path for path in files}
    app = folder.rpartition("/")[0].rpartition("/")[2]
    labels = Counter(label for step in files.values() for label, name in dict(step.foreign).items() if name in names)
    label = app if labels[app] or not labels else labels.most_common(1)[0][0]
    steps = {
        name: Migration(
            path,
            name,
            name.partition("_")[0],
            name,
            tuple(n for at, n in files[path].foreign if at == label),
            files[path].has_down,
        )
        for name, path in sorted(names.items())
    }
    return _in_order(steps)


def _in_order(steps: Mapping[str, Migration]) -> list[Migration]:
    """Parents before children; what is in a circle or has an unknown parent comes by name."""
    order: dict[str, Migration] = {}
    waiting = sorted(steps.values(), key=lambda s: (s.number, s.revision))
    while waiting:
        ready = [s for s in waiting if all(p in order or p not in steps for p in s.parents)] or waiting[:1]
        order |= {s.revision: s for s in ready}
        waiting = [s for s in waiting if s.revision not in order]
    return list(order.values())


def _graph_problems(steps: list[Migration], branches: bool, replaced: Mapping[str, str]) -> list[Evidence]:
    """Parents that are not there, and several heads; `branches` says that they are named and meant."""
    by_revision = {step.revision for step in steps}
    problems = [
        Evidence(step.path, 1, f"follows {parent}, which is not there")
        for step in steps
        for parent in step.parents
        if parent not in by_revision and parent not in replaced and not parent.startswith("__")
    ]
    followed = {name for step in steps for parent in step.parents for name in (parent, replaced.get(parent, parent))}
    # What was squashed stands for its squash: Django follows either.
    heads = [s for s in steps if s.revision not in followed and s.revision not in replaced]
    if len(heads) > 1 and not branches:
        problems += [Evidence(head.path, 1, f"one of {len(heads)} heads") for head in heads[:4]]
    return problems


def _by_name(tool: dict[str, Any], files: dict[str, tuple[Step, re.Match[str]]]) -> list[Migration]:
    """Steps ordered by number, then name; a separate down file is its step's, not a step."""
    forward: list[Migration] = []
    backward: dict[tuple[str, str], bool] = {}
    for path, (step, match) in files.items():
        groups = match.groupdict()
        number, name = groups.get("number") or "", (groups.get("name") or path.rpartition("/")[2].rpartition(".")[0])
        if tool.get("home_made") and (version := _VERSION_FOLDER.search(path.rpartition("/")[0])):
            number = f"{version.group(0)[1:]}.{number}"
        if groups.get("step") in ("down", "undo"):
            backward[number, name] = not step.empty
        else:
            forward.append(Migration(path, f"{number}_{name}" if number else name, number, name, (), step.has_down))
    if backward or any("step" in (m.groupdict() or {}) and m.groupdict()["step"] for _, m in files.values()):
        numbers = {n: d for (n, _), d in backward.items()}
        forward = [
            Migration(s.path, s.revision, s.number, s.name, (), numbers.get(s.number, s.has_down or False))
            for s in forward
        ]
    if tool.get("no_down"):
        forward = [Migration(s.path, s.revision, s.number, s.name) for s in forward]
    return sorted(forward, key=lambda s: (*_key(s.number), s.name, s.path))


def _key(number: str) -> tuple[int, ...]:
    digits = [int(part[:30]) for part in re.findall(r"\d+", number)]
    return tuple(digits)


def _is_ordered_set(steps: list[Migration]) -> bool:
    return all(step.number for step in steps)


def _number_problems(steps: list[Migration]) -> list[Evidence]:
    """Duplicate numbers, and gaps in a running count."""
    problems: list[Evidence] = []
    seen: dict[tuple[str, str], Migration] = {}
    steps = [step for step in steps if step.number]
    for step in steps:
        key = (step.number.lstrip("0"), step.path.rpartition(".")[2] if ".sql" not in step.path else "sql")
        if key in seen and seen[key].name != step.name:
            problems.append(
                Evidence(step.path, 1, f"has the number {step.number} of {seen[key].path.rpartition('/')[2]} too")
            )
        seen[key] = step
    plain = sorted(
        {int(s.number) for s in steps if s.number.isdigit() and len(s.number.lstrip("0")) < _SEQUENTIAL_DIGITS}
    )
    if len(plain) == len({s.number for s in steps}):
        missing = (
            sorted(set(range(plain[0], plain[-1] + 1)) - set(plain))
            if plain and plain[-1] - plain[0] < 10 * len(plain) + 20
            else []
        )
        if missing:
            problems.append(
                Evidence(steps[-1].path, 1, f"the count has gaps: {', '.join(map(str, missing[:5]))} missing")
            )
    return problems
