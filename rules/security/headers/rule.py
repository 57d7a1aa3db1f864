"""Responses carry security headers.

## Why
Strict-Transport-Security keeps browsers on HTTPS, X-Content-Type-Options stops them from guessing types, and a
Content-Security-Policy or X-Frame-Options keeps the pages out of foreign frames. They cost one middleware.
Source: OWASP Secure Headers Project; RFC 6797.

## Fix
- Flask: `Talisman(app)`; FastAPI: `secure.Secure.with_default_headers()` in a middleware
- Django: keep SecurityMiddleware and XFrameOptionsMiddleware, and set `SECURE_HSTS_SECONDS = 31536000`
- Express: `app.use(helmet())`; Fastify: `app.register(helmet)`
- Go: `secure.New(secure.Options{STSSeconds: 31536000, ContentTypeNosniff: true, FrameDeny: true}).Handler(next)`
- nginx: `add_header Strict-Transport-Security "max-age=31536000" always;` and the other two

If a gateway outside this repository sets them, declare it in readiness.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.facts.header_writes import HeaderWrites
from readiness.facts.health import is_health_path
from readiness.facts.modules import Modules
from readiness.facts.proxies import Proxies
from readiness.facts.python_settings import PythonSettings
from readiness.facts.routes import Routes
from readiness.facts.services import Service, Services
from readiness.facts.uses import Use, Uses
from readiness.judging import each_service, without_service
from readiness.model import Evidence, Searched, Verdict, failed, not_applicable, partial, passed
from readiness.source import Call, CallRef, Expression, Module, is_off
from readiness.wiring import known, rule
from readiness.wording import count

KNOWN: dict[str, Any] = known(__file__)
NAMES = {
    "hsts": "Strict-Transport-Security",
    "nosniff": "X-Content-Type-Options",
    "frame": "X-Frame-Options",
    "csp": "Content-Security-Policy",
}


@rule(
    weight=3,
    phase3=True,
    source=["Security: Security headers (CORS, CSP, HSTS)"],
    languages=("python", "javascript", "go"),
)
def check(
    services: Services,
    uses: Uses,
    writes: HeaderWrites,
    modules: Modules,
    settings: PythonSettings,
    proxies: Proxies,
    routes: Routes,
) -> Verdict:
    """Pass where HSTS, nosniff and a CSP or frame header are set, by a library, the code or a proxy of the repository."""
    from_proxies = {
        KNOWN["headers"][h.name.lower()]: Evidence(h.path, h.line)
        for h in proxies.headers
        if h.name.lower() in KNOWN["headers"]
    }

    def judge(service: Service) -> Verdict:
        if (idle := _idle(service, routes, uses)) is not None:
            return not_applicable(f"{service.name} serves nothing over HTTP but health and metrics.", idle)
        found: dict[str, Evidence] = dict(from_proxies)
        at_times: dict[str, Evidence] = {}
        for kind, where, always in _set_by_code(service, uses, writes, modules, settings):
            (found if always else at_times).setdefault(kind, where)
        if at_times.keys() - found.keys():
            places = [Evidence(w.path, w.line, NAMES[k]) for k, w in (at_times | found).items()]
            return partial("Security headers are set only while a feature of the product is switched on.", places)
        have = [NAMES[kind] for kind in NAMES if kind in found]
        evidence = [Evidence(found[k].path, found[k].line, NAMES[k]) for k in NAMES if k in found]
        if {"hsts", "nosniff"} <= found.keys() and found.keys() & {"frame", "csp"}:
            return passed(f"Responses carry {', '.join(have)}.", evidence)
        if found:
            lacking = [NAMES[k] for k in ("hsts", "nosniff") if k not in found]
            lacking += ["Content-Security-Policy or X-Frame-Options"] if not found.keys() & {"frame", "csp"} else []
            return partial(f"{', '.join(have)} set; did not find {', '.join(lacking)}.", evidence)
        where_text = f"{count(len(service.paths), 'source file')} and {count(len(proxies.all), 'proxy configuration')}"
        searched = Searched("security-header libraries, header names in code, proxy directives", where_text)
        return failed(f"Did not find any security header in {where_text}.", searched=searched)

    return each_service(services.serving("http"), judge, without_service(services, "serves HTTP"))


def _idle(service: Service, routes: Routes, uses: Uses) -> list[Evidence] | None:
    """The places that show that only health and metrics are served over HTTP; None where more is."""
    own = routes.within(service.paths).all
    if any(not is_health_path(r.path) and not r.path.rstrip("/").endswith("/metrics") for r in own):
        return None
    if "nextjs" in service.frameworks and any(re.search(KNOWN["page_files"], path) for path in service.paths):
        return None
    if own:
        return [own[0].where]
    bridged = uses.of(KNOWN["http_over_grpc"], service.paths)
    return list(service.evidence[:1]) if "grpc" in service.kinds and not bridged else None


def _set_by_code(
    service: Service, uses: Uses, writes: HeaderWrites, modules: Modules, settings: PythonSettings
) -> Iterator[tuple[str, Evidence, bool]]:
    """Each header with its place, and whether it is set whatever feature is switched on."""
    for library in KNOWN["libraries"][service.language]:
        for use in uses.of(
            [library["symbol"]], service.paths, ("call", "new", "reference", "text", "decorator", "base")
        ):
            yield from ((kind, use.where, not _is_optional(use)) for kind in _kinds(library, use))
    for write in writes.within(service.paths):
        kind = KNOWN["headers"].get(write.name) or KNOWN["header_constants"].get(write.name)
        if kind:
            yield kind, write.where, True
    off = {
        (s.path, s.line) for s in settings.within(service.paths).all if s.variable and s.default and is_off(s.default)
    }
    for path in service.paths if service.language == "python" else ():
        for assignment in modules.by_path[path].assignments:
            kind = KNOWN["django_settings"].get(assignment.target.rpartition(".")[2])  # bare, or of a class of settings
            switched_off = is_off(_given(assignment.value, modules.by_path[path])) or (path, assignment.line) in off
            if kind and not switched_off:
                yield kind, Evidence(path, assignment.line), True


def _given(value: Expression, module: Module) -> Expression:
    """`value`, or the default in a call that reads a setting: env.int("NAME", 60) stays, IntegerValue(0) is 0."""
    call = module.calls[value.index] if isinstance(value, CallRef) else None
    return call.args[0] if call is not None and len(call.args) == 1 else value


def _is_optional(use: Use) -> bool:
    """Whether the call stands behind a switch for a feature or an edition of the product."""
    guards = use.call.guards if use.call is not None else ()
    return any(re.search(KNOWN["feature_switch"], guard) for guard in guards)


def _kinds(library: dict[str, Any], use: Use) -> list[str]:
    """The headers that this use sets, its literal options taken into account."""
    kinds: list[str] = list(library["sets"])
    if use.call is None:
        return kinds
    for option, kind in library.get("unless", {}).items():
        if _option_is_off(use.call, option) and kind in kinds:
            kinds.remove(kind)
    for option, kind in library.get("with", {}).items():
        value = use.call.keyword(option)
        if value is not None and not is_off(value):
            kinds.append(kind)
    return kinds


def _option_is_off(call: Call, option: str) -> bool:
    value = call.keyword(option)
    return value is not None and is_off(value)
