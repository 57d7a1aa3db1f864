"""Fills in the `${{ ... }}` of GitHub Actions as far as a literal stands behind it. Evaluates no condition but `false`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from readiness.yamldoc import YamlMap, as_text

MAX_COMBINATIONS = 16
_REFERENCE = re.compile(r"\$\{\{\s*(matrix|env|inputs|github)\.([\w.-]+)(?:\s*\|\|\s*'([^']*)')?\s*\}\}")
_EVENT = re.compile(r"github\.event_name\s*(==|!=)\s*'(\w+)'")
EVENTS = {
    "push": "push", "merge_group": "push", "pull_request": "pull_request", "pull_request_target": "pull_request",
    "schedule": "schedule", "workflow_dispatch": "manual", "repository_dispatch": "manual", "release": "release",
    "workflow_call": "call", "workflow_run": "push",
}  # fmt: skip
"""GitHub's events by what ToolRun.triggers calls them; any other (issues, comments) is manual."""


def fill(text: str, values: Mapping[str, Mapping[str, str]]) -> str:
    """`text` with `${{ env.X }}`, `inputs.x`, `matrix.x` filled in from `values[context][name]`; the rest stays."""

    def value(match: re.Match[str]) -> str:
        context, name, default = match.groups()
        if context == "github":
            return "@root" if name == "workspace" else match.group()
        known = values.get(context, {}).get(name)
        return known or default or (match.group() if known is None else "")

    return _REFERENCE.sub(value, text) if "${{" in text else text


def combinations(strategy: Any, text: str) -> list[dict[str, str]]:
    """The matrix values that a job's `text` can see: one mapping per combination of the keys that it refers to."""
    matrix = strategy.get("matrix") if isinstance(strategy, YamlMap) else None
    wanted = sorted(set(re.findall(r"matrix\.([\w-]+(?:\.[\w-]+)?)", text)))
    if not isinstance(matrix, YamlMap) or not wanted:
        return [{}]
    axes: dict[str, list[Any]] = {
        k: v for k, v in matrix.items() if isinstance(v, list) and k not in ("include", "exclude")
    }
    used = [name for name in axes if any(w.partition(".")[0] == name for w in wanted)]
    rows = [dict(zip(used, row, strict=True)) for row in itertools.islice(
        itertools.product(*(axes[name] for name in used)), MAX_COMBINATIONS)]  # fmt: skip
    included = matrix.get("include")
    for extra in included if isinstance(included, list) else []:
        if isinstance(extra, YamlMap):
            _include(extra, rows, used, wanted)
    distinct = dict.fromkeys(tuple(sorted(_flat(row).items())) for row in rows if row)
    return [dict(pairs) for pairs in distinct][:MAX_COMBINATIONS] or [{}]


def _include(extra: YamlMap, rows: list[dict[str, Any]], used: list[str], wanted: list[str]) -> None:
    """Add an entry of `include` to the combinations that it agrees with; where there is none it is one of its own."""
    seen = {k: v for k, v in extra.items() if any(w.partition(".")[0] == k for w in wanted)}
    agreeing = [row for row in rows if used and all(row.get(k) == seen[k] for k in used if k in seen)]
    for row in agreeing:
        row.update({k: v for k, v in seen.items() if k not in used})
    if not agreeing:
        rows.append(seen)


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in row.items():
        if isinstance(value, YamlMap):
            found.update({f"{key}.{k}": as_text(v) for k, v in value.items()})
        else:
            found[key] = as_text(value)
    return found


def never(condition: Any) -> bool:
    """Whether an `if:` can never hold."""
    return condition is False or (
        isinstance(condition, str) and condition.replace("${{", "").replace("}}", "").strip().lower() in ("false", "0")
    )


def narrowed(triggers: frozenset[str], condition: Any) -> frozenset[str]:
    """The triggers that an `if:` on the event's name leaves; all of them where it says something else."""
    if not isinstance(condition, str) or "||" in condition:
        return triggers
    for operator, event in _EVENT.findall(condition):
        meant = {EVENTS.get(event, "manual")}
        kept = triggers & meant if operator == "==" else triggers - meant
        triggers = frozenset(kept) or triggers
    if "startsWith(github.ref, 'refs/tags" in condition and "push" in triggers:
        return (triggers - {"push"}) | {"tag"}
    return triggers
