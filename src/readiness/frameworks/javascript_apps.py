"""Finds the applications, gRPC services and workers that JavaScript code builds, by the symbols that build them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from readiness.frameworks.javascript_routers import APPS
from readiness.model import Evidence
from readiness.routing import App, GrpcService
from readiness.source import Call, CallRef, Constant, Expression, Module, Name, Number, Text
from readiness.wiring import known

_KNOWN = known(__file__, "javascript_apps.yaml")
_KINDS = ("http", "grpc", "worker")
_GLOBS = [
    (glob, name, kind) for kind in _KINDS for name, globs in _KNOWN[kind].items() for glob in globs
]  # fmt: skip
_EXACT = {glob: (name, kind) for glob, name, kind in _GLOBS if "*" not in glob}
_PATTERNS = [entry for entry in _GLOBS if "*" in entry[0]]
_SHAPES: dict[str, dict[str, Any]] = _KNOWN["shapes"]
_METHODS = {shape["method"] for shape in _SHAPES.values()}
_DECORATORS = {
    symbol: (name, kind)
    for kind, entries in _KNOWN["decorators"].items()
    for name, symbols in entries.items()
    for symbol in symbols
}


def find_apps(modules: list[Module]) -> Iterator[App]:
    """Applications and workers; a function for AWS Lambda is a worker, since what calls it is not in the code."""
    for module in modules:
        for call in module.calls:
            found = _DECORATORS.get(call.callee) if call.kind == "decorator" else _built(call) or _shaped(module, call)
            if found is not None and call.kind != "raise" and not _only_a_script(module, call):
                yield App(found[0], found[1], call.callee, Evidence(module.path, call.line), _options(call))
        yield from _lambda(module)


def find_grpc_services(modules: list[Module]) -> Iterator[GrpcService]:
    """`server.addService(proto.pkg.Service.service, ...)`: Service."""
    for module in modules:
        for call in module.calls:
            if call.callee in _KNOWN["grpc_services"] and call.args:
                yield GrpcService(_service_name(module, call.args[0]), Evidence(module.path, call.line))


def _service_name(module: Module, value: Expression) -> str:
    written = value.written if isinstance(value, Name) else ""
    if isinstance(value, CallRef):
        written = module.calls[value.index].written
    last = [part for part in written.removesuffix(".service").split(".") if part]
    return last[-1] if last else ""


def _shaped(module: Module, call: Call) -> tuple[str, str] | None:
    method = call.written.rpartition(".")[2]
    if call.receiver is None or method not in _METHODS or not call.args:
        return None
    imported = {found.symbol.partition(".")[0] for found in module.imports}
    for name, shape in _SHAPES.items():
        keyed = any(call.keyword(key) is not None for key in shape.get("keys", ()))
        if method == shape["method"] and (keyed or imported & set(shape.get("importing", ()))):
            return name, "worker"
    return None


def _only_a_script(module: Module, call: Call) -> bool:
    """A Nest application that is closed and never listens, as seeds and commands make for its container."""
    written = {c.written.rpartition(".")[2] for c in module.calls} if call.callee.endswith("NestFactory.create") else ()
    return "close" in written and "listen" not in written


def _built(call: Call) -> tuple[str, str] | None:
    framework = APPS.get(call.callee)
    if framework is not None:
        return framework, "http"
    return _by_symbol(call.callee)


@lru_cache(maxsize=65536)
def _by_symbol(callee: str) -> tuple[str, str] | None:
    exact = _EXACT.get(callee)
    if exact is not None:
        return exact
    return next(((name, kind) for glob, name, kind in _PATTERNS if fnmatchcase(callee, glob)), None)


def _options(call: Call) -> tuple[tuple[str, str], ...]:
    """The literal settings in an object among the arguments."""
    entries = [entry for arg in call.args for entry in getattr(arg, "entries", ())]
    return tuple((key, text) for key, value in (*call.keywords, *entries) if (text := _literal(value)) is not None)


def _literal(value: Expression) -> str | None:
    if isinstance(value, Text | Constant):
        return value.value
    return f"{value.value:g}" if isinstance(value, Number) else None


def _lambda(module: Module) -> Iterator[App]:
    typed = any(fnmatchcase(i.symbol, glob) for i in module.imports for glob in _KNOWN["lambda_types"])
    wrapped = any(i.symbol in _KNOWN["lambda_wrappers"] for i in module.imports)
    if not typed and not wrapped:
        return
    targets = {"handler", "exports.handler", "module.exports.handler", "default"}
    line = next((a.line for a in module.assignments if a.target in targets and a.function == -1), 0)
    index = module.function_named("handler")
    line = line or (module.functions[index].line if index >= 0 else 0)
    if line:
        yield App("aws-lambda", "worker", "handler", Evidence(module.path, line))
