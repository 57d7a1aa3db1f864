"""Routes that nobody registers by a router's method: those of libraries that are set up (Heartbeat("/ping"),
fiberprometheus), those in the tables that go-swagger makes, and file servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.frameworks.go_values import Scope, Values
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import Call, CallRef, Expression, Module
from readiness.symbols_go import GoSymbols, is_test_support
from readiness.wiring import known

_ENTRY = re.compile(r"^\w+\.handlers\[\"([A-Z]+)\"\]\[\"(/[^\"]*)\"\]$")


def table_routes(symbols: GoSymbols) -> Iterator[Route]:
    """The entries of go-swagger's tables: `o.handlers["GET"]["/orders/{id}"] = ...`, below a prefix that its document sets."""
    for module in symbols.modules:
        for assignment in module.assignments if not is_test_support(module) else ():
            entry = _ENTRY.match(assignment.target)
            if entry is not None:
                where = Evidence(module.path, assignment.line)
                yield Route(entry[1], entry[2], "go-swagger", where, prefix_known=False)


def implied_routes(symbols: GoSymbols, values: Values) -> Iterator[Route]:
    """The routes of libraries, where they are set up."""
    table: dict[str, dict[str, Any]] = known(__file__, "go_routes.yaml")["implied"]
    names = {symbol.rpartition(".")[2] for symbol in table}
    for module, call, symbol in symbols.library_calls(names):
        row = table.get(symbol)
        if row is None:
            continue
        where = Evidence(module.path, call.line)
        for path in _paths(row, call, module, values):
            yield Route(row["method"], path, row["framework"], where, call.written, conditions=call.guards)


def _paths(row: dict[str, Any], call: Call, module: Module, values: Values) -> list[str]:
    scope = Scope(module, call.function)
    if "argument" in row:
        position = row["argument"]
        text = values.text(call.args[position], scope) if position < len(call.args) else None
        return [text] if text else []
    fields: dict[str, str] = row.get("fields", {})
    set_here = [values.text(call.keyword(field), scope) or usual for field, usual in fields.items()]
    return [*row.get("paths", ()), *set_here]


def serves_files(module: Module, handler: Expression | None, depth: int = 0) -> bool:
    """Whether a handler expression is a file server, wrapped or not."""
    if not isinstance(handler, CallRef) or depth > 5:
        return False
    call = module.calls[handler.index]
    if call.callee in known(__file__, "go_routes.yaml")["file_servers"]:
        return True
    return any(serves_files(module, value, depth + 1) for value in call.args)
