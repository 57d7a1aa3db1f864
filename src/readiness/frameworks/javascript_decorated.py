"""Finds routes that are decorated methods of controller classes: NestJS, routing-controllers, tsoa and their like."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from msgspec import Struct

from readiness.frameworks.javascript_handlers import renders
from readiness.frameworks.javascript_routers import join
from readiness.frameworks.javascript_verbs import braces
from readiness.model import Evidence
from readiness.routing import GrpcService, Route
from readiness.source import Call, Class, Constant, Expression, Mapping, Module, Name, Sequence, Text
from readiness.symbols_javascript import Symbols
from readiness.wiring import known

_KNOWN = known(__file__, "javascript_decorated.yaml")
_DECORATORS: dict[str, list[str]] = _KNOWN["decorators"]
_FRAMEWORKS = {name: entry for name, entry in _KNOWN.items() if "verbs" in entry}
_CONTROLLERS = {symbol: name for name, entry in _FRAMEWORKS.items() for symbol in entry["controllers"]}
_VERBS = {symbol: verb for entry in _FRAMEWORKS.values() for symbol, verb in entry["verbs"].items()}
_TAGS = {symbol: tag for tag in ("auth", "health") for symbol in _DECORATORS[tag]} | dict.fromkeys(
    _DECORATORS["hidden"], "include_in_schema=false"
)


class _Settings(Struct, frozen=True):
    """What an application sets for all controllers: where, the prefix, the paths it excludes, URI versioning."""

    path: str
    prefix: str = ""
    known: bool = True
    excluded: tuple[str, ...] = ()
    versioned: bool = False
    version_prefix: str = "v"
    default_version: str = ""
    framework: str = "nestjs"


class _Controller(Struct, frozen=True):
    """A controller class with its decorator."""

    module: Module
    class_: Class
    call: Call
    framework: str


def find_decorated(symbols: Symbols, modules: list[Module]) -> Iterator[Route]:
    """The routes of all controllers."""
    settings = [found for module in modules if (found := _settings(symbols, module)) is not None]
    mounted = _module_prefixes(symbols, modules)
    for module in modules:
        for class_ in module.classes:
            for decorator in class_.decorators:
                call = module.call_of(decorator)
                framework = _CONTROLLERS.get(call.callee) if call is not None else None
                if call is not None and framework is not None:
                    controller = _Controller(module, class_, call, framework)
                    yield from _routes(symbols, controller, _nearest(settings, controller), mounted)


def find_grpc(symbols: Symbols, modules: list[Module]) -> Iterator[GrpcService]:
    """Services whose methods are marked as gRPC methods: the decorator's name, else the class's, once a class."""
    for module in modules:
        seen: set[tuple[str, str]] = set()
        for function in module.functions:
            for decorator in function.decorators:
                call = module.call_of(decorator)
                if call is not None and call.callee in _DECORATORS["grpc"]:
                    named = symbols.text(module, call.args[0], -1) if call.args else None
                    name = named or function.owner.removesuffix("Controller")
                    if (name, function.owner) not in seen:
                        seen.add((name, function.owner))
                        yield GrpcService(name, Evidence(module.path, call.line))


def _settings(symbols: Symbols, module: Module) -> _Settings | None:
    prefix, sure = "", True
    excluded: tuple[str, ...] = ()
    versioned, mark, default = False, "v", ""
    found = False
    for call in module.calls:
        if call.written.endswith(".setGlobalPrefix") and call.args:
            text = symbols.text(module, call.args[0], call.function)
            prefix, sure, found = text or "", text is not None, True
            excluded = tuple(_texts(symbols, module, call.keyword("exclude")))
        elif call.callee in _KNOWN["route_prefix"]:
            given = call.keyword(_KNOWN["route_prefix"][call.callee])
            text = symbols.text(module, given, call.function)
            framework = call.callee.partition(".")[0]
            return _Settings(module.path, text or "", given is None or text is not None, framework=framework)
        elif call.written.endswith(".enableVersioning"):
            kind = call.keyword("type")
            found = True
            versioned = kind is None or (isinstance(kind, Name) and kind.symbol.endswith("URI"))
            given = call.keyword("prefix")
            mark = "" if given == Constant("false") else symbols.text(module, given, call.function) or "v"
            default = next(iter(_texts(symbols, module, call.keyword("defaultVersion"))), "")
    return _Settings(module.path, prefix, sure, excluded, versioned, mark, default) if found else None


def _texts(symbols: Symbols, module: Module, value: Expression | None) -> list[str]:
    items = value.items if isinstance(value, Sequence) else (value,)
    found = []
    for item in items:
        item = item.get("path") if isinstance(item, Mapping) else item
        text = symbols.text(module, item)
        if text is not None:
            found.append(text)
    return found


def _nearest(settings: list[_Settings], controller: _Controller) -> _Settings:
    """The settings of the application that lies nearest: several may share a repository."""
    path = controller.module.path
    fitting = [found for found in settings if found.framework == controller.framework]
    if not fitting:
        return _Settings("", framework=controller.framework)
    return max(fitting, key=lambda s: (len(os.path.commonpath(["/" + s.path, "/" + path])), s.prefix != ""))


def _module_prefixes(symbols: Symbols, modules: list[Module]) -> dict[tuple[str, str], str]:
    """Controllers (module path, class) by the path that RouterModule gives to the Nest module that lists them."""
    found: dict[tuple[str, str], str] = {}
    for module in modules:
        for call in module.calls:
            if call.callee in _KNOWN["router_module"] and call.args:
                _collect(symbols, module, call.args[0], "", found, 0)
    return found


def _collect(
    symbols: Symbols, module: Module, value: Expression, prefix: str, found: dict[tuple[str, str], str], depth: int
) -> None:
    place = symbols.resolve(module, value) if isinstance(value, Name) else None
    value = place.value if place is not None and place.value is not None else value
    for entry in value.items if isinstance(value, Sequence) else ():
        if not isinstance(entry, Mapping):
            continue
        path = join(prefix, symbols.text(module, entry.get("path")) or "")
        for controller in _controllers_of(symbols, module, entry.get("module")):
            found[controller] = path
        children = entry.get("children")
        if children is not None and depth < 6:
            _collect(symbols, module, children, path, found, depth + 1)


def _controllers_of(symbols: Symbols, module: Module, value: Expression | None) -> Iterator[tuple[str, str]]:
    place = symbols.resolve(module, value) if isinstance(value, Name) else None
    if place is None or place.class_ is None:
        return
    for decorator in place.class_.decorators:
        call = place.module.call_of(decorator)
        listed = call.keyword("controllers") if call is not None and call.callee in _DECORATORS["module"] else None
        for item in listed.items if isinstance(listed, Sequence) else ():
            target = symbols.resolve(place.module, item)
            if target is not None and target.class_ is not None:
                yield target.module.path, target.class_.name


def _routes(
    symbols: Symbols, controller: _Controller, settings: _Settings, mounted: dict[tuple[str, str], str]
) -> Iterator[Route]:
    module, class_ = controller.module, controller.class_
    outer = mounted.get((module.path, class_.name), "")
    bases = [(join(outer, path), sure) for path, sure in _paths(symbols, module, controller.call)]
    versions = _versions(symbols, module, class_.decorators, controller.call)
    tags = _tags(module, class_.decorators)
    for index, function in enumerate(module.functions):
        if function.owner != class_.name:
            continue
        for decorator in function.decorators:
            call = module.call_of(decorator)
            verb = _VERBS.get(call.callee) if call is not None else None
            if call is None or verb is None:
                continue
            own = _versions(symbols, module, function.decorators, None) or versions
            for base, base_known in bases:
                for path, sure in _paths(symbols, module, call):
                    for whole, prefix_known in _whole(settings, own, join(base, path)):
                        yield Route(
                            verb,
                            braces(whole),
                            controller.framework,
                            Evidence(module.path, call.line),
                            f"{class_.name}.{function.name}",
                            module.path,
                            index,
                            _renders(module, index, function.decorators),
                            base_known and sure and prefix_known,
                            (),
                            tuple(dict.fromkeys(tags + _tags(module, function.decorators))),
                        )


def _paths(symbols: Symbols, module: Module, call: Call) -> list[tuple[str, bool]]:
    """The paths of a decorator: none, a string, a list, or an object's `path`."""
    value = call.args[0] if call.args else None
    if isinstance(value, Mapping):
        value = value.get("path")
    if value is None:
        return [("", True)]
    items = value.items if isinstance(value, Sequence) else (value,)
    texts = [symbols.text(module, item) for item in items]
    return [(text or "", text is not None) for text in texts] or [("", True)]


def _versions(symbols: Symbols, module: Module, decorators: tuple[Expression, ...], call: Call | None) -> list[str]:
    given = next((a.get("version") for a in call.args if isinstance(a, Mapping)), None) if call is not None else None
    for decorator in decorators:
        inner = module.call_of(decorator)
        if inner is not None and inner.callee in _DECORATORS["version"] and inner.args:
            given = inner.args[0]
    if isinstance(given, Name) and given.symbol.endswith("VERSION_NEUTRAL"):
        return [""]
    return _texts(symbols, module, given) if given is not None else []


def _whole(settings: _Settings, versions: list[str], path: str) -> list[tuple[str, bool]]:
    """The path under the application's prefix and version, and whether the prefix is known."""
    bare = path.strip("/")
    free = bare in {excluded.strip("/") for excluded in settings.excluded}
    prefix = "" if free or not settings.prefix else "/" + settings.prefix.strip("/")
    used = versions or ([settings.default_version] if settings.default_version else [])
    if not settings.versioned or not used:
        return [(join(prefix, path) or "/", free or settings.known)]
    stems = [join(prefix, f"/{settings.version_prefix}{version}") if version else prefix for version in used]
    return [(join(stem, path) or "/", free or settings.known) for stem in stems]


def _tags(module: Module, decorators: tuple[Expression, ...]) -> tuple[str, ...]:
    calls = [module.call_of(decorator) for decorator in decorators]
    return tuple(_TAGS[call.callee] for call in calls if call is not None and call.callee in _TAGS)


def _renders(module: Module, function: int, decorators: tuple[Expression, ...]) -> str:
    """NestJS answers with what a method returns: text for strings, else JSON."""
    callees = {call.callee for d in decorators if (call := module.call_of(d)) is not None}
    if callees & set(_DECORATORS["page"]):
        return "html"
    if callees & set(_DECORATORS["redirect"]):
        return "redirect"
    found = renders(module, function, returning=True)
    if found:
        return found
    declared = module.functions[function].returns
    if declared in ("string", "void", "any", "unknown", "never"):
        return "text" if declared == "string" else ""
    values = [r.value for r in module.returns if r.function == function and r.value is not None]
    return "json" if declared or (values and not isinstance(values[0], Text)) else ""
