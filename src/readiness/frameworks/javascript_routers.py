"""Tells apart the application and router objects of JavaScript servers, and which is mounted in which under what prefix.

An object is known by where it is held: (path, function, name). A parameter is an object too, joined to what callers pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from readiness.source import Call, CallRef, Choice, Expression, FunctionRef, Joined, Mapping, Module, Name
from readiness.symbols_javascript import Place, Symbols
from readiness.wiring import known

Key = tuple[str, int, str]
_KNOWN = known(__file__, "javascript_servers.yaml")
_FRAMEWORKS: dict[str, dict[str, list[str]]] = _KNOWN["frameworks"]
MAKERS = {symbol: name for name, entry in _FRAMEWORKS.items() for symbol in (*entry["apps"], *entry["routers"])}
APPS = {symbol: name for name, entry in _FRAMEWORKS.items() for symbol in entry["apps"]}
_TYPES = {symbol: name for name, entry in _FRAMEWORKS.items() for symbol in entry["types"]} | MAKERS
_CHAINING = set(_KNOWN["chaining"])
_CONVENTIONAL: dict[str, str] = _KNOWN["conventional"]
_DEEPEST = 10
_MOST_PREFIXES = 24
OF_CLASS = -3
MOST_CALLS = 8_000
"""Files with more calls are bundles that no hand wrote: the search for routes, quadratic in the file, leaves them out."""
_CARRIED = ("router", "app", "express", "server", "routes")


class Prefix(Struct, frozen=True):
    """A prefix, whether all of it is known, the guards around the mounts, and whether it begins at an application."""

    path: str = ""
    known: bool = True
    guards: tuple[str, ...] = ()


class Mount(Struct, frozen=True):
    """`prefix` under which something is mounted in `parent`."""

    parent: Key
    prefix: Prefix


class Routers:
    """All objects of a target; `mounts` is filled by `javascript_mounts`."""

    def __init__(self, symbols: Symbols, modules: list[Module]) -> None:
        """Find the calls that build applications and routers."""
        self.symbols = symbols
        self.frameworks: dict[Key, str] = {}
        self.mounts: dict[Key, list[Mount]] = {}
        self.own_prefix: dict[Key, str] = {}
        self._apps: set[Key] = set()
        self._prefixes: dict[Key, list[Prefix]] = {}
        self._asked: dict[Key, str] = {}
        self._at: dict[tuple[str, int], Key] = {}
        self._fields: dict[tuple[str, str], list[tuple[int, Key]]] = {}
        self.used = {MAKERS[i.symbol] for m in modules for i in m.imports if i.symbol in MAKERS} | {
            name for m in modules for i in m.imports for name in _FRAMEWORKS if i.symbol == name
        }
        for module in modules:
            for index, call in enumerate(module.calls):
                framework = MAKERS.get(call.callee)
                if framework is not None and call.kind in ("call", "new"):
                    self._add(module, index, call, framework)

    def _add(self, module: Module, index: int, call: Call, framework: str) -> None:
        key = (module.path, call.function, call.bound) if call.bound else (module.path, -2, f"#{index}")
        self.frameworks[key] = framework
        if call.callee in APPS:
            self._apps.add(key)
        self._at[(module.path, index)] = key
        if call.bound.startswith("this."):
            self._fields.setdefault((module.path, call.bound.partition(".")[2]), []).append((call.line, key))
        if (prefix := call.keyword("prefix")) is not None:
            self.own_prefix[key] = self.symbols.text(module, prefix, call.function) or ""

    def locate(self, module: Module, value: Expression | None, inside: int, depth: int = 0) -> Key | None:
        """The object that `value`, written in the function `inside` of `module`, is."""
        if depth > _DEEPEST:
            return None
        if isinstance(value, CallRef):
            return self._of_call(module, value, depth)
        if isinstance(value, Name):
            return self._of_name(module, value, inside, depth)
        if isinstance(value, Choice):
            return next((key for o in value.options if (key := self.locate(module, o, inside, depth + 1))), None)
        return None

    def _of_call(self, module: Module, value: CallRef, depth: int) -> Key | None:
        if (key := self._at.get((module.path, value.index))) is not None:
            return key
        call = module.calls[value.index]
        if call.receiver is not None and call.written.rpartition(".")[2] in _CHAINING:
            found = self.locate(module, call.receiver, call.function, depth + 1)
            if found is not None:
                return found
        for given in call.args[:1]:  # `withViews(express())` hands back what it decorates
            if isinstance(given, CallRef) and (module.path, given.index) in self._at:
                return self._at[(module.path, given.index)]
        place = self.symbols.resolve(module, Name(f"{call.callee}()", call.written), call.function)
        return self._of_place(place, depth)

    def _of_name(self, module: Module, value: Name, inside: int, depth: int) -> Key | None:
        head, _, rest = value.written.partition(".")
        if head == "this":
            return self._of_this(module, value, rest, inside)
        if rest in ("", "routes", "router"):
            for function in module.scopes(inside):
                key = (module.path, function, head)
                if key in self.frameworks:
                    return key
                if function >= 0:
                    for parameter in module.functions[function].parameters:
                        if parameter.name == head or head in destructured(parameter.name):
                            return self._of_parameter(key, parameter.type)
        stem, _, last = value.symbol.rpartition(".")
        if last in _CARRIED and stem.endswith("()"):  # `new AdminRoutes(services).router`
            made = self.symbols.resolve(module, Name(stem, value.written.rpartition(".")[0]), inside)
            if made is not None and made.class_ is not None and made.instance:
                return self.of_class(made.module, made.class_.name)
        hit = self.symbols.assigned(module, value.written, inside)
        if hit is not None and hit[1] != value and not (isinstance(hit[1], Name) and hit[1].written == value.written):
            return self.locate(module, hit[1], hit[0], depth + 1)
        return self._of_place(self.symbols.resolve(module, value, inside), depth)

    def _of_parameter(self, key: Key, declared: str) -> Key:
        in_object = re.search(rf"\b{re.escape(key[2])}\??:\s*([\w.]+)", declared) if declared[:1] in "{:" else None
        framework = _TYPES.get(in_object[1] if in_object else declared)
        if framework is not None:
            self.frameworks[key] = framework
        return key

    def _of_this(self, module: Module, value: Name, rest: str, inside: int) -> Key | None:
        owner = module.owner_of(inside)
        if rest and (held := self._field(module, owner, rest.partition(".")[0])) is not None:
            return held
        framework = _TYPES.get(value.symbol.removesuffix("()"))
        if rest and framework is not None:
            key = (module.path, OF_CLASS, value.written)
            self.frameworks[key] = framework
            return key
        return self.of_class(module, owner) if owner and rest in ("", *_CARRIED) else None

    def _field(self, module: Module, owner: str, field: str) -> Key | None:
        """The object that a field of a class holds, by the place where it is built."""
        built = self._fields.get((module.path, field), [])
        class_ = next((c for c in module.classes if c.name == owner), None)
        if class_ is not None:
            return next((key for line, key in built if class_.line <= line <= class_.end_line), None)
        return built[0][1] if built else None

    def of_class(self, module: Module, owner: str, depth: int = 0) -> Key | None:
        """The router that objects of a class carry, as its own field or that of a class it extends."""
        class_ = next((c for c in module.classes if c.name == owner), None)
        if class_ is None or depth > 4:
            return None
        key = (module.path, OF_CLASS, owner)
        if key in self.frameworks:
            return key
        for field in _CARRIED:
            if (held := self._field(module, owner, field)) is not None:
                self.frameworks[key] = self.frameworks[held]
                self.mounts.setdefault(held, []).append(Mount(key, Prefix()))
                return key
        for base in class_.bases:
            place = self.symbols.resolve(module, Name(base, base))
            if place is not None and place.class_ is not None:
                parent = self.of_class(place.module, place.class_.name, depth + 1)
                if parent is not None:
                    self.frameworks[key] = self.frameworks[parent]
                    return key
        return None

    def _of_place(self, place: Place | None, depth: int) -> Key | None:
        if place is None:
            return None
        if place.instance and place.class_ is not None:
            return self.of_class(place.module, place.class_.name)
        if place.value is not None:
            return self.locate(place.module, place.value, place.inside, depth + 1)
        return None

    def framework(self, key: Key) -> str:
        """The framework of an object; "" where it is not known to be one. To be asked once all mounts are known."""
        if key not in self._asked:
            self._asked[key] = ""  # for objects that are mounted in each other
            self._asked[key] = self._framework(key)
        return self._asked[key]

    def _framework(self, key: Key) -> str:
        if (found := self.frameworks.get(key)) is not None:
            return found
        for mount in self.mounts.get(key, ())[:_MOST_PREFIXES]:
            if found := self.framework(mount.parent):
                return found
        if key[1] < 0 or key[2] not in _CONVENTIONAL:
            return ""
        guess = _CONVENTIONAL[key[2]]
        served = self.used & set(_FRAMEWORKS)
        if guess and guess in served:
            return guess
        return next(iter(served)) if len(served) == 1 else ""

    def _is_root(self, key: Key) -> bool:
        """Whether what is mounted nowhere is reached at its own paths: an application is, a router or plug-in is not."""
        return key in self._apps or (
            key[1] >= 0 and key not in self._at.values() and key[2] in ("app", "server", "expressApp")
        )

    def prefixes(self, key: Key, seen: tuple[Key, ...] = ()) -> list[Prefix]:
        """Every prefix under which the object's routes are reached."""
        if key in self._prefixes:
            return self._prefixes[key]
        own = self.own_prefix.get(key, "")
        mounts = self.mounts.get(key, ())
        if not mounts or key in seen or len(seen) > _DEEPEST:
            return [Prefix(own, self._is_root(key))]
        found: list[Prefix] = []
        for mount in mounts:
            for outer in self.prefixes(mount.parent, (*seen, key)):
                joined = join(outer.path, join(mount.prefix.path, own))
                prefix = Prefix(joined, outer.known and mount.prefix.known, outer.guards + mount.prefix.guards)
                if prefix not in found:
                    found.append(prefix)
        self._prefixes[key] = found[:_MOST_PREFIXES]
        return self._prefixes[key]


def destructured(pattern: str) -> list[str]:
    """The names in a parameter's pattern `{ app, db: pool }`; none where it is a plain name."""
    return re.findall(r"\w+", pattern) if pattern.startswith("{") else []


def join(prefix: str, path: str) -> str:
    """The two with one slash between; a bare "/" adds nothing to a prefix."""
    if not path or (path == "/" and prefix):
        return prefix
    if not prefix:
        return path
    return prefix.rstrip("/") + "/" + path.lstrip("/")


def variants(symbols: Symbols, module: Module, call: Call) -> Iterator[dict[str, Expression]]:
    """The values of loop variables around a call: `routes.forEach((r) => app.use(r.path, r.router))` gives, for each object
    in `routes`, its entries as "r.path" and "r.router". One empty variant where there is no such loop."""
    used = {name.written for arg in call.args for name in _names(arg)}
    if len(module.calls) > MOST_CALLS:  # no hand wrote it, and each call would search them all
        used = set()
    for function in module.scopes(call.function) if used else ():
        at = (module.path, function)
        if at not in symbols.loops:
            symbols.loops[at] = list(_loops(symbols, module, function))
        for name, items in symbols.loops[at]:
            found = [_variant(name, item) for item in items]
            if any(used & set(variant) for variant in found):
                yield from found
                return
    yield {}


def _variant(name: str, item: Expression) -> dict[str, Expression]:
    if isinstance(item, Mapping):
        stem = "" if name.startswith("{") else f"{name}."
        return {f"{stem}{key}": value for key, value in item.entries}
    return {name: item}


def _names(value: Expression) -> Iterator[Name]:
    if isinstance(value, Name):
        yield value
    for part in getattr(value, "parts", ()) or getattr(value, "items", ()):
        if isinstance(part, Name):
            yield part


def substituted(value: Expression, variant: dict[str, Expression]) -> Expression:
    """The value with loop variables replaced by what they stand for."""
    if isinstance(value, Name):
        return variant.get(value.written, value)
    if variant and isinstance(value, Joined):
        return Joined(tuple(substituted(part, variant) for part in value.parts))
    return value


def _loops(symbols: Symbols, module: Module, function: int) -> Iterator[tuple[str, tuple[Expression, ...]]]:
    for assignment in module.assignments:
        value = assignment.value
        if assignment.function == function and isinstance(value, Name) and value.written.endswith("[]"):
            listed = Name(value.symbol[:-2], value.written[:-2])
            yield assignment.target, _items(symbols, module, listed, function)
        elif assignment.function == function and assignment.annotation == "[]":
            yield assignment.target, _items(symbols, module, value, function)
    if function < 0 or not module.functions[function].parameters:
        return
    for call in module.calls:
        looping = call.written.endswith((".forEach", ".map"))
        if looping and any(isinstance(arg, FunctionRef) and arg.index == function for arg in call.args):
            name = module.functions[function].parameters[0].name
            yield name, _items(symbols, module, call.receiver, call.function)


def _items(symbols: Symbols, module: Module, value: Expression | None, inside: int) -> tuple[Expression, ...]:
    if isinstance(value, Name):
        place = symbols.resolve(module, value, inside)
        if place is None or place.module is not module:
            return ()
        value = place.value
    return getattr(value, "items", ()) if module.call_of(value) is None else ()
