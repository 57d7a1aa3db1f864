"""Resolves Go import paths to the target's own files. (Thin; the Go reader's owner deepens it.)"""

from __future__ import annotations

from readiness.source import Module


class GoSymbols:
    """The target's own Go packages."""

    def __init__(self, modules: list[Module]) -> None:
        """Index `modules` by folder."""
        self._by_folder: dict[str, list[Module]] = {}
        for module in modules:
            self._by_folder.setdefault(module.path.rpartition("/")[0], []).append(module)

    def reachable(self, main: Module) -> frozenset[str]:
        """Paths of all modules in packages that `main`'s package reaches by imports, its own included."""
        seen: set[str] = set()
        todo = [main.path.rpartition("/")[0]]
        while todo:
            folder = todo.pop()
            if folder in seen:
                continue
            seen.add(folder)
            for module in self._by_folder.get(folder, []):
                for imported in module.imports:
                    todo += [f for f in self._by_folder if f and (imported.symbol == f or imported.symbol.endswith("/" + f))]
        return frozenset(m.path for folder in seen for m in self._by_folder.get(folder, []))
