"""Compose files: services with their build, environment, ports and limits, and which are for development only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from msgspec import Struct

from readiness.deployment.composefile import Build, ComposeService, read_services
from readiness.deployment.dockerfile import fill_in
from readiness.repository import File, Repository, Role
from readiness.wiring import fact, known

__all__ = ["Build", "Compose", "ComposeFile", "ComposeService", "compose"]

_MAX_BYTES = 500_000
_WORDS = re.compile(r"[a-z0-9]+")


class ComposeFile(Struct, frozen=True):
    """One Compose file. `purpose`: production, development or test, from its name, its folder and its services.

    The services of `development` mount the source tree or start a development server; one makes the file such a one.
    """

    path: str
    role: Role
    purpose: str
    services: tuple[ComposeService, ...]
    development: frozenset[str] = frozenset()

    @property
    def folder(self) -> str:
        """Its directory, "" at the root."""
        return self.path.rpartition("/")[0]

    def dockerfile(self, service: ComposeService) -> str:
        """The path of the Dockerfile that `service` builds from, "" where it builds nothing or leads outside."""
        build = service.build
        if build is None or not build.dockerfile or "://" in build.context:
            return ""
        parts = (fill_in(part, {}) for part in (self.folder, build.context, build.dockerfile))
        path = posixpath.normpath(posixpath.join(*parts))
        return "" if path.startswith(("..", "/")) else path


class Compose:
    """All of them."""

    def __init__(self, files: Iterable[ComposeFile] = ()) -> None:
        """Keep them in order of path."""
        self.all = tuple(sorted(files, key=lambda f: f.path))

    @cached_property
    def production(self) -> list[ComposeFile]:
        """The files that start the program as in production: neither for development nor for tests nor an example."""
        return [f for f in self.all if f.purpose == "production" and f.role in (Role.CONFIG, Role.SOURCE)]

    def services(self, production: bool = True) -> list[ComposeService]:
        """The services of the production files, or of all."""
        files = self.production if production else list(self.all)
        return [s for f in files for s in f.services if not production or s.name not in f.development]

    def at(self, path: str) -> ComposeFile | None:
        """The file at exactly `path`."""
        return next((f for f in self.all if f.path == path), None)


@fact
def compose(repository: Repository) -> Compose:
    """Read them all; one that is not YAML is noted as unread."""
    found = []
    for file in repository.select(*_known()["names"]):
        text = None if file.role is Role.VENDORED else repository.read_text(file.path, _MAX_BYTES)
        if text is None:
            continue
        try:
            services = read_services(file.path, text)
        except (ValueError, RecursionError) as error:
            repository.note_unread(file.path, "compose", str(error)[:200])
            continue
        if services:
            found.append(_file(repository, file, services))
    return Compose(found)


def _known() -> dict[str, Any]:
    return known(__file__, "compose.yaml")


def _file(repository: Repository, file: File, services: tuple[ComposeService, ...]) -> ComposeFile:
    development = frozenset(s.name for s in services if _is_development(repository, file.folder, s))
    words = set(_WORDS.findall(file.path.lower()))
    if file.role is Role.TEST or words & set(_known()["test_words"]):
        purpose = "test"
    else:
        purpose = "development" if development or words & set(_known()["development_words"]) else "production"
    return ComposeFile(file.path, file.role, purpose, services, development)


def _is_development(repository: Repository, folder: str, service: ComposeService) -> bool:
    """Whether it watches or mounts the source tree, or starts a development server."""
    if service.watches or any(_mounts_source(repository, folder, volume) for volume in service.volumes):
        return True
    wanted = _known()["development_environment"]
    if service.build is not None and any(service.environment.get(name) in values for name, values in wanted.items()):
        return True
    command = " ".join((*service.entrypoint, *service.command))
    return any(_in_order(words, re.split(r"[\s/&;|]+", command)) for words in _known()["development_commands"])


def _in_order(words: list[str], command: list[str]) -> bool:
    rest = iter(command)
    return all(word in rest for word in words)


def _mounts_source(repository: Repository, folder: str, volume: str) -> bool:
    source, _, target = volume.partition(":")
    source = re.sub(r"^\$\{?PWD\}?", ".", source)
    if not target or not source.startswith("."):
        return False
    path = posixpath.normpath(posixpath.join(folder, source))
    if path == ".":
        return True
    file = repository.get(path)
    if file is not None:
        return False
    return any(f.role is Role.SOURCE and f.path.startswith(path + "/") for f in repository.files)
