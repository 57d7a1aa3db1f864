"""There is a liveness endpoint.

## Why
An orchestrator or load balancer can only replace a process that hangs if it can ask whether the process is up. Kubernetes
restarts a container whose liveness probe fails; without a route to ask, a dead-locked process keeps its traffic.
Source: Kubernetes, "Configure Liveness, Readiness and Startup Probes"; gRPC Health Checking Protocol.

## Fix
Register a route that answers 200 without touching anything else:

- FastAPI: `@app.get("/healthz")` returning `{"status": "ok"}`
- Django: `path("healthz", lambda request: HttpResponse("ok"))`
- Express: `app.get('/healthz', (req, res) => res.json({ status: 'ok' }))`
- Go: `mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })`
- gRPC in Go: `healthpb.RegisterHealthServer(server, health.NewServer())`
"""

from __future__ import annotations

from readiness.facts.health import Health
from readiness.facts.routes import Routes
from readiness.facts.services import Service, Services
from readiness.judging import each_service, without_service
from readiness.model import Searched, Verdict, failed, passed
from readiness.wiring import rule
from readiness.wording import count


@rule(
    weight=4,
    phase3=True,
    source=["Monitoring: Health check endpoints (/health, /ready)"],
    languages=("python", "javascript", "go"),
)
def check(services: Services, routes: Routes, health: Health) -> Verdict:
    """Pass where a health route, a health library's route or the gRPC health service is registered."""

    def judge(service: Service) -> Verdict:
        endpoints = [endpoint for endpoint in health.of(service) if endpoint.has_route]
        if endpoints:
            return passed(f"{endpoints[0].path} answers whether the process is up.", [e.where for e in endpoints[:3]])
        own = routes.within(service.paths)
        registered = f"{count(len(own.all), 'route')} and {count(len(own.grpc), 'gRPC service')}"
        where = f"{registered} in {count(len(service.paths), 'source file')}"
        return failed(
            f"Did not find a liveness endpoint among {where}.",
            searched=Searched(
                "a route such as /health, /healthz, /livez, /ping or /status, or the gRPC health service",
                where,
                health.near(service),
            ),
        )

    return each_service(
        services.backends("http", "grpc", "probes"), judge, without_service(services, "serves HTTP or gRPC")
    )
