"""Finds what Python code registers: routes, gRPC services and application objects, by the reader of each framework."""

from __future__ import annotations

from readiness.frameworks import python_apps, python_registered, python_tables
from readiness.frameworks.python_django import DjangoRoutes
from readiness.frameworks.python_handlers import Handlers
from readiness.frameworks.python_routers import Routers
from readiness.routing import App, GrpcService, Route
from readiness.source import Module
from readiness.symbols import PythonSymbols


def find(modules: list[Module]) -> tuple[list[Route], list[GrpcService], list[App]]:
    """Routes, gRPC services and apps of `modules`, which are all of this language."""
    symbols = PythonSymbols(modules)
    handlers = Handlers(modules, symbols)
    routers = Routers(modules, symbols)
    routes = DjangoRoutes(
        modules, routers, handlers
    ).find()  # first: it says where other frameworks' routers are mounted
    routes += python_registered.find(modules, routers, handlers)
    routes += python_tables.find(modules, routers, handlers)
    services, apps = python_apps.find(modules, routers)
    return list(dict.fromkeys(routes)), services, apps
