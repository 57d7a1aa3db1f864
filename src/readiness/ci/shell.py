"""Reads shell text as the simple commands that it would run, each with its line, folder and variables. Runs nothing.

A tolerant reader, not an interpreter: both branches of a condition count, a loop's body counts once, a function's body
counts where it is called, and what depends on the machine (`$1`, `$(date)`) stays as it is written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from readiness.ci.shellwords import LITERAL, PLAIN, QUOTED, SUBSTITUTION, Operator, Token, Word, tokens

MAX_COMMANDS = 3_000
MAX_NESTING = 6
MAX_VALUE = 4_000
"""Characters of a variable's value that are kept: values built from values would grow without bound."""
ROOT = "@root"
"""Stands for the repository's root in a folder that the text gives absolutely ($GITHUB_WORKSPACE)."""

_ROOT_VARIABLES = frozenset({"GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY", "WORKSPACE", "TRAVIS_BUILD_DIR",
                             "CIRCLE_WORKING_DIRECTORY", "DRONE_WORKSPACE", "CI_WORKSPACE"})  # fmt: skip
_OPENING_WORDS = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "time"})
_CLOSING_WORDS = frozenset({"fi", "done"})
_IGNORED_WORDS = frozenset({"for", "select", "case", "esac", "[[", "[", "function"})
_SILENT = frozenset({"true", ":", "echo", "printf", "exit 0", "/bin/true"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:\[[@*]\])?(?::?[-=](.*))?\}\Z", re.DOTALL)
_EXPANDABLE = re.compile(r"\$\{[^}]*\}|\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*])")
_OWN_FOLDER = re.compile(r"dirname\s.*(\$0|BASH_SOURCE|\$\{0\})")


class Command(Struct, frozen=True):
    """A simple command. `line` counts from 1 in the text; `folder` is relative to the repository's root.

    `environment` holds what is set for it by name in front and by exports before. `may_fail`: `|| true` follows.
    """

    argv: tuple[str, ...]
    line: int
    folder: str
    environment: dict[str, str]
    may_fail: bool = False


def commands(
    text: str, folder: str = "", variables: Mapping[str, str] | None = None, script_folder: str = ""
) -> list[Command]:
    """The commands of `text`, in order, started in `folder` with `variables` set; `script_folder` is where a script's
    own file lies. Never raises; stops at MAX_COMMANDS."""
    reader = _Reader(folder, dict(variables or {}), script_folder, 0)
    reader.read(tokens(text))
    return reader.found[:MAX_COMMANDS]


def join(folder: str, target: str) -> str:
    """`target` as seen from `folder`, relative to the root; what leads above the root stays at the root."""
    if target.startswith(ROOT):
        folder, target = "", target[len(ROOT) :].lstrip("/")
    path = posixpath.normpath(posixpath.join("/", folder, target))
    return path.lstrip("/")


def _is(token: Token, operator: str) -> bool:
    return isinstance(token, Operator) and token.text == operator


class _Reader:
    """Walks the tokens; `found` receives commands, or the body of the function that is being defined."""

    def __init__(self, folder: str, variables: dict[str, str], script_folder: str, nesting: int) -> None:
        self.folder = folder
        self.variables = variables
        self.exported = dict(variables)
        self.script_folder = script_folder
        self.nesting = nesting
        self.found: list[Command] = []
        self.functions: dict[str, list[Token]] = {}
        self.calls = 0
        self.unbalanced = False
        self.subshells: list[tuple[str, int]] = []
        self.start = 0
        self.after_or = False
        self.cases = 0

    def read(self, stream: list[Token]) -> None:
        words: list[Word] = []
        skip = False
        position = 0
        while position < len(stream) and len(self.found) < MAX_COMMANDS:
            token = stream[position]
            position += 1
            if isinstance(token, Word):
                if skip:
                    skip = False
                    continue
                words.append(token)
                if len(words) == 3 and words[0].raw == "function" and token.raw == "{":
                    position, words = self._define(words[1].raw, stream, position - 1), []
            elif token.text == "redirect":
                skip = True
            elif token.text == "(" and words and words[0].raw == "function":
                position, words = self._define(words[-1].raw, stream, position + 1), []
            elif token.text == "(" and words:
                position, words = self._parenthesis(stream, position, words)
            else:
                skip = False
                self._operator(token, words)
                words = []
        self._flush(words)

    def _parenthesis(self, stream: list[Token], position: int, words: list[Word]) -> tuple[int, list[Word]]:
        """`name ()` opens a function, `NAME=(a b)` is a list; else a case pattern or noise."""
        end = position
        while end < len(stream) and not _is(stream[end], ")"):
            end += 1
        if end == position and len(words) == 1:
            return self._define(words[0].raw, stream, end + 1), []
        if not words[-1].raw.endswith("="):
            return end + 1, []
        for item in stream[position:end]:
            words[-1].parts += [(LITERAL, " "), *item.parts] if isinstance(item, Word) else []
        return end + 1, words

    def _define(self, name: str, stream: list[Token], start: int) -> int:
        """Keep the body `{ ... }` of a function that follows `start`; the position after it, `start` where there is none."""
        position = start
        while position < len(stream) and _is(stream[position], "\n"):
            position += 1
        depth = 0
        if self.unbalanced:
            return start
        for end in range(position, len(stream)):
            token = stream[end]
            depth += (token.raw == "{") - (token.raw == "}") if isinstance(token, Word) else 0
            if depth == 0:
                if end == position:
                    return start
                self.functions[name] = stream[position + 1 : end]
                return end + 1
        self.unbalanced = True  # looked for once: a hostile text would have every opening brace searched to its end
        return start

    def _call(self, name: str, arguments: list[str]) -> None:
        """Read the body of a function with its arguments in place."""
        if self.calls >= MAX_NESTING:
            return
        outer = (self.variables, self.start, self.after_or, self.subshells)
        handed = " ".join(arguments)[:MAX_VALUE]
        given = {str(number): value for number, value in enumerate(arguments, 1)}
        self.variables = {**self.variables, **given, "@": handed, "*": handed}
        self.subshells, self.start, self.after_or = [], len(self.found), False
        self.calls += 1
        self.read(self.functions[name])
        self.calls -= 1
        inner = {k: v for k, v in self.variables.items() if k not in given and k not in "@*"}
        self.variables, self.start, self.after_or, self.subshells = {**outer[0], **inner}, *outer[1:]

    def _operator(self, operator: Operator, words: list[Word]) -> None:
        text = operator.text
        if text == ")" and not self.subshells and self.cases:
            return  # the words were a pattern of `case`
        self._flush(words)
        if text == "(":
            self.subshells.append((self.folder, self.start))
            self.start = len(self.found)
        elif text == ")" and self.subshells:
            self.folder, self.start = self.subshells.pop()
        elif text == "||":
            self.after_or = True
        elif text in ("\n", ";", "&", ";;") and not (text == "\n" and self.after_or):
            self.start, self.after_or = len(self.found), False

    def _flush(self, words: list[Word]) -> None:
        while words and words[0].raw in _OPENING_WORDS and words[0].parts[0][0] == PLAIN:
            words = words[1:]
        if not words:
            return
        first = words[0].raw
        if first in ("{", "}"):
            self._flush(words[1:])
        elif first == "function" and len(words) > 1:
            return
        elif first in _IGNORED_WORDS:
            self.cases += (first == "case") - (first == "esac" and self.cases > 0)
            for word in words:
                self._expand(word)
        elif first not in _CLOSING_WORDS:
            self._simple(words)

    def _simple(self, words: list[Word]) -> None:
        assigned: dict[str, str] = {}
        while words and (match := _ASSIGNMENT.match(words[0].raw)) and words[0].parts[0][0] == PLAIN:
            name, value = match.group(1), " ".join(self._expand(words[0], split=False))[match.end() :]
            assigned[name] = (self.variables.get(name, "") + value if "+=" in match.group() else value).strip()[
                :MAX_VALUE
            ]
            words = words[1:]
        if not words:
            self.variables.update(assigned)
            self.exported.update({k: v for k, v in assigned.items() if k in self.exported})
            return
        argv = [text for word in words for text in self._expand(word)]
        if not argv:
            return
        if argv[0] in ("export", "declare", "local", "readonly", "set", "cd", "pushd", "popd"):
            self._builtin(argv)
            return
        if self.after_or and (argv[0] in _SILENT or " ".join(argv[:2]) in _SILENT):
            for index in range(min(self.start, len(self.found)), len(self.found)):
                self.found[index] = msgspec.structs.replace(self.found[index], may_fail=True)
        if argv[0] in self.functions:
            self._call(argv[0], argv[1:])
            return
        self.found.append(Command(tuple(argv), words[0].line, self.folder, {**self.exported, **assigned}))

    def _builtin(self, argv: list[str]) -> None:
        if argv[0] == "export":
            for text in argv[1:]:
                name, equals, value = text.partition("=")
                if equals:
                    self.variables[name] = value[:MAX_VALUE]
                self.exported[name] = self.variables.get(name, "")
        elif argv[0] in ("declare", "local", "readonly"):
            self.variables.update(dict(text[:MAX_VALUE].split("=", 1) for text in argv[1:] if "=" in text))
        elif argv[0] in ("cd", "pushd"):
            target = next((text for text in argv[1:] if not text.startswith("-")), ROOT)
            if "$" not in target:
                self.folder = join(self.folder, target)
        elif argv[0] == "popd":
            self.folder = join(self.folder, "..")

    def _expand(self, word: Word, split: bool = True) -> list[str]:
        """The word's value; more than one text, or none, where an unquoted variable holds several words or nothing."""
        values = [""]
        for mode, text in word.parts[:MAX_VALUE]:
            if mode == LITERAL:
                values[-1] += text
            elif mode == SUBSTITUTION:
                values[-1] += self._substitute(text, word.line)
            else:
                filled = _EXPANDABLE.sub(lambda match: self._variable(match.group()), text)
                several = (mode == PLAIN and filled != text) or "[@]" in text or "$@" in text
                pieces = filled.split() if several and split else [filled]
                values[-1] += pieces[0] if pieces else ""
                values += pieces[1:]
        quoted = any(mode in (QUOTED, LITERAL) for mode, _ in word.parts)
        return [value for value in values if value or quoted]

    def _variable(self, text: str) -> str:
        match = _BRACED.match(text)
        name, default = (match.group(1), match.group(2)) if match else (text.strip("${}"), None)
        if name in self.variables:
            return self.variables[name] or default or ""
        if name in _ROOT_VARIABLES:
            return ROOT
        if name == "PWD":
            return f"{ROOT}/{self.folder}"
        return text if default is None else default

    def _substitute(self, text: str, line: int) -> str:
        """Note the commands inside `$(...)`; the value where it is a folder that can be known."""
        stripped = text.strip()
        if _OWN_FOLDER.search(stripped):
            rest = re.search(r"/((\.\./?)+)", stripped.replace("$0", "").split("dirname", 1)[1])
            return f"{ROOT}/{join(self.script_folder, rest.group(1) if rest else '')}"
        if stripped.startswith(("git rev-parse --show-toplevel", "git rev-parse --show-cdup")):
            return ROOT
        if stripped == "pwd":
            return f"{ROOT}/{self.folder}"
        if self.nesting < MAX_NESTING:
            inner = _Reader(self.folder, dict(self.variables), self.script_folder, self.nesting + 1)
            inner.exported = dict(self.exported)
            inner.functions = self.functions
            inner.read(tokens(text))
            self.found += [msgspec.structs.replace(c, line=c.line + line - 1) for c in inner.found]
        return "$(" + " ".join(stripped.split()) + ")"
