"""Where a value comes from: fixed in code, the environment, a configuration file or flag. Follows names, runs nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from msgspec import Struct

from readiness.source import (
    Assignment,
    Call,
    CallRef,
    Choice,
    Constant,
    Expression,
    Field,
    Joined,
    Mapping,
    Module,
    Name,
    Number,
    Sequence,
    Text,
)
from readiness.wiring import known

_KNOWN: dict[str, Any] = known(__file__, "origins.yaml")
_MAX_DEPTH = 8


class Source(StrEnum):
    """The kinds of origin, the most certain to be fixed first."""

    FIXED = "fixed"
    DEFAULTED = "defaulted"
    CONFIGURED = "configured"
    ENVIRONMENT = "environment"
    UNKNOWN = "unknown"


class Origin(Struct, frozen=True):
    """`text` is the literal, where `source` is fixed or defaulted; `path` and `line` its place."""

    source: Source
    text: str = ""
    path: str = ""
    line: int = 0


UNKNOWN = Origin(Source.UNKNOWN)


class Origins:
    """Answers for the modules of one target."""

    def __init__(self, modules: Iterable[Module]) -> None:
        """Index assignments, class fields and environment reads by name."""
        self._modules = {m.path: m for m in modules}
        self._by_stem = {m.path.rpartition(".")[0].removesuffix("/index"): m for m in self._modules.values()}
        self._fields: dict[str, list[tuple[Module, Field]]] = defaultdict(list)
        self._env: dict[str, list[tuple[Module, Expression | None, int]]] = defaultdict(list)
        self._assigned: dict[str, list[Module]] = defaultdict(list)
        for module in self._modules.values():
            for class_ in module.classes:
                for field in class_.fields:
                    self._fields[field.name].append((module, field))
            for target in {a.target for a in module.assignments if a.function < 0}:
                self._assigned[target].append(module)
            for read in module.env_reads:
                self._env[read.name.lower()].append((module, read.default, read.line))

    def of(self, value: Expression | None, module: Module, function: int = -1, depth: int = 0) -> Origin:
        """The origin of `value` as written in `function` of `module`."""
        if value is None or depth > _MAX_DEPTH:
            return UNKNOWN
        match value:
            case Text(value=text):
                return Origin(Source.FIXED, text, module.path)
            case Number(value=number):
                return Origin(Source.FIXED, f"{number:g}", module.path)
            case Constant():
                return UNKNOWN
            case Choice(options=options):
                return self._choice([self.of(o, module, function, depth + 1) for o in options])
            case Joined(parts=parts) | Sequence(items=parts):
                return self._mixed([self.of(p, module, function, depth + 1) for p in parts])
            case Mapping(entries=entries):
                return self._mixed([self.of(v, module, function, depth + 1) for _, v in entries])
            case CallRef(index=index):
                return self._call(module.calls[index], module, function, depth)
            case Name():
                return self._name(value, module, function, depth)
            case _:
                return UNKNOWN

    @staticmethod
    def _choice(origins: list[Origin]) -> Origin:
        """The environment, or else a literal, is a default; only literals are fixed."""
        literals = [o for o in origins if o.source in (Source.FIXED, Source.DEFAULTED)]
        if any(o.source in (Source.ENVIRONMENT, Source.CONFIGURED, Source.UNKNOWN) for o in origins):
            open_ = next(o for o in origins if o.source not in (Source.FIXED, Source.DEFAULTED))
            return Origin(Source.DEFAULTED, literals[0].text, literals[0].path, literals[0].line) if literals else open_
        return literals[0] if literals else UNKNOWN

    @staticmethod
    def _mixed(origins: list[Origin]) -> Origin:
        """A composed value is as open as its most open part."""
        for source in (Source.ENVIRONMENT, Source.CONFIGURED, Source.DEFAULTED, Source.UNKNOWN):
            if found := next((o for o in origins if o.source is source), None):
                return found
        return origins[0] if origins else UNKNOWN

    def _call(self, call: Call, module: Module, function: int, depth: int) -> Origin:
        name = call.callee.rstrip("()").rpartition(".")[2]
        if any(read.line == call.line for read in module.env_reads):
            read = next(read for read in module.env_reads if read.line == call.line)
            return self._read(read.default, module, read.line)
        if name in _KNOWN["configuration_calls"] or any(
            call.callee.startswith(p) for p in _KNOWN["configuration_libraries"]
        ):
            return Origin(Source.CONFIGURED, "", module.path, call.line)
        if call.callee in _KNOWN["flags"]:
            return self._flag(call, module)
        values = [*call.args, *(v for _, v in call.keywords)]
        if call.receiver is not None:
            values.insert(0, call.receiver)
        if call.receiver is not None and name in _KNOWN["text_methods"] and not isinstance(call.receiver, Text):
            values = values[:1]  # what a text is searched for says nothing of where the text comes from
        if name in _KNOWN["composing_calls"]:
            template = [call.receiver] if isinstance(call.receiver, Text | Name) and name == "format" else []
            parts = [*template, *call.args, *(v for _, v in call.keywords)]
            return self._mixed([self.of(v, module, function, depth + 1) for v in parts])
        inner = [self.of(v, module, function, depth + 1) for v in values]
        known_ = [o for o in inner if o.source is not Source.UNKNOWN]
        if known_ and name in _KNOWN["transparent_calls"]:
            return self._mixed(known_)
        return next((o for o in known_ if o.source in (Source.ENVIRONMENT, Source.CONFIGURED)), UNKNOWN)

    @staticmethod
    def _flag(call: Call, module: Module) -> Origin:
        texts = [a.value for a in call.args if isinstance(a, Text)]
        default = texts[1] if len(texts) > 2 else ""
        return Origin(Source.DEFAULTED if default else Source.CONFIGURED, default, module.path, call.line)

    def _read(self, default: Expression | None, module: Module, line: int) -> Origin:
        if isinstance(default, Text) and default.value:
            return Origin(Source.DEFAULTED, default.value, module.path, line)
        return Origin(Source.ENVIRONMENT, "", module.path, line)

    def _name(self, name: Name, module: Module, function: int, depth: int) -> Origin:
        symbol = name.symbol
        if symbol.startswith(("process.env", "os.environ", "Bun.env", "env.")):
            return Origin(Source.ENVIRONMENT, "", module.path)
        for spelled in dict.fromkeys((name.written.lstrip("*&"), symbol)):
            if found := self._in_module(spelled.split("."), module, function, depth):
                return found
        if symbol.startswith("./"):
            if found := self._imported(symbol[2:], depth):
                return found
        elif found := self._dotted(symbol, depth):
            return found
        return self._by_last(symbol.rpartition(".")[2], module.language)

    def _in_module(self, path: list[str], module: Module, function: int, depth: int) -> Origin | None:
        """`a.b.c` where this module assigns `a`, `a.b` or `a.b.c`, the longest first."""
        for length in range(len(path), 0, -1):
            target = ".".join(path[:length])
            fitting = [a for a in module.assignments if a.target == target and a.function in (function, -1)]
            if fitting:
                return self._member(fitting, path[length:], module, function, depth)
        return None

    def _member(
        self, assignments: list[Assignment], rest: list[str], module: Module, function: int, depth: int
    ) -> Origin:
        origins = [self._inside(a.value, rest, module, a.function, depth + 1) for a in assignments]
        return self._choice(origins) if len(origins) > 1 else origins[0]

    def _inside(self, value: Expression, rest: list[str], module: Module, function: int, depth: int) -> Origin:
        while rest and isinstance(value, Mapping):
            entry = value.get(rest[0])
            if entry is None:
                return UNKNOWN
            value, rest = entry, rest[1:]
        if rest and isinstance(value, CallRef):
            return self._by_last(rest[-1], module.language)
        if rest and isinstance(value, Name):
            return self._name(Name(".".join([value.symbol, *rest]), value.written), module, function, depth)
        return self.of(value, module, function, depth) if not rest else UNKNOWN

    def _imported(self, symbol: str, depth: int) -> Origin | None:
        """A member of another JavaScript module, by its path."""
        for stem in sorted(
            (s for s in self._by_stem if symbol == s or symbol.startswith(s + ".")), key=len, reverse=True
        ):
            module = self._by_stem[stem]
            rest = [part for part in symbol[len(stem) + 1 :].split(".") if part]
            for heads in (
                rest,
                ["module.exports", *rest],
                ["exports", *rest],
                ["default", *(rest[1:] if rest[:1] == ["default"] else rest)],
            ):
                if heads and (found := self._in_module(".".join(heads).split("."), module, -1, depth + 1)):
                    return found
                if heads[:1] == ["module.exports"]:
                    fitting = [a for a in module.assignments if a.target == "module.exports"]
                    if fitting:
                        return self._member(fitting, rest, module, -1, depth)
        return None

    def _dotted(self, symbol: str, depth: int) -> Origin | None:
        """A module-level name of another Python or Go file, by the dotted path's end."""
        head, _, last = symbol.rpartition(".")
        for module in self._assigned.get(last, []) if head else []:
            stem = module.path.rpartition(".")[0].replace("/", ".")
            folder = module.path.rpartition("/")[0].replace("/", ".")
            place = head.replace("/", ".")
            if (
                place in (stem, folder)
                or stem.endswith("." + place)
                or place.endswith("." + stem)
                or (folder and place.endswith("." + folder))
            ):
                return self._in_module([last], module, -1, depth + 1)
        return None

    def _by_last(self, name: str, language: str) -> Origin:
        """A setting by its name alone: an environment read of that name, or a field of a settings class."""
        for module, default, line in self._env.get(name.lower(), []):
            if module.language == language:
                return self._read(default, module, line)
        for module, field in self._fields.get(name, []):
            if module.language == language and any(key in field.tag for key in _KNOWN["configuration_tags"]):
                return Origin(Source.CONFIGURED, "", module.path, field.line)
        return self._read_by_field(name, language)

    def _read_by_field(self, name: str, language: str) -> Origin:
        """A field whose default reads the environment, where every class with a field of that name reads it."""
        found = [
            (module, next((read for read in module.env_reads if read.line == field.line), None))
            for module, field in self._fields.get(name, [])
            if module.language == language
        ]
        if found and all(read is not None for _, read in found):
            module, first = found[0]
            return self._read(first.default, module, first.line) if first is not None else UNKNOWN
        return UNKNOWN
