"""The programs that this repository runs in production, their kind, and which files belong to each."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from readiness.facts.manifests import Manifests
from readiness.facts.modules import Modules
from readiness.facts.routes import Routes
from readiness.model import Evidence
from readiness.repository import Repository
from readiness.wiring import fact


class Service(Struct, frozen=True):
    """A program that serves HTTP or gRPC or consumes a queue in production.

    `kinds` holds any of http, grpc, worker, web (server-rendered pages). `folder` is its root, "" for the repository's.
    `paths` are the source modules that make it up. `evidence` says what makes it a service.
    """

    name: str
    folder: str
    language: str
    kinds: frozenset[str]
    frameworks: frozenset[str]
    paths: frozenset[str]
    evidence: tuple[Evidence, ...]

    def serves(self, *kinds: str) -> bool:
        """Whether it is of one of `kinds`; "http" holds for web as well."""
        return bool(self.kinds & set(kinds)) or ("http" in kinds and "web" in self.kinds)


class Services:
    """The services; `target` says what the repository is where there is none (library, command line, front end,
    infrastructure), and `reason` how that was seen."""

    def __init__(self, services: Iterable[Service], target: str = "", reason: str = "") -> None:
        """Keep them in order of name."""
        self.all = tuple(sorted(services, key=lambda s: s.name))
        self.target = target
        self.reason = reason

    def serving(self, *kinds: str) -> list[Service]:
        """The services of one of `kinds`; all of them without kinds."""
        return [s for s in self.all if not kinds or s.serves(*kinds)]

    def why_none(self, what: str = "serves requests or consumes a queue") -> str:
        """A sentence for not_applicable: that nothing here `what`, and what the repository is instead."""
        if self.target:
            return f"Nothing here {what}: {self.reason}."
        return f"Nothing here {what}."

    def owner(self, path: str) -> Service | None:
        """The service whose modules or folder hold `path`, the closest folder first."""
        holders = [s for s in self.all if path in s.paths]
        if not holders:
            holders = [s for s in self.all if not s.folder or path.startswith(s.folder + "/")]
        return max(holders, key=lambda s: len(s.folder), default=None)


@fact
def services(repository: Repository, modules: Modules, manifests: Manifests, routes: Routes) -> Services:
    """Find the services."""
    return Services([])
