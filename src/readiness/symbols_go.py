"""Joins Go modules: own packages by import path, their functions, types and values, and what a main program reaches.

Knows no framework. Import paths are matched to folders by what the imports themselves say, so no go.mod is needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from functools import cached_property

from msgspec import Struct

from readiness.source import Assignment, Call, CallRef, Class, Mapping, Module, Name
from readiness.wiring import known

_MAX_STEPS = 12
"""How many members or returned values one symbol is followed through."""


class Resolved(Struct, frozen=True):
    """A symbol with own packages followed: `folder` is the own package's, None for another's; `module` where it was said."""

    symbol: str
    folder: str | None
    module: Module

    @property
    def last(self) -> str:
        """The last member."""
        return self.symbol.rpartition(".")[2].removesuffix("()")


class GoSymbols:
    """The target's own Go packages."""

    def __init__(self, modules: list[Module]) -> None:
        """Index `modules` by folder."""
        self.modules = list(modules)
        self.by_path = {module.path: module for module in modules}
        self._by_folder: dict[str, list[Module]] = defaultdict(list)
        for module in modules:
            self._by_folder[module.path.rpartition("/")[0]].append(module)
        self._imported: dict[tuple[str, str], str | None] = {}
        self._resolved: dict[tuple[str, str], Resolved] = {}
        self._functions: dict[tuple[str, str, str], tuple[Module, int]] = {}
        self._types: dict[tuple[str, str], tuple[Module, Class]] = {}
        self._values: dict[tuple[str, str], tuple[Module, Assignment]] = {}
        self._index()

    def _index(self) -> None:
        for folder, members in self._by_folder.items():
            for module in members:
                for number, function in enumerate(module.functions):
                    if function.name and function.parent == -1:
                        self._functions.setdefault((folder, function.owner, function.name), (module, number))
                for class_ in module.classes:
                    self._types.setdefault((folder, class_.name), (module, class_))
                for assignment in module.assignments:
                    if assignment.function == -1:
                        self._values.setdefault((folder, assignment.target), (module, assignment))

    # ------------------------------------------------------------------ packages

    def reachable(self, main: Module) -> frozenset[str]:
        """Paths of all modules in packages that `main`'s package reaches by imports, its own included."""
        seen: set[str] = set()
        todo = [folder_of(main)]
        while todo:
            folder = todo.pop()
            if folder in seen:
                continue
            seen.add(folder)
            for module in self._by_folder.get(folder, []):
                found = (self.folder(imported.symbol, folder) for imported in module.imports)
                todo += [own for own in found if own is not None]
        return frozenset(m.path for folder in seen for m in self._by_folder.get(folder, []))

    def folder(self, symbol: str, importer: str) -> str | None:
        """The folder of the package that files in folder `importer` import as `symbol`, None where it is not the target's."""
        key = (symbol, importer)
        if key not in self._imported:
            self._imported[key] = self._find_folder(symbol, importer)
        return self._imported[key]

    def _find_folder(self, symbol: str, importer: str) -> str | None:
        candidates = [
            (votes, len(tail), pair[1], tail)
            for pair, tail in self._splits(symbol)
            if (votes := self._roots[pair]) and self._is_trusted(pair, votes, importer)
        ]
        if candidates:
            _, _, root, tail = max(candidates)
            return f"{root}/{tail}" if root else tail
        for (prefix, root), _ in self._roots.most_common():
            if (
                prefix == symbol
                and root in self._by_folder
                and self._is_trusted((prefix, root), self._roots[prefix, root], importer)
            ):
                return root
        name = symbol.rpartition("/")[2]
        if "/" not in symbol or symbol.partition("/")[0] in known(__file__, "symbols_go.yaml")["standard"]:
            return None
        ancestors = [f for f in self._by_folder if _holds(f, importer) and f != importer]
        named = (f for f in ancestors if any(m.package == name for m in self._by_folder[f]))
        return max(named, key=len, default=None)

    def _is_trusted(self, pair: tuple[str, str], votes: int, importer: str) -> bool:
        """Whether a module path and folder hold for an importer: one that is clearly a module of its own holds for all."""
        _, root = pair
        if votes >= 2:
            return _holds(root, importer) or votes >= 4
        above = [other for other in self._roots if other != pair and _holds(other[1], root) and self._roots[other] > 1]
        return _holds(root, importer) and not above

    def _splits(self, symbol: str) -> list[tuple[tuple[str, str], str]]:
        """The ways to read `symbol` as (module path, folder of the module) and the package's folder within it."""
        parts = symbol.split("/")
        if parts[0] in known(__file__, "symbols_go.yaml")["standard"] and "." not in parts[0]:
            return []
        found: list[tuple[tuple[str, str], str]] = []
        for start in range(1, len(parts)):
            tail = "/".join(parts[start:])
            for folder in self._tails.get(tail, ()):
                root = folder[: -len(tail)].rstrip("/")
                found.append((("/".join(parts[:start]), root), tail))
        return found

    @cached_property
    def _tails(self) -> dict[str, list[str]]:
        tails: dict[str, list[str]] = defaultdict(list)
        for folder, members in self._by_folder.items():
            if all(module.package == "main" for module in members):
                continue  # no program can be imported: an import that ends like its folder is of another package
            parts = folder.split("/")
            for start in range(len(parts)):
                tails["/".join(parts[start:])].append(folder)
        return tails

    @cached_property
    def _roots(self) -> Counter[tuple[str, str]]:
        """How many packages' imports speak for a (module path, folder of the module), by importers within that folder.

        A package has one import path: where several could be its, only those that share the longest part with it count.
        """
        claims: dict[str, list[tuple[int, tuple[str, str], str]]] = defaultdict(list)
        for folder, members in self._by_folder.items():
            for symbol in {imported.symbol for module in members for imported in module.imports}:
                for pair, tail in self._splits(symbol):
                    if _holds(pair[1], folder):
                        own = f"{pair[1]}/{tail}" if pair[1] else tail
                        claims[own].append((tail.count("/"), pair, folder))
        votes: Counter[tuple[str, str]] = Counter()
        packages: Counter[tuple[str, str]] = Counter()
        for found in claims.values():
            longest = max(found)[0]
            agreed = {(pair, folder) for length, pair, folder in found if length == longest}
            votes.update(pair for pair, _ in agreed)
            packages.update({pair for pair, _ in agreed})
        by_root: dict[str, tuple[str, str]] = {}
        for pair in sorted(votes, key=lambda p: (-packages[p], -votes[p], p)):
            by_root.setdefault(
                pair[1], pair
            )  # a folder is one module: google.golang.org/grpc is not the own folder grpc
        return Counter({pair: votes[pair] for pair in by_root.values()})

    # ------------------------------------------------------------------ members

    def function(self, module: Module, symbol: str) -> tuple[Module, int] | None:
        """The own function or method that `symbol` names in `module`, with its index."""
        found = self.resolve(module, symbol)
        if found.folder is None:
            return None
        owner, _, name = found.symbol.removesuffix("()").rpartition(".")
        direct = self._functions.get((found.folder, owner, name))
        return direct or (self._implemented(found.folder, owner, name) if owner else None)

    def _implemented(self, folder: str, interface: str, name: str) -> tuple[Module, int] | None:
        """The method `name` of the one own type that has all methods of an own interface; its own package's first."""
        declared = self._types.get((folder, interface))
        wanted = {field.name for field in declared[1].fields if field.type == "func"} if declared is not None else set()
        if name not in wanted:
            return None
        able = [place for place in self._owners.get(name, ()) if wanted <= self._methods[place]]
        near = [place for place in able if place[0] == folder] or able
        return self._functions[(*near[0], name)] if len(near) == 1 else None

    @cached_property
    def _methods(self) -> dict[tuple[str, str], set[str]]:
        methods: dict[tuple[str, str], set[str]] = defaultdict(set)
        for folder, owner, name in self._functions:
            if owner:
                methods[folder, owner].add(name)
        return methods

    @cached_property
    def _owners(self) -> dict[str, list[tuple[str, str]]]:
        owners: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for folder, owner, name in self._functions:
            if owner:
                owners[name].append((folder, owner))
        return owners

    def value(self, module: Module, symbol: str) -> tuple[Module, Assignment] | None:
        """The package-level variable or constant that `symbol` names in `module`."""
        folder, members = self._split(module, symbol)
        return self._values.get((folder, members[0])) if folder is not None and len(members) == 1 else None

    def type(self, module: Module, symbol: str) -> tuple[Module, Class] | None:
        """The own type that `symbol` names in `module`."""
        found = self.resolve(module, symbol)
        return self._types.get((found.folder, found.symbol)) if found.folder is not None else None

    def method(self, module: Module, symbol: str, name: str) -> tuple[Module, int] | None:
        """The method `name` of the own type `symbol`."""
        return self.function(module, f"{symbol}.{name}")

    def resolve(self, module: Module, symbol: str) -> Resolved:
        """`symbol` with own functions' results, own types' fields and own variables followed to what they are."""
        key = (module.path, symbol)
        if key not in self._resolved:
            self._resolved[key] = Resolved(symbol, None, module)
            self._resolved[key] = self._resolve(module, symbol)
        return self._resolved[key]

    def library_calls(self, names: Container[str]) -> Iterator[tuple[Module, Call, str]]:
        """Calls by which production code uses libraries: (module, call, symbol) where the symbol's last part is in `names`."""
        for module in self.modules:
            for call in module.calls if not is_test_support(module) else ():
                if call.callee.rpartition(".")[2] in names:
                    resolved = self.resolve(module, call.callee)
                    if resolved.folder is None:
                        yield module, call, resolved.symbol

    def _resolve(self, module: Module, symbol: str) -> Resolved:
        folder, members = self._split(module, symbol)
        for _ in range(_MAX_STEPS):
            if folder is None:
                return Resolved(symbol, None, module)
            step = self._step(folder, members)
            if step is None:
                return Resolved(".".join(members), folder, module)
            module, head, rest = step
            symbol = ".".join([head, *rest])
            folder, members = self._split(module, symbol)
        return Resolved(symbol, folder, module)

    def _step(self, folder: str, members: list[str]) -> tuple[Module, str, list[str]] | None:
        """The head of `members` replaced by its type: (where that is said, the type's symbol, the other members)."""
        head, rest = members[0], members[1:]
        if head.endswith("()"):
            return self._result(folder, "", head[:-2], rest)
        if (folder, head) in self._types:
            return self._member(folder, head, rest)
        if (found := self._values.get((folder, head))) is not None and rest:
            module, assignment = found
            made = assignment.annotation or self._made(module, assignment)
            return (module, made, rest) if made and made != head else None
        return None

    def _member(self, folder: str, head: str, rest: list[str]) -> tuple[Module, str, list[str]] | None:
        module, class_ = self._types[folder, head]
        if not rest or rest == [""]:
            return None
        name = rest[0].removesuffix("()")
        if rest[0].endswith("()") and (folder, head, name) in self._functions:
            return self._result(folder, head, name, rest[1:])
        if (folder, head, name) in self._functions:
            return None
        for field in class_.fields:
            if field.name == name and field.type and field.type != "func" and len(rest) > 1:
                return module, field.type, rest[1:]
        if any(field.name == name for field in class_.fields):
            return None
        return (module, class_.bases[0], rest) if class_.bases and class_.bases[0] != head else None

    def _result(self, folder: str, owner: str, name: str, rest: list[str]) -> tuple[Module, str, list[str]] | None:
        found = self._functions.get((folder, owner, name))
        if found is None:
            return None
        module, index = found
        returns = module.functions[index].returns
        return (module, returns, rest) if returns else None

    @staticmethod
    def _made(module: Module, assignment: Assignment) -> str:
        match assignment.value:
            case CallRef(index=index) if index < len(module.calls):
                return f"{module.calls[index].callee}()"
            case Mapping(constructs=kind):
                return kind
            case Name(symbol=symbol):
                return symbol
        return ""

    def _split(self, module: Module, symbol: str) -> tuple[str | None, list[str]]:
        """The own folder (None: not the target's) that `symbol` belongs to and its members there."""
        if "/" not in symbol.partition("(")[0] and symbol.partition(".")[0] not in self._plain_imports(module):
            return (folder_of(module), symbol.split(".")) if symbol[:1].isalpha() else (None, [symbol])
        best = ""
        for imported in module.imports:
            if symbol.startswith(imported.symbol + ".") and len(imported.symbol) > len(best):
                best = imported.symbol
        folder = self.folder(best, folder_of(module)) if best else None
        return folder, symbol[len(best) + 1 :].split(".")

    @staticmethod
    def _plain_imports(module: Module) -> set[str]:
        return {imported.symbol for imported in module.imports if "/" not in imported.symbol}

    # ------------------------------------------------------------------ calls

    @cached_property
    def call_sites(self) -> dict[tuple[str, int], list[tuple[Module, Call]]]:
        """The calls of each own function, by (path of its module, its index)."""
        sites: dict[tuple[str, int], list[tuple[Module, Call]]] = defaultdict(list)
        for module in self.modules:
            for call in module.calls:
                if call.kind == "call" and (found := self.function(module, call.callee)) is not None:
                    sites[found[0].path, found[1]].append((module, call))
        return sites


def folder_of(module: Module) -> str:
    """The folder that holds a module."""
    return module.path.rpartition("/")[0]


def is_test_support(module: Module) -> bool:
    """Whether a file that is no test by its name serves tests only: it imports what no program does."""
    return any(imported.symbol in known(__file__, "symbols_go.yaml")["test_only"] for imported in module.imports)


def belongs_to_tests(module: Module) -> bool:
    """Whether a file that is no test by its name can only be linked into tests: it takes a *testing.T or asserts.

    A recorder for responses alone (net/http/httptest) is used by middleware of production as well.
    """
    only = set(known(__file__, "symbols_go.yaml")["test_only"]) - {"net/http/httptest"}
    return any(imported.symbol in only for imported in module.imports)


def _holds(folder: str, other: str) -> bool:
    return not folder or other == folder or other.startswith(folder + "/")
