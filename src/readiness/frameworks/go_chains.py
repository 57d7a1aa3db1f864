"""Reads what the other calls of a chain say about a route: `r.Methods("GET").Path("/x").Handler(h)`. Finds no routes itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from readiness.frameworks.go_knowledge import Framework, framework_of
from readiness.frameworks.go_values import Values
from readiness.source import Call, CallRef, Expression, Module, Sequence, Text
from readiness.symbols_go import GoSymbols


class Links(Struct, frozen=True):
    """What a chain says: the methods, the path, the handler; and the prefix set by a call on the same router."""

    methods: Expression | None = None
    path: Expression | None = None
    handler: Expression | None = None
    prefix: Expression | None = None


class Chains:
    """Finds the calls that belong to one chain."""

    def __init__(self, symbols: GoSymbols, values: Values) -> None:
        """Index calls by the call that they are made on."""
        self.symbols = symbols
        self.values = values
        self._next: dict[tuple[str, int], list[Call]] = defaultdict(list)
        self._indices: dict[tuple[str, int], dict[int, int]] = {}
        for module in symbols.modules:
            for index, call in enumerate(module.calls):
                if isinstance(call.receiver, CallRef):
                    self._next[module.path, call.receiver.index].append(call)
                    self._indices.setdefault((module.path, call.receiver.index), {})[id(call)] = index

    def links(self, module: Module, call: Call, index: int, framework: Framework) -> Links:
        """What the calls before and after `call` (module.calls[index]) in its chain say, in the terms of `framework`."""
        if not any(framework.links.values()):
            return Links()
        found: dict[str, Expression] = {}
        for other in (*self._before(module, call), *self._after(module, index)):
            name = other.callee.rpartition(".")[2]
            for link, names in framework.links.items():
                if name in names and other.args and link != "prefix_calls":
                    found.setdefault(link, Sequence(other.args) if link == "method_links" else other.args[0])
        path = found.get("path_links") or (Text("") if "prefix_links" in found else None)
        prefix = self._prefix(module, call, framework) if framework.links["prefix_calls"] else None
        return Links(found.get("method_links"), path, found.get("handler_links"), prefix)

    @staticmethod
    def _before(module: Module, call: Call) -> Iterator[Call]:
        for _ in range(20):
            if not isinstance(call.receiver, CallRef):
                return
            call = module.calls[call.receiver.index]
            yield call

    def _after(self, module: Module, index: int) -> Iterator[Call]:
        for _ in range(20):
            following = self._next.get((module.path, index), [])
            if not following:
                return
            yield following[0]
            index = self._indices[module.path, index][id(following[0])]

    def _prefix(self, module: Module, call: Call, framework: Framework) -> Expression | None:
        root = call.written.partition(".")[0]
        for other in module.calls:
            name = other.callee.rpartition(".")[2]
            same = other.function == call.function and other.written.partition(".")[0] == root
            if same and name in framework.links["prefix_calls"] and other.args:
                found = framework_of(self.symbols.resolve(module, other.callee))
                if found is not None and found[0] is framework:
                    return other.args[0]
        return None
