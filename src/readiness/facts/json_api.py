"""Which services offer an HTTP API meant for programs, by the routes that answer JSON. Judges no such API."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from readiness.facts.manifests import Manifests
from readiness.facts.routes import Route, Routes
from readiness.facts.services import Service, Services
from readiness.wiring import fact, known

_KNOWN = known(__file__, "json_api.yaml")
_OPERATIONAL = re.compile(
    rf"(?i)^/?([\w.-]+/){{0,3}}_*({'|'.join(_KNOWN['operational'])})" r"(\.\w+)?(/\{[^}]*\}|/\*?\w*)?/?$"
)
_FILE = re.compile(rf"(?i)\.({'|'.join(_KNOWN['file_endings'])})$")
_NO_API = frozenset(_KNOWN["tags"])
_PAGE_FRAMEWORKS = frozenset(_KNOWN["page_frameworks"])
MINIMUM = 3
SHARE = 0.2


class ServiceApi(Struct, frozen=True):
    """The routes of a service that make its JSON API, and how many routes it has beside the operational ones."""

    service: Service
    routes: tuple[Route, ...]
    others: int

    @property
    def exists(self) -> bool:
        """Whether there is one: at least three routes, or a fifth of the routes, answer JSON."""
        total = len(self.routes) + self.others
        known = any(route.renders == "json" for route in self.routes)
        return len(self.routes) >= MINIMUM or (known and len(self.routes) / total >= SHARE)


class JsonApi:
    """The JSON API of each service."""

    def __init__(self, apis: Iterable[ServiceApi] = ()) -> None:
        """Keep them by service."""
        self.all = tuple(apis)

    def of(self, service: Service) -> ServiceApi | None:
        """That of `service`, None where it has none."""
        return next((api for api in self.all if api.service == service and api.exists), None)

    def __bool__(self) -> bool:
        """Whether any service has one."""
        return any(api.exists for api in self.all)


@fact
def json_api(services: Services, routes: Routes, manifests: Manifests) -> JsonApi:
    """Count each service's routes. Beside another API, what a front end's own few routes answer is for its pages."""
    apis = [_api(service, routes.within(service.paths).all) for service in services.serving("http")]
    fronts = {api.service.name for api in apis if _is_front_end(api, manifests)}
    programs = any(api.exists and api.service.name not in fronts for api in apis)
    return JsonApi(api for api in apis if not (programs and api.service.name in fronts))


def _is_front_end(api: ServiceApi, manifests: Manifests) -> bool:
    """A page framework's application, or the small server of a package that renders pages in the browser."""
    if _PAGE_FRAMEWORKS & api.service.frameworks:
        return True
    small = len(api.routes) < MINIMUM and api.service.language == "javascript"
    return small and manifests.renders_pages(api.service.folder)


def _is_beside(route: Route) -> bool:
    """Whether a route is for operators, for browsers' files, or part of another."""
    named = _OPERATIONAL.match(route.path) or _FILE.search(route.path)
    return bool(named or _NO_API & set(route.tags) or route.method == "HEAD")


def _api(service: Service, routes: Iterable[Route]) -> ServiceApi:
    counted = [r for r in routes if not _is_beside(r)]
    pages = sum(r.renders in ("html", "redirect") for r in counted)
    answers = sum(r.renders == "json" for r in counted)
    # A handler that could not be followed answers what most others of its service answer.
    trusted = {"json", ""} if answers >= pages else {"json"}
    chosen = tuple(r for r in counted if r.renders in trusted)
    return ServiceApi(service, chosen, len(counted) - len(chosen))
