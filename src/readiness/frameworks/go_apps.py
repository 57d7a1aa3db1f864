"""Finds the servers, consumers and gRPC services that Go code builds, by the table go_apps.yaml."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache

from readiness.model import Evidence
from readiness.routing import App, GrpcService
from readiness.source import Call, Constant, Expression, Name, Number, Text, literal
from readiness.symbols_go import GoSymbols, is_test_support
from readiness.wiring import known

_REGISTER = re.compile(r"^Register(\w+)Server$")
_CONNECT = re.compile(r"connect\.New(\w+)Handler$")


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, tuple[str, str]], list[tuple[re.Pattern[str], str, str]], frozenset[str]]:
    """Exact symbols, patterns, and the last members of both, each with framework and kind."""
    table = known(__file__, "go_apps.yaml")
    exact: dict[str, tuple[str, str]] = {}
    patterns: list[tuple[re.Pattern[str], str, str]] = []
    for kind in ("http", "grpc", "worker"):
        for framework, symbols in table[kind].items():
            for symbol in symbols:
                if "*" in symbol:
                    patterns.append((re.compile(translate(symbol)), framework, kind))
                else:
                    exact[symbol] = (framework, kind)
    listed = [s for kind in ("http", "grpc", "worker") for symbols in table[kind].values() for s in symbols]
    return exact, patterns, frozenset(symbol.rpartition(".")[2] for symbol in listed)


def apps(symbols: GoSymbols) -> list[App]:
    """Every application object, server and consumer, each once for the place where it is built or run."""
    exact, patterns, names = _table()
    found: list[App] = []
    for module, call, symbol in symbols.library_calls(names):
        hit = exact.get(symbol) or next(((f, k) for p, f, k in patterns if p.match(symbol)), None)
        if hit is not None:
            found.append(App(hit[0], hit[1], symbol, Evidence(module.path, call.line), _options(call)))
    return found


def _options(call: Call) -> tuple[tuple[str, str], ...]:
    """The literal fields of a server's literal, or the literal arguments by position."""
    named = [*call.keywords, *((str(number), value) for number, value in enumerate(call.args))]
    return tuple((name, text) for name, value in named if (text := _shown(value)) is not None)


def _shown(value: Expression) -> str | None:
    match value:
        case Constant(value=text) | Text(value=text):
            return text
        case Number(value=number):
            return f"{number:g}"
    return literal(value)


def _described(call: Call) -> list[str]:
    """The services whose descriptions a call is given: `s.RegisterService(&pb.Cart_ServiceDesc, cart)`."""
    table = known(__file__, "go_apps.yaml")
    names = [value.symbol for value in call.args if isinstance(value, Name) and value.symbol.endswith("_ServiceDesc")]
    health = table["grpc_health"]
    found = []
    for name in names:
        package, _, last = name.rpartition(".")
        found.append(health["name"] if package in health["packages"] else last.removesuffix("_ServiceDesc"))
    return found


def grpc_services(symbols: GoSymbols) -> list[GrpcService]:
    """The gRPC services that are registered on a server: grpc-go and Connect."""
    table = known(__file__, "go_apps.yaml")
    found: list[GrpcService] = []
    for module in symbols.modules:
        if is_test_support(module):
            continue
        for call in module.calls:
            found += [GrpcService(name, Evidence(module.path, call.line)) for name in _described(call)]
            last = call.callee.rpartition(".")[2]
            match = _REGISTER.match(last)
            if match is None:
                connect = _CONNECT.search(call.callee)
                if connect is not None and call.args and connect.group(1) not in table["not_connect"]:
                    found.append(GrpcService(connect.group(1), Evidence(module.path, call.line)))
                continue
            if len(call.args) < 2 or last in table["not_grpc"] or last.endswith("HandlerServer"):
                continue
            health = table["grpc_health"]
            name = health["name"] if call.callee in health["symbols"] else match.group(1)
            found.append(GrpcService(name, Evidence(module.path, call.line)))
    return found
