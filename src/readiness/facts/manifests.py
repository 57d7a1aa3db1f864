"""Dependency manifests and their locks: what each package declares. Resolves no versions."""

from __future__ import annotations

from msgspec import Struct

from readiness.repository import Repository
from readiness.wiring import fact


class Dependency(Struct, frozen=True):
    """A declared dependency. `name` is normalised (lower case, PyPI's - for _ and .); `scope` is run, dev or optional."""

    name: str
    spec: str
    scope: str
    path: str
    line: int


class Manifest(Struct, frozen=True):
    """One manifest file. `kind`: python, node or go; `folder` its directory ("" at the root); `name` the package's own.

    `locks` are the lock files that hold for it (its own, or its workspace root's). `scripts` are package.json scripts,
    poetry/hatch/pdm scripts; `entry_points` console scripts, package.json bin; `workspaces` its workspace globs.
    `data` is the parsed document (package.json, pyproject.toml), {} for line formats.
    """

    path: str
    kind: str
    folder: str
    name: str
    dependencies: tuple[Dependency, ...] = ()
    locks: tuple[str, ...] = ()
    scripts: dict[str, str] = {}
    entry_points: dict[str, str] = {}
    workspaces: tuple[str, ...] = ()
    data: dict[str, object] = {}


class Manifests:
    """The target's manifests."""

    def __init__(self, manifests: tuple[Manifest, ...] = ()) -> None:
        """Index them."""
        self.all = manifests

    def nearest(self, path: str, kind: str = "") -> Manifest | None:
        """The manifest (of `kind`, if given) in the closest folder at or above `path`."""
        fitting = [m for m in self.all if (not kind or m.kind == kind) and (not m.folder or path.startswith(m.folder + "/"))]
        return max(fitting, key=lambda m: len(m.folder), default=None)

    def declares(self, name: str, kind: str = "", scopes: tuple[str, ...] = ("run", "optional")) -> list[Dependency]:
        """Where the dependency `name` is declared in one of `scopes`."""
        return [
            d for m in self.all if not kind or m.kind == kind for d in m.dependencies if d.name == name and d.scope in scopes
        ]

    def is_browser_code(self, path: str) -> bool:
        """Whether `path` lies in a package that is a front end alone (a UI framework, and no server framework)."""
        return False


@fact
def manifests(repository: Repository) -> Manifests:
    """Every manifest outside vendored, test and example folders."""
    return Manifests()
