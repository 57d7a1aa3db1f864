"""Finds the ways in which a call that rests on parameters is reached: by the calls of its function, by the rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readiness.frameworks.go_values import Scope, Values
from readiness.source import Call, Expression, Module

MAX_CONTEXTS = 400
_MAX_DEPTH = 4


class Context(Struct, frozen=True):
    """One way: the scope with its arguments given, and the call or literal that names them (the call itself if none)."""

    scope: Scope
    module: Module
    call: Call


def contexts(values: Values, scope: Scope, parts: list[Expression], call: Call) -> list[Context]:
    """The ways in which `call`, in `scope`, is reached with all parameters given that `parts` need.

    Where no call of its function is found, it stands alone with the parameter unknown.
    """
    return list(_contexts(values, parts, Context(scope, scope.module, call), 0))[:MAX_CONTEXTS]


def _contexts(values: Values, parts: list[Expression], here: Context, depth: int) -> Iterator[Context]:
    scope = here.scope
    needed: set[tuple[int, str]] = set()
    for part in parts:
        needed |= values.parameters_in(part, scope)
    if not needed or depth >= _MAX_DEPTH:
        yield from _rows(values, parts, here)
        return
    function = max(index for index, _ in needed)
    wanted = {name for index, name in needed if index == function}
    names = [parameter.name for parameter in scope.module.functions[function].parameters]
    sites = values.sites(scope.module, function)[:MAX_CONTEXTS]
    for module, call in sites:
        if not values.may_go_on():
            return
        passed = [value for name, value in zip(names, call.args, strict=False) if name in wanted]
        for outer in _contexts(
            values, passed, Context(Scope(module, call.function, line=call.line), module, call), depth + 1
        ):
            inner = Values.called((scope.module, function), call, outer.scope)
            again = Scope(scope.module, scope.function, (*inner.given, *scope.given), outer.scope.row, scope.line)
            yield from _contexts(values, parts, Context(again, outer.module, outer.call), depth + 1)
    if not sites:
        yield here


def _rows(values: Values, parts: list[Expression], here: Context) -> Iterator[Context]:
    scope = here.scope
    rows = [row for part in parts for row in values.rows(scope, part)] if scope.row is None else []
    for row in list(dict.fromkeys((r.module.path, r.call.line, r.kind) for r in rows))[:MAX_CONTEXTS]:
        chosen = next(r for r in rows if (r.module.path, r.call.line, r.kind) == row)
        yield Context(Scope(scope.module, scope.function, scope.given, chosen, scope.line), chosen.module, chosen.call)
    if not rows:
        yield here
