"""Understands command lines that build images: which Dockerfiles or Compose services they name. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from msgspec import Struct

_COMPOSE_BUILDS = ("build", "up", "run", "create")
_ANY_RUNTIME = re.compile(r"(?i)\$[({]?\w*(docker|podman|container|oci)(?!\w*compose)\w*\b")
"""A variable that holds docker or what takes its place: $CONTAINER_RUNTIME, ${DOCKER:-docker}."""


class BuildCommand(Struct, frozen=True):
    """A command that builds images. `how`: dockerfile (with `file` and `context` as written, "" where left out), compose
    (with `files` and `services`), plan (skaffold, bake, goreleaser: `tool` with `files`) or other (`tool` alone)."""

    how: str
    tool: str
    file: str = ""
    context: str = ""
    target: str = ""
    files: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


class _Words:
    """Options and positional words of a command line."""

    def __init__(self, words: Sequence[str], flags: Collection[str]) -> None:
        """Split `words`; options in `flags` take no value."""
        self.options: list[tuple[str, str]] = []
        self.rest: list[str] = []
        index = 0
        while index < len(words):
            word = words[index]
            index += 1
            if not word.startswith("-") or word == "-":
                self.rest.append(word)
                continue
            name, equals, value = word.partition("=")
            if not equals and name not in flags and index < len(words):
                value = words[index]
                index += 1
            self.options.append((name, value))

    def all(self, *names: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.options if name in names)

    def last(self, *names: str) -> str:
        return next(reversed(self.all(*names)), "")


def parse(argv: Sequence[str], flags: Collection[str], others: Sequence[Sequence[str]]) -> BuildCommand | None:
    """The build that `argv` (program first) asks for, None where it builds no image.

    `flags` are options of docker and Compose without a value; `others` word sequences of further build tools: all words of
    one must stand in argv in that order, the first one as the program.
    """
    program, words = argv[0].rpartition("/")[2], list(argv[1:])
    if program in ("docker", "podman", "nerdctl", "buildah", "img", "depot", "finch") or _ANY_RUNTIME.match(program):
        return _container_tool(program, words, flags)
    if program in ("docker-compose", "podman-compose"):
        return _compose(words, flags)
    if program in ("kaniko", "executor") or argv[0].endswith("kaniko/executor"):
        options = _Words(words, ("--cleanup", "--no-push", "--single-snapshot", "--cache", "--reproducible"))
        context = options.last("--context", "-c").removeprefix("dir://")
        return BuildCommand("dockerfile", "kaniko", options.last("--dockerfile", "-f"), context)
    if program == "skaffold" and words[:1] and words[0] in ("build", "run", "dev", "debug"):
        return BuildCommand("plan", "skaffold", files=_Words(words[1:], ()).all("-f", "--filename"))
    if program == "goreleaser" and words[:1] and words[0] in ("release", "r"):
        return BuildCommand(
            "plan", "goreleaser", files=_Words(words[1:], ("--clean", "--snapshot")).all("-f", "--config")
        )
    for other in others:
        if program == other[0] and _in_order(other[1:], words):
            return BuildCommand("other", other[0])
    return None


def _container_tool(program: str, words: list[str], flags: Collection[str]) -> BuildCommand | None:
    while words and words[0].startswith("-"):  # options of docker itself: --context x, -H x, --debug
        words = words[1 if "=" in words[0] or words[0] in flags else 2 :]
    if words[:1] == ["compose"]:
        return _compose(words[1:], flags)
    if words[:2] == ["buildx", "bake"] or words[:1] == ["bake"]:
        options = _Words(words[words.index("bake") + 1 :], flags)
        return BuildCommand("plan", "bake", files=options.all("-f", "--file"), services=tuple(options.rest))
    for begin in (["build"], ["buildx", "build"], ["buildx", "b"], ["image", "build"], ["builder", "build"], ["bud"]):
        if words[: len(begin)] == begin:
            options = _Words(words[len(begin) :], flags)
            context = options.rest[-1] if options.rest else ""
            return BuildCommand("dockerfile", program, options.last("-f", "--file"), context, options.last("--target"))
    return None


def _compose(words: list[str], flags: Collection[str]) -> BuildCommand | None:
    place = next((i for i, word in enumerate(words) if word in _COMPOSE_BUILDS), None)
    if place is None:
        return None
    before, after = _Words(words[:place], flags), _Words(words[place + 1 :], flags)
    if before.rest or "--no-build" in [name for name, _ in after.options]:
        return None
    services = after.rest[:1] if words[place] == "run" else after.rest
    return BuildCommand("compose", "compose", files=before.all("-f", "--file"), services=tuple(services))


def _in_order(wanted: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(any(want in word if want.startswith(":") else want == word for word in rest) for want in wanted)
