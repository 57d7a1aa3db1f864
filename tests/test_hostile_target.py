"""A hostile or odd target does no harm and gives no nonsense: nothing of it runs, nothing outside is read, all is bounded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness.audit import Options, audit
from readiness.render import FORMATS, render
from readiness.report import Report
from readiness.repository import TargetError

ITEM = "observability-liveness"
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/healthz')\ndef healthz():\n    return {}\n"
git_only = pytest.mark.skipif(not shutil.which("git"), reason="git is needed to make the target")


def scan(folder: Path, *items: str) -> Report:
    return audit(folder, Options(items=items or (ITEM,), jobs=1))


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def service(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(APP, encoding="utf-8")
    (folder / "requirements.txt").write_text("fastapi\n", encoding="utf-8")
    return folder


def committed(folder: Path) -> Path:
    service(folder)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")
    return folder


@git_only
def test_git_settings_of_the_target_run_nothing(tmp_path: Path) -> None:
    folder, trace = committed(tmp_path / "target"), tmp_path / "it-ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{trace}'\n", encoding="utf-8")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "filter.x.clean",
        "credential.helper",
    ):
        git(folder, "config", key, str(script))
    git(folder, "config", "core.hooksPath", str(tmp_path))
    shutil.copy(script, tmp_path / "post-index-change")
    (folder / ".gitattributes").write_text("* filter=x\n", encoding="utf-8")
    report = scan(folder)
    assert report.repository.commit
    assert not trace.exists()


def test_nothing_of_the_target_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, trace = service(tmp_path / "target"), tmp_path / "it-ran"
    evil = f"open({str(trace)!r}, 'w').close()\n"
    for name in ("sitecustomize.py", "conftest.py", "setup.py", "yaml.py", "bandit.py", "typer.py", "usercustomize.py"):
        (folder / name).write_text(evil, encoding="utf-8")
    pack = folder / "rules" / "evil" / "rule"
    pack.mkdir(parents=True)
    (pack / "rule.py").write_text(evil, encoding="utf-8")
    monkeypatch.chdir(folder)
    scan(folder)
    assert not trace.exists()


def test_links_do_not_lead_outside(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.py").write_text("KEY = 'outside'\n", encoding="utf-8")
    folder = service(tmp_path / "target")
    (folder / "link.py").symlink_to(tmp_path / "outside" / "secret.py")
    (folder / "folder").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "up").symlink_to(tmp_path)
    report = scan(folder)
    assert "outside'" not in render(report, "json")
    assert any(entry.path == "link.py" and "outside" in entry.reason for entry in report.unread)


def test_unreadable_content_is_bounded_and_listed(tmp_path: Path) -> None:
    folder = service(tmp_path / "target")
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    (folder / "docker-compose.yml").write_text(bomb, encoding="utf-8")
    (folder / "openapi.yaml").write_text("openapi: 3.0.0\n" + bomb, encoding="utf-8")
    (folder / "huge.py").write_text("x = 1\n" * 400_000, encoding="utf-8")
    (folder / "binary.py").write_bytes(b"\0\1\2" * 1000)
    (folder / "latin.py").write_bytes("name = 'ü'\n".encode("latin-1"))
    (folder / "deep.py").write_text("x = " + "(" * 20_000 + ")" * 20_000 + "\n", encoding="utf-8")
    (folder / "deep.js").write_text("[" * 20_000 + "]" * 20_000 + "\n", encoding="utf-8")
    (folder / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    (folder / "deep.yaml").write_text("[" * 50_000, encoding="utf-8")
    report = scan(folder, ITEM, "observability-metrics")
    assert not [one for one in report.results if one.verdict == "error"]
    assert any(entry.path == "huge.py" for entry in report.unread)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
def test_a_fifo_is_not_opened(tmp_path: Path) -> None:
    folder = service(tmp_path / "target")
    os.mkfifo(folder / "pipe.py")
    os.mkfifo(folder / "readiness.toml")
    os.mkfifo(folder / "pyproject.toml")
    assert scan(folder).results


@pytest.mark.skipif(os.name == "nt", reason="Windows refuses these names itself")
def test_names_are_escaped_in_every_form(tmp_path: Path) -> None:
    folder = service(tmp_path / "target")
    (folder / "main.py").unlink()
    for name in (
        "a\nb.py",
        "\x1b[31mred.py",
        "<script>alert(1)<\u2044script>.py",
        "[red]x.py",
        "|`.py",
        "\u202egnp.py",
    ):
        (folder / name).write_text(APP, encoding="utf-8")
    report = scan(folder)
    for form in FORMATS:
        text = render(report, form)
        assert "\x1b" not in text
        assert "\u202e" not in text
        if form in ("html", "markdown", "junit"):
            assert "<script>alert" not in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("make", [service, pytest.param(committed, marks=git_only)])
def test_a_name_that_is_not_utf_8_is_listed_as_unread(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "target")
    (folder / "inner").mkdir()
    for name in (b"bad\xff.py", b"inner/worse\xfe.py"):
        (folder / os.fsdecode(name)).write_text(APP, encoding="utf-8")
    report = scan(folder)
    assert all(render(report, form) for form in FORMATS)
    assert {entry.path for entry in report.unread} == {r"bad\xff.py", r"inner/worse\xfe.py"}
    assert report.results[0].verdict == "pass"


def test_a_found_secret_is_masked_in_every_form(tmp_path: Path) -> None:
    folder = service(tmp_path / "target")
    key = "AKIA" + "Q3EGXT5WJ7KD2MZP"
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCY" + "ZQ9f8Tq2Lm4x"
    lines = f"{APP}\nAWS_ACCESS_KEY_ID = '{key}'\nAWS_SECRET_ACCESS_KEY = '{secret}'\n"
    (folder / "main.py").write_text(lines, encoding="utf-8")
    report = scan(folder, "security-secrets", ITEM, "config-externalized")
    for form in FORMATS:
        assert key not in render(report, form)
        assert secret not in render(report, form)


@git_only
def test_without_git_shallow_worktree_and_subfolder(tmp_path: Path) -> None:
    assert scan(service(tmp_path / "plain")).repository.commit == ""
    origin = committed(tmp_path / "origin")
    verdict = scan(origin).results[0].verdict
    git(tmp_path, "clone", "-q", "--depth", "1", origin.as_uri(), "shallow")
    git(origin, "worktree", "add", "-q", str(tmp_path / "tree"))
    service(origin / "services" / "orders")
    for folder in (tmp_path / "shallow", tmp_path / "tree", origin / "services" / "orders"):
        report = scan(folder)
        assert report.results[0].verdict == verdict
        assert report.repository.commit


def test_a_target_of_nothing_but_ignored_files_or_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="no files"):
        scan(tmp_path)


def test_settings_of_the_target_for_the_engines_change_nothing(tmp_path: Path) -> None:
    plain, set_up = service(tmp_path / "a" / "target"), service(tmp_path / "b" / "target")
    (set_up / ".bandit").write_text("[bandit]\nexclude = /\nskips = B105\n", encoding="utf-8")
    for folder in (plain, set_up):
        (folder / "main.py").write_text(
            f"{APP}\n\n@app.get('/x')\ndef x(c: str):\n    return eval(c)\n", encoding="utf-8"
        )
    (set_up / ".semgrepignore").write_text("*\n", encoding="utf-8")
    one, other = scan(plain, "security-scan"), scan(set_up, "security-scan")
    assert one.results[0].verdict == "fail"
    assert one.results == other.results


def test_the_json_of_a_hostile_target_is_valid(tmp_path: Path) -> None:
    folder = service(tmp_path / "target")
    (folder / "x\u2028y.py").write_text(APP, encoding="utf-8")
    assert json.loads(render(scan(folder), "json"))["results"]
