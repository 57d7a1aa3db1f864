"""The tables of go_routes.yaml as typed values: which call registers a route, groups, mounts or makes a router."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Struct

from readiness.symbols_go import Resolved
from readiness.wiring import known


class Registration(Struct, frozen=True):
    """A call that registers a route. `method` is a fixed method, "*", or an argument's position; -1 is the last argument;
    None: not among the arguments. `chained` paths come from other calls of the chain. `operation`: argument with it all."""

    method: str | int
    path: int | None = 0
    handler: int | None = -1
    router: int | None = None
    operation: int | None = None
    chained: bool = False
    tag: str = ""


class Framework(Struct, frozen=True):
    """One framework; `registers`, `groups` and `mounts` by the name of the method or function."""

    name: str
    packages: tuple[str, ...]
    registers: dict[str, Registration]
    groups: dict[str, dict[str, int]]
    mounts: dict[str, dict[str, int]]
    literals: dict[str, dict[str, str]]
    links: dict[str, tuple[str, ...]]
    constructors: frozenset[str]
    not_types: frozenset[str]
    functions: bool


@lru_cache(maxsize=1)
def frameworks() -> tuple[Framework, ...]:
    """All known frameworks."""
    table = known(__file__, "go_routes.yaml")
    return tuple(_framework(name, row, table["http_methods"]) for name, row in table["frameworks"].items())


@lru_cache(maxsize=1)
def registering_names() -> frozenset[str]:
    """The names of all methods that register routes in some framework."""
    return frozenset(name for framework in frameworks() for name in framework.registers)


def _framework(name: str, row: dict[str, Any], methods: list[str]) -> Framework:
    standard: dict[str, Any] = {
        "path": row.get("path", 0),
        "handler": row.get("handler", -1),
        "router": row.get("router"),
    }
    spelled = {"upper": str.upper, "title": str.title}.get(row.get("verbs", ""))
    listed: dict[str, dict[str, Any]] = {spelled(m): {"method": m} for m in methods} if spelled else {}
    listed |= row.get("registers", {})
    links = ("path_links", "prefix_links", "method_links", "handler_links", "prefix_calls")
    return Framework(
        name=name,
        packages=tuple(row["packages"]),
        registers={method: _registration({**standard, **settings}) for method, settings in listed.items()},
        groups=row.get("groups", {}),
        mounts=row.get("mounts", {}),
        literals=row.get("literals", {}),
        links={link: tuple(row.get(link, ())) for link in links},
        constructors=frozenset(row.get("constructors", ())),
        not_types=frozenset(row.get("not_types", ())),
        functions=bool(row.get("functions", False)),
    )


def _registration(row: dict[str, Any]) -> Registration:
    chained = row["path"] == "chain"
    return Registration(
        method=row.get("method", "*"),
        path=None if chained else row["path"],
        handler=None if row["handler"] == "none" else row["handler"],
        router=row["router"],
        operation=row.get("operation"),
        chained=chained,
        tag=row.get("tag", ""),
    )


def framework_of(resolved: Resolved) -> tuple[Framework, list[str]] | None:
    """The framework whose package a resolved symbol belongs to, and the symbol's members."""
    if resolved.folder is not None:
        return None
    for framework in frameworks():
        for package in framework.packages:
            if resolved.symbol.startswith(package + "."):
                return framework, resolved.symbol[len(package) + 1 :].split(".")
    return None


def registration_of(resolved: Resolved) -> tuple[Framework, Registration] | None:
    """How the function or method `resolved` registers a route, None if it does not."""
    found = framework_of(resolved)
    if found is None:
        return None
    framework, members = found
    registration = framework.registers.get(members[-1])
    if registration is None or (len(members) == 1 and not framework.functions):
        return None
    if any(member.removesuffix("()") in framework.not_types for member in members[:-1]):
        return None
    return framework, registration


def argument(arguments: tuple[Any, ...], position: int | None) -> Any:
    """The argument at `position` (-1: the last), None where there is none."""
    if position is None or not -len(arguments) <= position < len(arguments):
        return None
    return arguments[position]
