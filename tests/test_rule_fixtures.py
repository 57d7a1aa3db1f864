"""Every fixture beside a rule gets the verdict that its name states, and every rule has the fixtures that it owes."""

from __future__ import annotations

from pathlib import Path

import pytest
from txtar import unpack

from readiness.engine import run
from readiness.repository import Repository
from readiness.wiring import Rule, data_folder, load_rules
from readiness.workshop import Workshop

RULES = load_rules(data_folder("rules"))
OUTCOMES = ("pass", "partial", "fail", "not_applicable")


def fixtures(rule: Rule) -> list[Path]:
    """Files <outcome>-<language or any>-<what>.txtar."""
    return sorted((rule.folder / "fixtures").glob("*.txtar"))


CASES = [pytest.param(rule, path, id=f"{rule.item.id}/{path.stem}") for rule in RULES for path in fixtures(rule)]


@pytest.mark.parametrize(("rule", "path"), CASES)
def test_fixture_gets_its_verdict(rule: Rule, path: Path, tmp_path: Path) -> None:
    unpack(path.read_text(encoding="utf-8"), tmp_path / "target")
    verdict = run(Repository(tmp_path / "target"), [rule], Workshop(jobs=1)).verdicts[rule.item.id]
    assert verdict.outcome.value == path.stem.partition("-")[0], verdict.message
    assert verdict.message
    if verdict.outcome.value == "fail":
        assert verdict.evidence or verdict.searched, "a fail shows evidence or says what was looked for"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.item.id)
def test_rule_has_the_fixtures_it_owes(rule: Rule) -> None:
    names = [path.stem for path in fixtures(rule)]
    owed = [
        outcome for outcome in OUTCOMES if outcome != "partial" and not (rule.always and outcome == "not_applicable")
    ]
    languages = rule.languages or ("any",)
    missing = [
        f"{o}-{lang}-*" for lang in languages for o in owed if not any(n.startswith(f"{o}-{lang}-") for n in names)
    ]
    assert not missing, f"{rule.item.id} lacks {missing}"
    assert all(name.split("-")[0] in OUTCOMES for name in names)
