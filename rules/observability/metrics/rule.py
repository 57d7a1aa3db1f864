"""Prometheus metrics are exposed.

## Why
Without a metrics endpoint nobody sees latency, errors or saturation before the users do, and no alert can fire. Prometheus
scrapes an HTTP endpoint; OpenTelemetry exports the same measurements by push.
Source: Prometheus, "Writing client libraries"; OpenTelemetry, "Metrics SDK".

## Fix
- FastAPI: `Instrumentator().instrument(app).expose(app)` (prometheus-fastapi-instrumentator)
- Flask: `PrometheusMetrics(app)` (prometheus-flask-exporter); Django: django-prometheus with its URLs included
- Express: `app.get('/metrics', async (req, res) => res.type(register.contentType).send(await register.metrics()))` (prom-client)
- Go: `mux.Handle("/metrics", promhttp.Handler())`
"""

from __future__ import annotations

import re

from readiness.facts.manifests import Manifests
from readiness.facts.own_metrics import OwnMetrics
from readiness.facts.routes import Routes
from readiness.facts.services import Service, Services
from readiness.facts.uses import Use, Uses
from readiness.judging import each_service, without_service
from readiness.model import Evidence, Searched, Strength, Verdict, failed, partial, passed
from readiness.wiring import known, rule
from readiness.wording import count

KNOWN = known(__file__)
LANGUAGE = {"python": "Python", "javascript": "JavaScript", "go": "Go"}
_SCRAPED = re.compile(KNOWN["scraped_path"])


@rule(
    weight=4,
    phase3=True,
    source=[
        "Phase 3: Metrics exposed (Prometheus endpoints)",
        "Monitoring: Prometheus metrics endpoints for key business and technical metrics",
        "Performance: Resource usage monitoring and alerting",
    ],
    languages=("python", "javascript", "go"),
)
def check(services: Services, routes: Routes, uses: Uses, manifests: Manifests, recorders: OwnMetrics) -> Verdict:
    """Pass where an exporter or endpoint is wired; instruments alone, push systems and mere dependencies are partial."""

    def judge(service: Service) -> Verdict:
        exposing = uses.of(KNOWN["exposes"][service.language], service.paths)
        if exposing:
            return passed(f"Metrics are exposed by {exposing[0].symbol}.", _places(exposing))
        instruments = uses.of(KNOWN["partly"][service.language], service.paths)
        scraped = [
            r
            for r in routes.within(service.paths).all
            if r.path.strip("/").rpartition("/")[2] in KNOWN["route_names"] and _SCRAPED.fullmatch(r.path)
        ]
        if scraped and any("prom" in use.symbol.lower() for use in instruments):
            return passed(f"{scraped[0].path} serves the metrics.", [scraped[0].where, *_places(instruments)[:1]])
        if instruments:
            return partial(
                f"Metrics go through {instruments[0].symbol}, and no Prometheus endpoint or OpenTelemetry exporter was found.",
                _places(instruments),
                Strength.WIRED,
            )
        if own := uses.of(KNOWN["own_push"], service.paths, ("call", "new", "import")):
            return partial(
                "Metrics are pushed through an interface of its own; no Prometheus endpoint was found.", _places(own)
            )
        if recorder := recorders.of(service):
            return partial(
                f"Metrics are recorded through {recorder[0].note}, and no Prometheus endpoint or exporter was found.",
                recorder,
            )
        return _nothing(service, manifests)

    return each_service(services.backends(), judge, without_service(services))


def _places(uses: list[Use]) -> list[Evidence]:
    return [Evidence(use.where.path, use.where.line, use.symbol) for use in uses[:3]]


def _nothing(service: Service, manifests: Manifests) -> Verdict:
    kind = {"javascript": "node"}.get(service.language, service.language)
    for name in KNOWN["manifest_packages"][service.language]:
        declared = [d for d in manifests.declares(name, kind, ("run",)) if service.owns(d.path)]
        if declared:
            return partial(
                f"{name} is declared and nothing uses it.", [Evidence(declared[0].path, declared[0].line, name)]
            )
    where = count(len(service.paths), f"{LANGUAGE[service.language]} source file")
    return failed(
        f"Did not find a metrics endpoint or exporter in {where}.",
        searched=Searched("Prometheus client libraries and OpenTelemetry metric exporters in use", where),
    )
