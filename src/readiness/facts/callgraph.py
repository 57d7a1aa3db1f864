"""Follows calls between the target's own functions, within bounds. Sees no dynamic dispatch but by a method's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from readiness.facts.manifests import Manifests
from readiness.facts.modules import Modules
from readiness.source import Call, Module, Name, walk
from readiness.wiring import fact

Place = tuple[str, int]
"""A function: its module's path and its index in Module.functions."""

_MAX_DEPTH = 4
_MAX_FUNCTIONS = 80
_MAX_NAMESAKES = 4
"""A method called on an unknown receiver is followed to every function of that name, where there are few."""


class CallGraph:
    """Which of the target's functions a function calls."""

    def __init__(self, modules: Modules, packages: frozenset[str] = frozenset()) -> None:
        """Index functions by name. `packages` are the names under which the target's own packages are imported."""
        self._modules = modules
        self._packages = packages
        self._by_name: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for module in modules:
            for index, function in enumerate(module.functions):
                if function.name:
                    self._by_name[module.language, function.name].append((module.path, index))

    def module(self, path: str) -> Module | None:
        """The module at `path`."""
        return self._modules.by_path.get(path)

    def named(self, language: str, name: str) -> list[Place]:
        """Every function or method of that name in `language`."""
        return self._by_name.get((language, name), [])

    def matching(self, language: str, pattern: re.Pattern[str]) -> list[Place]:
        """Every function or method of `language` whose name fits `pattern`, 20 at most."""
        fitting = [
            places for (spoken, name), places in self._by_name.items() if spoken == language and pattern.match(name)
        ]
        return [place for places in fitting for place in places][:20]

    def callees(self, module: Module, call: Call) -> list[Place]:
        """The target's functions that `call` may run: by qualified name, else in the same module, else namesakes."""
        name = call.callee.rstrip("()").rpartition(".")[2]
        candidates = self._by_name.get((module.language, name), [])
        if not candidates:
            return []
        qualifier = call.callee.rpartition(".")[0]
        exact = [place for place in candidates if qualifier and self._fits(place, qualifier)]
        if exact:
            return exact[:_MAX_NAMESAKES]
        local = [place for place in candidates if place[0] == module.path]
        if local and (not qualifier or qualifier.partition(".")[0] in ("self", "this", "cls")):
            return local
        if module.language == "go" and not qualifier:
            folder = module.path.rpartition("/")[0]
            return [place for place in candidates if place[0].rpartition("/")[0] == folder][:_MAX_NAMESAKES]
        if not qualifier or any(_begins(call.callee, imported.symbol) for imported in module.imports):
            return candidates if len(candidates) == 1 and self._is_own_package(call.callee) else []  # else a library's
        return candidates if len(candidates) <= _MAX_NAMESAKES else []

    def _is_own_package(self, callee: str) -> bool:
        """Whether `callee` is imported from a package of the target's own workspace (JavaScript names them)."""
        return any(callee.startswith((f"{package}.", f"{package}/")) for package in self._packages)

    def _fits(self, place: Place, qualifier: str) -> bool:
        """Whether the function's module or owner is what `qualifier` names."""
        path, index = place
        owner = self._modules.by_path[path].functions[index].owner
        dotted = qualifier.removeprefix("./").replace("()", "").replace("/", ".")
        stem = path.rpartition(".")[0].replace("/", ".").removesuffix(".__init__").removesuffix(".index")
        folder = path.rpartition("/")[0].replace("/", ".")
        last = dotted.rpartition(".")[2]
        if owner and last == owner:
            return True
        if stem == dotted or (dotted and stem.endswith("." + dotted)) or (stem and dotted.endswith("." + stem)):
            return True
        return path.endswith(".go") and bool(folder) and (dotted == folder or dotted.endswith("." + folder))

    def reach(self, start: Place, depth: int = _MAX_DEPTH) -> Iterator[tuple[Module, int, int]]:
        """(module, function index, distance) of what `start` runs, itself first, each once, nearest first.

        Functions passed by name as an argument count as run; inline functions count with their parent.
        """
        seen = {start}
        queue: list[tuple[Place, int]] = [(start, 0)]
        while queue and len(seen) < _MAX_FUNCTIONS:
            (path, index), distance = queue.pop(0)
            module = self._modules.by_path.get(path)
            if module is None or not 0 <= index < len(module.functions):
                continue
            yield module, index, distance
            if distance >= depth:
                continue
            for call in module.calls_in(index):
                for place in [*self.callees(module, call), *self._passed(module, call)]:
                    if place not in seen:
                        seen.add(place)
                        queue.append((place, distance + 1))

    def _passed(self, module: Module, call: Call) -> list[Place]:
        """Functions of this module or of an imported one that are handed over by name."""
        found: list[Place] = []
        for argument in (*call.args, *(value for _, value in call.keywords)):
            for part in walk(argument):
                if isinstance(part, Name):
                    name = part.symbol.rpartition(".")[2]
                    qualifier = part.symbol.rpartition(".")[0]
                    candidates = self._by_name.get((module.language, name), [])
                    found += [p for p in candidates if p[0] == module.path or (qualifier and self._fits(p, qualifier))][
                        :2
                    ]
        return found


@fact
def call_graph(modules: Modules, manifests: Manifests) -> CallGraph:
    """Index the target's functions."""
    return CallGraph(modules, frozenset(m.name for m in manifests.all if m.kind == "node" and m.name))


def _begins(callee: str, symbol: str) -> bool:
    """Whether `callee` is `symbol` or a member or result of it."""
    return callee.startswith(symbol) and callee[len(symbol) : len(symbol) + 1] in ("", ".", "(")
