"""Finds what JavaScript code registers: routes, gRPC services and applications. Each family has a module of its own."""

from __future__ import annotations

from readiness.frameworks.javascript_apps import find_apps, find_grpc_services
from readiness.frameworks.javascript_decorated import find_decorated, find_grpc
from readiness.frameworks.javascript_files import find_files
from readiness.frameworks.javascript_mounts import find_mounts
from readiness.frameworks.javascript_plain import find_plain
from readiness.frameworks.javascript_provided import find_provided
from readiness.frameworks.javascript_routers import Routers
from readiness.frameworks.javascript_verbs import find_routes
from readiness.routing import App, GrpcService, Route
from readiness.source import Module
from readiness.symbols_javascript import Symbols


def find(modules: list[Module]) -> tuple[list[Route], list[GrpcService], list[App]]:
    """Routes, gRPC services and apps of `modules`, which are all of this language."""
    symbols = Symbols(modules)
    routers = Routers(symbols, modules)
    find_mounts(routers, modules)
    routes = [route for module in modules for route in find_routes(routers, module)]
    routes += find_decorated(symbols, modules)
    routes += find_files(symbols, modules)
    routes += find_plain(symbols, modules)
    routes += find_provided(symbols, modules)
    grpc = [*find_grpc_services(modules), *find_grpc(symbols, modules)]
    return routes, grpc, list(find_apps(modules))
