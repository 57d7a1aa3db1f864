"""Reads Terraform files into blocks with python-hcl2. Evaluates no expression: one stays as its text in ${...}."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from readiness.deployment.tree import cachable

VERSION = "2"
_KINDS = ("resource", "module", "data", "variable")
_UNTYPED = ("module", "variable")
_MAX_DEPTH = 40
_HEADER = re.compile(
    r'^[ \t]*(resource|module|data|variable)[ \t]+"([^"\n]+)"(?:[ \t]+"([^"\n]+)")?[ \t]*\{', re.MULTILINE
)
_NESTING = re.compile(r"[\[({]")


class Block(Struct, frozen=True):
    """A resource, module, data or variable block. `type` is "" for a module and a variable.

    `attributes` holds nested blocks as lists of mappings, literals as values and expressions as "${...}"; `lines` the
    line of each attribute name's first place in it.
    """

    kind: str
    type: str
    name: str
    attributes: dict[str, Any]
    path: str
    line: int
    lines: dict[str, int] = {}

    def line_of(self, attribute: str) -> int:
        """The line where `attribute` stands first in the block, nested or not; the block's own where it does not."""
        return self.lines.get(attribute, self.line)

    def values(self, attribute: str) -> list[Any]:
        """Every value that `attribute` has in the block, nested blocks included."""
        return list(_values(self.attributes, attribute))


def _values(data: Any, wanted: str) -> list[Any]:
    if isinstance(data, list):
        return [value for item in data for value in _values(item, wanted)]
    if not isinstance(data, dict):
        return []
    own = [data[wanted]] if wanted in data else []
    return own + [value for item in data.values() for value in _values(item, wanted)]


class Blocks(Struct, frozen=True):
    """What one file holds."""

    blocks: tuple[Block, ...]


def read(path: str, content: bytes) -> Blocks:
    """The blocks of a Terraform file. Raises ValueError where it is not HCL."""
    import hcl2  # slow to load: only where there is Terraform
    from lark.exceptions import LarkError

    text = content.decode("utf-8-sig", "replace")
    if _deepest(text) > _MAX_DEPTH:
        raise ValueError(f"nested deeper than {_MAX_DEPTH} levels")
    options = hcl2.utils.SerializationOptions(with_comments=False, strip_string_quotes=True, explicit_blocks=False)
    try:
        document = hcl2.loads(text if text.endswith("\n") else text + "\n", serialization_options=options)
    except LarkError as error:
        line = getattr(error, "line", 0)
        raise ValueError(f"is not HCL{f' (line {line})' if line and line > 0 else ''}") from None
    places = _places(text)
    return Blocks(tuple(_block(path, *found, text, places) for found in _found(document)))


def _deepest(text: str) -> int:
    depth = deepest = 0
    for mark in re.finditer(r"[\[({\])}]", text):
        depth = max(0, depth + (1 if _NESTING.match(mark[0]) else -1))
        deepest = max(deepest, depth)
    return deepest


def _found(document: dict[str, Any]) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Kind, type, name and body of each block that is wanted."""
    found = []
    for kind in _KINDS:
        for entry in document.get(kind, []):
            for first, inner in entry.items():
                if kind in _UNTYPED:
                    found.append((kind, "", first, inner))
                elif isinstance(inner, dict):
                    found += [(kind, first, name, body) for name, body in inner.items()]
    return [row for row in found if isinstance(row[3], dict)]


def _places(text: str) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The line and the offset of each block's header; hcl2 gives no positions."""
    places: dict[tuple[str, str, str], tuple[int, int]] = {}
    for match in _HEADER.finditer(text):
        kind, first, second = match[1], match[2], match[3] or ""
        key = (kind, "", first) if kind in _UNTYPED else (kind, first, second)
        places.setdefault(key, (text.count("\n", 0, match.start(1)) + 1, match.end()))
    return places


def _block(
    path: str, kind: str, type_: str, name: str, body: dict[str, Any], text: str,
    places: dict[tuple[str, str, str], tuple[int, int]],
) -> Block:  # fmt: skip
    line, begin = places.get((kind, type_, name), (1, 0))
    following = min((offset for _, offset in places.values() if offset > begin), default=len(text))
    return Block(kind, type_, name, _plain(body), path, line, _attribute_lines(text[begin:following], line))


def _attribute_lines(body: str, line: int) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, row in enumerate(body.splitlines()):
        name = re.match(r'\s*"?([\w./-]+)"?\s*[={]', row)
        if name:
            lines.setdefault(name[1], line + number)
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k).strip('"'): _plain(v) for k, v in value.items() if not str(k).startswith("__")}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return cachable(value) if isinstance(value, str | int | float | bool) or value is None else str(value)
