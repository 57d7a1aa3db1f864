"""Finds what JavaScript servers mount: routers under prefixes, plug-ins, and applications passed to functions."""

from __future__ import annotations

import posixpath

from readiness.frameworks.javascript_routers import (
    MAKERS,
    MOST_CALLS,
    Key,
    Mount,
    Prefix,
    Routers,
    destructured,
    join,
    substituted,
    variants,
)
from readiness.source import Call, CallRef, Constant, Expression, FunctionRef, Mapping, Module, Name, Sequence, Text
from readiness.wiring import known

_MOUNTING = set(known(__file__, "javascript_servers.yaml")["mounting"])
_AUTOLOAD = {"@fastify/autoload", "fastify-autoload"}


def find_mounts(routers: Routers, modules: list[Module]) -> None:
    """Fill `routers.mounts`."""
    for module in modules:
        for call in module.calls if len(module.calls) <= MOST_CALLS else ():
            if call.kind not in ("call", "new"):
                continue
            method = call.written.rpartition(".")[2]
            if call.receiver is not None and method in _MOUNTING:
                _mounting(routers, module, call, method, modules)
            elif call.receiver is not None and method in ("prefix", "basePath") and call.args:
                _prefixing(routers, module, call)
            if call.args and method not in _MOUNTING:
                _passing(routers, module, call)


def _add(routers: Routers, child: Key, parent: Key, prefix: Prefix) -> None:
    if child != parent:
        mounts = routers.mounts.setdefault(child, [])
        mount = Mount(parent, prefix)
        if mount not in mounts:
            mounts.append(mount)


def _prefixing(routers: Routers, module: Module, call: Call) -> None:
    key = routers.locate(module, call.receiver, call.function)
    if key is not None and (path := routers.symbols.text(module, call.args[0], call.function)):
        routers.own_prefix[key] = path


def _mounting(routers: Routers, module: Module, call: Call, method: str, modules: list[Module]) -> None:
    parent = routers.locate(module, call.receiver, call.function)
    if parent is None:
        return
    if method == "register":
        _register(routers, module, call, parent, modules)
        return
    for variant in variants(routers.symbols, module, call):
        args = [substituted(arg, variant) for arg in call.args]
        prefixes, rest = _prefix(routers, module, call, args)
        for arg in _flat(rest):
            inner = _mounted(module, arg)
            extra, arg = inner if inner is not None else ("", arg)
            child = routers.locate(module, arg, call.function) or _plugin(routers, module, arg, call.function)
            if child is not None:
                for path, sure in prefixes:
                    _add(routers, child, parent, Prefix(join(path, extra), sure, call.guards))


def _mounted(module: Module, arg: Expression) -> tuple[str, Expression] | None:
    """koa-mount's `mount("/x", app)` as an argument of `use`."""
    if not isinstance(arg, CallRef):
        return None
    call = module.calls[arg.index]
    if call.callee == "koa-mount" and call.args:
        path = call.args[0].value if isinstance(call.args[0], Text) else ""
        return path, call.args[-1]
    return None


def _flat(values: list[Expression]) -> list[Expression]:
    return [item for value in values for item in (value.items if isinstance(value, Sequence) else (value,))]


def _prefix(
    routers: Routers, module: Module, call: Call, args: list[Expression]
) -> tuple[list[tuple[str, bool]], list[Expression]]:
    """The paths in front, and the other arguments. An argument that is no object and no literal is an unknown prefix
    only where another follows and it does not look like middleware."""
    if not args:
        return [("", True)], []
    first = args[0]
    if isinstance(first, Sequence):
        texts = [routers.symbols.text(module, item, call.function) for item in first.items]
        if texts and all(text is not None for text in texts):
            return [(text, True) for text in texts if text is not None], args[1:]
        return [("", True)], args
    text = routers.symbols.text(module, first, call.function)
    if text is not None:
        return [(text, True)], args[1:]
    if len(args) > 1 and type(first).__name__ in ("Joined", "Opaque"):
        return [(partial_text(routers, module, call, first), False)], args[1:]
    if len(args) == 2 and isinstance(first, Name) and first.written.lower().endswith(("path", "prefix")):
        return [("", False)], args[1:]
    return [("", True)], args


def partial_text(routers: Routers, module: Module, call: Call, value: Expression) -> str:
    """A join with what is not known of it as {name}."""
    texts = [
        routers.symbols.text(module, part, call.function)
        or (f"{{{part.written.rpartition('.')[2]}}}" if isinstance(part, Name) else "")
        for part in getattr(value, "parts", ())
    ]
    return "".join(texts)


def _plugin(routers: Routers, module: Module, value: Expression, inside: int) -> Key | None:
    """The first parameter of a plug-in: a function, wrapped or not, or an object with `register` or `plugin`."""
    if isinstance(value, FunctionRef):
        return _parameter(module, value.index, 0)
    if isinstance(value, CallRef):
        call = module.calls[value.index]
        if call.callee.startswith(("fastify-plugin", "fp")) and call.args:
            return _plugin(routers, module, call.args[0], call.function)
        return None
    if isinstance(value, Mapping):
        inner = value.get("register") or value.get("plugin")
        return _plugin(routers, module, inner, inside) if inner is not None else None
    if isinstance(value, Name):
        place = routers.symbols.resolve(module, value, inside)
        if place is not None and place.function >= 0:
            return _parameter(place.module, place.function, 0)
        if place is not None and place.value is not None and place.value != value:
            return _plugin(routers, place.module, place.value, place.inside)
        if place is not None and place.value is None and not place.class_ and not place.instance:
            found = routers.symbols.export(place.module, "default")
            return _parameter(found.module, found.function, 0) if found is not None and found.function >= 0 else None
    return None


def _parameter(module: Module, function: int, position: int, entry: str = "") -> Key | None:
    """The parameter at `position`, or what it takes out of an object as `entry`."""
    parameters = module.functions[function].parameters
    if position >= len(parameters):
        return None
    name = parameters[position].name
    if entry:
        return (module.path, function, entry) if entry in destructured(name) else None
    return None if name.startswith("{") else (module.path, function, name)


def _register(routers: Routers, module: Module, call: Call, parent: Key, modules: list[Module]) -> None:
    """Fastify's and hapi's `register(plugin, { prefix })`."""
    if not call.args:
        return
    plugin = call.args[0]
    if isinstance(plugin, Name) and plugin.symbol in _AUTOLOAD:
        _autoload(routers, module, call, parent, modules)
        return
    option = call.keyword("prefix")
    nested = call.keyword("routes")
    if option is None and isinstance(nested, Mapping):
        option = nested.get("prefix")
    path = routers.symbols.text(module, option, call.function) if option is not None else ""
    for value in _flat([plugin]):
        child = _plugin(routers, module, value, call.function)
        if child is not None:
            _add(routers, child, parent, Prefix(path or "", path is not None, call.guards))


def _autoload(routers: Routers, module: Module, call: Call, parent: Key, modules: list[Module]) -> None:
    """@fastify/autoload: each file below `dir` is a plug-in, under the path of its folder from `dir`."""
    folder = _folder(routers, module, call.keyword("dir"))
    if folder is None:
        return
    options = call.keyword("options")
    option = options.get("prefix") if isinstance(options, Mapping) else None
    base = routers.symbols.text(module, option, call.function) if option is not None else ""
    flat = call.keyword("dirNameRoutePrefix") == Constant("false")
    for other in modules:
        if not other.path.startswith(folder + "/") or other.path == module.path:
            continue
        place = routers.symbols.export(other, "default")
        child = _parameter(place.module, place.function, 0) if place is not None and place.function >= 0 else None
        child = child or (_plugin(routers, other, place.value, -1) if place and place.value is not None else None)
        if child is None:
            continue
        own = next((routers.symbols.text(other, a.value) for a in other.assignments if _is_prefix(a.target)), None)
        below = posixpath.dirname(other.path[len(folder) :])
        named = "/".join("{" + part[1:] + "}" if part.startswith("_") else part for part in below.split("/"))
        path = own if own is not None else "" if flat else named
        _add(routers, child, parent, Prefix(join(base or "", path), base is not None, call.guards))


def _is_prefix(target: str) -> bool:
    return target.rpartition(".")[2] in ("autoPrefix", "prefixOverride")


def _folder(routers: Routers, module: Module, value: Expression | None) -> str | None:
    """`path.join(__dirname, "routes")`, `join(import.meta.dirname, "routes")`, a template: the text in it, from here."""
    parts: tuple[Expression, ...] = ()
    if isinstance(value, CallRef):
        parts = module.calls[value.index].args
    elif value is not None:
        parts = getattr(value, "parts", (value,))
    texts = [part.value.strip("/") for part in parts if isinstance(part, Text)]
    if not texts:
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(module.path), *texts))


def _passing(routers: Routers, module: Module, call: Call) -> None:
    """`routes(app)`, `new Routes(app)`: the parameter is the object that is passed."""
    for position, arg in enumerate(call.args[:4]):
        if isinstance(arg, Mapping):
            for name, value in arg.entries:
                _pass(routers, module, call, position, (name, value))
        else:
            _pass(routers, module, call, position, ("", arg))


def _pass(routers: Routers, module: Module, call: Call, position: int, given: tuple[str, Expression]) -> None:
    """One argument, or one entry (by its name) of an object that is passed."""
    name, arg = given
    if not isinstance(arg, Name | CallRef) or (isinstance(arg, CallRef) and call.kind != "call"):
        return
    key = routers.locate(module, arg, call.function) if _may_be(module, arg, call) else None
    place = routers.symbols.resolve(module, Name(call.callee, call.written), call.function) if key else None
    if key is None or place is None:
        return
    function = place.function
    if place.class_ is not None and call.kind == "new":
        function = place.module.function_named("constructor", place.class_.name)
    child = _parameter(place.module, function, position, name) if function >= 0 else None
    if child is not None:
        _add(routers, child, key, Prefix("", True, call.guards))


def _may_be(module: Module, arg: Expression, call: Call) -> bool:
    """Whether it is worth following: a name held in this file as an object, or a parameter of a function around."""
    if isinstance(arg, CallRef):
        return module.calls[arg.index].callee in MAKERS
    if not isinstance(arg, Name) or "." in arg.written.removeprefix("this."):
        return False
    if arg.symbol.startswith("./") or arg.written.startswith("this."):
        return True
    if arg.symbol.endswith("()"):
        return True
    return module.takes(arg.written, call.function)
