"""What the code connects to and listens on, and where each of these values comes from. Judges no secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.facts.modules import Modules
from readiness.facts.services import is_tooling
from readiness.facts.uses import Use, Uses
from readiness.model import Evidence
from readiness.origins import Origin, Origins, Source
from readiness.source import Call, CallRef, Expression, Mapping, Module, Text
from readiness.wiring import fact, known

_KNOWN: dict[str, Any] = known(__file__, "connections.yaml")
_LOCAL = re.compile(_KNOWN["local"])
_SAMPLE = re.compile(_KNOWN["sample_files"])
_EMBEDDED = re.compile(_KNOWN["embedded"])
_EMBEDDED_DRIVER = re.compile(r"(?i)sqlite|^sqljs$")
_DRIVER = re.compile(_KNOWN["drivers"])


class Connection(Struct, frozen=True):
    """A value that says what to connect to or listen on. `kind`: database, cache, broker or port."""

    kind: str
    origin: Origin
    where: Evidence

    @property
    def is_local(self) -> bool:
        """Whether its literal names this machine or an embedded file."""
        return bool(_LOCAL.search(self.origin.text))

    @property
    def is_embedded(self) -> bool:
        """Whether its literal names a database file of the process itself."""
        return bool(_EMBEDDED.search(self.origin.text))


class Connections:
    """All of them."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        """Keep them in order of place."""
        self.all = tuple(sorted(connections, key=lambda c: (c.where.path, c.where.line, c.kind)))

    def within(self, paths: Iterable[str]) -> list[Connection]:
        """Those in the modules at `paths`."""
        inside = set(paths)
        return [c for c in self.all if c.where.path in inside]


@fact
def connections(modules: Modules, uses: Uses) -> Connections:
    """Constructors of clients, listeners, and the settings that frameworks read."""
    origins = Origins(modules)
    return Connections([*_constructed(uses, origins), *_settings(modules, origins)])


def _constructed(uses: Uses, origins: Origins) -> Iterator[Connection]:
    for language in ("python", "javascript", "go"):
        for row in _KNOWN[language]:
            for use in uses.of(row["symbols"], how=("call", "new")):
                if use.module.language != language or use.call is None or is_tooling(use.where.path):
                    continue
                if row["kind"] == "port" and _answers_challenges(use.module, use.call):
                    continue
                if row["kind"] != "port" and language == "javascript" and not _is_constructor(use, use.call):
                    continue
                embedded = _embedded(use, use.call)
                origin = embedded or _origin(use, use.call, row["at"], origins, row["kind"])
                if origin is not None:
                    yield Connection(row["kind"], origin, Evidence(use.where.path, use.where.line, use.symbol))


def _answers_challenges(module: Module, call: Call) -> bool:
    """Whether it is the server for a certificate authority's challenges, whose port the protocol fixes (autocert)."""
    handler = call.keyword("Handler") or (call.args[1] if len(call.args) > 1 else None)
    return isinstance(handler, CallRef) and module.calls[handler.index].callee.endswith(".HTTPHandler")


def _is_constructor(use: Use, call: Call) -> bool:
    """Whether it is the package's own call: no parameter that bears its name, and no method of what it returns."""
    root = call.written.partition(".")[0]
    named_only = call.callee.partition(".")[0] == root and not any(i.local == root for i in use.module.imports)
    return not named_only and "()." not in use.symbol


def _embedded(use: Use, call: Call) -> Origin | None:
    """The embedded database that the options name as the dialect, whatever else they hold."""
    for options in call.args:
        if isinstance(options, Mapping):
            for key in ("dialect", "client", "type"):
                value = options.get(key)
                if isinstance(value, Text) and _EMBEDDED_DRIVER.search(value.value):
                    return Origin(Source.FIXED, "sqlite", use.where.path, use.where.line)
    return None


def _origin(use: Use, call: Call, places: list[int | str], origins: Origins, kind: str) -> Origin | None:
    """The origin of the first value that says something; a driver's name or an empty text says nothing."""
    found: list[Origin] = []
    for place in places:
        if isinstance(place, int):
            value = call.args[place] if place < len(call.args) else None
        else:
            value = dict(call.keywords).get(place)
            if value is None:
                value = next((m.get(place) for m in call.args if isinstance(m, Mapping) and m.get(place)), None)
        if isinstance(value, Mapping) and kind == "port":
            continue  # its entry `port` is asked for by name
        if value is None or (isinstance(value, Text) and (not value.value or _DRIVER.match(value.value))):
            continue
        found.append(origins.of(value, use.module, call.function))
    telling = [o for o in found if o.source is not Source.UNKNOWN]
    order = [Source.ENVIRONMENT, Source.CONFIGURED, Source.DEFAULTED, Source.FIXED]
    return min(telling, key=lambda o: order.index(o.source)) if telling else None


def _settings(modules: Modules, origins: Origins) -> Iterator[Connection]:
    for module in modules:
        if is_tooling(module.path) or _SAMPLE.search(module.path):
            continue
        for target, value, line, function in _assigned(module):
            name = re.split(r"[.\[]", target)[-1].strip("\"']")
            for row in _KNOWN["settings"]:
                if name not in row["targets"]:
                    continue
                for part in _parts(value, row.get("keys")):
                    origin = origins.of(part, module, function)
                    if origin.source is not Source.UNKNOWN and (origin.text or origin.source is not Source.FIXED):
                        yield Connection(row["kind"], origin, Evidence(module.path, line, name))


def _last(target: str) -> str:
    return target.rpartition(".")[2]


def _assigned(module: Module) -> Iterator[tuple[str, Expression, int, int]]:
    read = {(r.name.upper(), r.line) for r in module.env_reads}
    for assignment in module.assignments:
        if isinstance(assignment.value, Text) and (_last(assignment.target).upper(), assignment.line) in read:
            continue  # the default of a settings class's field, which the environment replaces
        yield assignment.target, assignment.value, assignment.line, assignment.function
    for class_ in module.classes:
        for field in class_.fields:
            if field.default is not None and not any(
                read.name.upper() == field.name.upper() for read in module.env_reads
            ):
                yield field.name, field.default, field.line, -1


def _parts(value: Expression, keys: list[str] | None) -> list[Expression]:
    if keys is None:
        return [value]
    found: list[Expression] = []
    todo: list[Expression] = [value]
    while todo:
        part = todo.pop()
        if isinstance(part, Mapping):
            for key, inner in part.entries:
                if key in keys:
                    found.append(inner)
                elif isinstance(inner, Mapping):
                    todo.append(inner)
    return found
