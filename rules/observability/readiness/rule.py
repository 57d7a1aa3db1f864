"""There is a readiness check that tests dependencies.

## Why
A process that is up but cannot reach its database must not get traffic. A readiness route that runs the cheapest query
and answers with an error when it fails lets the load balancer take that instance out, and tells the operator which side
is broken. Source: Kubernetes, "Configure Liveness, Readiness and Startup Probes"; Microsoft, "Health Endpoint Monitoring pattern".

## Fix
Give the service a route that tests what it needs, and let the failure become a 5xx answer:

- FastAPI: `await session.execute(text("SELECT 1"))` in `@app.get("/readyz")`; the exception becomes a 500
- Django: `connection.ensure_connection()` in a view, or django-health-check
- Express: `await pool.query('SELECT 1')` and `res.status(503).end()` in the catch
- NestJS: `@nestjs/terminus` with a database indicator
- Go: `if err := db.PingContext(r.Context()); err != nil { http.Error(w, "database", 503); return }`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.facts.backings import Backing, Backings
from readiness.facts.health import Health, HealthEndpoint
from readiness.facts.services import Service, Services
from readiness.judging import each_service, without_service
from readiness.model import Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import rule
from readiness.wording import count


@rule(
    weight=4,
    phase3=True,
    source=["Monitoring: Health check endpoints (/health, /ready)"],
    languages=("python", "javascript", "go"),
)
def check(services: Services, backings: Backings, health: Health) -> Verdict:
    """Pass where a health route reaches a dependency and can answer with an error."""

    def judge(service: Service) -> Verdict:
        return _judge(service, backings, health)

    return each_service(
        services.backends("http", "grpc", "probes"), judge, without_service(services, "serves HTTP or gRPC")
    )


def _judge(service: Service, backings: Backings, health: Health) -> Verdict:
    needs = backings.of(service)
    if not needs:
        return not_applicable(
            f"{service.name} depends on no database, cache, queue or other service that its code shows."
        )
    endpoints = health.of(service)
    real = [e for e in endpoints if e.has_route and e.checks and e.can_fail]
    if real and (idle := _idle_protocols(service, endpoints, real)):
        return partial(
            f"{real[0].path} tests a dependency, but {idle[0].path}, for the other protocol, tests none.",
            [*real[0].checks[:2], idle[0].where],
            Strength.WIRED,
        )
    if real:
        return passed(
            f"{real[0].path} tests a dependency and fails when it is down.", [real[0].where, *real[0].checks[:2]]
        )
    soft = [e for e in endpoints if e.has_route and e.checks]
    if soft:
        return partial(
            f"{soft[0].path} tests a dependency but was not seen to answer with an error when it is down.",
            [soft[0].where, *soft[0].checks[:2]],
        )
    if gates := [e for e in endpoints if not e.has_route and e.checks]:
        return partial("A failing check refuses all requests, but no route reports it.", [gates[0].where])
    if promised := [e for e in endpoints if e.promises == "readiness"]:
        return partial(
            f"{promised[0].path} promises readiness but was not seen to check anything.", [promised[0].where]
        )
    return _without(service, needs, endpoints, health)


def _without(
    service: Service, needs: Sequence[Backing], endpoints: Sequence[HealthEndpoint], health: Health
) -> Verdict:
    kinds = ", ".join(dict.fromkeys(b.kind for b in needs))
    near = tuple(e.where for e in endpoints[:3])
    what = "a health route that queries or pings a dependency"
    message = (
        f"{endpoints[0].path} answers without testing a dependency ({kinds})." if endpoints
        else f"Did not find a route that tests a dependency ({kinds})."
    )  # fmt: skip
    return failed(
        message,
        near,
        Searched(
            what, f"the health routes of {count(len(service.paths), 'source file')}", near or health.near(service)
        ),
    )


def _idle_protocols(
    service: Service, endpoints: Iterable[HealthEndpoint], real: list[HealthEndpoint]
) -> list[HealthEndpoint]:
    """Endpoints of a protocol that the service speaks as well and whose health answer rests on no check at all."""
    covered = {endpoint.protocol for endpoint in real}
    if not service.serves("http") or "grpc" not in service.kinds:
        return []
    return [e for e in endpoints if e.has_route and e.protocol not in covered and not e.checks]
