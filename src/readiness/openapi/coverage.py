"""Compares the paths of a description with the routes that the code registers. Reads no file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.openapi.reader import ApiDocument
from readiness.routing import Route

_PARAMETER = re.compile(r"\{[^}]*\}|:[A-Za-z_]\w*\??|<[^>]*>|\(\?P<[^)]*\)|\*\w*")


def normal(path: str) -> tuple[str, ...]:
    """The segments of a path in lower case, each parameter as {}."""
    return tuple(part for part in _PARAMETER.sub("{}", path.split("?")[0]).lower().strip("/").split("/") if part)


def counted(document: ApiDocument, routes: Iterable[Route]) -> tuple[int, int]:
    """How many operations of how many `document` names: what another router answers below a mount, by the document alone."""
    named, missing = covered(document, routes)
    below = sum(_below(document, route) if is_mount(route) else 1 for route in named)
    return below, below + len(missing)


def is_mount(route: Route) -> bool:
    """Whether all that lies below the path, whatever the method, goes to a handler whose own routes are not known."""
    unknown = route.path in ("/", "/{path}") and not route.prefix_known
    return route.method == "*" and (route.path.endswith("*") or unknown or "subtree" in route.tags)


def _below(document: ApiDocument, route: Route) -> int:
    head = normal(route.path.rstrip("*"))
    return max(1, sum(normal(path)[: len(head)] == head for _, path in document.operations))


def covered(document: ApiDocument, routes: Iterable[Route]) -> tuple[list[Route], list[Route]]:
    """The routes that `document` names, and those it does not. A prefix may be missing on either side.

    A mount that it does not name is in neither: what is answered there, and in which protocol, is not known.
    """
    written: dict[tuple[str, ...], set[str]] = {}
    for method, path in document.operations:
        segments = normal(path)
        for start in range(len(segments)) if segments else (0,):
            written.setdefault(segments[start:], set()).add(method)
    ends = {normal(path) for _, path in document.operations}
    named: list[Route] = []
    missing: list[Route] = []
    for route in routes:
        if _is_named(route, written, ends):
            named.append(route)
        elif not is_mount(route):
            missing.append(route)
    return named, missing


def _is_named(route: Route, written: dict[tuple[str, ...], set[str]], ends: set[tuple[str, ...]]) -> bool:
    segments = normal(route.path)
    if route.path.endswith("*") and segments[:-1]:  # a gateway: the paths below are in the document alone
        return any(end[: len(segments) - 1] == segments[:-1] for end in ends)
    methods = written.get(segments)
    if methods is None:
        tails = [segments[start:] for start in range(1, len(segments))]
        methods = next((written[tail] for tail in tails if tail in ends), None)
    return methods is not None and (route.method in {"*", *methods} or "*" in methods)
