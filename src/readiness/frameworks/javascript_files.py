"""Finds routes that a file's place declares: Next.js route handlers and API pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.frameworks import javascript_handlers as handlers
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import Module
from readiness.symbols_javascript import Symbols

_HANDLER = re.compile(r"(?:^|/)app/(?P<path>(?:.*/)?)route\.(?:[cm]?[jt]sx?)$")
_PAGE = re.compile(r"(?:^|/)pages/(?P<path>api(?:/.*)?)\.(?:[cm]?[jt]sx?)$")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_CATCH_ALL = re.compile(r"^\[\[?\.\.\.(\w+)\]\]?$")


def find_files(symbols: Symbols, modules: list[Module]) -> Iterator[Route]:
    """The routes of route.ts files below app/ and of files below pages/api/."""
    for module in modules:
        if (match := _HANDLER.search(module.path)) is not None:
            yield from _handlers(symbols, module, _path(match["path"]))
        elif (match := _PAGE.search(module.path)) is not None:
            yield from _page(symbols, module, _path(match["path"].removesuffix("/index")))


def _path(folders: str) -> str:
    """Groups `(x)` and slots `@x` are no part of the address; `[id]` and `[...rest]` are parameters."""
    parts = []
    for part in folders.strip("/").split("/"):
        if not part or part.startswith("@") or (part.startswith("(") and part.endswith(")")):
            continue
        rest = _CATCH_ALL.match(part)
        parts.append("{" + rest[1] + "}" if rest else "{" + part[1:-1] + "}" if part.startswith("[") else part)
    return "/" + "/".join(parts)


def _handlers(symbols: Symbols, module: Module, path: str) -> Iterator[Route]:
    for method in _METHODS:
        index = module.function_named(method)
        assigned = next((a for a in module.assignments if a.target == method and a.function == -1), None)
        if index >= 0:
            yield _route(method, path, module, module.functions[index].line, method, (module, index))
        elif assigned is not None:
            place = handlers.locate(symbols, module, assigned.value, -1)
            yield _route(method, path, module, assigned.line, handlers.written(module, assigned.value), place)


def _page(symbols: Symbols, module: Module, path: str) -> Iterator[Route]:
    exported = next((a for a in module.assignments if a.target in ("default", "module.exports")), None)
    if exported is not None:
        place = handlers.locate(symbols, module, exported.value, -1)
        yield _route("*", path, module, exported.line, handlers.written(module, exported.value), place)


def _route(method: str, path: str, module: Module, line: int, name: str, place: tuple[Module, int] | None) -> Route:
    renders = handlers.renders(place[0], place[1], returning=False) if place is not None else ""
    where = Evidence(module.path, line)
    return Route(
        method, path, "nextjs", where, name, place[0].path if place else "", place[1] if place else -1, renders
    )
