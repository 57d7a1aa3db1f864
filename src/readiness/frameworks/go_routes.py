"""Finds the routes that Go code registers: directly, through own functions that register, and from tables of routes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from readiness.frameworks.go_chains import Chains
from readiness.frameworks.go_contexts import Context, contexts
from readiness.frameworks.go_handlers import Handler, Handlers
from readiness.frameworks.go_implied import implied_routes, serves_files, table_routes
from readiness.frameworks.go_knowledge import (
    Framework,
    Registration,
    argument,
    frameworks,
    registering_names,
    registration_of,
)
from readiness.frameworks.go_routers import Router, Routers, join
from readiness.frameworks.go_values import Scope, Values
from readiness.model import Evidence
from readiness.routing import Route
from readiness.source import (
    Call,
    CallRef,
    Expression,
    FunctionRef,
    Joined,
    Mapping,
    Module,
    Name,
    Sequence,
    Text,
)
from readiness.symbols_go import GoSymbols, is_test_support

_PARAMETER = re.compile(r"[:*](\w+)\??|\{(\w+)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*|\.\.\.)\}|<(\w+)(?::[^<>]*)?>")
_METHODS = re.compile(r"^([A-Z]+)\s+")


class Registered(Struct, frozen=True):
    """A registration with its parts found among the arguments."""

    framework: Framework
    method: Expression | str | None
    path: Expression | None
    handler: Expression | None
    receiver: Expression | None
    tag: str = ""


class RouteFinder:
    """Finds routes in own modules."""

    def __init__(self, symbols: GoSymbols) -> None:
        """Make what follows values, routers and handlers."""
        self.symbols = symbols
        self.values = Values(symbols)
        self.routers = Routers(symbols, self.values)
        self.handlers = Handlers(symbols, self.values)
        self.chains = Chains(symbols, self.values)

    def find(self) -> list[Route]:
        """Every route, in order of the calls that register them."""
        names = registering_names()
        literals = {kind for framework in frameworks() for kind in framework.literals}
        found: list[Route] = []
        for module in self.symbols.modules:
            if is_test_support(module):
                continue
            for index, call in enumerate(module.calls):
                last = call.callee.rpartition(".")[2]
                if call.kind == "new" and last in literals:
                    registered = self._from_literal(module, call)
                elif call.kind == "call" and last in names:
                    registered = self._from_call(module, call, index)
                else:
                    continue
                if registered is not None:
                    found += self._routes(registered, module, call)
        return list(dict.fromkeys([*found, *implied_routes(self.symbols, self.values), *table_routes(self.symbols)]))

    def _from_call(self, module: Module, call: Call, index: int) -> Registered | None:
        spec = registration_of(self.symbols.resolve(module, call.callee))
        if spec is None:
            return None
        framework, registration = spec
        links = self.chains.links(module, call, index, framework)
        if registration.operation is not None:
            return self._from_operation(framework, registration, module, call)
        path = links.path if registration.chained else argument(call.args, registration.path)
        if path is None:
            return None
        if isinstance(registration.method, int):
            method: Expression | str | None = argument(call.args, registration.method)
        else:
            method = links.methods or registration.method
        handler = argument(call.args, registration.handler)
        handler = (
            links.handler
            if links.handler is not None and (handler is None or registration.handler is None)
            else handler
        )
        if handler is path or (registration.handler is not None and handler is None and framework.name != "fiber"):
            return None
        receiver = call.receiver if registration.router is None else argument(call.args, registration.router)
        return Registered(framework, method, _below(links.prefix, path), handler, receiver, registration.tag)

    @staticmethod
    def _from_operation(
        framework: Framework, registration: Registration, module: Module, call: Call
    ) -> Registered | None:
        operation = argument(call.args, registration.operation)
        if not isinstance(operation, Mapping) or operation.get("Path") is None:
            return None
        receiver = argument(call.args, registration.router)
        handler = argument(call.args, registration.handler)
        return Registered(framework, operation.get("Method"), operation.get("Path"), handler, receiver)

    def _from_literal(self, module: Module, call: Call) -> Registered | None:
        resolved = self.symbols.resolve(module, call.callee)
        for framework in frameworks():
            for kind, fields in framework.literals.items():
                if resolved.folder is None and resolved.symbol in {
                    f"{package}.{kind}" for package in framework.packages
                }:
                    method, path, handler = (call.keyword(fields[part]) for part in ("method", "path", "handler"))
                    return Registered(framework, method, path, handler, None) if path is not None else None
        return None

    def _routes(self, registered: Registered, module: Module, call: Call) -> Iterator[Route]:
        """The routes of one registration; a function that registers the path it is given, but is never called, has none."""
        self.values.refill()
        parts = [
            part for part in (registered.path, registered.method) if part is not None and not isinstance(part, str)
        ]
        for context in contexts(self.values, Scope(module, call.function, line=call.line), parts, call):
            if not (registered.path is not None and self.values.parameters_in(registered.path, context.scope)):
                yield from self._in_context(registered, context, call)

    def _in_context(self, registered: Registered, context: Context, call: Call) -> Iterator[Route]:
        scope = context.scope
        path, sure = self._path(registered.path, scope)
        methods = self._methods(registered.method, scope)
        if registered.framework.name == "net/http" and (named := _METHODS.match(path)) is not None:
            methods, path = [named.group(1)], path[named.end() :]
        handler = self._handler(registered, context, call)
        tags = self._tags(registered, path, scope)
        guards = call.guards if context.call is call else (*context.call.guards, *call.guards)
        for prefix, known in self._prefixes(registered, scope):
            for method in methods:
                yield Route(
                    method=method,
                    path=normal(join(prefix, path)),
                    framework=registered.framework.name,
                    where=Evidence(context.module.path, context.call.line),
                    handler=handler.name,
                    handler_path=handler.module.path if handler.module is not None else "",
                    handler_function=handler.function,
                    renders=self.handlers.renders(handler),
                    prefix_known=known and sure,
                    conditions=guards,
                    tags=tags,
                )

    def _handler(self, registered: Registered, context: Context, call: Call) -> Handler:
        """The handler; where a function that registers wraps it in a closure of its own, the one that was passed to it."""
        handler = self.handlers.locate(registered.handler, context.scope)
        wraps = handler.function < 0 or (
            handler.module is not None and not handler.module.functions[handler.function].name
        )
        if context.call is call or context.call.kind != "call" or not wraps:
            return handler
        outside = Scope(context.module, context.call.function, line=context.call.line)
        for value in context.call.args:
            passed = (
                self.handlers.locate(value, outside) if isinstance(value, (Name, FunctionRef, CallRef)) else Handler()
            )
            if passed.function >= 0:
                return passed
        return handler

    @staticmethod
    def _tags(registered: Registered, path: str, scope: Scope) -> tuple[str, ...]:
        tags = [registered.tag] if registered.tag else []
        if serves_files(scope.module, registered.handler):
            tags.append("static")
        if registered.framework.name == "net/http" and path.endswith("/"):
            tags.append("subtree")
        return tuple(tags)

    def _prefixes(self, registered: Registered, scope: Scope) -> list[tuple[str, bool]]:
        receiver = registered.receiver
        if receiver is None or (isinstance(receiver, Name) and receiver.symbol in registered.framework.packages):
            return [("", True)]
        routers = self.routers.routers(receiver, scope) or [Router(None, known=registered.framework.name == "net/http")]
        return list(dict.fromkeys(prefix for router in routers for prefix in self.routers.prefixes(router)))

    def _path(self, expression: Expression | None, scope: Scope) -> tuple[str, bool]:
        """The path as far as it is known; a part that is not becomes a parameter, at the start it is left out."""
        text = self.values.text(expression, scope)
        if text is not None:
            return text, True
        if isinstance(expression, CallRef) and (below := self._completed(expression, scope)):
            return below, False
        if isinstance(expression, Joined):
            parts = [self.values.text(part, scope) for part in expression.parts]
            if parts[0] is None and any(parts):
                parts = parts[1:]
            return "".join(part if part is not None else "{value}" for part in parts), False
        written = expression.written if isinstance(expression, Name) else ""
        return "/{" + (written.rpartition(".")[2] or "path") + "}", False

    def _completed(self, expression: CallRef, scope: Scope) -> str:
        """The path that a call only completes: the one literal path among its arguments, as in `s.prefixed("/orders")`."""
        texts = [self.values.text(argument, scope) for argument in scope.module.calls[expression.index].args]
        paths = [text for text in texts if text is not None and text.startswith("/")]
        return paths[0] if len(paths) == 1 else ""

    def _methods(self, method: Expression | str | None, scope: Scope) -> list[str]:
        if isinstance(method, str):
            return [method.upper()]
        if isinstance(method, Sequence):
            texts = [self.values.text(item, scope) for item in method.items]
        elif isinstance(method, CallRef):
            texts = [self.values.text(item, scope) for item in scope.module.calls[method.index].args]
        else:
            texts = [self.values.text(method, scope)]
        found = [part.strip().upper() for text in texts if text for part in text.split(",")]
        return found or ["*"]


def _below(prefix: Expression | None, path: Expression) -> Expression:
    """`path` below a prefix that another call on the same router sets."""
    return Joined((prefix, Text("/"), path)) if prefix is not None else path


def normal(path: str) -> str:
    """A path with parameters as {name}, one slash at its start, none doubled, none at its end but the root's."""
    path = path.replace("{$}", "")
    path = _PARAMETER.sub(lambda match: "{" + next(filter(None, match.groups()), "path") + "}", path)
    path = re.sub(r"/{2,}", "/", "/" + path)
    return path.rstrip("/") or "/"
