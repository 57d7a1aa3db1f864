"""Python routes that stand in tables or under names of their own: Tornado handlers, Pyramid views, Litestar controllers."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.frameworks.python_handlers import Handler, Handlers
from readiness.frameworks.python_paths import from_regex, plain
from readiness.frameworks.python_routers import Place, Routers, argument, join
from readiness.frameworks.python_values import text_of, texts_of
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import Call, Expression, Joined, Module, Name, Sequence, Text

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_LITESTAR = {f"{package}.{verb}": verb for package in ("litestar", "starlite", "litestar.handlers") for verb in _VERBS}
_TORNADO = ("tornado.web.Application", "tornado.web.url", "tornado.web.URLSpec")


def find(modules: list[Module], routers: Routers, handlers: Handlers) -> list[Route]:
    """The routes of `modules` in tables."""
    routes: list[Route] = []
    for module in modules:
        for call in module.calls:
            if (
                call.callee == _TORNADO[0]
                or call.callee.endswith(".add_handlers")
                or _is_tornado(call, module, handlers)
            ):
                for value in call.args[-1:] if call.callee.endswith("add_handlers") else call.args[:1]:
                    routes += _tornado(value, module, handlers)
                if (listed := call.keyword("handlers")) is not None:
                    routes += _tornado(listed, module, handlers)
    return routes + list(_pyramid(modules, handlers)) + list(_litestar(modules, routers, handlers))


def _is_tornado(call: Call, module: Module, handlers: Handlers) -> bool:
    """`super().__init__(handlers, ...)` of a class derived from Tornado's Application."""
    if call.callee != "super().__init__" or call.function < 0:
        return False
    owner = module.functions[call.function].owner
    return bool(owner) and _TORNADO[0] in handlers.symbols.bases(owner, module)


def _tornado(value: Expression, module: Module, handlers: Handlers, depth: int = 0) -> Iterator[Route]:
    if isinstance(value, Name) and depth < 5:
        for assignment in module.assignments:
            if assignment.target == value.written:
                yield from _tornado(assignment.value, module, handlers, depth + 1)
        found = handlers.symbols.find(value.symbol, module)
        if found is not None and found.assignment is not None and found.module is not module:
            yield from _tornado(found.assignment.value, found.module, handlers, depth + 1)
    elif isinstance(value, Joined) and depth < 5:
        for part in value.parts:
            yield from _tornado(part, module, handlers, depth + 1)
    elif isinstance(value, Sequence):
        for item in value.items:
            call = module.call_of(item)
            parts = item.items if isinstance(item, Sequence) else call.args if call and call.callee in _TORNADO else ()
            if len(parts) >= 2 and isinstance(parts[0], Text):
                handler = handlers.of(parts[1], module)
                where = Evidence(module.path, _line_of(handler, parts[0], call, module))
                for method, body in (handlers.methods(handler) or {"*": handler}).items():
                    renders = handlers.renders(body, "")
                    path = "/" + from_regex(parts[0].value).lstrip("/")
                    yield Route(method, path, "tornado", where, handler.name, body.path, body.function, renders)


def _line_of(handler: Handler, path: Text, call: Call | None, module: Module) -> int:
    """The line of a table's row: tuples carry none, so the table's assignment or call stands for it."""
    if call is not None:
        return call.line
    for assignment in module.assignments:
        if isinstance(assignment.value, Sequence) and any(
            isinstance(row, Sequence) and path in row.items for row in assignment.value.items
        ):
            return assignment.line
    owner = next((c.line for c in module.calls if any(_holds(value, path) for value in c.args)), 0)
    return owner or (handler.module.functions[0].line if handler.module is module and module.functions else 0)


def _holds(table: Expression, path: Text) -> bool:
    return isinstance(table, Sequence) and any(isinstance(row, Sequence) and path in row.items for row in table.items)


def _pyramid(modules: list[Module], handlers: Handlers) -> Iterator[Route]:
    """config.add_route(name, pattern) with the views that name the route."""
    if not any(imported.symbol.startswith("pyramid.") for module in modules for imported in module.imports):
        return
    views: dict[str, list[tuple[Module, int, Call]]] = {}
    for module in modules:
        for index, call in enumerate(module.calls):
            last = call.callee.rpartition(".")[2]
            if last in ("view_config", "add_view"):
                defaults = _view_defaults(module, index, handlers) if call.kind == "decorator" else None
                given = call.keyword("route_name") or (defaults.keyword("route_name") if defaults else None)
                named = text_of(given, module, handlers.symbols)
                if named:
                    views.setdefault(named, []).append((module, index, call))
    for module in modules:
        for call in module.calls:
            pattern = text_of(argument(call, [1, "pattern"]), module, handlers.symbols)
            name = text_of(argument(call, [0, "name"]), module, handlers.symbols)
            if call.callee.endswith(".add_route") and pattern is not None and name is not None:
                yield from _pyramid_views(module, call, pattern, views.get(name, []), handlers)


def _view_defaults(module: Module, index: int, handlers: Handlers) -> Call | None:
    """The view_defaults of the class around the method that the decorator `index` stands on."""
    handler = handlers.decorated_by(module, index)
    owner = module.functions[handler.function].owner if handler and handler.function >= 0 else ""
    for class_ in module.classes if owner else ():
        for decorator in class_.decorators if class_.name == owner else ():
            call = module.call_of(decorator)
            if call is not None and call.callee.endswith("view_defaults"):
                return call
    return None


def _pyramid_views(
    module: Module, call: Call, pattern: str, views: list[tuple[Module, int, Call]], handlers: Handlers
) -> Iterator[Route]:
    path, where = plain("/" + pattern.lstrip("/")), Evidence(module.path, call.line)
    seen: set[tuple[str, str]] = set()
    for inside, index, view in views:
        handler = handlers.decorated_by(inside, index)
        handler = handler or handlers.of(argument(view, [0, "view"]), inside, view.function)
        defaults = _view_defaults(inside, index, handlers)
        given = view.keyword("renderer") or (defaults.keyword("renderer") if defaults else None)
        renderer = text_of(given, inside, handlers.symbols)
        renders = {"json": "json", "string": "text", None: ""}.get(renderer, "html")
        for method in texts_of(view.keyword("request_method"), inside, handlers.symbols) or ["*"]:
            if (method, handler.name) not in seen:
                seen.add((method, handler.name))
                said = renders or handlers.renders(handler, "")
                yield Route(method, path, "pyramid", where, handler.name, handler.path, handler.function, said,
                            True, call.guards)  # fmt: skip
    if not views:
        yield Route("*", path, "pyramid", where, conditions=call.guards)


def _litestar(modules: list[Module], routers: Routers, handlers: Handlers) -> Iterator[Route]:
    mounted = _litestar_mounts(routers, handlers)
    for module in modules:
        for index, call in enumerate(module.calls):
            verb = _LITESTAR.get(call.callee)
            handler = handlers.decorated_by(module, index) if verb else None
            if verb is None or handler is None:
                continue
            owner = module.functions[handler.function].owner if handler.function >= 0 else ""
            places = mounted.get((module.path, owner or handler.name)) or [Place("", False)]
            own = _controller_path(owner, module, handlers)
            values = texts_of(argument(call, [0, "path"]), module, handlers.symbols) or [""]
            for place in places:
                for value in values:
                    path = plain(join(join(place.prefix, own), value)) or "/"
                    yield Route(verb.upper(), "/" + path.lstrip("/"), "litestar", Evidence(module.path, call.line),
                                handler.name, handler.path, handler.function, handlers.renders(handler, "json"),
                                place.known, call.guards)  # fmt: skip


def _controller_path(owner: str, module: Module, handlers: Handlers) -> str:
    for class_ in module.classes if owner else ():
        for field in class_.fields if class_.name == owner else ():
            if field.name == "path":
                return text_of(field.default, module, handlers.symbols) or ""
    return ""


def _litestar_mounts(routers: Routers, handlers: Handlers) -> dict[tuple[str, str], list[Place]]:
    """Where the functions and controllers in route_handlers=[...] are reached."""
    found: dict[tuple[str, str], list[Place]] = {}
    for holder in routers.holders.values():
        if holder.dialect != "litestar" or holder.call < 0:
            continue
        module = routers.modules[holder.key[0]]
        listed = module.calls[holder.call].keyword("route_handlers")
        for item in listed.items if isinstance(listed, Sequence) else ():
            handler = handlers.of(item, module, holder.key[1])
            if handler.module is not None:
                name = handler.name.rpartition(".")[2]
                found.setdefault((handler.module.path, name), []).extend(routers.places(holder))
    return found
