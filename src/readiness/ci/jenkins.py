"""Reads Jenkinsfiles, declarative and scripted, as far as shell steps go: `sh`, `bat`, `powershell` in their `dir` blocks.

A tolerant reader of Groovy's surface: strings, comments and braces. It evaluates nothing and opens no shared library.
"""

from __future__ import annotations

import re

from readiness.ci.shell import join
from readiness.ci.trace import Context, Trace
from readiness.repository import Role

MAX_TEXT = 400_000
_STEPS = frozenset({"sh", "bat", "powershell", "pwsh"})
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z)|\A\#![^\n]*)|(?P<string>\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<brace>[{}])|(?P<end>[;\n])""",
    re.DOTALL,
)
_OPTIONAL_BLOCKS = frozenset({"catchError", "warnError"})


def trace_all(trace: Trace) -> list[str]:
    """Follow every Jenkinsfile; the paths of those found are returned."""
    names = ("jenkinsfile", "jenkinsfile.*", "*.jenkinsfile")
    paths = [file.path for file in trace.repository.select(*names, roles=(Role.CONFIG, Role.SOURCE))]
    for path in paths:
        _follow(trace, path, (trace.repository.read_text(path) or "")[:MAX_TEXT])
    return paths


def _follow(trace: Trace, path: str, text: str) -> None:
    """Walk the tokens with the stack of open blocks: each the words and the first string in front of its brace."""
    blocks: list[tuple[frozenset[str], str]] = []
    words: list[str] = []
    literal = ""
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup, match.group()
        if kind == "word":
            words.append(value)
        elif kind == "string":
            body, quotes = (value[3:-3], 3) if value[:3] in ('"""', "'" * 3) else (value[1:-1], 1)
            literal = literal or body
            if _is_step(words):
                line = text.count("\n", 0, match.start() + quotes) + 1
                body = body if quotes == 3 else body.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
                _step(trace, path, line, body, blocks)
                words = []
        elif value == "{":
            blocks.append((frozenset(words), literal))
            words, literal = [], ""
        elif kind in ("brace", "end"):
            if value == "}" and blocks:
                blocks.pop()
            words, literal = [], ""


def _is_step(words: list[str]) -> bool:
    """Whether a string that follows is the text of a shell step: `sh '...'`, `sh(script: '...')`."""
    return any(word in _STEPS for word in words[-3:]) and words[-1] in (
        *_STEPS,
        "script",
        "returnStdout",
        "returnStatus",
    )


def _step(trace: Trace, path: str, line: int, text: str, blocks: list[tuple[frozenset[str], str]]) -> None:
    names = [words for words, _ in blocks]
    stage = next((literal for words, literal in reversed(blocks) if "stage" in words), "")
    folder = ""
    for words, literal in blocks:
        folder = join(folder, literal) if "dir" in words else folder
    context = Context(
        triggers=frozenset({"push", "pull_request"}),
        job=stage,
        folder=folder,
        may_fail=any(words & _OPTIONAL_BLOCKS for words in names),
    )
    trace.script(text, path, line, context, f"stage {stage}" if stage else "")
