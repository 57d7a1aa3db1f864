"""Container image builds: Dockerfiles by stage, and the other tools that build an image (ko, Buildpacks, Jib, Skaffold)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from readiness.repository import Repository, Role
from readiness.wiring import fact


class Instruction(Struct, frozen=True):
    """A Dockerfile instruction: `name` in upper case, `values` its words, `json` whether in exec form, `flags` --x=y."""

    name: str
    values: tuple[str, ...]
    line: int
    json: bool = False
    flags: tuple[str, ...] = ()


class Stage(Struct, frozen=True):
    """A build stage: `base` with ARG defaults filled in, `alias` its AS name, `instructions` without FROM."""

    base: str
    alias: str
    line: int
    instructions: tuple[Instruction, ...]


class Dockerfile(Struct, frozen=True):
    """One Dockerfile or Containerfile. `role` as of its file (a test image is no production image)."""

    path: str
    role: Role
    stages: tuple[Stage, ...]

    @property
    def folder(self) -> str:
        """Its directory, "" at the root."""
        return self.path.rpartition("/")[0]

    @property
    def final(self) -> Stage | None:
        """The stage that is the image, unless a target is named."""
        return self.stages[-1] if self.stages else None


class Dockerfiles:
    """All of them; `others` are image builds without a Dockerfile as (tool, path, line)."""

    def __init__(self, files: Iterable[Dockerfile] = (), others: Iterable[tuple[str, str, int]] = ()) -> None:
        """Keep them in order of path."""
        self.all = tuple(sorted(files, key=lambda d: d.path))
        self.others = tuple(others)

    @property
    def production(self) -> list[Dockerfile]:
        """Those outside test, example and documentation folders that build a program of this repository (not a
        development container, a database with seed data, or a tool image)."""
        return [d for d in self.all if d.role in (Role.CONFIG, Role.SOURCE)]


@fact
def dockerfiles(repository: Repository) -> Dockerfiles:
    """Parse them all."""
    return Dockerfiles()
