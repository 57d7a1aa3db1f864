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
from readiness.source import Call, Class, Expression, Function, Module, Name, Text, walk
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


_Row = tuple[str, Module, str, int, Call | None]
"""symbol, module, how, line, call: a use before somebody asks for it (most are never asked for)."""


class Uses:
    """All uses, found by symbol."""

    def __init__(self, rows: Iterable[_Row]) -> None:
        """Index by symbol."""
        self._by_symbol: dict[str, list[_Row]] = {}
        for row in rows:
            self._by_symbol.setdefault(row[0], []).append(row)
        self._symbols = sorted(self._by_symbol)

    def of(self, globs: Iterable[str], paths: Iterable[str] | None = None, how: Iterable[str] = ()) -> list[Use]:
        """Uses whose symbol fits one of `globs`, in the modules at `paths` (default: all), of the kinds `how` (default:
        all but import), in order of place."""
        inside = None if paths is None else frozenset(paths)
        kinds = frozenset(how)
        hits = [
            Use(symbol, Evidence(module.path, line), kind, module, call)
            for found in sorted({symbol for glob in globs for symbol in self._fitting(glob)})
            for symbol, module, kind, line, call in self._by_symbol[found]
            if (inside is None or module.path in inside) and (kind in kinds if kinds else kind != "import")
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
    return Uses(row for module in modules for row in _in_module(module))


def _in_module(module: Module) -> Iterator[_Row]:
    for imported in module.imports:
        if not imported.typing_only:
            yield imported.symbol, module, "import", imported.line, None
    for call in module.calls:
        yield call.callee, module, call.kind, call.line, call
        for value in (*call.args, *(v for _, v in call.keywords)):
            yield from _referred(value, call.line, module, call)
    yield from _in_values(module)
    yield from _in_declarations(module)


def _in_values(module: Module) -> Iterator[_Row]:
    for assignment in module.assignments:
        if isinstance(assignment.value, Name) and assignment.value.written.startswith("require("):
            continue  # an import, which Module.imports holds
        yield from _referred(assignment.value, assignment.line, module)
    for returned in module.returns:
        if returned.value is not None:
            yield from _referred(returned.value, returned.line, module)


def _in_declarations(module: Module) -> Iterator[_Row]:
    for class_ in module.classes:
        for base in class_.bases:
            yield base, module, "base", class_.line, None
        for field in class_.fields:
            if field.default is not None:
                yield from _referred(field.default, field.line, module)
    things: list[Class | Function] = [*module.classes, *module.functions]
    for thing in things:
        for decorator in thing.decorators:
            if isinstance(decorator, Name):
                yield decorator.symbol, module, "decorator", thing.line, None


_DOTTED = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")


def _referred(expression: Expression, line: int, module: Module, call: Call | None = None) -> Iterator[_Row]:
    """The names in an expression, and in Python the dotted names in its strings; calls are uses of their own."""
    for part in walk(expression):
        if isinstance(part, Name):
            yield part.symbol, module, "reference", line, call
        elif (
            isinstance(part, Text)
            and module.language == "python"
            and len(part.value) < 200
            and _DOTTED.match(part.value)
        ):
            yield part.value, module, "text", line, call
