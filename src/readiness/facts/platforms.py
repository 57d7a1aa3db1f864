"""Settings of hosting platforms (Procfile, fly.toml, render.yaml, App Engine, ECS ...): what they start and check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from readiness.deployment.settings import find_all, read_settings, scalars
from readiness.deployment.tree import Tree
from readiness.repository import File, Repository, Role
from readiness.wiring import fact, known
from readiness.yamldoc import as_text

_MAX_BYTES = 300_000


class Stated(NamedTuple):
    """A text that a platform's settings state, with its place."""

    text: str
    path: str
    line: int


class Platform(Struct, frozen=True):
    """One settings file.

    `commands` are what it starts or releases with, `health` the paths it checks, `environment` the variables it sets.
    """

    tool: str
    path: str
    role: Role
    data: Tree
    commands: tuple[Stated, ...] = ()
    health: tuple[Stated, ...] = ()
    environment: tuple[Stated, ...] = ()


class Platforms:
    """All of them outside vendored, test, example and documentation folders."""

    def __init__(self, platforms: Iterable[Platform] = ()) -> None:
        """Keep them in order of path."""
        self.all = tuple(sorted(platforms, key=lambda p: (p.path, p.tool)))

    def of(self, *tools: str) -> list[Platform]:
        """Those of any of `tools`."""
        return [p for p in self.all if p.tool in tools]

    @property
    def commands(self) -> list[Stated]:
        """Everything that they start or release with."""
        return [stated for platform in self.all for stated in platform.commands]

    @property
    def health(self) -> list[Stated]:
        """The paths that they check."""
        return [stated for platform in self.all for stated in platform.health]


@fact
def platforms(repository: Repository) -> Platforms:
    """Read them; one that cannot be parsed is noted as unread."""
    return Platforms((*_procfiles(repository), *_settings(repository)))


def _known() -> dict[str, Any]:
    return known(__file__, "platforms.yaml")


def _procfiles(repository: Repository) -> Iterator[Platform]:
    for file in repository.select(*_known()["procfile"], roles=(Role.CONFIG, Role.SOURCE)):
        commands, data, lines = [], {}, {}
        for number, line in enumerate((repository.read_text(file.path, _MAX_BYTES) or "").splitlines(), 1):
            name, colon, command = line.partition(":")
            if colon and command.strip() and not line.lstrip().startswith("#"):
                data[name.strip()], lines[name.strip()] = command.strip(), number
                commands.append(Stated(command.strip(), file.path, number))
        if commands:
            yield Platform("procfile", file.path, file.role, Tree(data, lines), tuple(commands))


def _settings(repository: Repository) -> Iterator[Platform]:
    for tool, signs in _known()["platforms"].items():
        for file in repository.select(*signs["names"], roles=(Role.CONFIG, Role.SOURCE)):
            platform = _platform(repository, file, tool, signs)
            if platform is not None:
                yield platform


def _platform(repository: Repository, file: File, tool: str, signs: dict[str, Any]) -> Platform | None:
    text = repository.read_text(file.path, _MAX_BYTES)
    needs = signs.get("needs", [])
    if text is None or (needs and not any(word in text for word in needs)):
        return None
    try:
        data = read_settings(file.path, text)
    except (ValueError, RecursionError) as error:
        repository.note_unread(file.path, tool, str(error)[:200])
        return None
    keys = data.mapping()
    if "apiVersion" in keys or (needs and not any(need in keys for need in needs)):
        return None
    return Platform(
        tool,
        file.path,
        file.role,
        data,
        tuple(Stated(t, file.path, n) for p in signs["commands"] for t, n in scalars(data, p)),
        tuple(Stated(t, file.path, n) for p in signs["health"] for t, n in scalars(data, p)),
        tuple(_names(data, file.path, signs["environment"])),
    )


def _names(data: Tree, path: str, patterns: list[str]) -> Iterator[Stated]:
    """Names of variables: the keys of a mapping, or the scalar that a pattern leads to."""
    for pattern in patterns:
        for keys, value in find_all(data, pattern):
            if isinstance(value, dict):
                yield from (Stated(name, path, data.line(*keys, name)) for name in value)
            elif as_text(value):
                yield Stated(as_text(value), path, data.line(*keys))
