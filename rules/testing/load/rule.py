"""Load tests exist and have been executed against a target.

## Why
How many requests a service bears is not to be read from its code. Without a test under load the first measurement is the
busiest hour, and a test without a target passes at any speed.
Source: Google SRE Book, chapter 17, "Testing for Reliability"; AWS Well-Architected, REL07-BP04 "Load test your workload".

## Fix
Check in a load test with a target that can fail, and run it in CI or keep the result that met the target:

    // load/api.js, run by `k6 run load/api.js`
    import http from 'k6/http';
    export const options = { vus: 20, duration: '1m', thresholds: { http_req_duration: ['p(95)<100'] } };
    export default function () { http.get(`${__ENV.BASE_URL}/items`); }

- Python: Locust with a `quitting` listener that sets `environment.process_exit_code` when the 95th percentile is too high
- JavaScript: Artillery with `config.ensure: {thresholds: [{http.response_time.p95: 100}]}`
- Go: k6 as above, `ghz` or vegeta with a check of the report
"""

from __future__ import annotations

from readiness.facts.loadtests import LoadTest, LoadTests
from readiness.facts.services import Services
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import rule


@rule(
    weight=3,
    phase3=True,
    source=[
        "Phase 3: Load tests executed (meet performance SLAs)",
        "Testing: Load testing for scalability",
        "Performance: Response time under 100ms p95",
    ],
    languages=("python", "javascript", "go"),
)
def check(services: Services, tests: LoadTests) -> Verdict:
    """Pass where a test has a target and CI runs it or a result met it; partial where one of the two is missing."""
    if not services.serving("http", "grpc") and services.target != "unread":
        return not_applicable(services.why_none("serves HTTP or gRPC"))
    if not tests.all:
        return failed(
            "Did not find a load test.",
            [Evidence(result.path, 0, "a result without its test") for result in tests.results],
            Searched("a script of k6, Locust, Artillery, Gatling, JMeter, vegeta, autocannon, wrk or ghz, an own load generator",
                     "all files but documentation and vendored code"),
        )  # fmt: skip
    with_target = [test for test in tests.all if test.threshold]
    places = [Evidence(test.path, test.threshold or test.line) for test in (with_target or tests.all)][:4]
    run = next(((text, chain) for text, chain in tests.runs if _runs_one(text, with_target or list(tests.all))), None)
    met = [result for result in tests.results if result.met]
    if with_target and met:
        return passed(
            f"A load test ({with_target[0].tool}) has a target, and a result that meets it is checked in.",
            [*places, *(Evidence(result.path) for result in met[:2])],
            Strength.VERIFIED,
        )
    if with_target and run:
        return passed(f"CI runs a load test ({with_target[0].tool}) with a target.", [*places, *run[1]])
    return partial(_missing(tests, bool(with_target), bool(run)), [*places, *(run[1] if run else ())])


def _runs_one(text: str, tests: list[LoadTest]) -> bool:
    """Whether a command of CI runs one of `tests`: it names the file or starts its tool."""
    words = text.split()
    named = any(test.path.rpartition("/")[2] in word for test in tests for word in words)
    aliases = {"taurus": "bzt", "command": words[0]}
    return named or any(aliases.get(test.tool, test.tool) == words[0] for test in tests)


def _missing(tests: LoadTests, target: bool, run: bool) -> str:
    first = tests.all[0]
    kind = "an own load generator" if first.tool == "own" else f"a load test ({first.tool})"
    lacks = [] if target else ["a target that can fail"]
    if not run:
        lacks.append("a run in CI or a result that is checked in")
    failing = [result.path for result in tests.results if not result.met]
    if failing:
        lacks.append(f"a result that meets its target ({failing[0]} does not)")
    return f"There is {kind}, but without {' and '.join(lacks)}."
