"""Application objects, workers and gRPC services in Python code. Finds no routes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.frameworks.python_routers import DIALECTS, Routers
from readiness.model import Evidence
from readiness.routing import App, GrpcService
from readiness.source import Call, Constant, Expression, Module, Name, Number, Text, literal
from readiness.wiring import known

_KNOWN = known(__file__, "python_apps.yaml")
_SERVICER = re.compile(r"add_(\w+?)(?:Servicer|Service)?_to_server")


def find(modules: list[Module], routers: Routers) -> tuple[list[GrpcService], list[App]]:
    """The gRPC services registered and the application objects built in `modules`."""
    services: list[GrpcService] = []
    apps: list[App] = []
    for module in modules:
        for call in module.calls:
            registered = _SERVICER.fullmatch(call.callee.rpartition(".")[2])
            if registered is not None:
                services.append(GrpcService(registered[1], Evidence(module.path, call.line)))
            apps += _by_call(module, call, routers)
        apps += _by_class(module)
        apps += _by_setting(module)
        apps += _by_decorator(module)
    return services, list(dict.fromkeys(apps))


def _by_call(module: Module, call: Call, routers: Routers) -> Iterator[App]:
    if call.kind == "raise":
        return
    framework, kind = _KNOWN["calls"].get(call.callee, ("", ""))
    owner, _, method = call.callee.rpartition(".")
    if not framework and (made := routers.kind_of(call.callee, module)) is not None and made[1] == "app":
        framework, kind = DIALECTS[made[0]].get("framework", made[0]), "http"
    if not framework and method in _KNOWN["consumes"] and _uses(module, _KNOWN["consumer_libraries"]):
        framework, kind = _KNOWN["consumes"][method]
    if not framework and call.kind == "decorator":
        framework, kind = _KNOWN["decorators"].get(call.callee, ("", ""))
    if not framework and method in ("add_api",) and "connexion" in owner:
        framework, kind = "connexion", "http"
    if not framework and method[:1].isupper() and "(" not in call.callee:
        lineage = routers.symbols.bases(call.callee, module)
        framework, kind = next((_KNOWN["calls"][b] for b in lineage if b in _KNOWN["calls"]), ("", ""))
    if not framework and method[:1].isupper():
        framework, kind = next((v for k, v in _KNOWN["suffixes"].items() if method.endswith(k)), ("", ""))
    if framework:
        yield App(framework, kind, call.callee, Evidence(module.path, call.line), tuple(_options(call)))


def _uses(module: Module, libraries: list[str]) -> bool:
    return any(imported.symbol.partition(".")[0] in libraries for imported in module.imports)


def _options(call: Call) -> Iterator[tuple[str, str]]:
    for position, value in enumerate(call.args):
        if isinstance(value, Text):
            yield str(position), value.value
    for name, given in call.keywords:
        text = _shown(given)
        if text is not None:
            yield name, text


def _shown(value: Expression) -> str | None:
    match value:
        case Number(value=number):
            return f"{number:g}"
        case Constant(value=word):
            return word
        case Name(written=written):
            return written
    return literal(value)


def _by_class(module: Module) -> Iterator[App]:
    for class_ in module.classes:
        where = Evidence(module.path, class_.line)
        for base in class_.bases:
            if base in _KNOWN["bases"]:
                framework, kind = _KNOWN["bases"][base]
                yield App(framework, kind, base, where)
        if class_.name in _KNOWN["names"] and any(field.name == "functions" for field in class_.fields):
            framework, kind = _KNOWN["names"][class_.name]
            yield App(framework, kind, class_.name, where)


def _by_setting(module: Module) -> Iterator[App]:
    for assignment in module.assignments:
        made = _KNOWN["settings"].get(assignment.target.rpartition(".")[2])
        if made is not None and assignment.function < 0 and (value := literal(assignment.value)) is not None:
            framework, kind, symbol = made
            options = ((assignment.target, value),)
            yield App(framework, kind, symbol, Evidence(module.path, assignment.line), options)


def _by_decorator(module: Module) -> Iterator[App]:
    """Bare decorators; those that are called come with the calls."""
    for function in module.functions:
        for decorator in function.decorators:
            if isinstance(decorator, Name) and decorator.symbol in _KNOWN["decorators"]:
                framework, kind = _KNOWN["decorators"][decorator.symbol]
                yield App(framework, kind, decorator.symbol, Evidence(module.path, function.line))
