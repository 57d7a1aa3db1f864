"""Finds reads of environment variables in one Go module: calls, struct tags, flags, and the file's own wrapper functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from readiness.source import (
    Assignment,
    Call,
    CallRef,
    EnvRead,
    Expression,
    Joined,
    Mapping,
    Module,
    Name,
    Sequence,
    Text,
    literal,
)
from readiness.wiring import known

_TAG = re.compile(r'([\w.-]+):"((?:[^"\\]|\\.)*)"')
_ROUNDS = 3
"""How deep wrappers of wrappers are followed."""


class Reader(Struct, frozen=True):
    """A function that reads the variable named by argument `name`; `default` is the argument it falls back to, -1 none."""

    name: int
    default: int = -1
    required: bool = False


def environment_reads(module: Module) -> Module:
    """`module` with its `env_reads`, in order of line."""
    readers = standard_readers()
    for _ in range(_ROUNDS):
        more = {**wrappers(module, readers), **readers}
        if len(more) == len(readers):
            break
        readers = more
    found = [*calls_of(module, readers), *_viper(module), *_flags(module), *_tags(module)]
    unique = {(read.name, read.line): read for read in reversed(found)}
    return msgspec.structs.replace(module, env_reads=tuple(sorted(unique.values(), key=lambda r: (r.line, r.name))))


def _known() -> dict[str, Any]:
    return known(__file__, "go_env.yaml")


def standard_readers() -> dict[str, Reader]:
    """The readers of the standard library and of known packages, by symbol."""
    listed: dict[str, dict[str, Any]] = _known()["readers"]
    return {symbol: Reader(**row) for symbol, row in listed.items() if "name" in row}


def wrappers(module: Module, readers: dict[str, Reader]) -> dict[str, Reader]:
    """The module's functions that read the variable that one of their parameters names, by symbol in their package."""
    found: dict[str, Reader] = {}
    for call in module.calls:
        reader = readers.get(call.callee)
        if reader is None or call.function < 0 or reader.name >= len(call.args):
            continue
        argument = call.args[reader.name]
        function = module.functions[call.function]
        positions = {p.name: index for index, p in enumerate(function.parameters) if p.name}
        if not function.name or not isinstance(argument, Name) or argument.written not in positions:
            continue
        symbol = f"{function.owner}.{function.name}" if function.owner else function.name
        position = positions[argument.written]
        default = _fallback(module, call.function, positions, position)
        fatal = any(c.function == call.function and _is_fatal(c) for c in module.calls)
        found[symbol] = Reader(position, default, fatal and default < 0)
    return found


def _fallback(module: Module, function: int, positions: dict[str, int], name: int) -> int:
    """The position of the parameter that the function returns or passes on where the variable is unset."""
    for returned in module.returns:
        if returned.function == function:
            values = returned.value.items if isinstance(returned.value, Sequence) else (returned.value,)
            for value in values:
                if isinstance(value, Name) and positions.get(value.written, name) != name:
                    return positions[value.written]
    for call in module.calls:
        if call.function == function:
            for argument in call.args:
                if isinstance(argument, Name) and positions.get(argument.written, name) > name:
                    return positions[argument.written]
    return -1


def _is_fatal(call: Call) -> bool:
    known_fatal = _known()
    return call.callee in known_fatal["fatal"] or call.callee.rpartition(".")[2] in known_fatal["fatal_methods"]


def calls_of(module: Module, readers: dict[str, Reader]) -> Iterator[EnvRead]:
    """The reads by calls of `readers` (and of chained methods) whose variable can be named."""
    chained = [(row["package"], row["method"]) for row in _known()["chained"]]
    for index, call in enumerate(module.calls):
        reader = readers.get(call.callee)
        if reader is None and any(call.callee.startswith(p) and call.callee.endswith("." + m) for p, m in chained):
            reader = Reader(0)
        if reader is None or reader.name >= len(call.args):
            continue
        name = constant_text(module, call.args[reader.name])
        if not name:
            continue
        default = call.args[reader.default] if 0 <= reader.default < len(call.args) else _default(module, index)
        required = reader.required or (default is None and _ends_without(module, call))
        yield EnvRead(name, call.line, call.function, default, required)


def constant_text(module: Module, value: Expression) -> str | None:
    """The text of a literal, or of a name that a constant of the file gives a literal."""
    if isinstance(value, Name):
        for assignment in module.assignments:
            if assignment.function == -1 and assignment.target == value.symbol:
                return literal(assignment.value)
        return None
    if isinstance(value, Joined):
        parts = [constant_text(module, part) for part in value.parts]
        return "".join(p for p in parts if p is not None) if all(p is not None for p in parts) else None
    return literal(value)


def _default(module: Module, index: int) -> Expression | None:
    """What stands in where the variable read by `calls[index]` is unset: set in an `if` after it or before it."""
    call = module.calls[index]
    if not call.bound:
        return None
    if returned := _returned_instead(module, call):
        return returned
    before: Assignment | None = None
    for other in module.assignments:
        if other.function != call.function:
            continue
        same = other.target == call.bound
        if same and other.value != CallRef(index) and other.line > call.line and _is_unset(other.guards, call.bound):
            return other.value
        if same and other.line < call.line and call.guards:
            before = other
        if isinstance(other.value, Name) and other.value.written == call.bound and _is_set(other.guards, call.bound):
            earlier = [a for a in module.assignments if a.function == call.function and a.target == other.target]
            return earlier[0].value if earlier and earlier[0].line < other.line else None
    return before.value if before is not None and any('!= ""' in guard for guard in call.guards) else None


def _returned_instead(module: Module, call: Call) -> Expression | None:
    """The literal that the function returns where it does not return the variable: a getter with a default of its own."""
    values = [r.value for r in module.returns if r.function == call.function]
    if not any(isinstance(value, Name) and value.written == call.bound for value in values):
        return None
    return next((value for value in values if isinstance(value, Text) and value.value), None)


def _is_unset(guards: tuple[str, ...], name: str) -> bool:
    written = {f'{name} == ""', f"len({name}) == 0", f"{name} == ``", "!ok", "!exists", "!found", "!present", "not ok"}
    return any(guard in written or f'{name} == ""' in guard for guard in guards)


def _is_set(guards: tuple[str, ...], name: str) -> bool:
    written = {f'{name} != ""', f"len({name}) > 0", "ok", "exists", "found", "present"}
    return any(guard in written for guard in guards)


def _ends_without(module: Module, call: Call) -> bool:
    """Whether the program ends where the variable is unset."""
    if not call.bound:
        return False
    return any(
        other.function == call.function
        and 0 <= other.line - call.line <= 6
        and _is_fatal(other)
        and _is_unset(other.guards, call.bound)
        for other in module.calls
    )


def _viper(module: Module) -> Iterator[EnvRead]:
    viper = _known()["viper"]
    calls = [c for c in module.calls if c.callee.startswith(viper["package"])]
    defaults: dict[str, Expression] = {}
    for call in calls:
        key = literal(call.args[0]) if call.args else None
        if key and call.callee.endswith("." + viper["default"]) and len(call.args) > 1:
            defaults.setdefault(key.lower(), call.args[1])
    for call in calls:
        key = literal(call.args[0]) if call.args else None
        method = call.callee.rpartition(".")[2]
        if not key or (method not in viper["get"] and method != viper["bind"]):
            continue
        named = literal(call.args[1]) if method == viper["bind"] and len(call.args) > 1 else None
        name = named or re.sub(r"[^A-Za-z0-9]", "_", key).upper()
        yield EnvRead(name, call.line, call.function, defaults.get(key.lower()))


def _flags(module: Module) -> Iterator[EnvRead]:
    flags = _known()["flags"]
    for call in module.calls:
        if call.kind != "new" or not call.callee.startswith(tuple(flags["packages"])):
            continue
        default = call.keyword(flags["default"])
        for field in flags["names"]:
            for name in _texts(module, call.keyword(field)):
                for part in name.split(","):
                    yield EnvRead(part.strip(), call.line, call.function, default)


def _texts(module: Module, value: Expression | None) -> list[str]:
    items: tuple[Expression, ...] = (value,) if value is not None else ()
    if isinstance(value, CallRef):
        items = module.calls[value.index].args
    elif isinstance(value, Sequence):
        items = value.items
    elif isinstance(value, Mapping):
        items = tuple(entry for _, entry in value.entries)
    return [found for item in items if (found := constant_text(module, item))]


def _tags(module: Module) -> Iterator[EnvRead]:
    tags = _known()["tags"]
    for class_ in module.classes:
        for field in class_.fields:
            pairs = dict(_TAG.findall(field.tag)) if field.tag else {}
            written = next((pairs[key] for key in tags["names"] if pairs.get(key)), "")
            name, *options = (part.strip() for part in written.split(","))
            if not name or name == "-":
                continue
            default = next((Text(pairs[key]) for key in tags["defaults"] if key in pairs), None)
            inline = next((o.removeprefix("default=") for o in options if o.startswith("default=")), None)
            required = any(pairs.get(key) == "true" for key in tags["required"])
            required = required or any(option in options for option in tags["options_required"])
            yield EnvRead(name, field.line, -1, default or (Text(inline) if inline is not None else None), required)
