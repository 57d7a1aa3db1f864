"""Follows router values through Go code, to find the prefixes under which a route is registered. Finds no routes itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from readiness.frameworks.go_contexts import contexts
from readiness.frameworks.go_knowledge import Framework, argument, framework_of
from readiness.frameworks.go_values import MAX_DEPTH, Scope, Values, before
from readiness.source import Call, CallRef, Expression, FunctionRef, Mapping, Module, Name, Sequence
from readiness.symbols_go import GoSymbols, folder_of
from readiness.wiring import known

_MAX_ROUTERS = 40
"""More call sites than this say nothing more about a prefix."""

Site = tuple[str, int]


class Router(Struct, frozen=True):
    """A router: the call that made it (None: unknown), and the prefix gained since. `known`: all of it was literal."""

    site: Site | None
    prefix: str = ""
    known: bool = True


class Routers:
    """The router values of all modules."""

    def __init__(self, symbols: GoSymbols, values: Values) -> None:
        """Index where fields are set, inline functions are passed and routers are mounted."""
        self.symbols = symbols
        self.values = values
        self._fields: dict[tuple[str, str], list[tuple[Scope, Expression]]] = defaultdict(list)
        self._passed: dict[tuple[str, int], list[tuple[Module, Call]]] = defaultdict(list)
        self._mounts: dict[Site, list[tuple[Scope, Expression | None, str]]] = defaultdict(list)
        self._mounting: set[Site] = set()
        for module in symbols.modules:
            self._index(module)
        for module in symbols.modules:
            for call in module.calls:
                self._mount(module, call)

    def _index(self, module: Module) -> None:
        folder = folder_of(module)
        for assignment in module.assignments:
            if "." in assignment.target:
                field = assignment.target.rpartition(".")[2]
                self._fields[folder, field].append(
                    (Scope(module, assignment.function, line=assignment.line), assignment.value)
                )
        for call in module.calls:
            if call.kind == "new":
                for field, value in call.keywords:
                    self._fields[folder, field].append((Scope(module, call.function, line=call.line), value))
            for value in call.args:
                if isinstance(value, FunctionRef):
                    self._passed[module.path, value.index].append((module, call))
                elif isinstance(value, Name) and (found := self.symbols.function(module, value.symbol)) is not None:
                    self._passed[found[0].path, found[1]].append((module, call))

    # ------------------------------------------------------------------ mounts

    def _mount(self, module: Module, call: Call) -> None:
        strips = known(__file__, "go_routes.yaml")["strip_prefix"]
        row, parent = strips.get(call.callee), None
        if row is None and call.callee.rpartition(".")[2] in ("Mount", "Use"):
            found = framework_of(self.symbols.resolve(module, call.callee))
            row = found[0].mounts.get(call.callee.rpartition(".")[2]) if found is not None else None
            parent = call.receiver
        if row is None or len(call.args) <= row["router"]:
            return
        self.values.refill()
        path, child = call.args[row["path"]], call.args[row["router"]]
        for context in contexts(self.values, Scope(module, call.function, line=call.line), [path, child], call):
            self._hang(context.scope, parent, self.values.text(path, context.scope), child)

    def _hang(self, scope: Scope, parent: Expression | None, prefix: str | None, child: Expression | None) -> None:
        for router in self.routers(child, scope):
            if router.site is not None and prefix is not None:
                self._mounts[router.site].append((scope, parent, prefix))

    def prefixes(self, router: Router) -> list[tuple[str, bool]]:
        """Every prefix under which a route of `router` answers, with whether all of it is known."""
        mounts = self._mounts.get(router.site, []) if router.site is not None else []
        if not mounts or router.site is None or router.site in self._mounting:
            return [(router.prefix, router.known)]
        self._mounting.add(router.site)
        found: dict[tuple[str, bool], None] = {}
        for scope, parent, prefix in mounts[:_MAX_ROUTERS]:
            above = self.routers(parent, scope) if parent is not None else [Router(None)]
            for outer in above or [Router(None, known=False)]:
                for start, sure in self.prefixes(outer):
                    found[join(join(start, prefix), router.prefix), sure and router.known] = None
        self._mounting.discard(router.site)
        return list(found)

    # ------------------------------------------------------------------ values

    def routers(self, expression: Expression | None, scope: Scope, depth: int = 0) -> list[Router]:
        """The routers that an expression may be, none where that cannot be said."""
        if depth > MAX_DEPTH or expression is None or not self.values.may_go_on():
            return []
        match expression:
            case CallRef(index=index):
                found = self._of_call(index, scope, depth + 1)
            case Name():
                found = self._of_name(expression, scope, depth + 1) or self._of_type(expression, scope)
            case Mapping(constructs=kind):
                is_router = framework_of(self.symbols.resolve(scope.module, kind)) is not None
                found = [Router(None)] if is_router else []
            case _:
                found = []
        return list(dict.fromkeys(found))[:_MAX_ROUTERS]

    def _of_call(self, index: int, scope: Scope, depth: int) -> list[Router]:
        call = scope.module.calls[index]
        own = self.symbols.function(scope.module, call.callee)
        if own is not None:
            inner = self.values.called(own, call, scope)
            return [r for line, value in _returned(own[0], own[1]) for r in self.routers(value, inner.at(line), depth)]
        found = framework_of(self.symbols.resolve(scope.module, call.callee))
        if found is None:
            inside = (self.routers(value, scope, depth) for value in call.args)
            return next((routers for routers in inside if routers), [])
        framework, members = found
        if members[-1] in framework.constructors and len(members) == 1:
            return [Router((scope.module.path, index))]
        return [
            self._grouped(router, call, framework, members[-1], scope)
            for router in self.routers(call.receiver, scope, depth)
        ]

    def _grouped(self, router: Router, call: Call, framework: Framework, method: str, scope: Scope) -> Router:
        """`router` after a call on it: a group has a prefix more; other methods return it as it was."""
        position = framework.groups.get(method, {}).get("path")
        if position is None:
            return router
        prefix = self.values.text(argument(call.args, position), scope)
        return Router(router.site, join(router.prefix, prefix or ""), router.known and prefix is not None)

    def _of_name(self, name: Name, scope: Scope, depth: int) -> list[Router]:
        root, _, field = name.written.rpartition(".")
        function = scope.parameter(name.written)
        local = [] if root else self.values.assigned(scope, name.written)
        if (
            local
            and function >= 0
            and local[0].function != function
            and local[0].function not in scope.chain()[: scope.chain().index(function)]
        ):
            local = []
        if local:
            return [
                router
                for assignment in local
                for router in self.routers(
                    assignment.value, scope.at(before(assignment, scope), assignment.function), depth
                )
            ]
        if function >= 0:
            return self._of_parameter(function, name, scope, depth)
        if root:
            return self._of_field(name, field, scope, depth)
        if (value := self.symbols.value(scope.module, name.written)) is not None:
            return self.routers(value[1].value, Scope(value[0], -1), depth)
        return []

    def _of_type(self, name: Name, scope: Scope) -> list[Router]:
        """A router of which only the type is known; nothing is known of what lies above a group."""
        found = framework_of(self.symbols.resolve(scope.module, f"{name.symbol}.?"))
        if found is None or len(found[1]) < 2 or any(m.removesuffix("()") in found[0].not_types for m in found[1]):
            return []
        made = found[1][-2].removesuffix("()") in found[0].constructors
        return [Router(None, known=made or found[1][-2] in known(__file__, "go_routes.yaml")["root_types"])]

    def _of_parameter(self, function: int, name: Name, scope: Scope, depth: int) -> list[Router]:
        passed = scope.argument(function, name.written)
        if passed is not None:
            return self.routers(passed[1], passed[0], depth)
        found: list[Router] = []
        names = [parameter.name for parameter in scope.module.functions[function].parameters]
        position = names.index(name.written)
        for module, call in self.values.sites(scope.module, function)[:_MAX_ROUTERS]:
            value = argument(call.args, position)
            found += self.routers(value, Scope(module, call.function, line=call.line), depth)
        for module, call in self._passed.get((scope.module.path, function), []):
            found += self._of_nested(module, call, depth)
        return found

    def _of_nested(self, module: Module, call: Call, depth: int) -> Iterator[Router]:
        """The router that a framework hands to a function passed to it: `r.Route("/users", func(r chi.Router) {...})`."""
        found = framework_of(self.symbols.resolve(module, call.callee))
        if found is None or "function" not in found[0].groups.get(found[1][-1], {}):
            return
        scope = Scope(module, call.function, line=call.line)
        for router in self.routers(call.receiver, scope, depth):
            yield self._grouped(router, call, found[0], found[1][-1], scope)

    def _of_field(self, name: Name, field: str, scope: Scope, depth: int) -> list[Router]:
        """A field of an own type: what its package sets it to, the literals of own structs included."""
        resolved = self.symbols.resolve(scope.module, name.symbol.rpartition(".")[0])
        folders = {folder_of(scope.module)} | ({resolved.folder} if resolved.folder is not None else set())
        found: list[Router] = []
        for folder in sorted(folders):
            for where, value in self._fields.get((folder, field), []):
                if isinstance(value, Name) and value.written == name.written and where.module.path == scope.module.path:
                    continue
                found += self.routers(value, where, depth)
        return found


def _returned(module: Module, function: int) -> Iterator[tuple[int, Expression]]:
    """What a function returns first, with its line."""
    for returned in module.returns:
        if returned.function == function and returned.value is not None:
            value = returned.value
            yield returned.line, value.items[0] if isinstance(value, Sequence) and value.items else value


def join(prefix: str, path: str) -> str:
    """A path below a prefix; one slash between them, none at the end but for the root's."""
    if not prefix.strip("/"):
        return path
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}" if path.strip("/") else prefix.rstrip("/")
