"""A second audit of the same content answers from memory, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness import audit as front
from readiness.audit import Options, audit
from readiness.report import Report

APP = """from fastapi import FastAPI

app = FastAPI()


@app.get("/healthz")
def healthz() -> str:
    return "ok"
"""
SERVICE = {"requirements.txt": "fastapi==0.115.6\n", "app/main.py": APP}
ITEMS = ("observability-liveness", "observability-metrics")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    for name, text in SERVICE.items():
        path = tmp_path / "service" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "service"


def verdicts(report: Report) -> dict[str, str]:
    return {result.id: result.verdict.value for result in report.results}


def test_nothing_runs_again_when_nothing_changed(
    service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(items=ITEMS, cache=tmp_path / "cache", jobs=1)
    first = audit(service, options)
    monkeypatch.setattr(front, "run", lambda *_, **__: pytest.fail("the audit ran again"))
    assert audit(service, options) == first


def test_a_changed_file_is_seen(service: Path, tmp_path: Path) -> None:
    options = Options(items=ITEMS, cache=tmp_path / "cache", jobs=1)
    assert verdicts(audit(service, options))["observability-liveness"] == "pass"
    (service / "app/main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n", encoding="utf-8")
    assert verdicts(audit(service, options))["observability-liveness"] == "fail"


def test_other_items_are_not_answered_from_memory(service: Path, tmp_path: Path) -> None:
    audit(service, Options(items=ITEMS[:1], cache=tmp_path / "cache", jobs=1))
    assert set(verdicts(audit(service, Options(items=ITEMS, cache=tmp_path / "cache", jobs=1)))) == set(ITEMS)
