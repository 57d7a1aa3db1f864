"""A rule or fact that is put together wrongly is refused in one line, before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from readiness.engine import built_in_facts
from readiness.model import Verdict, failed
from readiness.repository import Repository
from readiness.wiring import Fact, WiringError, data_folder, fact, facts_in, known, load_rules, plan, rule
from readiness.workshop import Workshop

PAGE = '"""A demo.\n\n## Why\nTo test.\n\n## Fix\nNothing.\n"""\n'
IMPORTS = "from readiness.model import Verdict, failed\nfrom readiness.wiring import rule\n"
CHECK = "@rule(weight=2, source=['Test: demo'])\ndef check() -> Verdict:\n    return failed('no')\n"


@pytest.fixture
def pack(tmp_path: Path) -> Callable[[str], Path]:
    def make(text: str) -> Path:
        (tmp_path / "demo" / "one_rule").mkdir(parents=True, exist_ok=True)
        (tmp_path / "demo" / "one_rule" / "rule.py").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def test_a_rule_takes_its_id_from_its_folder_and_its_page_from_its_docstring(pack: Callable[[str], Path]) -> None:
    item = load_rules(pack(PAGE + IMPORTS + CHECK))[0].item
    assert (item.id, item.group, item.title, item.weight) == ("demo-one-rule", "demo", "A demo", 2)
    assert item.remediation == "Nothing."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PAGE + IMPORTS, "exactly one function must carry @rule, found 0"),
        (PAGE + IMPORTS + CHECK + CHECK.replace("def check", "def other"), "found 2"),
        (PAGE.replace("## Why", "Why") + IMPORTS + CHECK, "lacks '## Why'"),
        (PAGE.replace("## Fix", "Fix") + IMPORTS + CHECK, "lacks '## Fix'"),
        (IMPORTS + CHECK, "lacks '## Why'"),
        (PAGE + IMPORTS + CHECK.replace("-> Verdict", "-> str"), "must be annotated to return Verdict"),
        (PAGE + IMPORTS + CHECK.replace(" -> Verdict", ""), "no type annotation"),
        (PAGE + IMPORTS + CHECK.replace("check()", "check(routes)"), "no type annotation"),
        (PAGE + "import nowhere_to_be_found\n" + IMPORTS + CHECK, "cannot be loaded"),
        (PAGE + IMPORTS + CHECK + ")", "cannot be loaded"),
        (
            PAGE + "from __future__ import annotations\n" + IMPORTS + CHECK.replace("check()", "check(r: Routes)"),
            "import fact types at run time",
        ),
    ],
)
def test_a_rule_put_together_wrongly_is_refused(pack: Callable[[str], Path], text: str, message: str) -> None:
    with pytest.raises(WiringError, match=message) as refused:
        load_rules(pack(text))
    assert "\n" not in str(refused.value)


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WiringError, match="no rule"):
        load_rules(tmp_path)


def test_knowledge_that_is_missing_or_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("a: [", encoding="utf-8")
    for name in ("known.yaml", "missing.yaml"):
        with pytest.raises(WiringError, match="cannot be read"):
            known(str(tmp_path / "rule.py"), name)


class Egg:
    pass


class Hen:
    pass


@fact
def lay(hen: Hen) -> Egg:
    return Egg()


@fact
def hatch(egg: Egg) -> Hen:
    return Hen()


@fact
def buy() -> Hen:
    return Hen()


def module_of(*functions: Callable[..., object]) -> ModuleType:
    module = ModuleType(__name__)
    for function in functions:
        setattr(module, function.__name__, function)
    return module


def test_two_providers_of_one_fact_are_refused() -> None:
    with pytest.raises(WiringError, match="Hen has two providers"):
        facts_in([module_of(hatch, buy)])


def test_facts_that_need_each_other_are_refused() -> None:
    with pytest.raises(WiringError, match="in a circle: Hen -> Egg -> Hen"):
        plan([Hen], facts_in([module_of(lay, hatch)]), [])


def test_a_fact_that_nobody_provides_is_refused_with_who_asks() -> None:
    with pytest.raises(WiringError, match="lay asks for Hen, which no fact provides"):
        plan([Egg], facts_in([module_of(lay)]), [])


def test_a_plan_puts_each_fact_after_what_it_needs_and_once() -> None:
    steps: list[Fact] = plan([Egg, Hen], facts_in([module_of(lay, buy)]), [])
    assert [step.provides for step in steps] == [Hen, Egg]
    assert plan([Egg], facts_in([module_of(lay, buy)]), [Egg]) == []


def test_the_rules_of_this_project_fit_its_facts() -> None:
    rules = load_rules(data_folder("rules"))
    assert plan([kind for one in rules for kind in one.needs], built_in_facts(), [Repository, Workshop])


def test_a_rule_s_decorator_leaves_the_function_as_it_is() -> None:
    def check() -> Verdict:
        return failed("no")

    assert rule(weight=1, source=[])(check) is check
