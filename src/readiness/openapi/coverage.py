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


def covered(document: ApiDocument, routes: Iterable[Route]) -> tuple[list[Route], list[Route]]:
    """The routes that `document` names, and those it does not. A prefix may be missing on either side."""
    written: dict[tuple[str, ...], set[str]] = {}
    for method, path in document.operations:
        segments = normal(path)
        for start in range(len(segments)) if segments else (0,):
            written.setdefault(segments[start:], set()).add(method)
    ends = {normal(path) for _, path in document.operations}
    named: list[Route] = []
    missing: list[Route] = []
    for route in routes:
        (named if _is_named(route, written, ends) else missing).append(route)
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
