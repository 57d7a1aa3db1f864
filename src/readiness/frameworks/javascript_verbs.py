"""Finds the routes that are registered by calls on application and router objects: `app.get(path, handler)`,
`router.route(path).get(handler)`, `server.route({ method, path, handler })`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.frameworks import javascript_handlers as handlers
from readiness.frameworks.javascript_mounts import partial_text
from readiness.frameworks.javascript_routers import MOST_CALLS, Key, Routers, join, substituted, variants
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import (
    Call,
    CallRef,
    Expression,
    FunctionRef,
    Joined,
    Mapping,
    Module,
    Name,
    Opaque,
    Sequence,
)
from readiness.source import Text as Literal
from readiness.symbols_javascript import is_parameter
from readiness.wiring import known

_KNOWN = known(__file__, "javascript_servers.yaml")
_VERBS: dict[str, str] = _KNOWN["verbs"]
_RETURNING = {name for name, entry in _KNOWN["frameworks"].items() if entry.get("returning")}
_PARAMETER = re.compile(r":(\w+)(?:\((?:[^()]|\([^()]*\))*\))?[?*+]?|\{/?:(\w+)\}")
_NAMED_REST = re.compile(r"\*(\w+)")
_OPTION_KEYS = {"method", "methods"}


def find_routes(routers: Routers, module: Module) -> Iterator[Route]:
    """The routes registered in one module."""
    for call in module.calls if len(module.calls) <= MOST_CALLS else ():
        if call.receiver is None or call.kind != "call":
            continue
        method = call.written.rpartition(".")[2]
        if method in _VERBS:
            yield from _verb(routers, module, call, _VERBS[method])
        elif method == "route" and call.args and isinstance(call.args[0], Mapping | Sequence | Name):
            yield from _declared(routers, module, call)
        elif method == "on" and len(call.args) > 2:
            yield from _listed(routers, module, call)
        elif method == "openapi" and len(call.args) > 1:
            yield from _openapi(routers, module, call)
        elif method == "use" and len(call.args) > 1:
            yield from _answering(routers, module, call)


def _object(routers: Routers, module: Module, call: Call) -> tuple[Key, str] | None:
    if isinstance(call.receiver, FunctionRef | Mapping | Sequence | Literal):
        return None
    key = routers.locate(module, call.receiver, call.function)
    framework = routers.framework(key) if key is not None else ""
    return (key, framework) if key is not None and framework else None


def _verb(routers: Routers, module: Module, call: Call, method: str) -> Iterator[Route]:
    if not call.args:
        return
    first = call.args[0]
    chained = _routed(module, call)
    # `app.get("setting")` reads a setting: a route has a handler.
    if chained is None and len(call.args) < 2 and not isinstance(first, Mapping):
        return
    found = _object(routers, module, call)
    if found is None:
        return
    for variant in variants(routers.symbols, module, call):
        args = [substituted(arg, variant) for arg in call.args]
        at = chained[0] if chained is not None else args[0]
        rest = args if chained is not None else args[1:]
        if isinstance(at, Mapping):  # @hono/zod-openapi, restify
            at = at.get("path") or at.get("name") or Literal("")
        paths = _paths(routers, module, call, at, found[1])
        while len(rest) > 1 and routers.symbols.text(module, rest[-1], call.function) is not None:
            rest = rest[:-1]  # a permission or name after the handler
        if rest:
            yield from _routes(routers, module, call, (*found, method), paths, rest[-1])


def _routed(module: Module, call: Call) -> tuple[Expression] | None:
    """The path of the `route(path)` at the start of a chain."""
    value = call.receiver
    for _ in range(12):
        if not isinstance(value, CallRef):
            return None
        inner = module.calls[value.index]
        name = inner.written.rpartition(".")[2]
        if name == "route" and inner.args:
            return (inner.args[0],)
        if name not in _VERBS:
            return None
        value = inner.receiver
    return None


def _paths(
    routers: Routers, module: Module, call: Call, value: Expression, framework: str
) -> list[tuple[str, bool, tuple[str, ...]]]:
    """Path, whether all of it is known, and tags."""
    if isinstance(value, Sequence):
        return [path for item in value.items for path in _paths(routers, module, call, item, framework)]
    text = routers.symbols.text(module, value, call.function)
    if text is not None:
        return [(text, True, ())]
    if isinstance(value, Opaque) and value.text.startswith("/"):
        return [(value.text, True, ("regex",))]
    if isinstance(value, Joined):
        return [(partial_text(routers, module, call, value), False, ())]
    if isinstance(value, Name) and not is_parameter(module, value.written, call.function):
        return [("", False, ())] if any(word in value.written.lower() for word in ("path", "route", "url")) else []
    return []  # a wrapper's own parameter: its callers register the routes


def _routes(
    routers: Routers,
    module: Module,
    call: Call,
    of: tuple[Key, str, str],
    paths: list[tuple[str, bool, tuple[str, ...]]],
    handler: Expression,
) -> Iterator[Route]:
    key, framework, method = of
    place = handlers.locate(routers.symbols, module, handler, call.function)
    renders = handlers.renders(place[0], place[1], framework in _RETURNING) if place is not None else ""
    for prefix in routers.prefixes(key):
        for path, sure, tags in paths:
            yield Route(
                method,
                path if "regex" in tags else braces(join(prefix.path, path) or "/"),
                framework,
                Evidence(module.path, call.line),
                handlers.written(module, handler),
                place[0].path if place is not None else "",
                place[1] if place is not None else -1,
                renders,
                sure and prefix.known,
                (*prefix.guards, *call.guards),
                tags,
            )


def braces(path: str) -> str:
    """The path with its parameters as {name}, from :name, :name(\\d+), :name? and Express 5's *name; begins with "/"."""
    path = _NAMED_REST.sub(r"{\1}", _PARAMETER.sub(lambda m: "{" + (m[1] or m[2]) + "}", path))
    return path if path.startswith(("/", "*")) else "/" + path


def _declared(routers: Routers, module: Module, call: Call) -> Iterator[Route]:
    """`server.route({ method, path | url, handler })`, or a list of such."""
    found = _object(routers, module, call)
    if found is None:
        return
    for variant in variants(routers.symbols, module, call):
        value = substituted(call.args[0], variant)
        for entry in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(entry, Name):
                place = routers.symbols.resolve(module, entry, call.function)
                entry = place.value if place is not None and place.value is not None else entry
            if isinstance(entry, Mapping) and any(key in _OPTION_KEYS for key, _ in entry.entries):
                yield from _option_route(routers, module, call, found, entry)


def _option_route(
    routers: Routers, module: Module, call: Call, found: tuple[Key, str], entry: Mapping
) -> Iterator[Route]:
    at = entry.get("path") or entry.get("url") or Literal("")
    handler = entry.get("handler")
    config = entry.get("options") or entry.get("config")
    if handler is None and isinstance(config, Mapping):
        handler = config.get("handler")
    paths = _paths(routers, module, call, at, found[1])
    for method in _methods(routers, module, call, entry.get("method") or entry.get("methods")):
        yield from _routes(routers, module, call, (*found, method), paths, handler or Opaque(""))


def _methods(routers: Routers, module: Module, call: Call, value: Expression | None) -> list[str]:
    items = value.items if isinstance(value, Sequence) else (value,)
    texts = [routers.symbols.text(module, item, call.function) for item in items]
    return [text.upper() if text else "*" for text in texts]


def _openapi(routers: Routers, module: Module, call: Call) -> Iterator[Route]:
    """@hono/zod-openapi's `app.openapi(createRoute({ method, path }), handler)`."""
    found = _object(routers, module, call)
    place = routers.symbols.resolve(module, call.args[0], call.function)
    made = place.module.call_of(place.value) if place is not None else None
    entry = made.args[0] if made is not None and made.args else None
    if found is not None and place is not None and isinstance(entry, Mapping):
        path = routers.symbols.text(place.module, entry.get("path"))
        for method in _methods(routers, place.module, call, entry.get("method")):
            yield from _routes(
                routers, module, call, (*found, method), [(path or "", path is not None, ())], call.args[1]
            )


def _answering(routers: Routers, module: Module, call: Call) -> Iterator[Route]:
    """`app.use("/health", (req, res) => res.send("ok"))`: middleware that takes no `next` and answers is a route."""
    path = routers.symbols.text(module, call.args[0], call.function)
    place = handlers.locate(routers.symbols, module, call.args[-1], call.function) if path and path != "/" else None
    if path is None or place is None or isinstance(call.args[-1], CallRef):
        return
    parameters = place[0].functions[place[1]].parameters
    if 0 < len(parameters) <= 2 and handlers.renders(*place, returning=False):
        found = _object(routers, module, call)
        if found is not None and found[1] == "express":
            yield from _routes(routers, module, call, (*found, "*"), [(path, True, ("mounted",))], call.args[-1])


def _listed(routers: Routers, module: Module, call: Call) -> Iterator[Route]:
    """Hono's `app.on("GET", "/path", handler)`."""
    found = _object(routers, module, call)
    if found is None or found[1] != "hono":
        return
    paths = _paths(routers, module, call, call.args[1], found[1])
    for method in _methods(routers, module, call, call.args[0]):
        yield from _routes(routers, module, call, (*found, method), paths, call.args[-1])
