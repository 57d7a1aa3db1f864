"""Paths that code answers by comparing the request's path: ASGI and WSGI wrappers, http.createServer, Go handlers.

Follows the compared name to a constant or to what callers hand over; whether a path is a health path is not said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from readiness.facts.modules import Modules
from readiness.source import Call, CallRef, Constant, Expression, Module, Name, Return, literal
from readiness.wiring import known

_KNOWN = known(__file__, "path_wrappers.yaml")
_PASSES_ON = frozenset(_KNOWN["passes_on"])
_ANSWERS = re.compile(_KNOWN["answers"])
_LITERAL = re.compile(
    r"(?i)(?:path|url)[^\"']*(?:==|\bin\b|\.(?:startswith|endswith|startsWith)\()[^\"']*[\"'](/[\w/.-]*)[\"']"
)
_NAMED = re.compile(r"(?i)(?:path|url|path_info)[\"')\]]*\s*(===?|!==?)\s*([a-z_][\w.]*)(?![\w.(\[])")


class AnsweredPath(Struct, frozen=True):
    """`path` is answered at `line` of the module at `where`, in its function of that index."""

    path: str
    where: str
    line: int
    function: int


def answered_paths(paths: Iterable[str], modules: Modules) -> Iterator[AnsweredPath]:
    """Those of the modules at `paths`, in order of place; a path that is only passed on or left out of a log is none."""
    own = [modules.by_path[path] for path in sorted(paths)]
    for module in own:
        things: list[Call | Return] = [*module.calls, *module.returns]
        seen: set[str] = set()
        for thing in things:
            for guard in thing.guards:
                if guard in seen:
                    continue
                seen.add(guard)
                for path in _answered(guard, thing, module, own):
                    yield AnsweredPath(path, module.path, thing.line, thing.function)


def _answered(guard: str, thing: Call | Return, module: Module, own: list[Module]) -> list[str]:
    if found := None if guard.startswith("not ") else _LITERAL.search(guard):
        return [found[1]] if _acts(guard, thing.function, module) else []
    named = _NAMED.search(guard)
    if named is None:
        return []
    unequal = named[1].startswith("!") is not guard.startswith("not ")
    answers = _acts_otherwise(guard, thing.function, module) if unequal else _acts(guard, thing.function, module)
    return _values(named[2], module, thing.function, own) if answers else []


def _acts(guard: str, function: int, module: Module) -> bool:
    """Whether something under `guard` does more than hand the request on, log or leave."""
    calls = [c for c in module.calls if c.function == function and guard in c.guards]
    returns = [r for r in module.returns if r.function == function and guard in r.guards]
    return any(not _is_passing(call) for call in calls) or any(not _leaves(r, module) for r in returns)


def _acts_otherwise(guard: str, function: int, module: Module) -> bool:
    """Whether the request is handed on under `guard`, and answered by the rest of the function."""
    handed_on = any(c.function == function and guard in c.guards and _is_passing(c) for c in module.calls) or any(
        r.function == function and guard in r.guards for r in module.returns
    )
    return handed_on and any(
        c.function == function and guard not in c.guards and _ANSWERS.search(_last(c.callee)) for c in module.calls
    )


def _is_passing(call: Call) -> bool:
    return _last(call.callee).lower() in _PASSES_ON or _last(call.written).lower() in _PASSES_ON


def _leaves(returned: Return, module: Module) -> bool:
    """Whether a return gives no answer of its own: nothing, a truth value, or what the next handler answers."""
    value = returned.value
    if isinstance(value, CallRef):
        return _is_passing(module.calls[value.index])
    return value is None or isinstance(value, Constant)


def _last(name: str) -> str:
    return name.rstrip("()").rpartition(".")[2]


def _values(name: str, module: Module, function: int, own: list[Module]) -> list[str]:
    """The paths that `name` may stand for in `function`: a constant, an attribute, a parameter that callers fill."""
    last = _last(name)
    if name.startswith(("self.", "cls.", "this.")):
        held = [f.default for c in module.classes for f in c.fields if f.name == last]
        assigned = [(a.value, a.function) for a in module.assignments if a.target == name]
        handed = [t for v, at in assigned if isinstance(v, Name) for t in _handed(v.written, module, at, own)]
        return _paths([*held, *(value for value, _ in assigned)]) + handed
    if handed := _handed(name, module, function, own):
        return handed
    local = [a.value for a in module.assignments if a.target == name and a.function in (-1, function)]
    if local or ("." not in name and not any(i.local == name for i in module.imports)):
        return _paths(local)
    return _paths([a.value for m in own for a in m.assignments if a.function < 0 and _last(a.target) == last])


def _handed(name: str, module: Module, function: int, own: list[Module]) -> list[str]:
    """What is handed to the parameter `name` of `function` or of a function around it."""
    while function >= 0:
        around = module.functions[function]
        for place, parameter in enumerate(p for p in around.parameters if p.name not in ("self", "cls", "this")):
            if parameter.name == name:
                called = around.owner if around.name in ("__init__", "constructor") else around.name
                return _paths([parameter.default, *_arguments(called, place, name, own)])
        function = around.parent
    return []


def _arguments(called: str, place: int, name: str, own: list[Module]) -> Iterator[Expression | None]:
    """The values that calls of `called`, or a call that is handed `called` itself (add_middleware), give."""
    for module in own:
        for call in module.calls:
            if _last(call.callee) == called and place < len(call.args):
                yield call.args[place]
            if _last(call.callee) == called or any(
                isinstance(a, Name) and _last(a.symbol) == called for a in call.args
            ):
                yield call.keyword(name)


def _paths(values: Iterable[Expression | None]) -> list[str]:
    return [text for value in values if (text := literal(value)) is not None and text.startswith("/")]
