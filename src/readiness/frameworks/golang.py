"""Finds what Go code registers: routes, gRPC services and application objects, by the tables beside it."""

from __future__ import annotations

from readiness.frameworks.go_apps import apps, grpc_services
from readiness.frameworks.go_routes import RouteFinder
from readiness.routing import App, GrpcService, Route
from readiness.source import Module
from readiness.symbols_go import GoSymbols


def find(modules: list[Module]) -> tuple[list[Route], list[GrpcService], list[App]]:
    """Routes, gRPC services and apps of `modules`, which are all of this language."""
    symbols = GoSymbols(modules)
    return RouteFinder(symbols).find(), grpc_services(symbols), apps(symbols)
