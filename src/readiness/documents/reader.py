"""Splits Markdown, reStructuredText and AsciiDoc into sections by one pass over the lines. Renders nothing, follows no include."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

VERSION = "2"
MAX_LINES = 20_000
MAX_LINE = 2_000
"""Longer lines are cut: nobody writes prose in them, and patterns over them cost time."""


class Section(Struct, frozen=True, array_like=True):
    """A heading and what stands below it up to the next heading.

    `level` is 1 for a title, 0 for text before any heading; `line` is 1-based; `trail` are the headings above, outermost
    first; `text` is prose without code; `code` are the code blocks and indented or inline command lines.
    """

    heading: str
    level: int
    line: int
    trail: tuple[str, ...] = ()
    text: str = ""
    code: tuple[str, ...] = ()


class Document(Struct, frozen=True, array_like=True):
    """One prose file; `title` is its front matter's or first heading."""

    path: str
    title: str
    sections: tuple[Section, ...]


_ATX = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_ADOC = re.compile(r"^(={1,6})\s+(\S.*)$")
_HTML = re.compile(r"<h([1-6])[^>]*>(.{1,300}?)</h\1>", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(```+|~~~+|----+$|\.\.\.\.+$)")
_UNDERLINE = re.compile(r"^([=\-~^\"'`#*+.:_])\1{2,}\s*$")
_RST_CODE = re.compile(r"^\s*(\.\.\s+(code-block|code|sourcecode|prompt|literalinclude|parsed-literal)::|.*[^:]::\s*$)")
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$")
_MARKUP = re.compile(r"<[^<>]{1,300}>|!\[[^\]]{0,200}\]\([^)]{0,500}\)|\{#[^}]{0,80}\}|[*`]+")


def read(path: str, content: bytes) -> Document:
    """The document at `path`. Raises ValueError for binary content; anything else gives some document."""
    if b"\0" in content[:8192]:
        raise ValueError("is binary")
    lines = [line[:MAX_LINE] for line in content.decode("utf-8-sig", "replace").splitlines()[:MAX_LINES]]
    suffix = path.rpartition(".")[2].lower()
    title, start = _front_matter(lines)
    headings = _rst_headings(lines) if suffix in {"rst", "txt"} else _marked_headings(lines, start, suffix)
    sections = tuple(_sections(lines, headings, start, suffix == "rst"))
    first = next((s.heading for s in sections if s.heading), "")
    return Document(path, title or first, sections)


def _front_matter(lines: list[str]) -> tuple[str, int]:
    """The title in a leading `---` block and the index of the first line after it."""
    if not lines or lines[0].strip() != "---":
        return "", 0
    for index, line in enumerate(lines[1:60], start=1):
        if line.strip() == "---":
            titles = [m.group(1) for each in lines[1:index] if (m := _TITLE.match(each))]
            return (titles[0] if titles else ""), index + 1
    return "", 0


_Heading = tuple[int, int, str, int]
"""Index of its line, level, text, number of lines it takes."""


def _marked_headings(lines: list[str], start: int, suffix: str) -> list[_Heading]:
    found: list[_Heading] = []
    fence = ""
    pattern = _ADOC if suffix in {"adoc", "asciidoc", "asc"} else _ATX
    for index in range(start, len(lines)):
        line = lines[index]
        if mark := _fence_mark(line, pattern is _ADOC):
            fence = "" if fence and mark.startswith(fence) else fence or mark
            continue
        if fence:
            continue
        if match := pattern.match(line):
            found.append((index, len(match.group(1)), _plain(match.group(2)), 1))
        elif match := _HTML.search(line):
            found.append((index, int(match.group(1)), _plain(match.group(2)), 1))
        elif (
            pattern is _ATX and re.fullmatch(r"(=|-)\1{2,}\s*", line) and index > start and _is_title(lines[index - 1])
        ):
            found.append((index - 1, 1 if line[0] == "=" else 2, _plain(lines[index - 1]), 2))
    return found


def _fence_mark(line: str, adoc: bool) -> str:
    match = _FENCE.match(line)
    if match is None:
        return ""
    mark = match.group(1)
    return mark if mark[0] in "`~" or adoc else ""


def _is_title(line: str) -> bool:
    return bool(line.strip()) and not line.startswith((" ", "#", "|", "-", "*", ">", "<"))


def _rst_headings(lines: list[str]) -> list[_Heading]:
    """Headings are underlined; their level is the order in which a document first uses a character."""
    found: list[_Heading] = []
    styles: list[str] = []
    for index in range(1, len(lines)):
        match = _UNDERLINE.match(lines[index])
        above = lines[index - 1].rstrip()
        if (
            not match
            or not above
            or above.startswith(" ")
            or _UNDERLINE.match(above)
            or len(lines[index].rstrip()) < len(above) - 2
        ):
            continue
        over = index >= 2 and lines[index - 2].rstrip() == lines[index].rstrip()
        style = match.group(1) * (2 if over else 1)
        if style not in styles:
            styles.append(style)
        found.append((index - 1, min(styles.index(style) + 1, 6), _plain(above), 2))
    return found


def _sections(lines: list[str], headings: list[_Heading], start: int, rst: bool) -> Iterator[Section]:
    trail: list[tuple[int, str]] = []
    first = headings[0][0] if headings else len(lines)
    if any(line.strip() for line in lines[start:first]):
        text, code = _body(lines[start:first], rst)
        yield Section("", 0, start + 1, (), text, code)
    for position, (index, level, heading, size) in enumerate(headings):
        end = headings[position + 1][0] if position + 1 < len(headings) else len(lines)
        while trail and trail[-1][0] >= level:
            trail.pop()
        text, code = _body(lines[index + size : end], rst)
        yield Section(heading, level, index + 1, tuple(h for _, h in trail), text, code)
        trail.append((level, heading))


def _body(lines: list[str], rst: bool) -> tuple[str, tuple[str, ...]]:
    """Prose and code of a section."""
    prose: list[str] = []
    blocks: list[list[str]] = []
    fence, indent = "", False
    for line in lines:
        mark = _fence_mark(line, False)
        if fence:
            if mark.startswith(fence):
                fence = ""
            else:
                blocks[-1].append(line)
        elif mark:
            fence = mark
            blocks.append([])
        elif indent and (line.startswith((" ", "\t")) or not line.strip()):
            blocks[-1].append(line)
        else:
            indent = rst and bool(_RST_CODE.match(line))
            if indent:
                blocks.append([])
            prose.append(line)
    return "\n".join(prose).strip(), tuple(
        "\n".join(block).strip() for block in blocks if any(x.strip() for x in block)
    )


def _plain(heading: str) -> str:
    """A heading without markup; a link's text without its target."""
    text = re.sub(r"\[([^\]]{0,300})\]\([^)]{0,500}\)", r"\1", heading)
    return _MARKUP.sub("", text).strip().strip("=#").strip()
