"""Finds what JavaScript code registers: routes, gRPC services and application objects. Each framework family has a module."""

from __future__ import annotations

from readiness.frameworks.javascript_mounts import find_mounts
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
    return routes, [], []
