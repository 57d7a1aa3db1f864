"""Takes off what stands in front of a command: sudo, env, uv run, npx, python -m, go run, docker run.

Which wrappers there are is data (wrappers.yaml). Opens no file of the target.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct

from readiness.ci.shell import join
from readiness.wiring import known

MAX_LAYERS = 8
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PYTHON = re.compile(r"python\d?(\.\d+)?\Z")
_VERSION = re.compile(r"/v\d+\Z")


class Peeled(Struct, frozen=True):
    """A command without wrappers: `argv` begins with the program's name or relative path."""

    argv: tuple[str, ...]
    folder: str
    environment: dict[str, str]


def peel(argv: Sequence[str], folder: str, environment: Mapping[str, str]) -> list[Peeled]:
    """The commands that `argv` amounts to, outermost first: the wrappers that do work of their own, then the inner one.

    A Go package or an image that holds one tool is given by the tool's name. Empty where nothing is started.
    """
    layers: list[Peeled] = []
    current = Peeled(_named(argv), folder, dict(environment))
    for _ in range(MAX_LAYERS):
        if not current.argv:
            return layers
        inner, keep = _inner(current)
        if inner is None:
            break
        if keep:
            layers.append(current)
        current = Peeled(_named(inner.argv), inner.folder, inner.environment)
    return [*layers, current] if current.argv else layers


def _named(argv: Sequence[str]) -> tuple[str, ...]:
    """`argv` with the program under the one name that it goes by here; a relative path stays, for it may be a script."""
    if not argv:
        return ()
    path = argv[0].replace("\\", "/").rstrip("/")
    name = posixpath.basename(path)
    if name.endswith((".exe", ".cmd")):
        name = name.rpartition(".")[0]
    if _PYTHON.match(name):
        name = "python"
    names: dict[str, str] = _data()["names"]
    installed = "/" not in path or path.startswith(("/", "~")) or path.split("/")[-2] in ("bin", ".bin", "Scripts")
    if installed and (name in names or name in _wrappers() or name in ("python", "go", "docker")):
        return (*names.get(name, name).split(" "), *argv[1:])
    return (path if "/" in path and not path.startswith("/") else name, *argv[1:])


def _inner(current: Peeled) -> tuple[Peeled | None, bool]:
    """The command that `current` starts and whether `current` is a run of its own; None where it starts none."""
    argv = current.argv
    if argv[0] == "python":
        return _python_module(current), False
    if argv[:2] == ("go", "run") or argv[:2] == ("go", "tool"):
        return _go(current), False
    if argv[0] == "docker":
        return _docker(current), True
    for wrapper in _wrappers().get(argv[0], ()):
        inner = _unwrap(current, wrapper)
        if inner is not None:
            return inner, bool(wrapper.get("also"))
    return None, False


def _python_module(current: Peeled) -> Peeled | None:
    argv = current.argv
    for index, word in enumerate(argv[1:], 1):
        if word == "-m" and index + 1 < len(argv):
            return Peeled((argv[index + 1].partition(":")[0], *argv[index + 2 :]), current.folder, current.environment)
        if not word.startswith("-") and argv[index - 1] not in ("-W", "-X"):
            return None
    return None


def _go(current: Peeled) -> Peeled | None:
    for index, word in enumerate(current.argv[2:], 2):
        if word.startswith("-"):
            continue
        package = _VERSION.sub("", word.partition("@")[0])
        remote = "." in package.partition("/")[0].strip(".") and "/" in package
        if not remote and (
            current.argv[1] == "run" or package in ("cover", "pprof", "trace", "vet", "dist", "covdata")
        ):
            return None
        return Peeled((package.rpartition("/")[2], *current.argv[index + 1 :]), current.folder, current.environment)
    return None


def _docker(current: Peeled) -> Peeled | None:
    """The command inside the container, with the tool of a known image in front of it."""
    argv = list(current.argv)
    compose = "compose" in argv[1:3]
    verb = next((i for i, word in enumerate(argv) if i and word in ("run", "exec")), 0)
    if not verb or (not compose and any(not w.startswith("-") for w in argv[1:verb] if w != "container")):
        return None
    rest, folder, entry = argv[verb + 1 :], "", ""
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if not equals and option not in _data()["docker_flags"] and rest:
            value = rest.pop(0)
        entry = value if option == "--entrypoint" else entry
    if not rest:
        return None
    image, inner = rest[0], rest[1:]
    tool = entry or ("" if compose or argv[verb] == "exec" else image_tool(image))
    words = (*tool.split(), *inner)
    if words and tool and words[0] == (inner[0] if inner else ""):
        words = tuple(inner)
    return Peeled(words, folder or current.folder, {}) if words else None


def image_tool(image: str) -> str:
    """The tool that a known image runs as its entrypoint, "" where it is not known."""
    name = re.sub(r":[^/:]*\Z", "", image.partition("@")[0])
    images: dict[str, str] = _data()["images"]
    return next(
        (tool for known_name, tool in images.items() if name == known_name or name.endswith("/" + known_name)), ""
    )


def _unwrap(current: Peeled, wrapper: Mapping[str, Any]) -> Peeled | None:
    """What follows the wrapper's words and options, None where `current` does not begin with them."""
    taken = _Taken(current, wrapper)
    while taken.position < len(taken.argv) and taken.step():
        taken.position += 1
    if taken.words or (wrapper.get("separator") and not taken.separated):
        return None
    rest = taken.argv[taken.position + (0 if taken.module else wrapper.get("positional", 0)) :]
    if rest and wrapper.get("prefix"):
        rest[0] = rest[0].rpartition(wrapper["prefix"])[2]
    if rest and wrapper.get("module_option") and rest[0].endswith(".py"):
        rest = ["python", *rest]
    argv = (rest[0].partition("@")[0] or rest[0], *rest[1:]) if rest else ()
    return Peeled(argv, taken.folder, taken.environment)


class _Taken:
    """How far the words and options of a wrapper reach into a command."""

    def __init__(self, current: Peeled, wrapper: Mapping[str, Any]) -> None:
        self.argv = list(current.argv)
        self.folder = current.folder
        self.environment = dict(current.environment)
        self.wrapper = wrapper
        self.words = list(wrapper["words"])
        self.position = 0
        self.separated = False
        self.module = False

    def step(self) -> bool:
        """Take one word; whether the wrapper goes on after it."""
        word = self.argv[self.position]
        if self.words and word == self.words[0]:
            self.words.pop(0)
            return True
        if word == "--" and not self.words:
            self.position += 1
            self.separated = True
            return False
        if word.startswith("-") and len(word) > 1:
            return self._option(word)
        if not self.words and self.wrapper.get("assignments") and _ASSIGNMENT.match(word):
            name, _, value = word.partition("=")
            self.environment[name] = value
            return True
        return not self.words and bool(self.wrapper.get("separator"))

    def _option(self, word: str) -> bool:
        option, equals, value = word.partition("=")
        if not self.words and option in self.wrapper.get("module_option", ()):
            self.position += 1
            self.module = True
            return False
        if not equals and option in self.wrapper.get("value_options", ()):
            self.position += 1
            value = "".join(self.argv[self.position : self.position + 1])
        if option in self.wrapper.get("folder_options", ()):
            self.folder = join(self.folder, value)
        return True


@cache
def _wrappers() -> dict[str, tuple[Mapping[str, Any], ...]]:
    """The wrappers by their first word, those of more words first."""
    ordered = sorted(_data()["wrappers"], key=lambda wrapper: -len(wrapper["words"]))
    return {w["words"][0]: tuple(x for x in ordered if x["words"][0] == w["words"][0]) for w in ordered}


def _data() -> dict[str, Any]:
    data: dict[str, Any] = known(__file__, "wrappers.yaml")
    return data
