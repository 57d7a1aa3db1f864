"""Cuts shell text into words and operators. Expands nothing and knows no command; see shell.py for that."""

from __future__ import annotations

import re

from msgspec import Struct

MAX_TEXT = 400_000
"""Characters of one script that are read."""

PLAIN, QUOTED, LITERAL, SUBSTITUTION = "plain", "quoted", "literal", "substitution"

_OPERATORS = ("&&", "||", ";;", "|&", "|", "&", ";", "(", ")")
_REDIRECTION = re.compile(r"(&>>?|<<<|<<-?|>>|>&|<&|>\||<>|[<>])")
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-])")


class Word(Struct):
    """A word in pieces: (mode, text), where the mode says how the text expands.

    plain: unquoted; quoted: in double quotes; literal: as it stands; substitution: the text of a `$(...)`.
    """

    line: int
    parts: list[tuple[str, str]]

    @property
    def raw(self) -> str:
        """The word before expansion, without quotes."""
        return "".join(text for _, text in self.parts)


class Operator(Struct):
    """A control operator, "\\n" included, or "redirect" where the next word is a file and not an argument."""

    line: int
    text: str


Token = Word | Operator


def tokens(text: str) -> list[Token]:
    """The words and operators of `text`. Unbalanced quotes run to the end; never raises."""
    return _Cutter(text[:MAX_TEXT].replace("\r\n", "\n")).run()


class _Cutter:
    """A cursor over the text. Heredoc bodies are skipped at the end of the line that names them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.found: list[Token] = []
        self.word: Word | None = None
        self.heredocs: list[str] = []

    def run(self) -> list[Token]:
        while self.at < len(self.text):
            self._step(self.text[self.at])
        self._end_word()
        return self.found

    def _step(self, char: str) -> None:
        if char == "\n":
            self._end_word()
            self._operator("\n", 1)
            self._skip_heredocs()
        elif char in " \t":
            self._end_word()
            self.at += 1
        elif char == "#" and self.word is None:
            self._take(self._find("\n", self.at))
        elif char == "\\":
            self._escape()
        elif char == "'":
            end = self._find("'", self.at + 1)
            self._part(LITERAL, self.text[self.at + 1 : end])
            self._take(end + 1)
        elif char == '"':
            self._double()
        elif char == "$" or char == "`":
            self._dollar(PLAIN)
        elif char in "<>" or self.text.startswith("&>", self.at):
            self._redirect()
        else:
            self._other(char)

    def _other(self, char: str) -> None:
        for operator in _OPERATORS:
            if self.text.startswith(operator, self.at):
                self._end_word()
                self._operator(operator, len(operator))
                return
        self._part(PLAIN, char)
        self.at += 1

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            self.line += 1
        elif following:
            self._part(LITERAL, following)
        self.at += 2

    def _double(self) -> None:
        self._part(QUOTED, "")
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            if char in "$`":
                self._dollar(QUOTED)
            elif char == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                following = self.text[self.at + 1]
                self.line += following == "\n"
                self._part(LITERAL, "" if following == "\n" else following)
                self.at += 2
            else:
                self.line += char == "\n"
                self._part(QUOTED, char)
                self.at += 1
        self.at += 1

    def _dollar(self, mode: str) -> None:
        text, at = self.text, self.at
        if text[at] == "`":
            end = self._find("`", at + 1)
            self._part(SUBSTITUTION, text[at + 1 : end])
            self._take(end + 1)
        elif text.startswith("${{", at):  # an expression of GitHub Actions, which is filled in before the shell reads
            end = self._find("}}", at)
            self._part(LITERAL, text[at : end + 2])
            self._take(end + 2)
        elif text.startswith("$((", at):
            end = self._find("))", at)
            self._part(LITERAL, "0")
            self._take(end + 2)
        elif text.startswith("$(", at):
            end = self._closing(at + 2)
            self._part(SUBSTITUTION, text[at + 2 : end])
            self._take(end + 1)
        elif text.startswith("${", at):
            end = self._find("}", at)
            self._part(mode, text[at : end + 1])
            self._take(end + 1)
        else:
            match = _VARIABLE.match(text, at)
            self._part(mode, match.group() if match else "$")
            self.at += len(match.group()) if match else 1

    def _redirect(self) -> None:
        match = _REDIRECTION.match(self.text, self.at)
        symbol = match.group() if match else self.text[self.at]
        if symbol in "<>" and self.text.startswith("(", self.at + 1):
            end = self._closing(self.at + 2)
            self._part(SUBSTITUTION, self.text[self.at + 2 : end])
            self._take(end + 1)
            return
        if self.word is not None and self.word.raw.isdigit():
            self.word = None  # the number of a file descriptor
        self._end_word()
        self.found.append(Operator(self.line, "redirect"))
        self.at += len(symbol)
        if symbol in ("<<", "<<-"):
            delimiter = re.compile(r"[ \t]*[\"'\\]?([A-Za-z0-9_.!-]+)").match(self.text, self.at)
            if delimiter:
                self.heredocs.append(delimiter.group(1))

    def _skip_heredocs(self) -> None:
        for delimiter in self.heredocs:
            while self.at < len(self.text):
                end = self._find("\n", self.at)
                line = self.text[self.at : end]
                self._take(end + 1)
                if line.strip() == delimiter:
                    break
        self.heredocs = []

    def _closing(self, at: int) -> int:
        """Where the parenthesis opened before `at` closes, quotes respected."""
        depth, quote = 1, ""
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 2
                continue
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char in "()":
                depth += 1 if char == "(" else -1
                if not depth:
                    return at
            at += 1
        return len(self.text)

    def _find(self, needle: str, start: int) -> int:
        found = self.text.find(needle, start)
        return len(self.text) if found < 0 else found

    def _take(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = max(end, self.at + 1) if end >= len(self.text) else end

    def _part(self, mode: str, text: str) -> None:
        if self.word is None:
            self.word = Word(self.line, [])
        parts = self.word.parts
        if parts and parts[-1][0] == mode and mode != SUBSTITUTION:
            parts[-1] = (mode, parts[-1][1] + text)
        else:
            parts.append((mode, text))

    def _end_word(self) -> None:
        if self.word is not None:
            self.found.append(self.word)
            self.word = None

    def _operator(self, text: str, width: int) -> None:
        self.found.append(Operator(self.line, text))
        self.line += text == "\n"
        self.at += width
