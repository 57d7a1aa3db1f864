"""Reads the text of a Dockerfile into stages with BuildKit's own parser (the `dockerfile` library). Runs no build."""

from __future__ import annotations

import re

from readiness.deployment.image import Instruction, Stage

_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?:(?P<operator>:?[-+])(?P<word>[^${}]*))?\}|(?P<plain>\w+))")
_MAX_INSTRUCTIONS = 5_000


def read_stages(text: str) -> tuple[Stage, ...]:
    """The stages in order. Raises ValueError (with the parser's words) where BuildKit would refuse the text."""
    import dockerfile  # loads a Go runtime: only where there is a Dockerfile

    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    gathered: list[Instruction] = []
    for command in dockerfile.parse_string(text)[:_MAX_INSTRUCTIONS]:
        instruction = _instruction(command)
        if instruction.name == "FROM":
            _close(stages, gathered)
            stages.append(_stage(instruction, arguments))
            gathered = []
        elif stages:
            gathered.append(instruction)
        elif instruction.name == "ARG":
            arguments |= _defaults(instruction, arguments)
    _close(stages, gathered)
    return tuple(stages)


def _instruction(command: object) -> Instruction:
    """One parsed command; a heredoc's text stands behind the words that announce it. A lone backslash has no name."""
    fields = ("cmd", "value", "start_line", "json", "flags", "heredocs")
    name, value, line, json, flags, heredocs = (getattr(command, field) for field in fields)
    words = (*value, *(document.content for document in heredocs))
    return Instruction((name or "").upper(), words, line, bool(json), tuple(flags))


def _stage(instruction: Instruction, arguments: dict[str, str]) -> Stage:
    words = instruction.values
    base = fill_in(words[0], arguments) if words else ""
    alias = words[2] if len(words) >= 3 and words[1].upper() == "AS" else ""
    return Stage(base, alias, instruction.line, (), instruction.flags)


def _close(stages: list[Stage], gathered: list[Instruction]) -> None:
    if stages:
        last = stages[-1]
        stages[-1] = Stage(last.base, last.alias, last.line, tuple(gathered), last.flags)


def _defaults(instruction: Instruction, arguments: dict[str, str]) -> dict[str, str]:
    """The ARG names of an instruction that have a default."""
    pairs = (word.partition("=") for word in instruction.values)
    return {name: fill_in(value.strip("\"'"), arguments) for name, equals, value in pairs if equals}


def fill_in(text: str, variables: dict[str, str]) -> str:
    """`text` with $NAME, ${NAME}, ${NAME:-word} and ${NAME:+word} resolved; one without a value stays as written."""

    def value(match: re.Match[str]) -> str:
        known = variables.get(match["braced"] or match["plain"], "")
        if (match["operator"] or "").endswith("+"):
            return match["word"] if known else ""
        return known or (match["word"] if match["operator"] else match[0])

    return _VARIABLE.sub(value, text)
