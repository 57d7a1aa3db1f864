"""Fills evidence with the lines that it points at, masked and cleaned. Reads only through the repository's bounds."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from readiness.masking import clean, clean_prose, mask_likely, mask_line
from readiness.model import Evidence, Searched
from readiness.repository import Repository

_LINES = 3
_KEPT_FILES = 64
_MAX_BYTES = 30_000_000
"""Facts read lock files and reports beyond the usual bound; evidence in them has its line shown as well."""


class Snippets:
    """Shows places of one repository. `secret_places` are lines that must be masked whoever points at them."""

    def __init__(self, repository: Repository, secret_places: Iterable[tuple[str, int]]) -> None:
        """Remember what to mask."""
        self._repository = repository
        self._secret = set(secret_places)
        self._files: dict[str, list[str]] = {}

    def fill(self, evidence: Evidence) -> Evidence:
        """`evidence` with its snippet: the line itself and up to two that follow it, unless a secret is on it."""
        snippet = self._snippet(evidence) if evidence.line > 0 else ""
        return replace(evidence, path=clean_prose(evidence.path), note=_prose(evidence.note), snippet=snippet)

    def fill_all(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Each of `evidence`, filled; a place that is given twice is shown once, unless it has two things to say."""
        given = list(dict.fromkeys(evidence))
        noted = {(one.path, one.line) for one in given if one.note}
        return tuple(self.fill(one) for one in given if one.note or (one.path, one.line) not in noted)

    def fill_searched(self, searched: Searched | None) -> Searched | None:
        """`searched` with its near misses filled."""
        if searched is None:
            return None
        return Searched(_prose(searched.what), _prose(searched.where), self.fill_all(searched.nearest))

    def _snippet(self, evidence: Evidence) -> str:
        lines = self._lines(evidence.path)
        first = evidence.line - 1
        if first >= len(lines):
            return ""
        if evidence.secret or (evidence.path, evidence.line) in self._secret:
            return clean(mask_line(lines[first]))
        shown = []
        for number, line in enumerate(lines[first : first + _LINES], start=evidence.line):
            secret = (evidence.path, number) in self._secret
            shown.append(clean(mask_line(line) if secret else mask_likely(line)))
        while shown and not shown[-1].strip():
            shown.pop()
        return "\n".join(shown)

    def _lines(self, path: str) -> list[str]:
        if path not in self._files:
            if len(self._files) >= _KEPT_FILES:
                self._files.clear()
            self._files[path] = (self._repository.read_text(path, _MAX_BYTES) or "").split("\n")
        return self._files[path]


def _prose(text: str) -> str:
    return mask_likely(clean_prose(text))
