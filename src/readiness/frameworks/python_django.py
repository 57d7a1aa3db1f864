"""Django routes: urlpatterns through include(), class-based views, REST framework routers. Of settings only ROOT_URLCONF."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readiness.frameworks.python_handlers import Handler, Handlers
from readiness.frameworks.python_paths import from_regex, plain
from readiness.frameworks.python_routers import Routers, argument
from readiness.frameworks.python_values import spelled, text_of, texts_of
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import Call, CallRef, Choice, Expression, Joined, Mapping, Module, Name, Sequence, Text
from readiness.wiring import known

_KNOWN = known(__file__, "python_django.yaml")
_DEEPEST = 12
_MOST = 20_000
"""So many routes, and lists walked for them: configurations that include each other in a ring end here."""


class _Prefix(Struct, frozen=True):
    """What stands before a pattern, and what holds around it."""

    text: str = ""
    known: bool = True
    guards: tuple[str, ...] = ()


class DjangoRoutes:
    """Walks the URL configuration from its roots."""

    def __init__(self, modules: list[Module], routers: Routers, handlers: Handlers) -> None:
        """Find the lists of patterns."""
        self.modules, self.routers, self.handlers = modules, routers, handlers
        self.symbols = handlers.symbols
        self.routes: list[Route] = []
        self._seen: set[tuple[str, str]] = set()
        self._walks = 0
        self._registered = self._registrations()

    def find(self) -> list[Route]:
        """All routes; those of configurations that nothing includes come last, with an unknown prefix."""
        roots = [root for module in self.modules for root in self._named_roots(module)]
        confs = [m for m in self.modules if any(a.target == "urlpatterns" for a in m.assignments)]
        confs = [m for m in confs if any(_kind(call) for call in m.calls)] or roots
        for module in dict.fromkeys(m.path for m in roots):
            self._list(self._by_path(module), "urlpatterns", _Prefix(), 0)
        included = self._included()
        for module_ in sorted(confs, key=lambda m: m.path in included):
            if (module_.path, "urlpatterns") not in self._seen:
                self._list(module_, "urlpatterns", _Prefix("", not roots and module_.path not in included), 0)
        return self.routes

    def _by_path(self, path: str) -> Module:
        return self.routers.modules[path]

    def _named_roots(self, module: Module) -> Iterator[Module]:
        for assignment in module.assignments:
            if assignment.target.rpartition(".")[2] == "ROOT_URLCONF":
                dotted = text_of(assignment.value, module, self.symbols)
                found = self.symbols.module(dotted, module.path) if dotted else None
                if found is not None:
                    yield found

    def _included(self) -> set[str]:
        """The modules that an include() names."""
        found: set[str] = set()
        for module in self.modules:
            for call in module.calls:
                if call.callee.rpartition(".")[2] == "include" and call.args:
                    value = call.args[0]
                    value = value.items[0] if isinstance(value, Sequence) and value.items else value
                    target = self._module_of(value, module)
                    if target is not None:
                        found.add(target.path)
        return found

    def _module_of(self, value: Expression, module: Module) -> Module | None:
        if isinstance(value, Text):
            return self.symbols.module(value.value, module.path)
        return self.symbols.module(value.symbol, module.path) if isinstance(value, Name) else None

    def _list(self, module: Module, name: str, prefix: _Prefix, depth: int, function: int | None = None) -> None:
        """The patterns that `module` assigns to `name`, at the top level or in `function`, and those added to it."""
        self._walks += 1
        if depth > _DEEPEST or len(self.routes) > _MOST or self._walks > _MOST:
            return
        self._seen.add((module.path, name))
        for assignment in module.assignments:
            if assignment.target == name and (function is None or assignment.function in (function, -1)):
                inside = _Prefix(prefix.text, prefix.known, prefix.guards + assignment.guards)
                self._value(assignment.value, module, inside, depth + 1, name)
        for call in module.calls:
            if call.callee in (f"{name}.append", f"{name}.extend", f"{name}.insert") and call.args:
                inside = _Prefix(prefix.text, prefix.known, prefix.guards + call.guards)
                self._value(call.args[-1], module, inside, depth + 1, name)

    def _value(self, value: Expression, module: Module, prefix: _Prefix, depth: int, own: str = "") -> None:
        if depth > _DEEPEST:
            return
        match value:
            case Sequence(items=items) | Joined(parts=items) | Choice(options=items):
                for item in items:
                    self._value(item, module, prefix, depth + (0 if isinstance(item, CallRef) else 1), own)
            case CallRef(index=index):
                self._call(index, module, prefix, depth)
            case Name(symbol=symbol, written=written):
                if written != own:
                    self._name(symbol, written, module, prefix, depth)

    def _call(self, index: int, module: Module, prefix: _Prefix, depth: int) -> None:
        call = module.calls[index]
        last = call.callee.rpartition(".")[2]
        kind = _kind(call)
        if kind:
            self._pattern(call, kind, module, prefix, depth + 1)
        elif last in _KNOWN["wrappers"]:
            for value in call.args:
                self._value(value, module, prefix, depth + 1)
        elif last == "include":
            self._include(call, module, prefix, depth + 1)
        else:
            found = self.symbols.find(call.callee, module)
            if found is None or found.function < 0:
                return
            for returned in found.module.returns:
                if returned.function == found.function and returned.value is not None:
                    self._value(returned.value, found.module, prefix, depth + 1)

    def _name(self, symbol: str, written: str, module: Module, prefix: _Prefix, depth: int) -> None:
        """A list by its name, `router.urls`."""
        owner, _, member = written.rpartition(".")
        if member == "urls" and self._router_urls(Name(symbol.rpartition(".")[0], owner), module, prefix):
            return
        if any(a.target == written for a in module.assignments):
            self._list(module, written, prefix, depth + 1)
            return
        found = self.symbols.find(symbol, module)
        if found is not None and found.assignment is not None and not found.rest:
            self._list(found.module, found.name, prefix, depth + 1)

    def _router_urls(self, owner: Name, module: Module, prefix: _Prefix) -> bool:
        """Whether `owner.urls` are a REST framework router's or ninja API's routes, which are then added."""
        holder = self.routers.of(owner, module, -1)
        if holder is not None:
            self.routers.add_root(holder, "/" + prefix.text.lstrip("/"), prefix.known)
            return True
        found = self.symbols.find(owner.written, module)
        path, name = (found.module.path, found.name) if found is not None else (module.path, owner.written)
        entries = self._registered.get((path, name), []) + self._registered.get(("", name), [])
        for where, call in entries:
            self._viewset(where, call, prefix)
        return bool(entries)

    def _registrations(self) -> dict[tuple[str, str], list[tuple[Module, Call]]]:
        """`router.register("users", UserViewSet)` by the router: its file and name; file "" where a function gets it passed."""
        found: dict[tuple[str, str], list[tuple[Module, Call]]] = {}
        for module in self.modules:
            for call in module.calls:
                owner, _, method = call.written.rpartition(".")
                if (
                    method != "register"
                    or len(call.args) + len(call.keywords) < 2
                    or not isinstance(call.receiver, Name)
                ):
                    continue
                if not isinstance(argument(call, [0, "prefix"]), Text | Joined | Name):
                    continue
                target = self.symbols.find(owner, module) if call.receiver.symbol != owner else None
                if target is not None:
                    found.setdefault((target.module.path, target.name), []).append((module, call))
                elif "outer" in call.receiver.symbol or call.receiver.symbol.endswith("Router()"):
                    found.setdefault((module.path, owner), []).append((module, call))
                elif "router" in owner.lower():
                    found.setdefault(("" if call.function >= 0 else module.path, owner), []).append((module, call))
        return found

    def _viewset(self, module: Module, call: Call, prefix: _Prefix) -> None:
        text = text_of(argument(call, [0, "prefix"]), module, self.symbols)
        view = argument(call, [1, "viewset"])
        if view is None:
            return
        base = prefix.text + (from_regex(text).strip("/") + "/" if text else "")
        known_ = prefix.known and text is not None
        handler = self.handlers.of(view, module, call.function)
        for method, tail, body in self._actions(handler):
            self._add(method, base + tail, module, call, body, known_, prefix.guards, "json")

    def _actions(self, handler: Handler) -> Iterator[tuple[str, str, Handler]]:
        """The method, rest of the path and body of each action of a view set."""
        if handler.module is None or handler.class_ < 0:
            yield "*", "", handler
            return
        name = handler.module.classes[handler.class_].name
        bases = {base.rpartition(".")[2] for base in self.symbols.bases(name, handler.module)}
        offered = {action for base in bases for action in _KNOWN["viewsets"].get(base, ())}
        for action, (method, tail) in _KNOWN["actions"].items():
            body = self.symbols.method(name, handler.module, [action])
            if body is not None or action in offered:
                yield method, tail, Handler(f"{name}.{action}", *body) if body else handler
        for index, function in enumerate(handler.module.functions):
            for decorator in function.decorators if function.owner == name else ():
                call = handler.module.call_of(decorator)
                if call is not None and call.callee.rpartition(".")[2] in ("action", "detail_route", "list_route"):
                    tail = text_of(call.keyword("url_path"), handler.module, self.symbols) or function.name
                    detail = "{id}/" if "true" in str(call.keyword("detail")) or "detail_route" in call.callee else ""
                    for method in texts_of(call.keyword("methods"), handler.module, self.symbols) or ["GET"]:
                        body_ = Handler(f"{name}.{function.name}", handler.module, index)
                        yield method.upper(), f"{detail}{from_regex(tail)}/", body_

    def _pattern(self, call: Call, kind: str, module: Module, prefix: _Prefix, depth: int) -> None:
        value = argument(call, [0, "route", "regex"])
        view = argument(call, [1, "view"])
        text, complete = spelled(value, module, self.symbols)
        piece = plain(text) if kind == "plain" else from_regex(text)
        inside = _Prefix(prefix.text + piece, prefix.known and complete, prefix.guards)
        if isinstance(view, CallRef) and module.calls[view.index].callee.rpartition(".")[2] == "include":
            self._include(module.calls[view.index], module, inside, depth)
        elif isinstance(view, Name) and view.written.endswith(".urls"):
            owner = Name(view.symbol.rpartition(".")[0], view.written.rpartition(".")[0])
            if "admin" in view.written or "site" in view.written:
                handler = Handler(view.written)
                self._add("*", inside.text, module, call, handler, inside.known, inside.guards, "html", ("admin",))
            else:
                self._router_urls(owner, module, inside)
        elif isinstance(view, Sequence):
            self._value(view.items[0] if view.items else view, module, inside, depth)
        elif view is not None:
            self._view(view, call, module, inside)

    def _include(self, call: Call, module: Module, prefix: _Prefix, depth: int) -> None:
        value = argument(call, [0, "arg"])
        if isinstance(value, Sequence) and value.items and isinstance(value.items[0], Text | Name | Sequence | CallRef):
            value = value.items[0] if not _is_pattern(value.items[0], module) else value
        target = self._module_of(value, module) if value is not None else None
        if target is not None:
            self._list(target, "urlpatterns", prefix, depth + 1)
        elif value is not None:
            self._value(value, module, prefix, depth + 1)

    def _view(self, view: Expression, call: Call, module: Module, prefix: _Prefix) -> None:
        handler = self.handlers.of(view, module, call.function)
        mapping = module.calls[view.index].args[:1] if isinstance(view, CallRef) else ()
        if mapping and isinstance(mapping[0], Mapping) and handler.module is not None and handler.class_ >= 0:
            name = handler.module.classes[handler.class_].name
            for method, action in mapping[0].entries:
                wanted = text_of(action, module, self.symbols) or ""
                body = self.symbols.method(name, handler.module, [wanted])
                found = Handler(f"{name}.{wanted}", *body) if body else handler
                self._add(method.upper(), prefix.text, module, call, found, prefix.known, prefix.guards, "json")
            return
        bodies = self.handlers.methods(handler)
        for method, body_ in (bodies or dict.fromkeys(self._declared_methods(handler), handler)).items():
            self._add(method, prefix.text, module, call, body_, prefix.known, prefix.guards)

    def _declared_methods(self, handler: Handler) -> list[str]:
        """The methods that a function view's decorators let through."""
        function = handler.module.functions[handler.function] if handler.module and handler.function >= 0 else None
        for decorator in function.decorators if function else ():
            if (
                isinstance(decorator, Name)
                and (last := decorator.symbol.rpartition(".")[2]) in _KNOWN["method_decorators"]
            ):
                return list(_KNOWN["method_decorators"][last])
            if isinstance(decorator, CallRef) and handler.module is not None:
                call = handler.module.calls[decorator.index]
                if call.callee.rpartition(".")[2] in _KNOWN["method_lists"]:
                    listed = texts_of(argument(call, [0, "http_method_names"]), handler.module, self.symbols)
                    return [method.upper() for method in listed] or ["GET"]
        return ["*"]

    def _add(
        self, method: str, path: str, module: Module, call: Call, handler: Handler, known_: bool,
        guards: tuple[str, ...], default: str = "", tags: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        renders = self.handlers.renders(handler, default)
        conditions = tuple(dict.fromkeys((*guards, *call.guards)))
        self.routes.append(
            Route(method, "/" + path.lstrip("/"), "django", Evidence(module.path, call.line), handler.name, handler.path,
                  handler.function, renders or default, known_, conditions, tags)
        )  # fmt: skip


def _kind(call: Call) -> str:
    """plain or regex for a call that describes a pattern, else ""."""
    kind: str = _KNOWN["route_calls"].get(call.callee, "")
    if not kind and len(call.args) + len(call.keywords) >= 2 and call.callee.startswith("django"):
        kind = _KNOWN["route_names"].get(call.callee.rpartition(".")[2], "")
    return kind


def _is_pattern(value: Expression, module: Module) -> bool:
    return isinstance(value, CallRef) and bool(_kind(module.calls[value.index]))
