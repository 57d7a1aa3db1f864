"""Finds routes that libraries register by themselves: health checks, status pages and metrics of plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.frameworks import javascript_handlers as handlers
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import Call, CallRef, Constant, Expression, Mapping, Module, Name, Text
from readiness.symbols_javascript import Symbols
from readiness.wiring import known

_PROVIDED: dict[str, dict[str, Any]] = known(__file__, "javascript_provided.yaml")


def find_provided(symbols: Symbols, modules: list[Module]) -> Iterator[Route]:
    """The routes of libraries that are called, or registered as a plug-in."""
    for module in modules:
        for call in module.calls:
            if call.kind not in ("call", "new"):
                continue
            if call.callee in _PROVIDED:
                yield from _of_library(symbols, module, call, _PROVIDED[call.callee])
            elif call.receiver is not None and call.written.endswith((".register", ".use")):
                yield from _registered(symbols, module, call)


def _registered(symbols: Symbols, module: Module, call: Call) -> Iterator[Route]:
    first = call.args[0] if call.args else None
    if isinstance(first, Name) and first.symbol in _PROVIDED:
        yield from _of_library(symbols, module, call, _PROVIDED[first.symbol])
    path = symbols.text(module, first, call.function)
    for arg in call.args[1:] if path is not None else ():
        symbol = module.calls[arg.index].callee if isinstance(arg, CallRef) else getattr(arg, "symbol", "")
        entry = _PROVIDED.get(symbol)
        if entry is not None and entry.get("mounted"):
            yield _route(module, call, path or "/", entry, symbol)


def _of_library(symbols: Symbols, module: Module, call: Call, entry: dict[str, Any]) -> Iterator[Route]:
    keyed = _resolved(symbols, module, call, _option(symbols, module, call, entry.get("keys", "")))
    if isinstance(keyed, Mapping):
        for path, handler in keyed.entries:
            if path.startswith("/"):
                place = handlers.locate(symbols, module, handler, call.function)
                yield _route(module, call, path, entry, handlers.written(module, handler), place)
        return
    option = _option(symbols, module, call, entry.get("option", ""))
    paths: list[str] = entry.get("paths", [])
    if not paths or (entry.get("asked") and option in (None, Constant("false"))):
        return
    moved = option.value if isinstance(option, Text) else paths[0]
    for path in (moved, *paths[1:]):
        yield _route(module, call, path, entry, call.written)


def _option(symbols: Symbols, module: Module, call: Call, name: str) -> Expression | None:
    """The setting `name` in an object among the arguments, or in a variable that holds one."""
    for arg in call.args:
        value = _resolved(symbols, module, call, arg)
        if isinstance(value, Mapping) and (found := value.get(name)) is not None:
            return found
    return None


def _resolved(symbols: Symbols, module: Module, call: Call, value: Expression | None) -> Expression | None:
    if isinstance(value, Name):
        place = symbols.resolve(module, value, call.function)
        return place.value if place is not None else None
    return value


def _route(
    module: Module, call: Call, path: str, entry: dict[str, Any], name: str, place: tuple[Module, int] | None = None
) -> Route:
    handler_path, function = (place[0].path, place[1]) if place is not None else ("", -1)
    where = Evidence(module.path, call.line)
    tags = ("provided",)
    method = entry.get("method", "GET")
    return Route(
        method, path, "library", where, name, handler_path, function, entry["renders"], True, call.guards, tags
    )
