"""Reports made up for the tests of score, forms and pages: no repository is read."""

from __future__ import annotations

from typing import Any

from readiness.ledger import ledger
from readiness.model import Evidence, Outcome, Searched, ServiceVerdict, Strength, Unread
from readiness.report import (
    SCHEMA_VERSION,
    AppliedWaiver,
    Declared,
    EngineReport,
    ProfileReport,
    Report,
    ReportedService,
    Result,
    Target,
    Tool,
    Waiver,
)
from readiness.score import coverage, gate, score

FIX = "Register a route:\n\n- FastAPI: `@app.get(\"/healthz\")`\n\n```python\n@app.get('/healthz')\ndef ok(): return {}\n```\n"


def result(id: str, verdict: str = "pass", **changes: Any) -> Result:
    """A result on the item `id`, whose group is the part before its first hyphen."""
    settings: dict[str, Any] = {
        "id": id,
        "title": f"The title of {id}",
        "group": id.partition("-")[0],
        "phase3": False,
        "weight": 2,
        "verdict": Outcome(verdict),
        "standing": verdict,
        "strength": None,
        "message": f"the message of {id}",
        "evidence": (),
        "searched": None,
        "services": (),
        "remediation": FIX,
        "waiver": None,
        "declared": None,
        "fingerprint": "0" * 32,
    }
    return Result(**(settings | changes))


def report(*results: Result, **changes: Any) -> Report:
    """A report on `results`, with score, coverage, gate and ledger drawn up from them."""
    settings: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": Tool("readiness", "0.1.0"),
        "repository": Target("shop", "0123456789abcdef0123", 120, {"python": 41, "go": 7}),
        "score": score(results),
        "coverage": coverage(results),
        "gate": gate(results),
        "incomplete": (),
        "ledger": ledger(results),
        "services": (),
        "results": results,
        "engines": (),
        "unread": (),
        "waivers": (),
        "profile": ProfileReport(),
        "selection": (),
        "notes": (),
    }
    return Report(**(settings | changes))


WAIVER = Waiver("testing-load", "no traffic before May", "ana", "2999-01-31", ticket="OPS-7")
DECLARED = Declared("security-headers", "the ingress of the platform", "set by the platform's nginx")


def rich_report() -> Report:
    """One of everything, in two services."""
    code = Evidence(
        "services/orders/app/main.py", 12, "the liveness route", '@app.get("/healthz")\ndef healthz():\n    return {}'
    )
    results = (
        result("observability-liveness", "pass", phase3=True, weight=4, evidence=(code,), strength=Strength.WIRED),
        result(
            "observability-metrics", "partial", phase3=True, weight=4, strength=Strength.DECLARED,
            services=(ServiceVerdict("orders", Outcome.PASS, "serves /metrics"),
                      ServiceVerdict("billing", Outcome.FAIL, "has no metrics endpoint")),
            evidence=(Evidence("services/orders/app/metrics.py", 3, "", "Instrumentator().instrument(app).expose(app)"),),
        ),
        result("security-secrets", "fail", phase3=True, weight=5,
               evidence=tuple(Evidence(f"services/billing/src/{'deeply/' * 9}config{n}.ts", n, "a key", "const key = '****'")
                              for n in range(1, 14))),
        result("security-headers", "fail", phase3=True, weight=3, standing="declared_elsewhere", declared=DECLARED),
        result("testing-load", "fail", phase3=True, weight=3, standing="waived", waiver=WAIVER,
               searched=Searched("k6, locust, artillery, Gatling and the like", "120 files",
                                 (Evidence("docs/perf.md", 4, "a mention", "We should load test."),))),
        result("testing-coverage", "unknown", phase3=True, weight=3),
        result("data-migrations", "not_applicable", phase3=True, weight=4, message="No database is used."),
        result("api-openapi", "error", phase3=True, weight=4, message="the rule crashed: KeyError"),
    )  # fmt: skip
    return report(
        *results,
        services=(
            ReportedService("orders", "services/orders", "python", ("http",), ("fastapi",), (code,)),
            ReportedService("billing", "services/billing", "javascript", ("http", "worker"), ("express",), ()),
        ),
        engines=(EngineReport("bandit", "1.9.4", "ok", 41, None, "", (Unread("a.py", "bandit", "syntax error"),)),),
        unread=(Unread("big.yaml", "yaml", "has too many aliases"),),
        waivers=(AppliedWaiver(WAIVER, "all"),),
        incomplete=("api-openapi: the rule crashed: KeyError",),
    )
