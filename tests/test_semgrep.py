"""What Semgrep finds through our rules, what it does without it, and that the target cannot steer it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from txtar import parse

from readiness.cache import Cache
from readiness.engines import semgrep as engine
from readiness.engines.semgrep import Target, scan
from readiness.engines.semgrep_rules import RuleSet, load
from readiness.facts.semgrep import SemgrepFindings, semgrep_findings
from readiness.repository import Repository
from readiness.wiring import data_folder
from readiness.workshop import Workshop

RULES = load(data_folder("rules"))
SAMPLES = parse((data_folder("rules") / "security/scan/semgrep-samples.txtar").read_text(encoding="utf-8"))
LANGUAGES = {"py": "python", "js": "javascript", "ts": "javascript", "go": "go"}
VULNERABLE = """-- app.py --
from flask import request


def view(db):
    return db.execute("SELECT * FROM t WHERE a = '%s'" % request.args["a"])
"""


def fired(front_end: str) -> dict[str, set[str]]:
    """The ids of the rules that fire on each sample."""
    targets = {
        path: Target(text.encode(), RULES.relevant(LANGUAGES[path.rpartition(".")[2]], text.encode()))
        for path, text in SAMPLES.items()
    }
    results, errors = scan(RULES, {p: t for p, t in targets.items() if t.rules}, 2, 120, front_end)
    assert not errors
    hits: dict[str, set[str]] = {path: set() for path in SAMPLES}
    for row in results:
        hits[row["path"]].add(row["check_id"].rpartition(".")[2])
    return hits


@pytest.fixture(scope="module")
def hits() -> dict[str, set[str]]:
    return fired("fast")


@pytest.mark.parametrize("rule", sorted(RULES.by_id))
def test_rule_fires_on_its_bad_sample_and_not_on_its_good_one(rule: str, hits: dict[str, set[str]]) -> None:
    bad = [path for path in SAMPLES if path.startswith(f"{rule}.bad.")]
    good = [path for path in SAMPLES if path.startswith(f"{rule}.good.")]
    assert bad and good, "every rule has both samples"
    assert all(rule in hits[path] for path in bad)
    assert not any(rule in hits[path] for path in good)


def test_the_classic_front_end_finds_the_same(hits: dict[str, set[str]]) -> None:
    assert fired("classic") == hits


def test_findings_say_where_what_and_how_grave(gather: Callable[..., Any]) -> None:
    found = gather(SemgrepFindings, VULNERABLE)
    assert found.run.status == "ok"
    assert [(f.check, f.where.path, f.where.line, f.severity, f.confidence) for f in found.findings] == [
        ("python-sql-injection", "app.py", 5, "high", "high")
    ]


def test_settings_and_comments_of_the_target_hide_nothing(gather: Callable[..., Any]) -> None:
    hidden = VULNERABLE.replace('["a"])', '["a"])  # nosemgrep')
    found = gather(SemgrepFindings, hidden + "-- .semgrepignore --\n*\n-- .semgrep.yml --\nrules: [\n")
    assert [f.suppressed for f in found.findings] == [True]


def test_a_hostile_file_name_is_no_option(tmp_path: Path) -> None:
    name = "--config=x $(touch owned) \n.py"
    (tmp_path / name).write_text(VULNERABLE.partition("\n")[2])
    found = semgrep_findings(Repository(tmp_path), Workshop(jobs=1))
    assert [f.where.path for f in found.findings] == [name]


def test_a_missing_binary_is_said_and_is_no_pass(monkeypatch: pytest.MonkeyPatch, gather: Callable[..., Any]) -> None:
    monkeypatch.setattr(engine, "_core", lambda: None)
    found = gather(SemgrepFindings, VULNERABLE)
    assert (found.run.status, found.findings) == ("missing", ())


def test_a_time_out_is_said(monkeypatch: pytest.MonkeyPatch, gather: Callable[..., Any]) -> None:
    monkeypatch.setattr("readiness.facts.semgrep._SECONDS", 0.001)
    assert gather(SemgrepFindings, VULNERABLE).run.status == "timeout"


def test_a_second_scan_starts_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Callable[[str], Repository]
) -> None:
    target = repository(VULNERABLE)
    first = semgrep_findings(target, Workshop(jobs=1, cache=Cache(tmp_path / "cache")))
    monkeypatch.setattr(engine, "_run", lambda *_: pytest.fail("a process was started"))
    second = semgrep_findings(target, Workshop(jobs=1, cache=Cache(tmp_path / "cache")))
    assert first.findings == second.findings != ()


def test_an_unparsable_file_is_listed_as_unread(gather: Callable[..., Any]) -> None:
    found = gather(SemgrepFindings, "-- app.py --\nrequest.args execute eval( ] def\n" + "-- ok.py --\nx = 1\n")
    assert all(entry.reader == "semgrep" for entry in found.run.unread)
    assert found.run.status == "ok"


def test_files_without_the_words_of_a_rule_are_not_given_to_it() -> None:
    assert not RULES.relevant("python", b"x = 1\n")
    assert "python-sql-injection" not in RULES.relevant("python", b"db.execute('SELECT 1')\n")
    assert isinstance(RULES, RuleSet)
