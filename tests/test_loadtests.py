"""What counts as a load test, where its target is, and which results meet one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.deployment.loadfiles import read_document, read_result, read_script
from readiness.facts.loadtests import LoadTests

K6 = "import http from 'k6/http';\nexport const options = {\n  thresholds: { http_req_failed: ['rate<0.01'] },\n};\n"
ARTILLERY = "config:\n  target: http://x\n  phases: [{duration: 1, arrivalRate: 1}]\n"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("load/a.js", K6, ("k6", True)),
        ("tests/load/a.ts", K6.replace("thresholds", "stages"), ("k6", False)),
        ("docs/a.js", K6, None),
        ("src/a.js", "const text = 'k6/http thresholds';\n", None),
        ("load/a.py", "from locust import HttpUser\n\n\nclass U(HttpUser):\n    pass\n", ("locust", False)),
        ("load/a.py", "import locust\n\nprint(locust.__version__)\n", None),
        ("load/a.yml", ARTILLERY, ("artillery", False)),
        ("load/a.yml", ARTILLERY + "  ensure: {p95: 100}\n", ("artillery", True)),
        ("ci.yml", "config: {target: x}\nsteps: []\n", None),
        ("load/a.jmx", "<jmeterTestPlan><DurationAssertion/></jmeterTestPlan>", ("jmeter", True)),
        ("load/a.lua", "wrk.method = 'GET'\n", ("wrk", False)),
        ("src/a.lua", "local x = 1\n", None),
        ("load/A.scala", "import io.gatling.core.Predef._\nsetUp().assertions(x)\n", ("gatling", True)),
        (
            "load/b.yml",
            "execution: [{concurrency: 1}]\nscenarios: {a: {}}\nreporting:\n  - module: passfail\n",
            ("taurus", True),
        ),
    ],
)
def test_what_is_a_load_test(gather: Callable[..., Any], path: str, text: str, found: tuple[str, bool] | None) -> None:
    tests = gather(LoadTests, f"-- {path} --\n{text}").all
    assert [(t.tool, bool(t.threshold)) for t in tests] == ([found] if found else [])


@pytest.mark.parametrize(
    ("path", "text", "result"),
    [
        ("s.json", '{"metrics": {"http_req_duration": {"thresholds": {"a": {"ok": true}}}}}', ("k6", True)),
        ("s.json", '{"metrics": {"http_req_duration": {"thresholds": {"a": {"ok": false}}}}}', ("k6", False)),
        ("s.json", '{"metrics": {"http_req_duration": {}}}', ("k6", False)),
        ("s.json", '{"a": 1}', None),
        ("s_stats.csv", "Type,Name,Request Count,Failure Count\n,Aggregated,10,0,1\n", ("locust", True)),
        ("s_stats.csv", "Type,Name,Request Count,Failure Count\n,Aggregated,10,3,1\n", ("locust", False)),
    ],
)
def test_results(path: str, text: str, result: tuple[str, bool] | None) -> None:
    assert read_result(path, text) == result


@given(st.text(max_size=150), st.sampled_from(["a.jmx", "a.lua", "a.kt"]))
def test_never_crashes(text: str, path: str) -> None:
    read_script(path, text)
    for read in (lambda: read_document(text), lambda: read_result("a.json", text), lambda: read_result("a.csv", text)):
        try:
            read()
        except ValueError:
            continue
