"""The HTTP API has a complete OpenAPI document.

## Why

Clients are written against the document: it generates their code, their mocks and their contract tests. Without one, or
with one that covers half of the routes, every client reverse-engineers the API, and nobody notices a breaking change
before the release does.

## Fix

- Python: FastAPI and Litestar serve one by themselves (leave `openapi_url` on); for Django REST framework add
  drf-spectacular and route `SpectacularAPIView`; for Flask use flask-smorest or apispec.
- JavaScript/TypeScript: NestJS `SwaggerModule.setup("docs", app, document)`; Fastify `app.register(swagger)`; Express
  swagger-jsdoc with swagger-ui-express, or tsoa.
- Go: annotate handlers for swaggo, check in what `swag init` writes and route its handler; or huma; or write the document
  by hand and generate the server with oapi-codegen.
"""

from __future__ import annotations

import re
from typing import Any

from readiness.facts.json_api import JsonApi, ServiceApi
from readiness.facts.manifests import Manifests
from readiness.facts.openapi import OpenApiDocuments
from readiness.facts.routes import Routes
from readiness.facts.services import Service, Services
from readiness.facts.uses import Use, Uses
from readiness.judging import each_service, without_service
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.openapi.coverage import counted, covered
from readiness.openapi.reader import ApiDocument
from readiness.source import Constant, Expression, Text
from readiness.wiring import known, rule

KNOWN: dict[str, Any] = known(__file__)


@rule(
    weight=4,
    source=["Phase 3: OpenAPI documentation complete", "API Design: OpenAPI/Swagger documentation"],
    phase3=True,
    languages=("python", "javascript", "go"),
)
def check(
    services: Services, apis: JsonApi, documents: OpenApiDocuments, uses: Uses, routes: Routes, manifests: Manifests
) -> Verdict:
    """Judge each service that has a JSON API by what it generates, and by the documents that are checked in."""
    if not services.all:
        return without_service(services)

    def judge(service: Service) -> Verdict:
        api = apis.of(service)
        if api is None:
            return not_applicable(
                "No JSON API: fewer than three routes, and under a fifth of them, answer JSON to programs."
            )
        return _judge(service, api, documents, uses, routes, manifests)

    return each_service(services.all, judge, not_applicable("No service here offers a JSON API."))


def _judge(
    service: Service, api: ServiceApi, documents: OpenApiDocuments, uses: Uses, routes: Routes, manifests: Manifests
) -> Verdict:
    off: list[Use] = []
    for framework in KNOWN["implicit"]:
        if "needs" in framework and not manifests.declares(framework["needs"], "python"):
            continue
        apps = uses.of(framework["apps"], service.paths, ("call", "new"))
        on = [app for app in apps if not _is_off(app, framework.get("switch", ""))]
        off += [app for app in apps if app not in on]
        if on:
            return passed(f"{framework['name']} makes the OpenAPI document.", [_at(on[0], "its document is on")])
    written = _best(api, documents.specifications)
    for name, symbols in KNOWN["wired"]:
        if found := uses.of(symbols, service.paths, ("call", "new", "reference", "decorator")):
            return _generated(name, found[0], written, api)
    own = re.compile(KNOWN["document_route"])
    served = [r for r in routes.within(service.paths).all if own.search(r.path)]
    if written is not None:
        return _checked_in(written, api, [r.where for r in served])
    if served:
        return passed("A route of the service serves its OpenAPI document.", [served[0].where])
    return _without(service, api, off, documents, manifests, uses)


def _is_off(app: Use, switch: str) -> bool:
    """Whether the document is switched off for good; off by a setting is on where the setting says so."""
    value: Expression | None = app.call.keyword(switch) if switch and app.call else None
    match value:
        case Constant(value=word):
            return word in ("null", "false")
        case Text(value=text):
            return not text
        case _:
            return False


def _best(api: ServiceApi, documents: list[ApiDocument]) -> tuple[ApiDocument, int, int] | None:
    """The document that names most of the API's routes, with how many of how many; one that names none is of another API."""
    scored = [(document, *counted(document, api.routes)) for document in documents]
    fitting = [row for row in scored if row[1]]
    return max(fitting, key=lambda row: row[1], default=None)


def _generated(name: str, use: Use, written: tuple[ApiDocument, int, int] | None, api: ServiceApi) -> Verdict:
    evidence = [_at(use, f"{name} makes the OpenAPI document")]
    if written is not None and name == "swaggo" and written[1] < KNOWN["minimum_coverage"] * written[2]:
        return _checked_in(written, api, evidence)
    return passed(f"{name} makes the OpenAPI document from the code.", evidence)


def _checked_in(written: tuple[ApiDocument, int, int], api: ServiceApi, served: list[Evidence]) -> Verdict:
    document, named, total = written
    place = Evidence(document.path, 1, f"describes {len(document.operations)} operations")
    if document.errors:
        return partial(f"{document.path} is not valid: {document.errors[0]}.", [place, *served[:1]])
    if named < KNOWN["minimum_coverage"] * total:
        missing = covered(document, api.routes)[1]
        examples = [
            Evidence(r.where.path, r.where.line, f"{r.method} {r.path} is not in the document") for r in missing[:3]
        ]
        return partial(f"{document.path} names {named} of the {total} API routes found.", [place, *examples])
    strength = Strength.WIRED if served else Strength.DECLARED
    return passed(f"{document.path} names {named} of the {total} API routes found.", [place, *served[:1]], strength)


def _without(
    service: Service,
    api: ServiceApi,
    off: list[Use],
    documents: OpenApiDocuments,
    manifests: Manifests,
    uses: Uses,
) -> Verdict:
    searched = Searched(
        "an OpenAPI or Swagger document, a generator for one, a Postman collection",
        "the service's source, its dependencies, all YAML and JSON files",
    )
    if documents.collections:
        place = Evidence(documents.collections[0].path, 0, "a request collection")
        return partial("There is a request collection, but no OpenAPI document.", [place], searched=searched)
    kind = {"python": "python", "javascript": "node", "go": "go"}[service.language]
    declared = [d for name in KNOWN["declared"] for d in manifests.declares(name, kind)]
    if idle := uses.of(KNOWN["idle"], service.paths, ("call", "decorator", "reference")):
        return partial(
            f"{idle[0].symbol} describes the routes, but nothing makes a document of it.",
            [_at(idle[0], "describes a route")],
            searched=searched,
        )
    if declared:
        place = Evidence(declared[0].path, declared[0].line, "declared here")
        return partial(
            f"{declared[0].name} is a dependency, but found nothing that uses it.", [place], searched=searched
        )
    if off:
        return failed(
            "The framework's OpenAPI document is switched off, and there is no other.",
            [_at(u, "switched off") for u in off[:2]],
            searched,
        )
    examples = [Evidence(r.where.path, r.where.line, f"{r.method} {r.path}") for r in api.routes[:3]]
    return failed(f"Found no OpenAPI document for {len(api.routes)} API routes.", examples, searched)


def _at(use: Use, note: str) -> Evidence:
    return Evidence(use.where.path, use.where.line, note)
