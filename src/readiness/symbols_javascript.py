"""Finds what a JavaScript symbol stands for across the target's modules: exports, re-exports, classes, objects, factories.

It follows values, not control flow: where several assignments could hold, the first counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from readiness.languages.javascript_names import module_key
from readiness.source import CallRef, Choice, Class, Expression, FunctionRef, Joined, Mapping, Module, Name, Text

_DEEPEST = 12
_MOST_PARTS = 12
_TOKEN = re.compile(r"\(\)|[^.()\[\]]+")


class Place(Struct, frozen=True):
    """Where a symbol leads: a function (by index), a class, a value, or (none of them) the whole module.

    `instance` is the class or constructor function whose object it is; `inside` the function in which a value is written;
    `rest` the members of a class that could not be followed.
    """

    module: Module
    function: int = -1
    class_: Class | None = None
    value: Expression | None = None
    instance: str = ""
    inside: int = -1
    rest: tuple[str, ...] = ()


class Symbols:
    """The modules by the symbols that import statements give them, path aliases included (matched by suffix)."""

    def __init__(self, modules: Iterable[Module]) -> None:
        """Index `modules`."""
        self.by_key = {module_key(module.path): module for module in modules}
        self._by_last: dict[str, list[str]] = {}
        for key in self.by_key:
            self._by_last.setdefault(key.rpartition("/")[2], []).append(key)
        self._assigned: dict[str, dict[str, list[tuple[int, Expression]]]] = {}
        self._exports: dict[tuple[str, str], Place | None] = {}
        self._functions: dict[str, dict[str, int]] = {}
        self.loops: dict[tuple[str, int], list[tuple[str, tuple[Expression, ...]]]] = {}

    def split(self, symbol: str) -> tuple[Module, str] | None:
        """The target's module in a symbol and the member left over ("" for the module itself); None for packages."""
        if "/" not in symbol and symbol not in self.by_key:
            return None
        head, slash, tail = symbol.rpartition("/")
        parts = re.split(r"(?=\.|\(\))", tail)
        for count in range(len(parts), 0, -1):
            module = self._module(head + slash + "".join(parts[:count]))
            if module is not None:
                return module, "".join(parts[count:])
        return None

    def _module(self, specifier: str) -> Module | None:
        specifier = specifier.removesuffix(".js").removesuffix("/index")
        if specifier.startswith("."):
            return self.by_key.get(specifier)
        candidates = self._by_last.get(specifier.rpartition("/")[2])
        if not candidates:
            return None
        for suffix in _alias_suffixes(specifier):
            hits = [key for key in candidates if key.endswith("/" + suffix)]
            if hits:
                return self.by_key[min(hits, key=len)]
        return self._aliased(specifier, candidates)

    def _aliased(self, specifier: str, candidates: list[str]) -> Module | None:
        """`@config/x` for src/configs/x, as path aliases often have it."""
        aliased, _, below = specifier.lstrip("@~#$").partition("/")
        if specifier[0] not in "@~#$" or not below or len(aliased) < 3:
            return None
        hits = [key for key in candidates if key.endswith("/" + below)]
        hits = [key for key in hits if {aliased, aliased + "s", aliased.removesuffix("s")} & set(key.split("/")[:-1])]
        return self.by_key[hits[0]] if len(hits) == 1 else None

    def assigned(self, module: Module, target: str, inside: int = -1) -> tuple[int, Expression] | None:
        """What `target` is assigned in `module`, in the function `inside` or those around it first."""
        index = self._assigned.get(module.path)
        if index is None:
            index = {}
            for assignment in module.assignments:
                index.setdefault(assignment.target, []).append((assignment.function, assignment.value))
            self._assigned[module.path] = index
        hits = index.get(target)
        if not hits:
            return None
        for function in module.scopes(inside):
            for hit in hits:
                if hit[0] == function:
                    return hit
        return hits[0]

    def resolve(self, module: Module, value: Expression | None, inside: int = -1, depth: int = 0) -> Place | None:
        """Where a value written in `module`, in the function `inside`, leads; None where it leads out of the target."""
        if value is None or depth > _DEEPEST:
            return None
        if isinstance(value, FunctionRef):
            return Place(module, function=value.index)
        if not isinstance(value, Name):
            return Place(module, value=value, inside=inside)
        own = self.split(value.symbol)
        if own is not None:
            return self._follow(Place(own[0]), _TOKEN.findall(own[1]), depth + 1)
        tokens = _TOKEN.findall(value.symbol)
        if tokens[:1] == ["this"]:
            owner = module.owner_of(inside)
            return self._follow(Place(module, instance=owner), tokens[1:], depth + 1) if owner else None
        if not tokens or is_parameter(module, value.written, inside):
            return None
        start = self._local(module, tokens[0], inside, depth + 1)
        found = self._follow(start, tokens[1:], depth + 1) if start is not None else None
        return found or self._variable(module, value, inside, depth + 1)

    def _variable(self, module: Module, value: Name, inside: int, depth: int) -> Place | None:
        """What is held in the variable of that name, where its symbol leads into a package."""
        hit = self.assigned(module, value.written, inside)
        if hit is None or hit[1] == value or (isinstance(hit[1], Name) and hit[1].written == value.written):
            return None
        return self.resolve(module, hit[1], hit[0], depth)

    def _local(self, module: Module, name: str, inside: int, depth: int) -> Place | None:
        named = self._functions.get(module.path)
        if named is None:
            listed = reversed(list(enumerate(module.functions)))  # of several, the first counts
            named = {function.name: index for index, function in listed if function.name and not function.owner}
            self._functions[module.path] = named
        if name in named:
            return Place(module, function=named[name])
        for class_ in module.classes:
            if class_.name == name:
                return Place(module, class_=class_)
        hit = self.assigned(module, name, inside)
        if hit is None or (isinstance(hit[1], Name) and hit[1].symbol.partition(".")[0] == name):
            return None
        return self.resolve(module, hit[1], hit[0], depth)

    def _follow(self, place: Place | None, tokens: list[str], depth: int) -> Place | None:
        for position, token in enumerate(tokens):
            if place is None or depth > _DEEPEST:
                return None
            following = self._called(place, depth + 1) if token == "()" else self._member(place, token, depth + 1)
            if following is None:
                if place.class_ is None and not place.instance:
                    return None
                return Place(place.module, class_=place.class_, instance=place.instance, rest=tuple(tokens[position:]))
            place = following
        return self._unwrapped(place, depth)

    def _unwrapped(self, place: Place | None, depth: int) -> Place | None:
        """A whole module that is what it exports by `module.exports`, or by default (imported through a path alias)."""
        if place is None or place.function >= 0 or place.class_ or place.value is not None or place.instance:
            return place
        targets = ("module.exports", "exports", "default")
        hit = next((found for target in targets if (found := self.assigned(place.module, target))), None)
        return self.resolve(place.module, hit[1], hit[0], depth + 1) or place if hit else place

    def _called(self, place: Place, depth: int) -> Place | None:
        place = self._unwrapped(place, depth) or place
        if place.class_ is not None:
            return Place(place.module, class_=place.class_, instance=place.class_.name)
        if place.function >= 0:
            function = place.module.functions[place.function]
            for returned in place.module.returns:
                if returned.function == place.function and returned.value is not None:
                    return self.resolve(place.module, returned.value, place.function, depth)
            return Place(place.module, instance=function.name) if function.name else None
        if isinstance(place.value, CallRef):
            return self.resolve(place.module, place.value, place.inside, depth)
        return None

    def _member(self, place: Place, name: str, depth: int) -> Place | None:
        module = place.module
        if place.instance or place.class_ is not None:
            owner = place.instance or (place.class_.name if place.class_ else "")
            return self._of_class(module, owner, name, depth)
        if isinstance(place.value, Mapping):
            value = place.value.get(name)
            return self.resolve(module, value, place.inside, depth) if value is not None else None
        if isinstance(place.value, CallRef):
            call = module.calls[place.value.index]
            made = Name(f"{call.callee}()", call.written)
            target = self.resolve(module, made, call.function, depth)
            return self._member(target, name, depth + 1) if target is not None and depth < _DEEPEST else None
        if place.function >= 0 or place.value is not None:
            return None
        return self.export(module, name, depth)

    def _of_class(self, module: Module, owner: str, name: str, depth: int) -> Place | None:
        """A method or field of a class, or of those that it extends."""
        for index, function in enumerate(module.functions):
            if function.owner == owner and function.name == name:
                return Place(module, function=index)
        class_ = next((c for c in module.classes if c.name == owner), None)
        if class_ is None or depth > _DEEPEST:
            return None
        for field in class_.fields:
            if field.name == name and field.default is not None:
                return self.resolve(module, field.default, -1, depth)
        for base in class_.bases:
            parent = self.resolve(module, Name(base, base), -1, depth + 1)
            if parent is not None and parent.class_ is not None:
                found = self._of_class(parent.module, parent.class_.name, name, depth + 1)
                if found is not None:
                    return found
        return None

    def export(self, module: Module, name: str, depth: int = 0) -> Place | None:
        """What `module` exports as `name`. Modules that export each other's exports end there."""
        if depth > _DEEPEST:
            return None
        key = (module.path, name)
        if key not in self._exports:
            self._exports[key] = None
            self._exports[key] = self._export(module, name, depth)
        return self._exports[key]

    def _export(self, module: Module, name: str, depth: int) -> Place | None:
        for target in (name, f"exports.{name}", f"module.exports.{name}"):
            hit = self.assigned(module, target)
            if hit is not None and not (isinstance(hit[1], Name) and hit[1].symbol == name and name != "default"):
                return self.resolve(module, hit[1], hit[0], depth + 1)
        local = self._local(module, name, -1, depth + 1) if name != "default" else None
        if local is not None:
            return local
        whole = self.assigned(module, "module.exports")
        if whole is not None:
            place = self.resolve(module, whole[1], whole[0], depth + 1)
            if name == "default" or place is None:
                return place
            return self._member(place, name, depth + 1) if place.module is not module or place.value else None
        for assignment in module.assignments:
            if assignment.target == "*" and isinstance(assignment.value, Name):
                own = self.split(assignment.value.symbol)
                found = self.export(own[0], name, depth + 1) if own is not None else None
                if found is not None:
                    return found
        imported = next((i for i in module.imports if i.local == name), None)
        if imported is not None:
            return self.resolve(module, Name(imported.symbol, name), -1, depth + 1)
        default = self.assigned(module, "default") if name != "default" else None
        whole_default = self.resolve(module, default[1], default[0], depth + 1) if default else None
        return self._member(whole_default, name, depth + 1) if whole_default is not None else None

    def text(self, module: Module, value: Expression | None, inside: int = -1, depth: int = 0) -> str | None:
        """The string that a value is for certain: a literal, a constant of this or another module, a join of such."""
        if depth > _DEEPEST:
            return None
        if isinstance(value, Text):
            return value.value
        if isinstance(value, Joined) and len(value.parts) <= _MOST_PARTS:
            parts = [self.text(module, part, inside, depth + 1) for part in value.parts]
            return "".join(part for part in parts if part is not None) if None not in parts else None
        if isinstance(value, Choice):
            texts = (self.text(module, option, inside, depth + 1) for option in value.options)
            return next((found for found in texts if found is not None), None)
        if isinstance(value, Name):
            place = self.resolve(module, value, inside, depth + 1)
            if place is not None and place.value is not None and place.value != value:
                return self.text(place.module, place.value, place.inside, depth + 1)
        return None


def _alias_suffixes(specifier: str) -> Iterator[str]:
    """The paths below the root that an aliased specifier may stand for, the likeliest first."""
    if specifier.startswith(("@/", "~/", "#/", "$/")):
        yield specifier[2:]
        return
    bare = specifier.lstrip("@~#$")
    yield bare
    aliased, _, below = bare.partition("/")
    if specifier != bare and ("/" in below or aliased in ("src", "app", "root")):
        yield below


def is_parameter(module: Module, written: str, function: int) -> bool:
    """Whether the first part of a name is a parameter of one of the functions around."""
    return module.takes(written.partition(".")[0], function)
