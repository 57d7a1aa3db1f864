"""HTTP routes and gRPC services that the code registers, in one shape for every framework."""

from __future__ import annotations

from collections.abc import Iterable

from readiness.facts.modules import Modules
from readiness.frameworks import golang, javascript, python
from readiness.routing import App, GrpcService, Route
from readiness.wiring import fact

__all__ = ["App", "GrpcService", "Route", "Routes", "routes"]


class Routes:
    """Routes, gRPC services and application objects of the whole target."""

    def __init__(
        self, routes: Iterable[Route] = (), grpc: Iterable[GrpcService] = (), apps: Iterable[App] = ()
    ) -> None:
        """Keep each in order of its place."""
        self.all = tuple(sorted(routes, key=lambda r: (r.where.path, r.where.line, r.method, r.path)))
        self.grpc = tuple(sorted(grpc, key=lambda g: (g.where.path, g.where.line)))
        self.apps = tuple(sorted(apps, key=lambda a: (a.where.path, a.where.line)))

    def within(self, paths: Iterable[str]) -> Routes:
        """What is registered in the modules at `paths`."""
        inside = set(paths)
        return Routes(
            (r for r in self.all if r.where.path in inside),
            (g for g in self.grpc if g.where.path in inside),
            (a for a in self.apps if a.where.path in inside),
        )


@fact
def routes(modules: Modules) -> Routes:
    """Find what the code registers, by the framework readers of each language."""
    found: list[Route] = []
    grpc: list[GrpcService] = []
    apps: list[App] = []
    for language, reader in (("python", python), ("javascript", javascript), ("go", golang)):
        if chosen := modules.of(language):
            some_routes, some_grpc, some_apps = reader.find(chosen)
            found += some_routes
            grpc += some_grpc
            apps += some_apps
    return Routes(found, grpc, apps)
