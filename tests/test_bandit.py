"""What Bandit finds in production Python, which comments and files do not hide it, and what it says it could not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.cache import Cache
from readiness.engines.bandit import scan_file
from readiness.facts import bandit as fact
from readiness.facts.bandit import BanditFindings, bandit_findings
from readiness.repository import Repository
from readiness.workshop import Workshop

SHELL = "import subprocess\n\n\ndef run(command):\n    subprocess.run(command, shell=True)\n"


def test_finds_a_shell_in_production_code_alone(gather: Callable[..., Any]) -> None:
    text = f"-- app/run.py --\n{SHELL}-- tests/test_run.py --\n{SHELL}-- vendor/x.py --\n{SHELL}"
    found = gather(BanditFindings, text)
    assert found.run.status == "ok"
    assert [(f.check, f.where.path, f.where.line, f.severity, f.confidence) for f in found.findings] == [
        ("B602", "app/run.py", 5, "high", "high")
    ]


def test_a_nosec_comment_marks_and_does_not_hide(gather: Callable[..., Any]) -> None:
    found = gather(BanditFindings, f"-- run.py --\n{SHELL.rstrip()}  # nosec B602\n")
    assert [f.suppressed for f in found.findings] == [True]


def test_settings_of_the_target_change_nothing(gather: Callable[..., Any]) -> None:
    settings = "-- .bandit --\n[bandit]\nskips = B602\n-- pyproject.toml --\n[tool.bandit]\nskips = ['B602']\n"
    assert len(gather(BanditFindings, f"-- run.py --\n{SHELL}{settings}").findings) == 1


def test_asserts_and_bound_interfaces_are_no_findings(gather: Callable[..., Any]) -> None:
    found = gather(
        BanditFindings, "-- run.py --\nassert True\nHOST = '0.0.0.0'\ntry:\n    pass\nexcept ValueError:\n    pass\n"
    )
    assert found.findings == ()


def test_a_file_that_cannot_be_parsed_is_unread_and_the_others_are_read(gather: Callable[..., Any]) -> None:
    found = gather(BanditFindings, f"-- new.py --\ndef f[[T]](: pass\n-- run.py --\n{SHELL}")
    assert [(u.path, u.reader) for u in found.run.unread] == [("new.py", "bandit")]
    assert "line 1" in found.run.unread[0].reason
    assert (found.run.status, found.run.files, len(found.findings)) == ("ok", 1, 1)


def test_no_readable_file_is_a_failed_run(gather: Callable[..., Any]) -> None:
    assert gather(BanditFindings, "-- new.py --\ndef f(:\n").run.status == "failed"


def test_a_missing_bandit_is_said(monkeypatch: pytest.MonkeyPatch, gather: Callable[..., Any]) -> None:
    monkeypatch.setattr(fact, "bandit_version", lambda: "")
    assert gather(BanditFindings, f"-- run.py --\n{SHELL}").run.status == "missing"


def test_a_second_scan_reads_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Callable[[str], Repository]
) -> None:
    target = repository(f"-- run.py --\n{SHELL}")
    first = bandit_findings(target, Workshop(jobs=1, cache=Cache(tmp_path / "cache")))
    monkeypatch.setattr("readiness.engines.bandit._tests", lambda: pytest.fail("Bandit ran"))
    second = bandit_findings(target, Workshop(jobs=1, cache=Cache(tmp_path / "cache")))
    assert first.findings == second.findings != ()


ODD = [b"\0", b"\xff\xfe", b"(" * 5000, b"x = 1\n" * 3 + b"\x0c", b"", b"# -*- coding: nonsense -*-\n"]


@pytest.mark.parametrize("content", ODD)
def test_odd_bytes_are_an_error_of_the_file_or_nothing(content: bytes) -> None:
    assert scan_file("odd.py", content).findings == ()
