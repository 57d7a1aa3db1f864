"""The shapes in which every framework's routes, gRPC services and application objects are told. Finds none of them."""

from __future__ import annotations

from msgspec import Struct

from readiness.model import Evidence


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
    """An application object or server that the code builds or runs: FastAPI(), express(), gin.Default(), Celery(),
    a gRPC server, http.ListenAndServe.

    `kind` is http, web (renders pages), grpc or worker; `symbol` is what was called. `options` are its keyword
    arguments or settings that are literals, as text.
    """

    framework: str
    kind: str
    symbol: str
    where: Evidence
    options: tuple[tuple[str, str], ...] = ()
