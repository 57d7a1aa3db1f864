"""Reads Makefiles: the recipe lines that a target runs. Both branches of a conditional count; functions are not evaluated."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository

NAMES = ("GNUmakefile", "makefile", "Makefile")
MAX_INCLUDES = 40
MAX_PIECES = 400
MAX_LINE = 5_000
MAX_PASSES = 8
_ASSIGNMENT = re.compile(r"(?:export\s+|override\s+)*([A-Za-z_][A-Za-z0-9_.-]*)\s*(\?=|::?:?=|\+=|!=|=)\s*(.*)")
_RULE = re.compile(r"([^\s#:=][^#:=]*?)\s*::?(?![=])\s*([^=]*)\Z")
_REFERENCE = re.compile(r"\$[({]([A-Za-z_][A-Za-z0-9_.-]*)[)}]")
_FUNCTION = re.compile(
    r"(?<!\$)\$\((?:if|or|and|foreach|call|subst|patsubst|wildcard|filter|filter-out|addprefix|addsuffix|notdir|dir|basename|"
    r"word|words|firstword|lastword|strip|sort|info|warning|error|eval|value|origin|abspath|realpath|join|file|let)\s"
)
_DIRECTIVES = ("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif", "export", "unexport", "vpath", "define", "endef")


class _Line(Struct, frozen=True):
    path: str
    line: int
    text: str


class _Makefile(Struct):
    """`rules` maps a target to its prerequisites and recipe; `variables` are unexpanded."""

    variables: dict[str, str] = {}
    rules: dict[str, tuple[list[str], list[_Line]]] = {}
    first: str = ""


def follow(repository: Repository, call: Call) -> list[Piece]:
    """The recipe lines of the targets that `make` is called with, prerequisites first."""
    folder = join(call.folder, call.option("-C", "--directory"))
    path = _find(repository, folder, call.option("-f", "--file", "--makefile"))
    if not path:
        return []
    makefile = _read(repository, path)
    given = dict(word.split("=", 1) for word in call.argv[1:] if re.match(r"[A-Za-z_]\w*=", word))
    variables = {**call.environment, **makefile.variables, **given}
    skipped = {call.option(name) for name in ("-C", "--directory", "-f", "--file", "--makefile", "-j")}
    goals = [word for word in call.words if "=" not in word and word not in skipped and not word.isdigit()]
    found: list[Piece] = []
    for goal in goals or [variables.get(".DEFAULT_GOAL", makefile.first)]:
        _collect(makefile, goal, folder, variables, found, set())
    return found[:MAX_PIECES]


def entry_points(repository: Repository, path: str) -> list[tuple[str, list[Piece]]]:
    """Every target of the Makefile at `path` with the recipe lines that it runs."""
    makefile = _read(repository, path)
    folder = path.rpartition("/")[0]
    result: list[tuple[str, list[Piece]]] = []
    for target in list(makefile.rules)[:MAX_PIECES]:
        found: list[Piece] = []
        _collect(makefile, target, folder, makefile.variables, found, set())
        result.append((target, found[:MAX_PIECES]))
    return result


def _find(repository: Repository, folder: str, named: str) -> str:
    candidates = [join(folder, name) for name in ((named,) if named else NAMES)]
    return next((path for path in candidates if repository.get(path)), "")


def _collect(
    makefile: _Makefile, target: str, folder: str, variables: dict[str, str], found: list[Piece], seen: set[str]
) -> None:
    if target in seen or len(found) > MAX_PIECES:
        return
    seen.add(target)
    rule = makefile.rules.get(target) or _pattern_rule(makefile, target)
    if rule is None:
        return
    prerequisites, recipe = rule
    for prerequisite in prerequisites:
        for name in _fill(prerequisite, variables).split():
            _collect(makefile, name, folder, variables, found, seen)
    automatic = {**variables, "@": target, "MAKE": "make", "<": prerequisites[0] if prerequisites else ""}
    for line in recipe:
        prefix = re.match(r"\s*([@+-]\s*)*", line.text)
        start = prefix.end() if prefix else 0
        text = _as_shell(_fill(line.text[start:], automatic).replace("$@", target))
        if prefix and "-" in prefix.group():
            text += " || true"
        found.append(Piece(line.path, line.line, text, folder, {}, f"make {target}"))


def _pattern_rule(makefile: _Makefile, target: str) -> tuple[list[str], list[_Line]] | None:
    for pattern, rule in makefile.rules.items():
        if "%" in pattern:
            head, _, tail = pattern.partition("%")
            if target.startswith(head) and target.endswith(tail) and len(target) >= len(head) + len(tail):
                stem = target[len(head) : len(target) - len(tail)]
                lines = [_Line(r.path, r.line, r.text.replace("$*", stem)) for r in rule[1]]
                return [p.replace("%", stem) for p in rule[0]], lines
    return None


def _fill(text: str, variables: dict[str, str]) -> str:
    """`text` with the variables that are known filled in; a `$(shell ...)` or function stays as it is."""

    def value(match: re.Match[str]) -> str:
        return variables.get(match.group(1), match.group())[:MAX_LINE]

    for _ in range(MAX_PASSES):
        if "$" not in text or len(text) > 4 * MAX_LINE:
            break
        filled = _REFERENCE.sub(value, text)
        if filled == text:
            break
        text = filled
    return text[: 8 * MAX_LINE]


def _as_shell(text: str) -> str:
    """Recipe text as the shell would see it: `$(shell x)` is its output, other functions and unset variables nothing."""
    text = re.sub(r"(?<!\$)\$[({][A-Za-z_][\w.-]*[)}]", "", text)
    text = _FUNCTION.sub("$(: ", re.sub(r"(?<!\$)\$\(shell\s", "$(", text))
    return text.replace("$$", "$")


def _read(repository: Repository, path: str) -> _Makefile:
    result = _Makefile({}, {}, "")
    queue, seen = [path], set[str]()
    base = path.rpartition("/")[0]
    while queue and len(seen) < MAX_INCLUDES:
        current = queue.pop(0)
        if current in seen:
            continue
        seen.add(current)
        for include in _parse(repository.read_text(current) or "", current, result):
            queue += _included(repository, base, _fill(include, result.variables))
    return result


def _included(repository: Repository, base: str, names: str) -> list[str]:
    found: list[str] = []
    for name in names.split():
        pattern = join(base, name)
        if "*" in name:
            regex = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"))
            found += [file.path for file in repository.files if regex.fullmatch(file.path)]
        elif repository.get(pattern):
            found.append(pattern)
    return found


def _parse(text: str, path: str, into: _Makefile) -> list[str]:
    """Add the rules and variables of one file; the names in its include lines are returned."""
    includes: list[str] = []
    targets: list[str] = []
    for number, line in _logical_lines(text):
        if line.startswith("\t") or (targets and line.startswith(("  ", ">"))):
            for target in targets:
                into.rules[target][1].append(
                    _Line(path, number, line.strip("\t >") if line[0] == ">" else line.strip())
                )
            continue
        stripped = re.sub(r"(^|\s)#.*", "", line).strip()
        if not stripped:
            continue
        assigned = _ASSIGNMENT.match(stripped)
        if assigned:
            _assign(into, *assigned.groups())
            targets = []
        elif re.match(r"[-s]?include\s", stripped):
            includes.append(stripped.split(None, 1)[1])
        elif not stripped.startswith(_DIRECTIVES) or re.match(r"[\w-]+\s*:", stripped):
            targets = _rule(stripped, path, number, into) or []
    return includes


def _assign(into: _Makefile, name: str, operator: str, value: str) -> None:
    if operator == "+=":
        into.variables[name] = f"{into.variables.get(name, '')} {value}".strip()
    elif operator != "?=" or name not in into.variables:
        into.variables[name] = value if operator != "!=" else ""


def _rule(line: str, path: str, number: int, into: _Makefile) -> list[str]:
    head, semicolon, inline = line.partition(";")
    match = _RULE.match(head)
    if not match:
        return []
    targets = _fill(match.group(1), into.variables).split()
    prerequisites = match.group(2).replace("|", " ").split()
    for target in targets:
        kept = into.rules.setdefault(target, ([], []))
        kept[0].extend(prerequisites)
        if semicolon and inline.strip():
            kept[1].append(_Line(path, number, inline.strip()))
        if not into.first and not target.startswith(".") and "%" not in target:
            into.first = target
    return targets


@lru_cache(maxsize=256)
def _logical_lines(text: str) -> list[tuple[int, str]]:
    """The lines with their numbers, continued lines joined."""
    result: list[tuple[int, str]] = []
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if len(line) > MAX_LINE:
            continue
        if line.endswith("\\"):
            pending += line[:-1] + " "
            continue
        result.append((start, pending + (line.strip() if pending else line)))
        pending, start = "", 0
    if pending:
        result.append((start, pending))
    return result
