"""Finds the file and definition behind a dotted Python symbol of the target itself. Reads no file and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from msgspec import Struct

from readiness.source import Assignment, Class, Function, Module, Name

_MOST_BASES = 60
_FARTHEST = 8
"""Re-exports are followed so many times."""


class Found(Struct, frozen=True):
    """Where a symbol is defined: in `module`, under `name`; `rest` are the members behind it ("" if none).

    One of `function`, `class_` (indices into the module) and `assignment` is set.
    """

    module: Module
    name: str
    rest: str = ""
    function: int = -1
    class_: int = -1
    assignment: Assignment | None = None

    @property
    def function_node(self) -> Function | None:
        """The function, if it is one."""
        return self.module.functions[self.function] if self.function >= 0 else None

    @property
    def class_node(self) -> Class | None:
        """The class, if it is one."""
        return self.module.classes[self.class_] if self.class_ >= 0 else None


class PythonSymbols:
    """The definitions of a target's Python modules, by dotted name.

    Imports may be written from any root (the repository's, src/, backend/, a service's folder): a dotted module name
    fits a file whose path ends with it, the file nearest to the importing one first.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        """Index `modules`."""
        self._by_last: dict[str, list[tuple[tuple[str, ...], Module]]] = {}
        self._settings: dict[str, Found] = {}
        self._modules: dict[tuple[str, str], Module | None] = {}
        self._found: dict[tuple[str, str], Found | None] = {}
        self._named: dict[tuple[str, str], Found | None] = {}
        self._lineages: dict[tuple[str, str], list[str]] = {}
        self._definitions: dict[str, dict[str, Found]] = {}
        for module in modules:
            parts = PurePosixPath(module.path).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if "settings" in module.path:
                for assignment in module.assignments:
                    if assignment.target.isupper():
                        self._settings.setdefault(
                            assignment.target, Found(module, assignment.target, assignment=assignment)
                        )
            if parts:
                self._by_last.setdefault(parts[-1], []).append((parts, module))

    def module(self, dotted: str, near: str = "") -> Module | None:
        """The module of that dotted name, as seen from the file at `near`."""
        key = (dotted, near.rpartition("/")[0])
        if key not in self._modules:
            self._modules[key] = self._nearest(tuple(dotted.split(".")), PurePosixPath(near).parts[:-1])
        return self._modules[key]

    def _nearest(self, wanted: tuple[str, ...], around: tuple[str, ...]) -> Module | None:
        fits = [
            (parts, module) for parts, module in self._by_last.get(wanted[-1], ()) if parts[-len(wanted) :] == wanted
        ]
        if not fits:
            return None

        def distance(fit: tuple[tuple[str, ...], Module]) -> tuple[int, int, str]:
            shared = 0
            for mine, theirs in zip(around, fit[0], strict=False):
                if mine != theirs:
                    break
                shared += 1
            return -shared, len(fit[0]), fit[1].path

        parts, module = min(fits, key=distance)
        # a single word may be an outside package of the same name: only a root module or a neighbour is meant
        if len(wanted) == 1 and len(parts) > 1 and parts[:-1] != around[: len(parts) - 1]:
            return None
        return module

    def setting(self, name: str) -> Found | None:
        """The assignment of a Django setting, in the first module with settings in its path that has it."""
        return self._settings.get(name)

    def find(self, symbol: str, near: Module) -> Found | None:
        """The definition of `symbol` (calls in it dropped) as `near` uses it: there first, then where it points."""
        key = (near.path, symbol)
        if key not in self._found:
            self._found[key] = self._search(symbol.replace("()", "").split("."), near)
        return self._found[key]

    def _search(self, parts: list[str], near: Module) -> Found | None:
        if not parts[0]:
            return None
        local = self._defined(near, parts, 0)
        if local is not None and (local.module is not near or len(parts) == 1 or local.assignment is None):
            return local
        for split in range(len(parts) - 1, 0, -1):
            module = self.module(".".join(parts[:split]), near.path)
            if module is not None:
                found = self._defined(module, parts[split:], 1)
                if found is not None:
                    return found
        return local

    def _defined(self, module: Module, parts: list[str], depth: int) -> Found | None:
        """What `module` calls by `parts`, its imports followed; star imports in a ring lead to nothing, once."""
        key = (module.path, ".".join(parts))
        if key not in self._named:
            self._named[key] = None
            self._named[key] = self._look_up(module, parts, depth)
        return self._named[key]

    def _look_up(self, module: Module, parts: list[str], depth: int) -> Found | None:
        name, rest = parts[0], ".".join(parts[1:])
        found = self._of(module).get(name)
        if found is not None and not self._is_alias(found):
            return Found(module, name, rest, found.function, found.class_, found.assignment)
        for imported in module.imports:
            if imported.local == name and imported.symbol != name and depth < _FARTHEST:
                onward = f"{imported.symbol}.{rest}" if rest else imported.symbol
                target = self._outside(onward, module, depth + 1)
                if target is not None:
                    return target
        if found is not None:
            return Found(module, name, rest, found.function, found.class_, found.assignment)
        for imported in module.imports:
            if imported.local == "*" and depth < _FARTHEST:
                target = self._outside(f"{imported.symbol.removesuffix('*')}{'.'.join(parts)}", module, depth + 1)
                if target is not None:
                    return target
        return None

    def _outside(self, symbol: str, near: Module, depth: int) -> Found | None:
        """As `find`, but never in `near` itself: an import leads out."""
        parts = symbol.split(".")
        for split in range(len(parts) - 1, 0, -1):
            module = self.module(".".join(parts[:split]), near.path)
            if module is not None and module is not near:
                return self._defined(module, parts[split:], depth)
        return None

    @staticmethod
    def _is_alias(found: Found) -> bool:
        """`x = x` after an import says nothing."""
        value = found.assignment.value if found.assignment else None
        return isinstance(value, Name) and value.written == found.name

    def _of(self, module: Module) -> dict[str, Found]:
        known = self._definitions.get(module.path)
        if known is None:
            known = {}
            for assignment in module.assignments:
                if assignment.function < 0:
                    known.setdefault(assignment.target, Found(module, assignment.target, assignment=assignment))
            for index, function in enumerate(module.functions):
                if function.parent < 0 and not function.owner and function.name:
                    known[function.name] = Found(module, function.name, function=index)
            for index, class_ in enumerate(module.classes):
                known[class_.name] = Found(module, class_.name, class_=index)
            self._definitions[module.path] = known
        return known

    def bases(self, symbol: str, near: Module) -> list[str]:
        """`symbol` and the symbols of all classes that it derives from, the outside ones too, nearest first."""
        key = (near.path, symbol)
        if key not in self._lineages:
            self._lineages[key] = [symbol]  # a class among its own bases ends there
            lineage = [symbol]
            found = self.find(symbol, near)
            if found is not None and found.class_node is not None and not found.rest:
                for base in found.class_node.bases:
                    lineage += self.bases(base, found.module)
            self._lineages[key] = list(dict.fromkeys(lineage))[:_MOST_BASES]
        return self._lineages[key]

    def method(self, symbol: str, near: Module, names: Iterable[str], depth: int = 0) -> tuple[Module, int] | None:
        """The first of the methods `names` that the class `symbol` defines or inherits: its module and index."""
        found = self.find(symbol, near) if depth < _FARTHEST else None
        if found is None or found.class_node is None:
            return None
        for name in names:
            index = found.module.function_named(name, found.class_node.name)
            if index >= 0:
                return found.module, index
        for base in found.class_node.bases:
            inherited = self.method(base, found.module, names, depth + 1) if base != symbol else None
            if inherited is not None:
                return inherited
        return None
