"""HTTP routes and gRPC services that the code registers, in one shape for every framework."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from readiness.facts.modules import Modules
from readiness.model import Evidence
from readiness.repository import Repository
from readiness.wiring import fact


class Route(Struct, frozen=True):
    """A registered HTTP route.

    `method` is upper case, "*" for any. `path` has all prefixes that could be resolved and parameters as {name};
    `handler` is the handler's name as written; `handler_path`/`handler_function` locate its body (module path and index
    into Module.functions, -1 where it could not be found). `path`/`line` of `where` is the registration.
    `renders`: "json", "html", "text", "redirect" or "" (unknown), from what the handler returns.
    `prefix_known` is false where a prefix was not a literal. `conditions` are guards around the registration.
    `tags`: framework facts ("include_in_schema=false", "mounted", "static", "websocket", "auth", "admin").
    """

    method: str
    path: str
    framework: str
    where: Evidence
    handler: str = ""
    handler_path: str = ""
    handler_function: int = -1
    renders: str = ""
    prefix_known: bool = True
    conditions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class GrpcService(Struct, frozen=True):
    """A gRPC service that the code registers on a server; `name` as in RegisterXServer / add_XServicer_to_server."""

    name: str
    where: Evidence


class App(Struct, frozen=True):
    """An application object or server of a framework that the code builds: FastAPI(), express(), gin.Default(), grpc server,
    http.ListenAndServe, Celery(). `kind` is http, grpc, worker or web; `symbol` is what was called."""

    framework: str
    kind: str
    symbol: str
    where: Evidence
    options: tuple[tuple[str, str], ...] = ()


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
def routes(repository: Repository, modules: Modules) -> Routes:
    """Find what the code registers."""
    return Routes()
