"""The module under construction while a JavaScript file is read: what was found so far, and where the reader stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tree_sitter import Node

from readiness.languages.javascript_names import LONGEST_SYMBOL, Scope
from readiness.source import (
    Assignment,
    Call,
    CallRef,
    Class,
    EnvRead,
    Expression,
    Function,
    Import,
    Name,
    Opaque,
    Return,
)

DEEPEST = 120
"""Nesting beyond which an expression or statement is kept as text, so that hostile input cannot exhaust the stack."""
LONGEST_TEXT = 200
ENVIRONMENTS = ("process.env.", "Bun.env.")


def text(node: Node) -> str:
    """The node's source text."""
    raw = node.text
    return raw.decode("utf-8", "replace") if raw is not None else ""


def short(node: Node) -> str:
    """The node's source text, cut, on one line."""
    raw = node.text or b""
    return " ".join(raw[: LONGEST_TEXT * 2].decode("utf-8", "replace").split())[:LONGEST_TEXT]


def line(node: Node) -> int:
    """The 1-based line on which the node starts."""
    return node.start_point[0] + 1


class Draft:
    """Collects a module. Bodies of functions wait in `pending` until the scope around them has been read, so that a
    function sees variables declared below it, and nested functions cost no stack."""

    def __init__(self, path: str) -> None:
        """Nothing found yet, standing at module level."""
        self.path = path
        self.imports: list[Import] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.calls: list[Call] = []
        self.assignments: list[Assignment] = []
        self.returns: list[Return] = []
        self.env_reads: list[EnvRead] = []
        self.packages: set[str] = set()
        self.catching: set[int] = set()
        self.scope = Scope(None, -1)
        self.guards: tuple[str, ...] = ()
        self.bound = ""
        self.depth = 0
        self.pending: deque[tuple[Scope, tuple[str, ...], Callable[[], None]]] = deque()

    def later(self, scope: Scope, work: Callable[[], None], first: bool = False) -> None:
        """Do `work` in `scope`, under the guards of now, once the scope around it has been read."""
        entry = (scope, self.guards, work)
        if first:
            self.pending.appendleft(entry)
        else:
            self.pending.append(entry)

    def drain(self) -> None:
        """Do all that waits, and what comes to wait meanwhile."""
        while self.pending:
            self.scope, self.guards, work = self.pending.popleft()
            self.bound = ""
            self.depth = 0
            work()

    def add_import(self, local: str, symbol: str, at: int, typing_only: bool = False) -> None:
        """Record that `local` ("" for an import for effect) stands for `symbol`."""
        self.imports.append(Import(local, symbol, at, typing_only))
        if local:
            self.scope.declare(local, symbol)

    def assign(self, target: str, value: Expression, at: int, annotation: str = "") -> None:
        """Record an assignment at the current place."""
        self.assignments.append(Assignment(target, value, at, self.scope.function, self.guards, annotation))

    def add_call(self, call: Call) -> CallRef:
        """Record a call and refer to it."""
        self.calls.append(call)
        return CallRef(len(self.calls) - 1)

    def symbol(self, value: Expression | None) -> str:
        """What a value can be called by: a name's symbol, a call's callee and "()"; "" for others."""
        if isinstance(value, Name):
            return value.symbol
        if isinstance(value, CallRef):
            return f"{self.calls[value.index].callee}()"
        return ""

    def written(self, value: Expression | None) -> str:
        """The same as written in the file."""
        if isinstance(value, Name):
            return value.written
        if isinstance(value, CallRef):
            return f"{self.calls[value.index].written}()"
        return ""

    def member(self, node: Node, base: Expression, name: str) -> Expression:
        """`base.name`, as a name where the base has a symbol; a read of the environment is recorded."""
        symbol = self.symbol(base)
        if not symbol:
            return Opaque(short(node))
        written = f"{self.written(base)}.{name}"
        if symbol == "this":
            return Name(self.scope.fields.get(name, f"this.{name}"), written)
        if name == "default" and symbol in self.packages:
            return Name(symbol, written)
        full = f"{symbol}.{name}"
        if full.startswith(ENVIRONMENTS) and full.count(".") == 2:
            self.env_reads.append(EnvRead(name, line(node), self.scope.function))
        if len(full) > LONGEST_SYMBOL:
            return Opaque(short(node))
        return Name(full, written)

    def default_env(self, since: int, default: Expression) -> None:
        """Give the environment reads recorded from index `since` on that have no default this one."""
        for index in range(since, len(self.env_reads)):
            read = self.env_reads[index]
            if read.default is None:
                self.env_reads[index] = EnvRead(read.name, read.line, read.function, default, read.required)
