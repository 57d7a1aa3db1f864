"""Imports point one way: from the command line down to the frozen nouns, never back."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "readiness"

LAYERS = [
    ["model", "wording", "source", "profile", "cache", "yamldoc", "tables", "documents", "masking", "errors"],
    ["repository", "report", "wiring", "routing", "symbols"],
    ["workshop", "snippets", "score", "waivers", "catalogue", "schema", "render", "languages", "symbols_go", "origins"],
    ["ledger", "symbols_javascript", "go_environment", "ci", "deployment", "engines", "openapi", "migrations"],
    ["frameworks", "coverage"],
    ["facts"],
    ["judging", "engine", "migration_runs"],
    ["rules", "assemble", "remembered"],
    ["audit"],
    ["cli"],
    ["__main__"],
]
"""A name may import what stands above it in this list, and its own package."""
FLOOR = {name: number for number, layer in enumerate(LAYERS) for name in layer}

WHAT_A_REPORT_NEEDS = {"model", "report", "score", "wiring", "render"}
"""All that render and score may know: a report is drawn from the report alone (and the templates, found by wiring)."""


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports: of ours without "readiness.", others with an "=" in front. Also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield name.removeprefix("readiness.") if name.startswith("readiness.") else f"={name}"


def arrows() -> Iterator[tuple[str, str, str]]:
    """(file, its layer's name, the name of what it imports) for every import of ours by ours."""
    for file in [*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "rules").glob("*/*/rule.py"))]:
        inside = file.is_relative_to(PACKAGE)
        own = file.relative_to(PACKAGE).with_suffix("").parts[0] if inside else "rules"
        for name in imported(file):
            target = name.partition(".")[0]
            if target in FLOOR:
                yield file.relative_to(ROOT).as_posix(), own, target


def test_every_module_has_a_layer() -> None:
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert names - {"__init__"} <= set(FLOOR), "name the new module's layer in LAYERS"


def test_imports_point_one_way() -> None:
    back = [
        f"{file}: {own} imports {target}"
        for file, own, target in arrows()
        if own != target and FLOOR[own] <= FLOOR[target]
    ]
    assert back == []


@pytest.mark.parametrize("name", ["render", "score"])
def test_a_report_is_all_that_they_know(name: str) -> None:
    assert {target for _, own, target in arrows() if own == name} <= WHAT_A_REPORT_NEEDS


@pytest.mark.parametrize("file", sorted((ROOT / "rules").glob("*/*/rule.py")), ids=lambda f: f.parent.name)
def test_a_rule_imports_ours_and_the_standard_library(file: Path) -> None:
    others = {name[1:].partition(".")[0] for name in imported(file) if name.startswith("=")}
    assert others <= sys.stdlib_module_names
