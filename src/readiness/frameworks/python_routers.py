"""The application and router objects of a Python target and how they are mounted on each other. Knows no routes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from readiness.frameworks.python_values import text_of
from readiness.source import Call, CallRef, Expression, Module, Name, Sequence
from readiness.symbols import PythonSymbols
from readiness.wiring import known

DIALECTS: dict[str, dict[str, Any]] = known(__file__, "python.yaml")
_CONSTRUCTORS = {symbol: (name, kind) for name, d in DIALECTS.items() for symbol, kind in d["constructors"].items()}
_DISTINCT = {symbol.rpartition(".")[2]: kind for symbol, kind in _CONSTRUCTORS.items() if symbol.endswith("APIRouter")}
"""Classes that a factory of the target makes are told by their name, where no two frameworks share it."""
FUNCTIONS = {symbol: (name, spec) for name, d in DIALECTS.items() for symbol, spec in d.get("functions", {}).items()}
_MOUNTS = {method for dialect in DIALECTS.values() for method in dialect.get("mounts", {})}
_ADOPTS = {method for dialect in DIALECTS.values() for method in dialect.get("adopts", {})}
_DEEPEST = 8
_MOST = 12
"""A router mounted in more places than this is shown at the first of them."""

Key = tuple[str, int, str]


class Holder(Struct, frozen=True):
    """An object that routes are registered on. `prefix` is its own, None where it is no literal.

    `kind` is app, router, group or list (a list of route descriptions).
    """

    key: Key
    dialect: str
    kind: str
    prefix: str | None = ""
    call: int = -1


class Mount(Struct, frozen=True):
    """A holder is mounted below `parent` (None: below something unknown, `sure` if that is surely the root)."""

    parent: Holder | None
    prefix: str | None
    given: bool
    sure: bool = True
    tags: tuple[str, ...] = ()


class Place(Struct, frozen=True):
    """A path under which a holder is reached."""

    prefix: str
    known: bool
    tags: tuple[str, ...] = ()


def argument(call: Call, place: Iterable[int | str] | None) -> Expression | None:
    """The argument at the first of the positions and keywords `place` that the call gives."""
    for where in place or ():
        if isinstance(where, int):
            if where < len(call.args):
                return call.args[where]
        else:
            value = next((v for k, v in call.keywords if k == where), None)
            if value is not None:
                return value
    return None


def join(left: str, right: str) -> str:
    """Two parts of a path, with one slash between them."""
    if not right:
        return left
    return f"{left.rstrip('/')}/{right.lstrip('/')}"


class Routers:
    """All holders of the target, found by expression."""

    def __init__(self, modules: list[Module], symbols: PythonSymbols) -> None:
        """Find the holders, then how they are mounted."""
        self.modules = {module.path: module for module in modules}
        self.symbols = symbols
        self.holders: dict[Key, Holder] = {}
        self.mounts: dict[Key, list[Mount]] = {}
        self.container: dict[tuple[str, int], Holder] = {}
        self._by_call: dict[tuple[str, int], Holder] = {}
        self._attributes: dict[tuple[str, str], Holder] = {}
        self._named: dict[tuple[str, int, Name], Holder | None] = {}
        self._kinds: dict[tuple[str, str], tuple[str, str] | None] = {}
        self._sites: dict[str, list[tuple[Module, Call]]] = {}
        for module in modules:
            for call in module.calls:
                self._sites.setdefault(call.callee.rpartition(".")[2], []).append((module, call))
        for module in modules:
            self._find_holders(module)
        for module in modules:
            self._find_mounts(module)

    def kind_of(self, symbol: str, module: Module) -> tuple[str, str] | None:
        """The dialect and kind of the objects that the constructor `symbol` makes; classes derived from one count."""
        if symbol in _CONSTRUCTORS:
            return _CONSTRUCTORS[symbol]
        last = symbol.rpartition(".")[2]
        if not last[:1].isupper() or "(" in symbol:
            return None
        key = (module.path, symbol)
        if key not in self._kinds:
            lineage = self.symbols.bases(symbol, module)
            kind = next((_CONSTRUCTORS[base] for base in lineage if base in _CONSTRUCTORS), None)
            if kind is None and last in _DISTINCT and (made := self.symbols.find(symbol, module)) is not None:
                kind = _DISTINCT[last] if made.assignment is not None and not made.rest else None
            self._kinds[key] = kind
        return self._kinds[key]

    def _find_holders(self, module: Module) -> None:
        for index, call in enumerate(module.calls):
            kind = self.kind_of(call.callee, module) if call.kind != "raise" else None
            if kind is not None:
                self._add(module, index, call, *kind)
            elif call.callee.endswith(".namespace") and self.kind_of(call.callee[: -len("().namespace")], module):
                self._add(module, index, call, "flask-rest", "router")
        for assignment in module.assignments:
            if isinstance(assignment.value, Sequence) and any(
                isinstance(item, CallRef) and module.calls[item.index].callee in FUNCTIONS
                for item in assignment.value.items
            ):
                key = (module.path, assignment.function, assignment.target)
                self.holders.setdefault(key, Holder(key, "", "list"))

    def _add(self, module: Module, index: int, call: Call, dialect: str, kind: str) -> None:
        spec = DIALECTS[dialect]
        given = argument(call, spec.get("prefix"))
        prefix = text_of(given, module, self.symbols) if given is not None else ""
        position = spec.get("default_prefix", {}).get(call.callee, 0 if call.callee.endswith(".namespace") else None)
        if given is None and position is not None:
            named = text_of(argument(call, [position, "name"]), module, self.symbols)
            prefix = f"/{named}" if named else None
        key = (module.path, call.function, call.bound or f"#{index}")
        holder = Holder(key, dialect, kind, prefix, index)
        self.holders[key] = self._by_call[module.path, index] = holder
        if call.bound.startswith("self."):
            self._attributes.setdefault((module.path, call.bound), holder)

    def _find_mounts(self, module: Module) -> None:
        for index, call in enumerate(module.calls):
            own = self._by_call.get((module.path, index))
            if own is not None:
                self._mount_constructed(module, call, own)
            owner, _, method = call.callee.rpartition(".")
            if method in _MOUNTS and owner:
                self._mount_by_call(module, index, call, method)
            elif method in _ADOPTS:
                self._adopt(module, call, method)
        for assignment in module.assignments:
            holder = self.holders.get((module.path, assignment.function, assignment.target))
            if holder is not None and isinstance(assignment.value, Sequence):
                self._attach(assignment.value, holder, "", module, assignment.function)

    def _adopt(self, module: Module, call: Call, method: str) -> None:
        """`api.init_app(app)`: the receiver is mounted on the argument."""
        own = self.of(call.receiver, module, call.function)
        place = DIALECTS[own.dialect].get("adopts", {}).get(method) if own and own.dialect else None
        if own is not None and place:
            self._mount(own, self.of(argument(call, place), module, call.function), None, False)

    def _mount_constructed(self, module: Module, call: Call, own: Holder) -> None:
        spec = DIALECTS[own.dialect]
        for place in spec.get("lists", ()):
            value = argument(call, [place])
            if value is not None:
                self._attach(value, own, "", module, call.function)
        if own.kind == "group":
            for value in call.args:
                self._attach(value, own, "", module, call.function)
        if spec.get("parent"):
            parent = self.of(argument(call, spec["parent"]), module, call.function)
            if parent is None and call.callee.endswith(".namespace"):
                parent = self.of(call.receiver, module, call.function)
            if parent is not None and parent is not own:
                self._mount(own, parent, None, False)

    def _mount_by_call(self, module: Module, index: int, call: Call, method: str) -> None:
        parent = self.of(call.receiver, module, call.function)
        specs = [d["mounts"][method] for n, d in DIALECTS.items() if method in d.get("mounts", {})
                 and (parent is None or not parent.dialect or n == parent.dialect)]  # fmt: skip
        if not specs or specs[0].get("creates"):
            return
        spec = specs[0]
        child = argument(call, spec["child"])
        given = argument(call, spec.get("prefix"))
        prefix = text_of(given, module, self.symbols) if given is not None else ""
        tags = ("mounted",) if spec.get("mounted") else ()
        if child is not None:
            self._attach(child, parent, prefix, module, call.function, given is not None, tags, call)

    def _attach(
        self, value: Expression, parent: Holder | None, prefix: str | None, module: Module, function: int,
        given: bool = False, tags: tuple[str, ...] = (), by: Call | None = None,
    ) -> None:  # fmt: skip
        """Put the routers and route descriptions in `value` below `parent`."""
        if isinstance(value, Sequence):
            for item in value.items:
                self._attach(item, parent, prefix, module, function, given, tags, by)
            return
        if isinstance(value, CallRef) and module.calls[value.index].callee in FUNCTIONS:
            self._attach_description(module, value.index, parent)
            return
        child = self.of(value, module, function)
        if child is not None and child is not parent:
            receiver = by.written.rpartition(".")[0].rpartition(".")[2] if by else ""
            sure = parent is not None or receiver in ("app", "application", "server")
            self._mount(child, parent, prefix, given, sure, tags)

    def _attach_description(self, module: Module, index: int, parent: Holder | None) -> None:
        call = module.calls[index]
        dialect, spec = FUNCTIONS[call.callee]
        if "prefix" not in spec:
            if parent is not None:
                self.container[module.path, index] = parent
            return
        key = (module.path, call.function, f"#{index}")
        prefix = text_of(argument(call, spec["prefix"]), module, self.symbols)
        holder = self.holders.setdefault(key, Holder(key, dialect, "list", prefix, index))
        self._mount(holder, parent, None, False, parent is not None)
        for place in spec["children"]:
            if (value := argument(call, [place])) is not None:
                self._attach(value, holder, "", module, call.function)

    def _mount(
        self, child: Holder, parent: Holder | None, prefix: str | None, given: bool, sure: bool = True,
        tags: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        mount = Mount(parent, prefix if given else "", given, sure, tags)
        known_mounts = self.mounts.setdefault(child.key, [])
        if mount not in known_mounts:
            known_mounts.append(mount)

    def add_root(self, holder: Holder, prefix: str, sure: bool) -> None:
        """`holder` is reached below `prefix` through another framework (Django's urlpatterns)."""
        self._mount(holder, None, prefix, True, sure)

    def of(self, value: Expression | None, module: Module, function: int, depth: int = 0) -> Holder | None:
        """The holder that `value` is where `functions[function]` of `module` uses it."""
        if depth > _DEEPEST:
            return None
        if isinstance(value, CallRef):
            direct = self._by_call.get((module.path, value.index))
            return direct or self._returned(module.calls[value.index].callee, module, depth)
        if not isinstance(value, Name):
            return None
        key = (module.path, function, value)
        if key not in self._named:
            self._named[key] = None  # what leads back to itself is nothing
            self._named[key] = self._of_member(value, module, function, depth)
        return self._named[key]

    def _of_member(self, value: Name, module: Module, function: int, depth: int) -> Holder | None:
        found = self._of_name(value, module, function, depth)
        if found is None:
            owner, _, member = value.written.rpartition(".")
            if owner and member in ("router", "app", "urls", "asgi_app", "wsgi_app", "asgi"):
                found = self.of(Name(value.symbol.rpartition(".")[0], owner), module, function, depth + 1)
        return found

    def _of_name(self, value: Name, module: Module, function: int, depth: int) -> Holder | None:
        for scope in module.scopes(function):
            found = self.holders.get((module.path, scope, value.written))
            if found is not None:
                return found
        if value.written.startswith("self.") and (module.path, value.written) in self._attributes:
            return self._attributes[module.path, value.written]
        passed = self._passed(value, module, function, depth)
        if passed is not None:
            return passed
        if value.symbol.endswith("()"):
            return self._returned(value.symbol[:-2], module, depth)
        for spelled in dict.fromkeys((value.symbol, value.written)):
            target = self.symbols.find(spelled, module)
            if target is None or target.assignment is None:
                continue
            found = self.holders.get((target.module.path, -1, target.name)) if not target.rest else None
            if found is None and target.assignment.value != value:
                found = self.of(target.assignment.value, target.module, -1, depth + 1)
            if found is not None:
                return found
        return None

    def _passed(self, value: Name, module: Module, function: int, depth: int) -> Holder | None:
        """What the callers of the function around pass for the parameter `value`."""
        for scope in module.around(function):
            inside = module.functions[scope]
            names = [p.name for p in inside.parameters if p.name not in ("self", "cls")]
            if value.written not in names:
                continue
            if value.symbol != value.written and self.kind_of(value.symbol, module) is None:
                return None  # declared as something else
            place: list[int | str] = [names.index(value.written), value.written]
            for site, call in self._sites.get(inside.name, ())[:_MOST]:
                found = self.of(argument(call, place), site, call.function, depth + 1)
                if found is not None:
                    return found
        return None

    def _returned(self, symbol: str, module: Module, depth: int) -> Holder | None:
        """The holder that the function `symbol` returns."""
        target = self.symbols.find(symbol, module)
        if target is None or target.function < 0 or target.rest:
            return None
        for returned in target.module.returns:
            if returned.function == target.function and returned.value is not None:
                found = self.of(returned.value, target.module, returned.function, depth + 1)
                if found is not None:
                    return found
        return None

    def places(self, holder: Holder, seen: frozenset[Key] = frozenset()) -> list[Place]:
        """The paths under which `holder` is reached, the first ones where there are many."""
        own = holder.prefix
        if holder.key in seen or len(seen) > _DEEPEST:
            return []
        found: list[Place] = []
        for mount in self.mounts.get(holder.key, ()):
            override = mount.given and DIALECTS.get(holder.dialect, {}).get("override", False)
            tail = mount.prefix if override else _both(mount.prefix, own)
            above = self.places(mount.parent, seen | {holder.key}) if mount.parent else [Place("", mount.sure)]
            for place in above:
                prefix = join(place.prefix, tail or "")
                found.append(Place(prefix, place.known and tail is not None, (*place.tags, *mount.tags)))
        if not found:
            found = [Place(own or "", holder.kind == "app" and own is not None)]
        return found[:_MOST]


def _both(outer: str | None, inner: str | None) -> str | None:
    return None if outer is None or inner is None else join(outer, inner)
