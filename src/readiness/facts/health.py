"""Health endpoints of each service, and whether what they run tests a dependency and can answer with an error.

Follows the handler through the target's own functions; what a verdict makes of it is for the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readiness.facts.callgraph import CallGraph
from readiness.facts.modules import Modules
from readiness.facts.path_wrappers import answered_paths
from readiness.facts.routes import Route, Routes
from readiness.facts.services import Service, Services
from readiness.facts.uses import Uses, matches
from readiness.model import Evidence
from readiness.repository import LANGUAGES
from readiness.source import (
    Call,
    CallRef,
    Expression,
    FunctionRef,
    Mapping,
    Module,
    Name,
    Number,
    Return,
    Text,
    literal,
    walk,
)
from readiness.wiring import fact, known

KNOWN: dict[str, Any] = known(__file__, "health.yaml")
_ERROR = re.compile(KNOWN["error_status"])
_STATUS = re.compile(r"(?i)(^|\.)(http_?)?(status|status_?code)$|^(http_?|response_?)?code$")
_HEALTH_FUNCTION = re.compile(
    r"(?i)^(make|get|handle|do)?_?(health|healthz|health_?check|readiness|ready)_?(handler|endpoint|check)?$"
)
_CODEC = re.compile(r"(?i)^(en|de)code")
"""go-kit hands an endpoint over together with its decoder and encoder, which are no handlers."""
_QUERY = re.compile(r"(?i)^\s*(select|show|values|ping)\b")


class HealthEndpoint(Struct, frozen=True):
    """A health route of a service, or what a library brings in its place.

    `promises` is readiness where its name says so, else liveness. `checks` are the calls that reach a dependency, as
    far as could be followed. `can_fail`: it answers with an error when a check fails. `has_route` is false for a gate
    that refuses all requests without a route of its own. `followed` is false where the handler was not found.
    """

    path: str
    promises: str
    where: Evidence
    checks: tuple[Evidence, ...] = ()
    can_fail: bool = False
    has_route: bool = True
    followed: bool = True
    protocol: str = "http"


class Health:
    """The health endpoints, by the service's name; `near` are routes whose name came close."""

    def __init__(
        self, by_service: dict[str, tuple[HealthEndpoint, ...]], near: dict[str, tuple[Evidence, ...]]
    ) -> None:
        """Keep them."""
        self._by_service = by_service
        self._near = near

    def of(self, service: Service) -> tuple[HealthEndpoint, ...]:
        """The endpoints of `service`."""
        return self._by_service.get(service.name, ())

    def near(self, service: Service) -> tuple[Evidence, ...]:
        """Routes of `service` that were looked at and are none."""
        return self._near.get(service.name, ())


@fact
def health(services: Services, routes: Routes, modules: Modules, uses: Uses, calls: CallGraph) -> Health:
    """Look at the routes by name, at libraries that bring their own, and at wrappers that compare the request's path."""
    found: dict[str, tuple[HealthEndpoint, ...]] = {}
    near: dict[str, tuple[Evidence, ...]] = {}
    for service in services.all:
        own = routes.within(service.paths)
        pages = {route.path.rpartition("/")[0] for route in own.all if route.path.endswith("}")}
        named = [
            route
            for route in own.all
            if is_health_path(route.path) and route.method in ("GET", "HEAD", "*") and not _is_collection(route, pages)
        ]
        named.sort(key=lambda route: route.path.count("/"))  # the service's own before those of what it emulates
        endpoints = [_endpoint(route, calls, uses) for route in named]
        endpoints += _from_libraries(service, own, uses, calls)
        endpoints += _wrappers(service, modules, calls)
        found[service.name] = tuple(endpoints)
        near[service.name] = tuple(
            r.where for r in own.all if r not in named and _words(r.path) & {"health", "status", "ping"}
        )[:3]
    return Health(found, near)


def _is_collection(route: Route, collections: set[str]) -> bool:
    """Whether a word such as status names things of the product, each with a page of its own: /status/{slug}."""
    return route.path.rstrip("/") in collections and route.path.strip("/").split("/")[-1].lower() in KNOWN["ambiguous"]


def _words(path: str) -> set[str]:
    return set(re.split(r"[^a-z]+", path.lower()))


def is_health_path(path: str) -> bool:
    """Whether `path` is a health route by its last part; words of other domains only behind neutral prefixes."""
    parts = [re.sub(r"\.(json|html|txt|php)$", "", part.lower()) for part in path.strip("/").split("/") if part]
    if not parts or (parts[-1] in ("", "-") and len(parts) == 1):
        return False
    last = re.sub(r"[-_.]", "", parts[-1])
    before = parts[:-1]
    if last in KNOWN["second_names"] and before and re.sub(r"[-_.]", "", before[-1]) in KNOWN["path_names"]:
        return True
    words = set(re.split(r"[-_.]", parts[-1])) - {""}
    named = bool(words & {"health", "healthz", "healthcheck"}) and words <= set(KNOWN["health_words"])
    if last not in KNOWN["path_names"] and not named:
        return False
    if last in KNOWN["ambiguous"]:
        neutral = set(KNOWN["neutral_prefixes"])
        return all(part in neutral or re.fullmatch(r"v\d+(\.\d+)?|\{?version\}?", part) for part in before)
    return not any("{" in part and "version" not in part for part in before[1:])


def _promise(path: str) -> str:
    last = path.strip("/").split("/")[-1].lower()
    promised = last in KNOWN["readiness_paths"] or re.sub(r"[-_.]", "", last) in KNOWN["readiness_names"]
    return "readiness" if promised else "liveness"


def _endpoint(route: Route, calls: CallGraph, uses: Uses) -> HealthEndpoint:
    where = Evidence(route.where.path, route.where.line, f"{route.method} {route.path}")
    if route.handler_function < 0 or _CODEC.match(route.handler):
        checks, can_fail = _namesakes(_language(route.where.path), _HEALTH_FUNCTION, calls)
        return HealthEndpoint(route.path, _promise(route.path), where, checks, can_fail, followed=bool(checks))
    checks, can_fail = examine(route.handler_path, route.handler_function, calls, route.framework)
    return HealthEndpoint(route.path, _promise(route.path), where, checks, can_fail)


def _language(path: str) -> str:
    return LANGUAGES[path[path.rindex(".") :]]


def _namesakes(language: str, pattern: re.Pattern[str], calls: CallGraph) -> tuple[tuple[Evidence, ...], bool]:
    """What the functions so named check, where the handler itself stands behind a library or an interface."""
    checks: list[Evidence] = []
    can_fail = False
    for place in calls.matching(language, pattern):
        some, fails = examine(*place, calls)
        checks += some
        can_fail = can_fail or fails
    return tuple(dict.fromkeys(checks)), can_fail


def examine(path: str, function: int, calls: CallGraph, framework: str = "") -> tuple[tuple[Evidence, ...], bool]:
    """The dependency checks that the function reaches, and whether a failing one makes it answer with an error."""
    checks: list[Evidence] = []
    answers_error = False
    catches = False
    returns_error = False
    for module, index, _ in calls.reach((path, function), depth=3):
        own = list(module.calls_in(index))
        checks += [
            Evidence(module.path, call.line, f"checks a dependency: {call.written}")
            for call in own
            if is_check(call, module)
        ]
        answers_error = answers_error or any(_says_error(call, module) for call in own) or _sets_error(module, index)
        returned = [r for r in module.returns if r.function == index]
        answers_error = answers_error or any(_returns_error(r, module) for r in returned)
        returns_error = returns_error or any(_passes_error_on(r) for r in returned)
        catches = catches or module.functions[index].catches
    language_raises = not path.endswith(".go")
    fails_by_itself = (language_raises and not catches) or (
        framework in ("echo", "fiber", "huma", "ozzo-routing", "goa") and returns_error
    )
    return tuple(dict.fromkeys(checks)), bool(checks) and (answers_error or fails_by_itself)


def is_check(call: Call, module: Module) -> bool:
    """Whether the call talks to a database, cache, broker or other service."""
    if call.kind not in ("call", "new"):
        return False
    if matches(call.callee, KNOWN["outbound"]):
        return True
    method = call.callee.rstrip("()").rpartition(".")[2]
    receiver = call.written.rpartition(".")[0]
    on_store = bool(_stores_in(receiver) or _stores_in(call.callee.rpartition(".")[0]))
    if method in KNOWN["check_methods"]:
        return True
    if method in KNOWN["receiver_check_methods"]:
        return on_store or (bool(receiver) and method.lower() == "ping")
    query = literal(call.args[0]) if call.args else None
    if query and "." not in call.written and _stores_in(call.written) and _QUERY.match(query):
        return True  # a query as a tagged template: sql`SELECT 1`
    return method in KNOWN["query_methods"] and (on_store or bool(query and _QUERY.match(query)))


def _stores_in(receiver: str) -> set[str]:
    """The words for databases and caches in a receiver such as `self.dbPool.conn` or `sqlalchemy.orm.Session`."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", receiver)
    return set(re.split(r"[^a-z0-9]+", words.lower())) & set(KNOWN["store_words"])


def _texts(expression: Expression | None, module: Module) -> Iterator[str]:
    if expression is None:
        return
    for part in walk(expression):
        match part:
            case Text(value=text) if len(text) < 40:
                yield text
            case Number(value=number):
                yield f"{number:g}"
            case Name(symbol=symbol):
                yield symbol
            case CallRef(index=index):
                call = module.calls[index]
                yield call.callee
                for argument in (*call.args, *(v for _, v in call.keywords)):
                    yield from _texts(argument, module)
            case _:
                continue


def _says_error(call: Call, module: Module) -> bool:
    """A status of 5xx as an argument, a server-error type, or an error raised or passed to next()."""
    if call.kind == "raise" or (call.callee == "next" and call.args and module.language == "javascript"):
        return True
    if _ERROR.search(call.callee):
        return True
    values = (*call.args, *(v for _, v in call.keywords))
    return any(_ERROR.search(text) for value in values for text in _texts(value, module))


def _sets_error(module: Module, function: int) -> bool:
    """A status of 5xx assigned to the answer, or to a variable for it: `response.status_code = 503`, `code = 500`."""
    return any(
        _ERROR.search(text)
        for assignment in module.assignments
        if assignment.function == function and _STATUS.search(assignment.target)
        for text in _texts(assignment.value, module)
    )


def _returns_error(returned: Return, module: Module) -> bool:
    return any(_ERROR.search(text) for text in _texts(returned.value, module))


def _passes_error_on(returned: Return) -> bool:
    return isinstance(returned.value, Name) and returned.value.written in ("err", "error")


def _adds_nothing(method: str, service: Service, uses: Uses, calls: CallGraph) -> bool:
    """Whether every check that the service hands to its library is a function of its own that reaches no dependency."""
    given = [use for use in uses.of([f"*.{method}"], service.paths) if use.call is not None]
    written = [(use.module, ref) for use in given if use.call for ref in _functions_in(use.call, use.module)]
    return len(written) == len(given) and not any(examine(m.path, index, calls)[0] for m, index in written)


def _functions_in(call: Call, module: Module) -> list[int]:
    """The function literals among the arguments of `call`, wrapped in another call or not."""
    found: list[int] = []
    for value in call.args:
        if isinstance(value, FunctionRef):
            found.append(value.index)
        elif isinstance(value, CallRef):
            found += _functions_in(module.calls[value.index], module)
    return found


def _from_libraries(service: Service, own: Routes, uses: Uses, calls: CallGraph) -> Iterator[HealthEndpoint]:
    for library in KNOWN["libraries"]:
        for use in uses.of([library["symbol"]], service.paths)[:1]:
            where = Evidence(use.where.path, use.where.line, f"{library['name']} registers a health endpoint")
            checks: tuple[Evidence, ...] = (where,) if library["checks"] else ()
            can_fail = library["checks"]
            if library.get("adds") and _adds_nothing(library["adds"], service, uses, calls):
                checks, can_fail = (), False
            if library.get("asks"):  # the library asks methods of the target's own
                checks, can_fail = _namesakes(service.language, re.compile(library["asks"]), calls)
            yield HealthEndpoint(
                library["name"],
                "liveness",
                where,
                checks,
                can_fail or bool(checks),
                protocol=library.get("protocol", "http"),
            )
    for gate in KNOWN["gates"]:
        for use in uses.of([s + "*" for s in gate["symbols"]], service.paths, ("call", "reference", "import", "new")):
            yield from _gate(gate, use.module, service)
            break
    for grpc in own.grpc:
        if grpc.name.endswith(("health.v1.Health", "Health")):
            yield HealthEndpoint(grpc.name, "liveness", grpc.where, protocol="grpc")


def _gate(gate: dict[str, Any], module: Module, service: Service) -> Iterator[HealthEndpoint]:
    """under-pressure: its options object is anywhere in the module that registers it."""
    options = [pair for m in _mappings(module) for pair in m]
    check = next((line for name, line in options if name == gate["check"]), None)
    exposed = any(name == gate["route"] for name, _ in options)
    where = Evidence(module.path, check or 0, f"{gate['check']} refuses all requests while it fails")
    if exposed or check is not None:
        yield HealthEndpoint(
            "/status" if exposed else "",
            "liveness",
            where,
            (where,) if check is not None else (),
            check is not None,
            exposed,
        )


def _mappings(module: Module) -> Iterator[list[tuple[str, int]]]:
    """The keys of every object literal of the module, with a line each."""
    values: list[tuple[Expression | None, int]] = [(value, call.line) for call in module.calls for value in call.args]
    values += [(assignment.value, assignment.line) for assignment in module.assignments]
    values += [(returned.value, returned.line) for returned in module.returns]
    for value, line in values:
        if isinstance(value, Mapping):
            yield [(name, line) for name, _ in value.entries]


def _wrappers(service: Service, modules: Modules, calls: CallGraph) -> Iterator[HealthEndpoint]:
    """Code that compares the request's path with a health path and answers."""
    seen: set[str] = set()
    for answer in answered_paths(service.paths, modules):
        if answer.path not in seen and is_health_path(answer.path):
            seen.add(answer.path)
            where = Evidence(answer.where, answer.line, f"answers {answer.path}")
            checks, can_fail = examine(answer.where, answer.function, calls) if answer.function >= 0 else ((), False)
            yield HealthEndpoint(answer.path, _promise(answer.path), where, checks, can_fail)
