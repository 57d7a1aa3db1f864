"""Classes of the target's own that record metrics (gauge, counter, timer) and that its code calls. Knows no library."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from readiness.facts.callgraph import CallGraph, Place
from readiness.facts.modules import Modules
from readiness.facts.services import Service
from readiness.model import Evidence
from readiness.source import Call, Module
from readiness.wiring import fact, known

_KNOWN: dict[str, Any] = known(__file__, "own_metrics.yaml")
_METHODS = frozenset(_KNOWN["methods"])
_LEAST = 2
"""One method named `timer` may be anything; two such kinds of instrument are an interface for metrics."""


class OwnMetrics:
    """By the module that calls them: the class, then the call."""

    def __init__(self, by_caller: dict[str, list[tuple[Evidence, Evidence]]]) -> None:
        """Keep them."""
        self._by_caller = by_caller

    def of(self, service: Service) -> list[Evidence]:
        """A class that records metrics, noted by its name, and up to two places in `service` that call it; or nothing."""
        found = [pair for path in sorted(service.paths) for pair in self._by_caller.get(path, ())]
        return [found[0][0], *(call for _, call in found[:2])] if found else []


@fact
def own_metrics(modules: Modules, calls: CallGraph) -> OwnMetrics:
    """Find classes with two or more kinds of instrument, and the calls from other modules."""
    classes: dict[Place, Evidence] = {
        (module.path, index): place for module in modules for index, place in _recorders(module).items()
    }
    by_caller: dict[str, list[tuple[Evidence, Evidence]]] = defaultdict(list)
    for module, call in modules.calls() if classes else ():
        if call.callee.rpartition(".")[2].lower() not in _METHODS or "." not in call.callee:
            continue
        called = _of_instance(call, classes) or [place for place in calls.callees(module, call) if place in classes]
        if called and called[0][0] != module.path:
            by_caller[module.path].append((classes[called[0]], Evidence(module.path, call.line, call.written)))
    return OwnMetrics(by_caller)


def _of_instance(call: Call, classes: dict[Place, Evidence]) -> list[Place]:
    """The method's class where the call's receiver is a name of that class's module: `metrics.provider.counter`."""
    holder = call.callee.rpartition(".")[0].rpartition(".")[0].removeprefix("./").replace("/", ".")
    if not holder:
        return []
    stems = {place: place[0].rpartition(".")[0].replace("/", ".").removesuffix(".__init__") for place in classes}
    return [place for place, stem in stems.items() if f".{stem}".endswith(f".{holder}")]


def _recorders(module: Module) -> dict[int, Evidence]:
    """The instrument methods of classes that have enough of them, by index."""
    by_owner: dict[str, list[int]] = defaultdict(list)
    for index, function in enumerate(module.functions):
        if function.owner and function.name.lower() in _METHODS:
            by_owner[function.owner].append(index)
    return {
        index: Evidence(module.path, module.functions[indexes[0]].line, owner)
        for owner, indexes in by_owner.items()
        if len({module.functions[i].name.lower() for i in indexes}) >= _LEAST
        for index in indexes
    }
