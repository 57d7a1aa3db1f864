"""Finds the body of a Go route's handler through wrappers, and what it renders. Finds no routes itself."""

from __future__ import annotations

from msgspec import Struct

from readiness.frameworks.go_values import Scope, Values, before
from readiness.source import CallRef, Expression, FunctionRef, Mapping, Module, Name
from readiness.symbols_go import GoSymbols
from readiness.wiring import known

_MAX_DEPTH = 8
_RENDER_DEPTH = 2
"""How many own functions a handler's answer is followed through."""


class Handler(Struct, frozen=True):
    """A handler's name as written and its body, -1 where it was not found."""

    name: str = ""
    module: Module | None = None
    function: int = -1


class Handlers:
    """Locates handlers."""

    def __init__(self, symbols: GoSymbols, values: Values) -> None:
        """Keep what resolves names."""
        self.symbols = symbols
        self.values = values
        self._rendered: dict[tuple[str, int], str] = {}

    def locate(self, expression: Expression | None, scope: Scope, depth: int = 0) -> Handler:
        """The handler that an expression stands for; of a wrapped handler the inner one."""
        if depth > _MAX_DEPTH or not self.values.may_go_on():
            return Handler()
        match expression:
            case FunctionRef(index=index):
                return Handler("", scope.module, index)
            case Name():
                return self._name(expression, scope, depth)
            case CallRef(index=index):
                return self._call(index, scope, depth)
            case Mapping(constructs=kind) if kind:
                return self._served(scope.module, kind, kind)
        return Handler()

    def _name(self, name: Name, scope: Scope, depth: int) -> Handler:
        if (found := self.symbols.function(scope.module, name.symbol)) is not None:
            return Handler(name.written, *found)
        if name.written.endswith(".ServeHTTP"):
            root = name.written.removesuffix(".ServeHTTP")
            return self._name(Name(name.symbol.removesuffix(".ServeHTTP"), root), scope, depth + 1)
        function = scope.parameter(name.written)
        if function >= 0:
            passed = scope.argument(function, name.written)
            return self.locate(passed[1], passed[0], depth + 1) if passed else Handler(name.written)
        row = scope.row
        value = row.call.keyword(name.written.rpartition(".")[2]) if row is not None and "." in name.written else None
        if row is not None and value is not None:
            return self.locate(value, Scope(row.module, row.call.function), depth + 1)
        for assignment in self.values.assigned(scope, name.written):
            found_here = self.locate(assignment.value, scope.at(before(assignment, scope)), depth + 1)
            if found_here.function >= 0:
                return Handler(found_here.name or name.written, found_here.module, found_here.function)
        return self._served(scope.module, name.symbol, name.written)

    def _served(self, module: Module, kind: str, written: str) -> Handler:
        """A value of an own type with a ServeHTTP method."""
        found = self.symbols.method(module, kind.removesuffix("()"), "ServeHTTP") or self.symbols.method(
            module, kind, "ServeHTTP"
        )
        return Handler(written, *found) if found is not None else Handler(written)

    def _call(self, index: int, scope: Scope, depth: int) -> Handler:
        """A call that returns a handler: a wrapper's inner handler if an argument is one, else the function called."""
        call = scope.module.calls[index]
        for value in reversed(call.args):
            found = self.locate(value, scope, depth + 1)
            if found.function >= 0:
                return found
        own = self.symbols.function(scope.module, call.callee)
        if own is not None:
            return Handler(call.written, *own)
        named = [value.written for value in call.args if isinstance(value, Name)]
        return Handler(named[-1] if named else call.written)

    def renders(self, handler: Handler) -> str:
        """What the handler answers with: "json", "html", "text", "redirect" or "" (unknown)."""
        if handler.module is None or handler.function < 0:
            return ""
        return self._renders(handler.module, handler.function, 0)

    def _renders(self, module: Module, function: int, depth: int) -> str:
        key = (module.path, function)
        if key in self._rendered:
            return self._rendered[key]
        self._rendered[key] = ""
        table: dict[str, dict[str, list[str]]] = known(__file__, "go_renders.yaml")
        kinds: set[str] = set()
        for call in module.calls_in(function):
            dotted = "." + call.callee
            kind = next(
                (
                    k
                    for k, row in table.items()
                    if call.callee in row["symbols"] or dotted.endswith(tuple(f".{m}" for m in row["methods"]))
                ),
                "",
            )
            if kind:
                kinds.add(kind)
            elif depth < _RENDER_DEPTH and (own := self.symbols.function(module, call.callee)) is not None:
                kinds.add(self._renders(own[0], own[1], depth + 1))
        found = next((kind for kind in ("json", "html", "redirect", "text") if kind in kinds), "")
        if depth == 0 or found:
            self._rendered[key] = found
        else:
            del self._rendered[key]
        return found
