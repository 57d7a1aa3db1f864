"""Routes that Python code registers by decorators, calls and route descriptions, as python.yaml describes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readiness.frameworks.python_handlers import Handler, Handlers
from readiness.frameworks.python_paths import plain
from readiness.frameworks.python_routers import DIALECTS, FUNCTIONS, Holder, Place, Routers, argument, join
from readiness.frameworks.python_values import text_of, texts_of
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import Call, CallRef, Constant, Expression, Module, Name, Sequence, Text

_PLACES: list[int | str] = [0, "path", "rule", "uri"]


def _specs(name: str) -> dict[str, dict[str, Any]]:
    """What each method of a dialect's objects registers."""
    dialect = DIALECTS[name]
    prefix, handler = dialect.get("verb_prefix", ""), dialect.get("verb_handler")
    verbs = {verb: {"default": verb.upper()} for verb in dialect["verbs"]}
    adders = {prefix + verb: {"default": verb.upper(), "handler": handler} for verb in dialect["verbs"] if prefix}
    return {**verbs, **adders, **dialect["registers"]}


_METHODS = {name: _specs(name) for name in DIALECTS}
_ALL_METHODS = {method for specs in _METHODS.values() for method in specs}
_ADDERS = {
    method
    for specs in _METHODS.values()
    for method, spec in specs.items()
    if spec.get("handler") or "static" in spec.get("tags", ())
}


class Registration(Struct, frozen=True):
    """A call that registers a route on `holder` (None: unknown)."""

    module: Module
    index: int
    call: Call
    dialect: str
    spec: dict[str, Any]
    holder: Holder | None


def find(modules: list[Module], routers: Routers, handlers: Handlers) -> list[Route]:
    """The routes that `modules` register."""
    used = {holder.dialect for holder in routers.holders.values() if holder.dialect}
    own = _own_adders(modules)
    found: list[Route] = []
    for module in modules:
        for index, call in enumerate(module.calls):
            registration = _registration(module, index, call, routers, used, own)
            if registration is not None:
                found += _routes(registration, routers, handlers)
    return found


def _own_adders(modules: list[Module]) -> dict[str, str]:
    """Methods of the target's own that hand all they are given to a registering one: add_org_resource, add_resource."""
    return {
        function.name: last
        for module in modules
        for call in module.calls
        if call.function >= 0 and call.written.startswith("self.")
        for function, last in [(module.functions[call.function], call.callee.rpartition(".")[2])]
        if last in _ADDERS and function.owner and function.name not in _ALL_METHODS
    }


def _registration(
    module: Module, index: int, call: Call, routers: Routers, used: set[str], own: dict[str, str]
) -> Registration | None:
    if call.callee in FUNCTIONS and "prefix" not in FUNCTIONS[call.callee][1]:
        dialect, spec = FUNCTIONS[call.callee]
        return Registration(module, index, call, dialect, spec, routers.container.get((module.path, index)))
    method = call.callee.rpartition(".")[2]
    method = own.get(method, method)
    if method not in _ALL_METHODS or call.receiver is None:
        return None
    if call.kind != "decorator" and method not in _ADDERS and _applied(module, index) is None:
        return None  # client.get("/x"), mapping.get("x")
    holder = routers.of(call.receiver, module, call.function)
    if holder is not None:
        spec = _METHODS.get(holder.dialect, {}).get(method)
        return Registration(module, index, call, holder.dialect, spec, holder) if spec is not None else None
    if call.kind != "decorator" or not call.args or not isinstance(call.receiver, Name):
        return None
    if not isinstance(call.args[0], Text) or not call.args[0].value.startswith("/"):
        return None
    dialects = sorted(name for name in used if method in _METHODS[name])  # an object whose making was not found
    return Registration(module, index, call, dialects[0], _METHODS[dialects[0]][method], None) if dialects else None


def _routes(registration: Registration, routers: Routers, handlers: Handlers) -> Iterator[Route]:
    module, call, spec = registration.module, registration.call, registration.spec
    handler = _handler(registration, handlers)
    if handler is None:
        return
    methods = _methods(registration, handler, handlers)
    holder = registration.holder
    loose = Place("", registration.call.kind == "decorator" and call.callee in FUNCTIONS)
    places = routers.places(holder) if holder else [loose]
    tags = tuple(spec.get("tags", ())) + _tags(call)
    framework = DIALECTS[registration.dialect].get("framework", registration.dialect)
    default = DIALECTS[registration.dialect]["renders"]
    for path, known in _paths(registration, routers):
        for place in places:
            for method, body in methods:
                yield Route(
                    method,
                    plain(join(place.prefix, path)) or "/",
                    framework,
                    Evidence(module.path, call.line),
                    body.name,
                    body.path,
                    body.function,
                    handlers.renders(body, default),
                    place.known and known,
                    call.guards,
                    tuple(dict.fromkeys((*tags, *place.tags))),
                )


def _handler(registration: Registration, handlers: Handlers) -> Handler | None:
    """The handler; None where the call turns out to register nothing (`client.get("/x")`)."""
    module, call, spec = registration.module, registration.call, registration.spec
    decorated = handlers.decorated_by(module, registration.index)
    if decorated is not None:
        return decorated
    given = argument(call, spec.get("handler"))
    if given is not None:
        return handlers.of(given, module, call.function)
    if spec.get("handler") or "static" in spec.get("tags", ()):
        return Handler()
    wrapped = _applied(module, registration.index)  # app.get("/x")(handler)
    return handlers.of(wrapped, module, call.function) if wrapped is not None else None


def _applied(module: Module, index: int) -> Expression | None:
    """The argument of a call whose function is the call `index`."""
    for outer in module.calls[index + 1 : index + 12]:
        if outer.receiver == CallRef(index) and outer.callee.endswith("()") and outer.args:
            return outer.args[0]
    return None


def _methods(registration: Registration, handler: Handler, handlers: Handlers) -> list[tuple[str, Handler]]:
    module, call, spec = registration.module, registration.call, registration.spec
    named = argument(call, spec.get("method"))
    if named is not None:
        return [((text_of(named, module, handlers.symbols) or "*").upper(), handler)]
    listed = texts_of(argument(call, spec.get("methods")), module, handlers.symbols)
    bodies = handlers.methods(handler, "on_" if registration.dialect == "falcon" else "")
    if listed:
        return [(method.upper(), bodies.get(method.upper(), handler)) for method in dict.fromkeys(listed)]
    if bodies:
        return list(bodies.items())
    return [(spec.get("default", "*") if handler.class_ < 0 else "*", handler)]


def _paths(registration: Registration, routers: Routers) -> list[tuple[str, bool]]:
    module, call, spec = registration.module, registration.call, registration.spec
    given: list[Expression | None]
    if spec.get("paths"):
        given = [value for value in call.args if isinstance(value, Text)]
    else:
        path = argument(call, spec.get("path", _PLACES))
        given = [*path.items] if isinstance(path, Sequence) else [path]
    found: list[tuple[str, bool]] = []
    for value in given:
        text = text_of(value, module, routers.symbols)
        if text is not None:
            found.append((text, True))
        else:
            found.append((f"/{{{value.written}}}" if isinstance(value, Name) else "/{?}", False))
    return found


def _tags(call: Call) -> tuple[str, ...]:
    hidden = call.keyword("include_in_schema")
    return ("include_in_schema=false",) if hidden == Constant("false") else ()
