"""Reads one file that may be a migration step: whose it is, what it follows, whether it can be taken back. Runs none."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

from readiness.wiring import known

VERSION = "3"
_REVISION = re.compile(r"""(?m)^revision\s*(?::[^=\n]+)?=\s*['"]([^'"\n]+)['"]""")
_DOWN_REVISION = re.compile(r"(?m)^down_revision\s*(?::[^=\n]+)?=\s*([^\n]*(?:\n(?!\w)[^\n]*){0,8})")
_BRANCH = re.compile(r"""(?m)^branch_labels\s*(?::[^=\n]+)?=\s*[\(\['"]""")
_QUOTED = re.compile(r"""['"]([^'"\n]*)['"]""")
_DEPENDENCY = re.compile(r"""\(\s*['"]([\w.]+)['"]\s*,\s*['"]([\w.-]+)['"]\s*,?\s*\)""")
_LISTS = {
    name: re.compile(rf"(?m)^\s+{name}\s*(?::[^=\n]+)?=\s*\[(.*?)\]\s*$", re.DOTALL)
    for name in ("dependencies", "replaces")
}
_LISTED = re.compile(r"""(?:Migration\s*\{|\{)\s*(?://[^\n]*\s*)*ID:\s*["`]([^"`]+)["`]""")
_CODE_LIST = re.compile(
    r"(?m)^(?P<edge>\t?)(?:(?:export\s+)?(?:var|const|let)\s+)?\w*(?:migration|upgrade|patche)s?\w*[^=\n]*=\s*\[[^\n]*\n"
    r"(?P<steps>.*?)^(?P=edge)[\]}]",
    re.DOTALL | re.IGNORECASE,
)
"""A list of functions or statements in code, up to its closing bracket at the outermost place."""
_CODE_STEP = re.compile(r"""(?m)^(\t{1,2}| {2,4})(?=func\b|async\b|function\b|\(|\{|[`"'])""")
_DDL = re.compile(r"(?i)\b(create|alter)\s+table\b")
_SECTION_DOWN = re.compile(
    r"(?mi)^--\s*(?:\+goose\s+down|\+migrate\s+down|migrate:down|--\s*create above / drop below)"
)
_SECTION_VERSION = re.compile(r"(?mi)^--[ \t]*Version:[ \t]*([\w.]+)[ \t]*$")
"""One file may hold all steps, each under its version (Darwin)."""
_SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_PY_DOWN = re.compile(r"(?m)^(?:async\s+)?def\s+down(?:grade)?\b[^\n]*(?:\n(?![^\s)\]}])[^\n]*)*")
_JS_DOWN = re.compile(r"\bdown\b\s*(?:[:=]\s*)?(?:async\s*)?(?:function\s*\w*\s*)?\(?")
_PY_EMPTY = re.compile(r"""^\s*(pass|\.\.\.|raise\b.*|return\b.*|#.*|\"\"\".*|'''.*)?\s*$""")


class Step(Struct, frozen=True, array_like=True):
    """What a file says. `tools` are indices (tool, file pattern) that it fits; `label` Django's app as far as named."""

    tools: tuple[tuple[int, int], ...]
    revision: str = ""
    parents: tuple[str, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()
    replaces: tuple[str, ...] = ()
    branch: bool = False
    has_down: bool | None = None
    listed: tuple[tuple[str, int], ...] = ()
    empty: bool = False


@cache
def patterns() -> list[tuple[int, int, re.Pattern[str], re.Pattern[str] | None]]:
    """Every file pattern of every tool: tool index, pattern index, path, content."""
    found: list[tuple[int, int, re.Pattern[str], re.Pattern[str] | None]] = []
    tools: list[dict[str, Any]] = known(__file__, "tools.yaml")["tools"]
    for number, tool in enumerate(tools):
        for place, entry in enumerate(tool["files"]):
            content = re.compile(entry["content"]) if "content" in entry else None
            found.append((number, place, re.compile(entry["path"]), content))
    return found


def read(path: str, content: bytes) -> Step:
    """What the file at `path` says; a file that is no step fits no tool. Raises ValueError for binary content."""
    if b"\0" in content[:8192]:
        raise ValueError("is binary")
    text = content.decode("utf-8-sig", "replace")
    fits = tuple(
        (t, p) for t, p, where, what in patterns() if where.search(path) and (what is None or what.search(text))
    )
    if not fits:
        return Step(())
    if path.endswith(".py"):
        return _python(text, fits)
    if path.endswith(".sql"):
        return _sql(text, fits)
    if path.endswith(".go"):
        listed = tuple((m.group(1), text.count("\n", 0, m.start(1)) + 1) for m in _LISTED.finditer(text))
        if not listed and (steps := _in_code(text)):
            return Step(fits, has_down=False, listed=steps)
        down = (
            "Rollback:" in text if listed else not re.search(r"(?i)func\s+down\w*\([^{]*\{\s*(return nil)?\s*\}", text)
        )
        return Step(fits, has_down=down, listed=listed)
    if path.endswith((".js", ".ts", ".mjs", ".cjs", ".mts", ".cts")):
        if steps := _in_code(text):
            return Step(fits, has_down=_javascript_down(text), listed=steps)
        return Step(fits, has_down=_javascript_down(text))
    return Step(fits, empty=not text.strip())


def _in_code(text: str) -> tuple[tuple[str, int], ...]:
    """The steps of a list in code, by their order; none where it changes no table or holds fewer than two."""
    block = _CODE_LIST.search(text)
    if block is None or not _DDL.search(block.group("steps")):
        return ()
    steps, first = block.group("steps"), text.count("\n", 0, block.start("steps")) + 1
    found = list(_CODE_STEP.finditer(steps))
    starts = [first + steps.count("\n", 0, m.start()) for m in found if m.group(1) == found[0].group(1)]
    return tuple((str(number), line) for number, line in enumerate(starts, 1)) if len(starts) > 1 else ()


def _python(text: str, fits: tuple[tuple[int, int], ...]) -> Step:
    revision = _REVISION.search(text)
    if revision:
        down = _DOWN_REVISION.search(text)
        parents = tuple(_QUOTED.findall(re.sub(r"#[^\n]*", "", down.group(1)))) if down else ()
        return Step(fits, revision.group(1), parents, branch=bool(_BRANCH.search(text)), has_down=_python_down(text))
    named = {
        name: tuple(_DEPENDENCY.findall(m.group(1))) if (m := p.search(text)) else () for name, p in _LISTS.items()
    }
    return Step(
        fits,
        foreign=named["dependencies"],
        replaces=tuple(name for _, name in named["replaces"]),
        has_down=_django_reversible(text) if "Migration" in text and "operations" in text else _python_down(text),
    )


def _python_down(text: str) -> bool:
    match = _PY_DOWN.search(text)
    if match is None:
        return False
    body = match.group(0).partition(":\n")[2] or match.group(0).rpartition("\n")[2]
    return any(not _PY_EMPTY.match(line) for line in body.splitlines())


def _django_reversible(text: str) -> bool:
    """Django takes back every operation of its own; RunPython and RunSQL need a second argument."""
    for match in re.finditer(r"\bRun(?:Python|SQL)\s*\(", text):
        arguments = _balanced(text, match.end() - 1, "()")
        if not re.search(r"\breverse(_code|_sql)\b|\bnoop\b", arguments) and _top_level_commas(arguments) < 1:
            return False
    return True


def _balanced(text: str, start: int, pair: str, limit: int = 20_000) -> str:
    """The text between the bracket at `start` and its partner, cut at `limit`."""
    depth = 0
    for index in range(start, min(len(text), start + limit)):
        if text[index] == pair[0]:
            depth += 1
        elif text[index] == pair[1]:
            depth -= 1
            if depth == 0:
                return text[start + 1 : index]
    return text[start + 1 : start + limit]


def _top_level_commas(arguments: str) -> int:
    """How many commas separate arguments, a trailing one and keyword arguments left out."""
    depth, parts, current = 0, [], ""
    for letter in re.sub(r"('''|\"\"\").*?\1|'[^'\n]*'|\"[^\"\n]*\"", "s", arguments, flags=re.DOTALL):
        depth += letter in "([{"
        depth -= letter in ")]}"
        if letter == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += letter
    positional = [
        part
        for part in [*parts, current]
        if part.strip() and not re.match(r"\s*(elidable|atomic|hints|state_operations)\s*=", part)
    ]
    return len(positional) - 1


def _sql(text: str, fits: tuple[tuple[int, int], ...]) -> Step:
    split = _SECTION_DOWN.search(text)
    down = None if split is None else bool(_SQL_COMMENT.sub("", text[split.end() :]).strip())
    versions = tuple((m[1], text.count("\n", 0, m.start()) + 1) for m in _SECTION_VERSION.finditer(text))
    return Step(fits, has_down=down, listed=versions, empty=not _SQL_COMMENT.sub("", text).strip())


def _javascript_down(text: str) -> bool:
    match = _JS_DOWN.search(text)
    if match is None:
        return False
    start = text.find("{", match.end())
    arrow = re.compile(r"[^;{]*=>\s*([^\s{][^\n]*)").match(text, match.end())
    if arrow:
        return arrow.group(1).strip().rstrip(";,") not in {"null", "undefined", "Promise.resolve()", "false"}
    if start < 0:
        return False
    body = re.sub(r"//[^\n]*|/\*.*?\*/", "", _balanced(text, start, "{}"), flags=re.DOTALL).strip()
    return bool(body) and not re.fullmatch(
        r"(return\s*(null|Promise\.resolve\(\)|true|false)?|throw\b.*|cb\(\)|callback\(\))\s*;?", body, re.DOTALL
    )
