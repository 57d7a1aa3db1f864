"""The whole services in fixtures/, one for each main framework, get the verdicts that a careful reader gave them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from readiness.audit import Options, audit
from readiness.engine import run
from readiness.repository import Repository
from readiness.wiring import data_folder, load_rules
from readiness.workshop import Workshop

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPECTED: dict[str, dict[str, str]] = yaml.safe_load((FIXTURES / "expected.yaml").read_text(encoding="utf-8"))
RULES = load_rules(data_folder("rules"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_service_gets_its_verdicts(name: str, tmp_path: Path) -> None:
    """Copied out of this project's own repository, which would lend it its commit and its ignore rules."""
    shutil.copytree(FIXTURES / name, tmp_path / name)
    chosen = [rule for rule in RULES if rule.item.id in EXPECTED[name]]
    found = run(Repository(tmp_path / name), chosen, Workshop(jobs=1))
    assert not found.crashes
    wrong = {
        item: f"{verdict.outcome.value}, not {EXPECTED[name][item]}: {verdict.message}"
        for item, verdict in found.verdicts.items()
        if verdict.outcome.value != EXPECTED[name][item]
    }
    assert not wrong


def test_each_folder_is_expected_to_get_every_gated_item() -> None:
    gated = {rule.item.id for rule in RULES if rule.item.phase3}
    assert {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()} == set(EXPECTED)
    assert all(set(expected) == gated for expected in EXPECTED.values())


def test_every_gated_item_passes_somewhere_and_fails_somewhere() -> None:
    for item in next(iter(EXPECTED.values())):
        assert {"pass", "fail"} <= {expected[item] for expected in EXPECTED.values()}, item


def test_the_example_of_the_readme_is_good_and_honest(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "fastapi-orders", tmp_path / "orders")
    report = audit(tmp_path / "orders", Options(jobs=1))
    assert not report.incomplete
    assert report.score.value is not None
    assert report.score.value >= 70
    assert set(report.gate.broken_by) == {"container-scan", "testing-load"}
