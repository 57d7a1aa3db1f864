"""Rules from outside: folders and installed packages, and the choice among them."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from readiness import catalogue
from readiness.wiring import WiringError

RULE = '''"""Demo.

## Why
To test.

## Fix
Nothing.
"""

from readiness.model import Verdict, failed
from readiness.wiring import rule


@rule(weight=1, source=["Test: demo"], always=True)
def check() -> Verdict:
    return failed("no")
'''


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "pack" / "demo" / "one").mkdir(parents=True)
    (tmp_path / "pack" / "demo" / "one" / "rule.py").write_text(RULE, encoding="utf-8")
    return tmp_path / "pack"


def test_an_installed_package_adds_its_rules(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pack / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(pack.parent)
    monkeypatch.setattr(catalogue, "entry_points", lambda group: [EntryPoint("demo", "pack", group)])
    assert "demo-one" in {rule.item.id for rule in catalogue.all_rules()}


def test_an_entry_point_that_offers_no_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "entry_points", lambda group: [EntryPoint("demo", "math:pi", group)])
    with pytest.raises(WiringError, match="neither a folder nor a package"):
        catalogue.all_rules()


def test_one_item_twice_is_refused(pack: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "demo" / "one"
    other.mkdir(parents=True)
    (other / "rule.py").write_text(RULE, encoding="utf-8")
    with pytest.raises(WiringError, match="demo-one exists twice"):
        catalogue.all_rules([pack, tmp_path / "other"])


def test_items_and_groups_add_up_and_off_takes_away(pack: Path) -> None:
    rules = catalogue.all_rules([pack])
    assert [rule.item.id for rule in catalogue.chosen(rules, ["demo-one"], [])] == ["demo-one"]
    both = catalogue.chosen(rules, ["demo-one"], ["testing"])
    assert {rule.item.group for rule in both} == {"demo", "testing"}
    assert "demo-one" not in {rule.item.id for rule in catalogue.chosen(rules, [], [], off=["demo-one"])}
    with pytest.raises(catalogue.SelectionError, match="nothing is left"):
        catalogue.chosen(rules, ["demo-one"], [], off=["demo-one"])
