"""Finds the addresses that a plain Node.js server answers, by the comparisons with `req.url` around its answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.frameworks import javascript_handlers as handlers
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import FunctionRef, Module, Name
from readiness.symbols_javascript import Symbols
from readiness.wiring import known

_SERVERS = set(known(__file__, "javascript_apps.yaml")["plain"])
_ADDRESS = re.compile(r"""(?:\burl|\bpathname|\bpath)\s*={2,3}\s*["'`](/[^"'`]*)["'`]""")
_METHOD = re.compile(r"""\.method\s*={2,3}\s*["'`]([A-Z]+)["'`]""")


def find_plain(symbols: Symbols, modules: list[Module]) -> Iterator[Route]:
    """One route for each address and method that the handler of `http.createServer` compares with."""
    for module in modules:
        for call in module.calls:
            if call.callee not in _SERVERS or not call.args:
                continue
            handler = call.args[-1]
            if isinstance(handler, FunctionRef | Name):
                place = handlers.locate(symbols, module, handler, call.function)
                if place is not None:
                    yield from _compared(*place)


def _compared(module: Module, function: int) -> Iterator[Route]:
    seen: set[tuple[str, str]] = set()
    renders = handlers.renders(module, function, returning=False)
    for call in module.calls_in(function):
        guards = " && ".join(guard for guard in call.guards if not guard.startswith("not "))
        method = _METHOD.search(guards)
        verb = method[1] if method else "*"
        for path in _ADDRESS.findall(guards):
            if (verb, path) not in seen:
                seen.add((verb, path))
                where = Evidence(module.path, call.line)
                yield Route(verb, path, "node", where, "(inline)", module.path, function, renders)
