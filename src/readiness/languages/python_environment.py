"""Recognises reads of environment variables in Python calls and settings classes. Libraries are in its YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from readiness.source import Call, CallRef, Class, EnvRead, Expression, Field, Mapping, Name, Opaque, Text
from readiness.source import Sequence as Items
from readiness.wiring import known

_KNOWN = known(__file__, "python_environment.yaml")
_FUNCTIONS: dict[str, str] = _KNOWN["functions"]
_OBJECTS = frozenset(_KNOWN["objects"])
_CASTS = frozenset(_KNOWN["casts"])
_WRAPPER = re.compile(_KNOWN["wrapper"], re.IGNORECASE)
_BASES = re.compile(_KNOWN["settings_bases"])
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
MAPPINGS = frozenset(_KNOWN["mappings"])


def read_by_call(call: Call) -> EnvRead | None:
    """The read that `call` makes, if it makes one."""
    for keyword in _KNOWN["keywords"]:
        named = _keyword(call, keyword)
        if isinstance(named, Text):
            return EnvRead(named.value, call.line, call.function, _keyword(call, "default"))
    implied = _KNOWN["implied"].get(call.callee)
    if implied:
        named = _keyword(call, implied["keyword"])
        name = named.value if isinstance(named, Text) else implied["name"]
        return EnvRead(name, call.line, call.function, _keyword(call, "default"))
    how = _how(call)
    if not how or not call.args or not isinstance(call.args[0], Text):
        return None
    default = _keyword(call, "default")
    if default is None and len(call.args) > 1 and not _is_cast(call.args[1]):
        default = call.args[1]
    name = call.args[0].value
    return EnvRead(name, call.line, call.function, default, how == "required" and default is None)


def scheme_of(call: Call) -> dict[str, Expression]:
    """The defaults that django-environ is constructed with: Env(DEBUG=(bool, False))."""
    if f"{call.callee}()" not in _OBJECTS or not call.callee.startswith("environ."):
        return {}
    return {name: value.items[1] for name, value in call.keywords if isinstance(value, Items) and len(value.items) == 2}


def _keyword(call: Call, name: str) -> Expression | None:
    return next((value for key, value in call.keywords if key == name), None)


def _is_cast(value: Expression) -> bool:
    """Whether a second argument is a conversion rather than a default: config("X", bool)."""
    return isinstance(value, Name) and value.symbol in ("str", "bool", "int", "float", "list", "dict")


def _how(call: Call) -> str:
    """ "required" or "optional" for a call that reads the environment, else ""."""
    callee = call.callee
    if callee in _FUNCTIONS:
        return _FUNCTIONS[callee]
    owner, _, last = callee.rpartition(".")
    if callee in _OBJECTS or (owner in _OBJECTS and last in _CASTS):
        return "required"
    if not call.args or not isinstance(call.args[0], Text) or not _VARIABLE.fullmatch(call.args[0].value):
        return ""
    if last == "env" or (last in _CASTS and owner.rpartition(".")[2] == "env"):
        return "required"
    return "optional" if _WRAPPER.fullmatch(last) else ""


def is_settings_class(bases: Sequence[str], local: set[str]) -> bool:
    """Whether a class with `bases` reads its fields from the environment; `local` are such classes of the same file."""
    return any(base in local or _BASES.fullmatch(base.rpartition(".")[2].removesuffix("()")) for base in bases)


def read_by_fields(class_: Class, prefix: str, calls: Sequence[Call]) -> Iterator[EnvRead]:
    """The variables behind the fields of a pydantic settings class."""
    for field in class_.fields:
        if not field.type or field.name.startswith("_") or field.name == "model_config" or "ClassVar" in field.type:
            continue
        described = _description(field, calls)
        names = list(_aliases(described, calls)) if described else []
        default = _default(field, described)
        for name in names or [(prefix + field.name).upper()]:
            yield EnvRead(name, field.line, -1, default, default is None)


def read_by_values(class_: Class, calls: Sequence[Call]) -> Iterator[EnvRead]:
    """The variables behind django-configurations values."""
    for field in class_.fields:
        if not isinstance(field.default, CallRef):
            continue
        call = calls[field.default.index]
        if not call.callee.startswith(_KNOWN["values_prefix"]):
            continue
        named = _keyword(call, "environ_name")
        name = named.value if isinstance(named, Text) else field.name
        default = _keyword(call, "default") or (call.args[0] if call.args else None)
        yield EnvRead(_KNOWN["values_environment_prefix"] + name, field.line, -1, default, default is None)


def _description(field: Field, calls: Sequence[Call]) -> Call | None:
    if isinstance(field.default, CallRef):
        call = calls[field.default.index]
        if call.callee in _KNOWN["field_calls"]:
            return call
    return None


def _aliases(described: Call, calls: Sequence[Call]) -> Iterator[str]:
    for keyword in ("validation_alias", "alias", "env"):
        value = _keyword(described, keyword)
        if isinstance(value, CallRef):
            value = Items(calls[value.index].args)
        found = [v.value for v in (value.items if isinstance(value, Items) else (value,)) if isinstance(v, Text)]
        if found:
            yield from found
            return


def _default(field: Field, described: Call | None) -> Expression | None:
    if described is None:
        return field.default
    default = _keyword(described, "default") or (described.args[0] if described.args else None)
    if isinstance(default, Opaque) and default.text == "...":
        return None
    if default is None and (factory := _keyword(described, "default_factory")) is not None:
        return factory
    return default


def environment_prefix(value: Expression | None, calls: Sequence[Call]) -> str | None:
    """The env_prefix in `model_config = SettingsConfigDict(env_prefix="X_")` or a dict of the same meaning."""
    found: Expression | None = None
    if isinstance(value, CallRef):
        found = _keyword(calls[value.index], "env_prefix")
    elif isinstance(value, Mapping):
        found = value.get("env_prefix")
    return found.value if isinstance(found, Text) else None


class SettingsClasses:
    """The classes of one file whose fields are read from the environment, with their prefixes."""

    def __init__(self) -> None:
        """None so far."""
        self._prefixes: dict[str, str] = {}

    def reads(self, class_: Class, inner: Sequence[Class], calls: Sequence[Call]) -> Iterator[EnvRead]:
        """The variables behind the fields of `class_`; `inner` are the classes in it (Config)."""
        yield from read_by_values(class_, calls)
        if not is_settings_class(class_.bases, set(self._prefixes)):
            return
        prefix = next((self._prefixes[base] for base in class_.bases if base in self._prefixes), "")
        for field in class_.fields:
            if field.name == "model_config":
                prefix = environment_prefix(field.default, calls) or prefix
        for config in inner:
            for field in config.fields if config.name == f"{class_.name}.Config" else ():
                if field.name == "env_prefix" and isinstance(field.default, Text):
                    prefix = field.default.value
        self._prefixes[class_.name] = prefix
        yield from read_by_fields(class_, prefix, calls)
