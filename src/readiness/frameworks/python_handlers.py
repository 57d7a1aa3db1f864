"""Finds the body behind a Python route's handler and what it renders. Knows no routing."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from readiness.source import (
    Call,
    CallRef,
    Choice,
    Expression,
    FunctionRef,
    Joined,
    Mapping,
    Module,
    Name,
    Sequence,
    Text,
)
from readiness.symbols import PythonSymbols
from readiness.wiring import known

_KNOWN = known(__file__, "python_handlers.yaml")
_RENDERS = {name: kind for kind, names in _KNOWN["renders"].items() for name in names}
_METHODS: list[str] = _KNOWN["methods"]
_OF_BASE = {name: methods.split(",") for methods, names in _KNOWN["bases"].items() for name in names}
_DEEPEST = 5


class Handler(Struct, frozen=True):
    """A handler: `name` as written, and where its body is. `class_` is set for a class (`function` then -1)."""

    name: str = ""
    module: Module | None = None
    function: int = -1
    class_: int = -1

    @property
    def path(self) -> str:
        """The module's path, "" if unknown."""
        return self.module.path if self.module and (self.function >= 0 or self.class_ >= 0) else ""


class Handlers:
    """Looks handlers up in a target's modules."""

    def __init__(self, modules: Iterable[Module], symbols: PythonSymbols) -> None:
        """Index the decorated functions and classes."""
        self.symbols = symbols
        self._decorated: dict[tuple[str, int], Handler] = {}
        for module in modules:
            for index, function in enumerate(module.functions):
                for decorator in function.decorators:
                    if isinstance(decorator, CallRef):
                        self._decorated[module.path, decorator.index] = Handler(function.name, module, index)
            for index, class_ in enumerate(module.classes):
                for decorator in class_.decorators:
                    if isinstance(decorator, CallRef):
                        self._decorated[module.path, decorator.index] = Handler(class_.name, module, -1, index)

    def decorated_by(self, module: Module, call: int) -> Handler | None:
        """The function or class below the decorator `call`."""
        return self._decorated.get((module.path, call))

    def of(self, value: Expression | None, module: Module, function: int = -1, depth: int = 0) -> Handler:
        """The handler that `value` names where `functions[function]` uses it."""
        if depth > _DEEPEST or value is None:
            return Handler()
        match value:
            case FunctionRef(index=index):
                return Handler("", module, index)
            case Name(symbol=symbol, written=written):
                return self._of_name(symbol, written, module, function)
            case Text(value=text):
                return self._of_name(text, text, module, function)
            case CallRef(index=index):
                return self._of_call(index, module, function, depth)
        return Handler()

    def _of_call(self, index: int, module: Module, function: int, depth: int) -> Handler:
        """`View.as_view()`, `login_required(view)`, `cache_page(60)(view)`, `Resource()`."""
        call = module.calls[index]
        last = call.callee.rpartition(".")[2]
        if last in ("as_view", "as_asgi") or last.endswith("as_view"):
            owner = call.written.rpartition(".")[0]
            return self._of_name(call.callee.rpartition(".")[0], owner, module, function)
        if last.removesuffix("()") in _KNOWN["wrappers"] or call.callee.endswith("()"):
            return self.of(call.args[0] if call.args else None, module, function, depth + 1)
        made = self._of_name(call.callee, call.written, module, function)
        if made.class_ >= 0 or not call.args:
            return made
        inner = self.of(call.args[0], module, function, depth + 1)
        return inner if inner.path else made

    def _of_name(self, symbol: str, written: str, module: Module, function: int) -> Handler:
        if "." not in written:
            local = _nested(module, function, written)
            if local >= 0:
                return Handler(written, module, local)
        if written.startswith("self."):
            owner = module.owner_of(function)
            index = module.function_named(written[5:], owner) if owner else -1
            if index >= 0:
                return Handler(written, module, index)
        found = self.symbols.find(symbol, module)
        if found is None:
            return Handler(written)
        if found.class_ >= 0 and found.rest and "." not in found.rest:
            method = self.symbols.method(found.name, found.module, [found.rest])
            if method is not None:
                return Handler(written, *method)
        if found.assignment is not None and not found.rest and isinstance(found.assignment.value, CallRef):
            made = self._of_call(found.assignment.value.index, found.module, -1, 1)
            return Handler(written, made.module, made.function, made.class_)
        return Handler(written, found.module, found.function, found.class_)

    def methods(self, handler: Handler, prefix: str = "") -> dict[str, Handler]:
        """The HTTP methods that a class answers, each with the method that does; `prefix` as in Falcon's on_get."""
        if handler.function >= 0:
            return {}
        if handler.module is None or handler.class_ < 0:  # a library's view
            return dict.fromkeys(_OF_BASE.get(handler.name.rpartition(".")[2], ()), handler)
        name = handler.module.classes[handler.class_].name
        found: dict[str, Handler] = {}
        for method in _METHODS:
            body = self.symbols.method(name, handler.module, [prefix + method])
            if body is not None:
                found[method.upper()] = Handler(handler.name, *body)
        if not found:
            for base in self.symbols.bases(name, handler.module):
                for method in _OF_BASE.get(base.rpartition(".")[2], ()):
                    found.setdefault(method, handler)
        return found

    def renders(self, handler: Handler, default: str) -> str:
        """json, html, text, redirect or "", by what the handler returns; `default` is for plain values."""
        if handler.module is None:
            return _of_bases({handler.name.rpartition(".")[2]})
        if handler.function < 0:
            return self._renders_by_base(handler) or default
        function = handler.module.functions[handler.function]
        for decorator in function.decorators:
            said = self._said_by(decorator, handler.module)
            if said:
                return said
        kinds = {
            self._rendered(returned.value, handler.module, default)
            for returned in handler.module.returns
            if returned.function == handler.function and returned.value is not None
        }
        for kind in ("json", "html", "text", "redirect") if default == "json" else ("html", "json", "text", "redirect"):
            if kind in kinds:
                return kind
        return default if default == "json" else self._renders_by_base(handler)

    def _said_by(self, decorator: Expression, module: Module) -> str:
        """What a decorator says: response_class=, renderer=, @template."""
        if not isinstance(decorator, CallRef):
            return ""
        call = module.calls[decorator.index]
        response = call.keyword("response_class") or call.keyword("default_response_class")
        if isinstance(response, Name):
            return self._kind(response.symbol, "")
        renderer = call.keyword("renderer")
        if isinstance(renderer, Text):
            return {"json": "json", "string": "text"}.get(renderer.value, "html")
        kind: str = _KNOWN["decorators"].get(call.callee.rpartition(".")[2], "")
        return kind

    def _rendered(self, value: Expression | None, module: Module, default: str, depth: int = 0) -> str:
        if depth > _DEEPEST:
            return ""
        match value:
            case CallRef(index=index):
                return self._of_response(module.calls[index], module, depth) or self._kind(
                    module.calls[index].callee, default
                )
            case Name(symbol=symbol):
                return self._kind(symbol.removesuffix("()"), default) if symbol.endswith("()") else self._plain(default)
            case Mapping():
                return "json"
            case Text() | Joined():
                return "json" if default == "json" else "text"
            case Sequence(items=items):
                return self._rendered(items[0], module, default, depth + 1) if items else "json"
            case Choice(options=options):
                return self._rendered(options[0], module, default, depth + 1)
        return self._plain(default)

    def _of_response(self, call: Call, module: Module, depth: int) -> str:
        """What a bare response says: Response(json.dumps(x)), Response(x, mimetype="application/json"), or make_response(x)."""
        last = call.callee.rpartition(".")[2]
        if last == "make_response" and call.args:
            return self._rendered(call.args[0], module, "", depth + 1)
        if last not in ("Response", "HTTPResponse", "HttpResponse"):
            return ""
        body = call.args[0] if call.args else None
        given = [value for _, value in call.keywords] + list(call.args)
        given += [value for headers in given if isinstance(headers, Mapping) for _, value in headers.entries]
        says = any(isinstance(value, Text) and value.value.startswith("application/json") for value in given)
        dumped = isinstance(body, CallRef) and module.calls[body.index].callee.rpartition(".")[2] == "dumps"
        return "json" if says or dumped else ""

    @staticmethod
    def _plain(default: str) -> str:
        return default if default == "json" else ""

    def _kind(self, symbol: str, default: str) -> str:
        last = symbol.rpartition(".")[2]
        if last in ("Response", "HTTPResponse"):
            return "json" if symbol in _KNOWN["json_response_symbols"] else ""
        if last.lower().endswith(("dict", "json", "jsonify")):
            return "json"
        kind: str = _RENDERS.get(last, self._plain(default))
        return kind

    def _renders_by_base(self, handler: Handler) -> str:
        module = handler.module
        if module is None:
            return ""
        name = module.functions[handler.function].owner if handler.function >= 0 else ""
        name = name or (module.classes[handler.class_].name if handler.class_ >= 0 else "")
        bases = {base.rpartition(".")[2] for base in self.symbols.bases(name, module)} if name else set()
        return _of_bases(bases)


def _of_bases(bases: set[str]) -> str:
    """What views of these classes (by last names) render."""
    if bases & set(_KNOWN["html_bases"]):
        return "html"
    return "json" if bases & set(_KNOWN["json_bases"]) else ""


def _nested(module: Module, function: int, name: str) -> int:
    """The function `name` defined inside `functions[function]` or the ones around it."""
    for scope in module.around(function):
        for index, candidate in enumerate(module.functions):
            if candidate.parent == scope and candidate.name == name and not candidate.owner:
                return index
    return -1
