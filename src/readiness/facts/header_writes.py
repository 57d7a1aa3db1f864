"""Response headers that the code names where it writes them. Knows no library that sets headers by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from readiness.facts.modules import Modules
from readiness.model import Evidence
from readiness.source import Call, Expression, Mapping, Module, Name, Text, is_off, walk
from readiness.wiring import fact

_READING = frozenset({
    "get", "delete", "pop", "has", "remove", "removeHeader", "del", "Del", "Get", "getHeader", "header_get", "includes",
    "startswith", "lower", "getlist", "contains", "Equal", "EqualFold",
})  # fmt: skip


class HeaderWrite(Struct, frozen=True):
    """`name` in lower case, or a library's constant for it as written (HeaderXFrameOptions); where it is written."""

    name: str
    where: Evidence


class HeaderWrites:
    """The writes of the whole target."""

    def __init__(self, writes: Iterable[HeaderWrite]) -> None:
        """Keep them in order of place."""
        self.all = tuple(sorted(writes, key=lambda w: (w.where.path, w.where.line, w.name)))

    def within(self, paths: Iterable[str]) -> list[HeaderWrite]:
        """The writes in the modules at `paths`."""
        inside = set(paths)
        return [w for w in self.all if w.where.path in inside]


@fact
def header_writes(modules: Modules) -> HeaderWrites:
    """Header names (words joined by -) in the arguments of calls that do not read, and in targets and keys of assignments."""
    return HeaderWrites(write for module in modules for write in _in_module(module))


def _in_module(module: Module) -> Iterator[HeaderWrite]:
    for call in module.calls:
        if call.callee.rpartition(".")[2] not in _READING:
            yield from _in_call(call, module)
    for assignment in module.assignments:
        where = Evidence(module.path, assignment.line)
        quoted = assignment.target.replace("'", '"').split('"')
        if len(quoted) >= 3 and _is_header(quoted[-2]):
            yield HeaderWrite(quoted[-2].lower(), where)
        yield from _in_value(assignment.value, where)
    for returned in module.returns:
        if returned.value is not None:
            yield from _in_value(returned.value, Evidence(module.path, returned.line))


def _in_call(call: Call, module: Module) -> Iterator[HeaderWrite]:
    where = Evidence(module.path, call.line)
    for value in (*call.args, *(v for _, v in call.keywords)):
        yield from _in_value(value, where)


def _in_value(value: Expression, where: Evidence) -> Iterator[HeaderWrite]:
    for part in walk(value):
        if isinstance(part, Text) and _is_header(part.value):
            yield HeaderWrite(part.value.lower(), where)
        elif isinstance(part, Name) and (name := part.symbol.rpartition(".")[2]).startswith("Header") and len(name) > 6:
            yield HeaderWrite(name, where)
        elif isinstance(part, Mapping):
            for key, item in part.entries:
                if _is_header(key) and not is_off(item):
                    yield HeaderWrite(key.lower(), where)


def _is_header(text: str) -> bool:
    return 3 < len(text) < 50 and "-" in text and text.replace("-", "").isalnum()
