"""Resolved uses of library symbols in production code: calls, constructions, decorators, base classes, references."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import lru_cache

from msgspec import Struct

from readiness.facts.modules import Modules
from readiness.model import Evidence
from readiness.source import Call, Expression, Module, Name, Text, walk
from readiness.wiring import fact


class Use(Struct, frozen=True):
    """`symbol` is used at `where`; `call` is set where it is called.

    `how`: call, new, decorator, base, reference, import, or text: a dotted name in a string of Python (Django's
    MIDDLEWARE and INSTALLED_APPS, include("package.urls")), which the framework imports.
    """

    symbol: str
    where: Evidence
    how: str
    module: Module
    call: Call | None = None


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def matches(symbol: str, globs: Iterable[str]) -> bool:
    """Whether `symbol` fits one of `globs` (fnmatch: * is any run of characters); case-sensitive."""
    return any(symbol == glob or _pattern(glob).match(symbol) for glob in globs)


class Uses:
    """All uses, found by symbol."""

    def __init__(self, uses: Iterable[Use]) -> None:
        """Index by symbol."""
        self._by_symbol: dict[str, list[Use]] = {}
        for use in uses:
            self._by_symbol.setdefault(use.symbol, []).append(use)
        self._symbols = sorted(self._by_symbol)

    def of(self, globs: Iterable[str], paths: Iterable[str] | None = None, how: Iterable[str] = ()) -> list[Use]:
        """Uses whose symbol fits one of `globs`, in the modules at `paths` (default: all), of the kinds `how` (default:
        all but import), in order of place."""
        inside = None if paths is None else frozenset(paths)
        kinds = frozenset(how)
        hits = [
            use
            for symbol in sorted({symbol for glob in globs for symbol in self._fitting(glob)})
            for use in self._by_symbol[symbol]
            if (inside is None or use.where.path in inside) and (use.how in kinds if kinds else use.how != "import")
        ]
        return sorted(hits, key=lambda use: (use.where.path, use.where.line, use.symbol))

    def _fitting(self, glob: str) -> Iterator[str]:
        """The symbols that fit `glob`: those with its literal beginning lie side by side in the sorted list."""
        beginning = re.split(r"[*?\[]", glob, maxsplit=1)[0]
        pattern = _pattern(glob)
        for index in range(bisect_left(self._symbols, beginning), len(self._symbols)):
            symbol = self._symbols[index]
            if not symbol.startswith(beginning):
                return
            if pattern.match(symbol):
                yield symbol


@fact
def uses(modules: Modules) -> Uses:
    """Every use in production code."""
    return Uses(use for module in modules for use in _in_module(module))


def _in_module(module: Module) -> Iterator[Use]:
    def at(line: int) -> Evidence:
        return Evidence(module.path, line)

    for imported in module.imports:
        if not imported.typing_only:
            yield Use(imported.symbol, at(imported.line), "import", module)
    for call in module.calls:
        yield Use(call.callee, at(call.line), call.kind, module, call)
        for value in (*call.args, *(v for _, v in call.keywords)):
            yield from _referred(value, at(call.line), module, call)
    for assignment in module.assignments:
        yield from _referred(assignment.value, at(assignment.line), module)
    for class_ in module.classes:
        for base in class_.bases:
            yield Use(base, at(class_.line), "base", module)
        for field in class_.fields:
            if field.default is not None:
                yield from _referred(field.default, at(field.line), module)
    for thing in (*module.classes, *module.functions):
        for decorator in thing.decorators:
            if isinstance(decorator, Name):
                yield Use(decorator.symbol, at(thing.line), "decorator", module)
    for returned in module.returns:
        if returned.value is not None:
            yield from _referred(returned.value, at(returned.line), module)


_DOTTED = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")


def _referred(expression: Expression, where: Evidence, module: Module, call: Call | None = None) -> Iterator[Use]:
    """The names in an expression, and in Python the dotted names in its strings; calls are uses of their own."""
    for part in walk(expression):
        if isinstance(part, Name):
            yield Use(part.symbol, where, "reference", module, call)
        elif isinstance(part, Text) and module.language == "python" and len(part.value) < 200 and _DOTTED.match(part.value):
            yield Use(part.value, where, "text", module, call)
