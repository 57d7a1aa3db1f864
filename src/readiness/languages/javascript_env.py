"""Environment variables that JavaScript reads through a schema or a configuration service. Direct reads are found while
reading expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from msgspec.structs import replace

from readiness.languages.javascript_draft import Draft
from readiness.source import Call, CallRef, Class, EnvRead, Expression, Mapping, Name, Text
from readiness.wiring import known

_KNOWN = known(__file__, "javascript_env.yaml")
_VALIDATORS: list[str] = _KNOWN["validators"]
_WITH_SCHEMA: dict[str, list[str]] = _KNOWN["with_schema"]
_OPTIONAL: set[str] = set(_KNOWN["optional"])
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*$")
_LENIENT = tuple(_KNOWN["optional_unless_required"])
_ABSENT = re.compile(r"!\s*([\w.]+)(?![\w.(])")
_LONGEST_CHAIN = 30


def schema_reads(draft: Draft) -> tuple[EnvRead, ...]:
    """Each variable named by a schema for the environment, once per place."""
    found = [read for call in draft.calls for read in _in_call(draft, call)]
    plugged = {key for i in draft.imports if i.symbol in _WITH_SCHEMA for key in _WITH_SCHEMA[i.symbol]}
    for assignment in draft.assignments:
        if isinstance(assignment.value, Mapping):
            at = Call("", "", assignment.line, assignment.line, function=assignment.function)
            found += _convict(draft, at, assignment.value, 0)
            for key in plugged if assignment.target in _KNOWN["plugin_options"] else ():
                found += _keys(draft, at, assignment.value.get(key))
    return tuple(dict.fromkeys(found))


def require_checked(draft: Draft, reads: tuple[EnvRead, ...]) -> tuple[EnvRead, ...]:
    """The reads, with those required whose absence raises or exits: `if (!process.env.X) throw ...`."""
    missing = {
        name
        for call in draft.calls
        if call.guards and (call.kind == "raise" or call.callee == "process.exit")
        for name in _ABSENT.findall(call.guards[-1])
    }
    if not missing:
        return reads
    held = {
        assignment.target: assignment.value.symbol.rpartition(".")[2]
        for assignment in draft.assignments
        if isinstance(assignment.value, Name) and assignment.value.symbol.startswith("process.env.")
    }
    names = {
        name.removeprefix("process.env.") if name.startswith("process.env.") else held.get(name) for name in missing
    }
    return tuple(
        replace(read, required=True) if read.name in names and read.default is None else read for read in reads
    )


def _in_call(draft: Draft, call: Call) -> Iterator[EnvRead]:
    if call.callee in _KNOWN["getters"]:
        yield from _getter(call)
    elif call.callee in _KNOWN["convict"] and call.args and isinstance(call.args[0], Mapping):
        yield from _convict(draft, call, call.args[0], 0)
    elif (schemas := _schema_option(draft, call)) is not None:
        for schema in schemas:
            yield from _keys(draft, call, schema)
    elif any(isinstance(arg, Name) and arg.symbol in _KNOWN["environment_names"] for arg in call.args) and any(
        fnmatchcase(call.callee, glob) or fnmatchcase(call.written, glob) for glob in _VALIDATORS
    ):
        others = [arg for arg in call.args if not (isinstance(arg, Name) and arg.symbol in _KNOWN["environment_names"])]
        for value in (call.receiver, *others):
            yield from _keys(draft, call, value)


def _getter(call: Call) -> Iterator[EnvRead]:
    name = call.args[0] if call.args else None
    if isinstance(name, Text) and _VARIABLE.match(name.value):
        default = call.args[1] if len(call.args) > 1 and not isinstance(call.args[1], Mapping) else None
        raising = call.callee.rpartition(".")[2] in _KNOWN["raising"]
        yield EnvRead(name.value, call.line, call.function, default, raising)


def _schema_option(draft: Draft, call: Call) -> list[Expression] | None:
    """The schemas in the options of a call that is known to take them, or that registers a plug-in known to."""
    keys = _WITH_SCHEMA.get(call.callee)
    if keys is None and call.callee.endswith(".register") and call.args and isinstance(call.args[0], Name):
        keys = _WITH_SCHEMA.get(call.args[0].symbol)
    if keys is None:
        return None
    options = [resolved for arg in call.args if isinstance(resolved := _value(draft, arg), Mapping)]
    return [value for option in options for key in keys if (value := option.get(key)) is not None]


def _value(draft: Draft, value: Expression | None) -> Expression | None:
    """What a local name was assigned, if anything."""
    for _ in range(4):
        if not isinstance(value, Name):
            return value
        assigned = [a.value for a in draft.assignments if a.target == value.written]
        if not assigned or assigned[0] == value:
            return value
        value = assigned[0]
    return value


def _keys(draft: Draft, at: Call, value: Expression | None) -> Iterator[EnvRead]:
    """The variables of a schema: an object literal, a builder call around one, a JSON schema, or a class."""
    resolved = _value(draft, value)
    if isinstance(resolved, Name):
        yield from _class_keys(draft, at, resolved.written)
        return
    mapping = _mapping_in(draft, resolved)
    if mapping is None:
        return
    properties, required = mapping.get("properties"), mapping.get("required")
    if isinstance(properties, Mapping):
        needed = {item.value for item in getattr(required, "items", ()) if isinstance(item, Text)}
        for name, schema in properties.entries:
            default = schema.get("default") if isinstance(schema, Mapping) else None
            yield EnvRead(name, at.line, at.function, default, name in needed and default is None)
        return
    for name, schema in mapping.entries:
        if _VARIABLE.match(name):
            default, optional = _default(draft, schema)
            yield EnvRead(name, at.line, at.function, default, default is None and not optional)


def _mapping_in(draft: Draft, value: Expression | None) -> Mapping | None:
    """The first object literal among the arguments of a chain of calls, from its end to its beginning."""
    for _ in range(_LONGEST_CHAIN):
        value = _value(draft, value)
        if isinstance(value, Mapping):
            return value
        if not isinstance(value, CallRef):
            return None
        call = draft.calls[value.index]
        for arg in call.args:
            if isinstance(found := _value(draft, arg), Mapping) and _names_variables(found):
                return found
        value = call.receiver if call.receiver is not None else (call.args[0] if call.args else None)
    return None


def _names_variables(mapping: Mapping) -> bool:
    return any(key == "properties" or _VARIABLE.match(key) for key, _ in mapping.entries)


def _default(draft: Draft, schema: Expression) -> tuple[Expression | None, bool]:
    """The default of one variable's schema, and whether it may be unset."""
    optional = required = lenient = False
    value: Expression | None = schema
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(value, CallRef):
            break
        call = draft.calls[value.index]
        method = call.callee.rpartition(".")[2]
        if method == "default" and call.args:
            return call.args[0], True
        optional = optional or method in _OPTIONAL
        required = required or method == "required"
        lenient = call.callee.startswith(_LENIENT)
        for arg in call.args:
            if isinstance(arg, Mapping) and (default := arg.get("default")) is not None:
                return default, True
        value = call.receiver
    return None, optional or (lenient and not required)


def _class_keys(draft: Draft, at: Call, name: str) -> Iterator[EnvRead]:
    """The fields of a class of this file whose decorators check the environment."""
    class_: Class | None = next((c for c in draft.classes if c.name == name), None)
    for field in class_.fields if class_ is not None else ():
        if _VARIABLE.match(field.name) and field.decorators:
            named = [draft.calls[d.index].callee for d in field.decorators if isinstance(d, CallRef)]
            optional = any(symbol.endswith("IsOptional") for symbol in named)
            yield EnvRead(field.name, field.line, at.function, field.default, not optional and field.default is None)


def _convict(draft: Draft, call: Call, value: Expression, depth: int) -> Iterator[EnvRead]:
    """The nested settings of convict (and of those that took over its form), of which each may name its variable."""
    if not isinstance(value, Mapping) or depth > 6:
        return
    env = value.get("env")
    if isinstance(env, Text) and (value.get("default") is not None or value.get("format") is not None):
        yield EnvRead(env.value, call.line, call.function, value.get("default"))
        return
    for _, inner in value.entries:
        yield from _convict(draft, call, inner, depth + 1)
