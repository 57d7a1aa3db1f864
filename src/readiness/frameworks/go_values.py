"""Evaluates Go expressions to text across functions and packages, as far as literals and constants go. Knows no framework."""

from __future__ import annotations

from msgspec import Struct

from readiness.source import (
    Assignment,
    Call,
    CallRef,
    Choice,
    Expression,
    FunctionRef,
    Joined,
    Module,
    Name,
    Text,
)
from readiness.symbols_go import GoSymbols, folder_of

MAX_DEPTH = 12
"""How many names, calls and parameters one value is followed through."""


_STEPS_EACH = 30_000
_STEPS_TOTAL = 500_000
"""Bounds on the steps for one registration and for all: code that calls itself in circles multiplies its ways."""


class Row(Struct, frozen=True):
    """One composite literal of an own type: what a loop over a table of such literals takes its values from."""

    folder: str
    kind: str
    module: Module
    call: Call


class Scope(Struct, frozen=True):
    """Where an expression stands. `given` are arguments for parameters: (path, function, parameter, where, expression).

    `line` is the expression's, so that of several assignments to a variable those before it count; 0 takes all.
    """

    module: Module
    function: int
    given: tuple[tuple[str, int, str, Scope, Expression], ...] = ()
    row: Row | None = None
    line: int = 0

    def at(self, line: int, function: int | None = None) -> Scope:
        """The same at another line, or in another function of the file."""
        return Scope(self.module, self.function if function is None else function, self.given, self.row, line)

    def chain(self) -> list[int]:
        """The function and those around it, the innermost first."""
        return list(self.module.around(self.function))

    def argument(self, function: int, name: str) -> tuple[Scope, Expression] | None:
        """What was passed for a parameter."""
        for path, index, parameter, where, value in self.given:
            if path == self.module.path and index == function and parameter == name:
                return where, value
        return None

    def parameter(self, name: str) -> int:
        """The innermost function around that has a parameter `name`, -1 if none."""
        for index in self.chain():
            if any(parameter.name == name for parameter in self.module.functions[index].parameters):
                return index
        return -1


class Values:
    """Evaluates expressions of own modules."""

    def __init__(self, symbols: GoSymbols) -> None:
        """Index assignments by file and target, literals by type."""
        self.symbols = symbols
        self._left = _STEPS_EACH
        self._total = _STEPS_TOTAL
        self._made: dict[str, list[tuple[Module, Call]]] = {}
        self._assignments: dict[tuple[str, str], list[Assignment]] = {}
        for module in symbols.modules:
            for call in module.calls:
                if call.kind == "new":
                    self._made.setdefault(call.callee.rpartition(".")[2], []).append((module, call))
            for assignment in module.assignments:
                self._assignments.setdefault((module.path, assignment.target), []).append(assignment)

    def refill(self) -> None:
        """Begin with another registration."""
        self._left = min(_STEPS_EACH, self._total)

    def may_go_on(self) -> bool:
        """Count a step; false when the bound is reached, where what is still open stays unknown."""
        self._left -= 1
        self._total -= 1
        return self._left > 0

    def assigned(self, scope: Scope, target: str) -> list[Assignment]:
        """The assignments to a local variable that may hold where `scope` stands, in the innermost function that has any."""
        found = self._assignments.get((scope.module.path, target), [])
        for function in scope.chain():
            if inside := [assignment for assignment in found if assignment.function == function]:
                return _holding(inside, scope.line)
        return []

    def text(self, expression: Expression | None, scope: Scope, depth: int = 0) -> str | None:
        """The text that an expression has, None where that cannot be said."""
        if depth > MAX_DEPTH or not self.may_go_on():
            return None
        match expression:
            case Text(value=value):
                return value
            case Joined(parts=parts):
                texts = [self.text(part, scope, depth + 1) for part in parts]
                return "".join(t for t in texts if t is not None) if None not in texts else None
            case Choice(options=options):
                return next((t for o in options if (t := self.text(o, scope, depth + 1)) is not None), None)
            case Name():
                return self._name(expression, scope, depth)
            case CallRef(index=index):
                return self._call(scope.module.calls[index], scope, depth)
        return None

    def _name(self, name: Name, scope: Scope, depth: int) -> str | None:
        if name.symbol.startswith("net/http.Method"):
            return name.symbol.removeprefix("net/http.Method").upper()
        function = scope.parameter(name.written)
        if function >= 0:
            passed = scope.argument(function, name.written)
            return self.text(passed[1], passed[0], depth + 1) if passed else None
        if local := self.assigned(scope, name.written):
            texts = {self.text(a.value, scope.at(before(a, scope)), depth + 1) for a in local}
            return _fullest(texts)
        if (row := scope.row) is not None:
            found = self.symbols.resolve(scope.module, name.symbol)
            if found.folder == row.folder and found.symbol.startswith(row.kind + "."):
                return self.text(row.call.keyword(found.last), Scope(row.module, row.call.function), depth + 1)
        if (value := self.symbols.value(scope.module, name.symbol)) is not None:
            return self.text(value[1].value, Scope(value[0], -1), depth + 1)
        last = name.symbol.rpartition(".")[2]
        return last if last in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS") else None

    def _call(self, call: Call, scope: Scope, depth: int) -> str | None:
        if call.callee in ("path.Join", "strings.Join", "net/url.JoinPath"):
            texts = [self.text(argument, scope, depth + 1) for argument in call.args]
            parts = [t for t in texts if t is not None]
            return (
                "/".join(part.strip("/") if n else part.rstrip("/") for n, part in enumerate(parts))
                if len(parts) == len(texts)
                else None
            )
        if call.callee.startswith("strings.To") or call.callee in ("string", "strings.TrimSpace"):
            return self.text(call.args[0], scope, depth + 1) if call.args else None
        found = self.symbols.function(scope.module, call.callee)
        if found is None:
            return None
        inner = self.called(found, call, scope)
        returned = [r for r in found[0].returns if r.function == found[1]]
        return self.text(returned[0].value, inner, depth + 1) if len(returned) == 1 else None

    @staticmethod
    def called(function: tuple[Module, int], call: Call, caller: Scope) -> Scope:
        """The scope inside an own function for one call of it."""
        module, index = function
        names = [parameter.name for parameter in module.functions[index].parameters]
        given = tuple((module.path, index, name, caller, value) for name, value in zip(names, call.args, strict=False))
        return Scope(module, index, (*given, *caller.given), caller.row)

    def parameters_in(self, expression: Expression | None, scope: Scope, depth: int = 0) -> set[tuple[int, str]]:
        """The parameters, not given yet, of functions around that an expression needs: (function, name)."""
        if not self.may_go_on():
            return set()
        match expression:
            case Name(written=written):
                function = scope.parameter(written)
                if function >= 0:
                    return set() if scope.argument(function, written) else {(function, written)}
                local = self.assigned(scope, written) if depth < 3 else []
                return set().union(*(self.parameters_in(a.value, scope.at(before(a, scope)), depth + 1) for a in local))
            case Joined(parts=parts):
                return set().union(*(self.parameters_in(part, scope, depth) for part in parts))
            case CallRef(index=index) if depth < 3:
                call = scope.module.calls[index]
                return set().union(*(self.parameters_in(a, scope, depth + 1) for a in call.args))
        return set()

    def closure_sites(self, module: Module, function: int) -> list[Call]:
        """The calls of an inline function through the local variable that it is assigned to."""
        for assignment in module.assignments:
            if assignment.value == FunctionRef(function):
                return [c for c in module.calls if c.written == assignment.target and c.function != function]
        return []

    def sites(self, module: Module, function: int) -> list[tuple[Module, Call]]:
        """The calls of an own function, named or bound to a variable."""
        if module.functions[function].name:
            return self.symbols.call_sites.get((module.path, function), [])
        return [(module, call) for call in self.closure_sites(module, function)]

    def rows(self, scope: Scope, expression: Expression | None) -> list[Row]:
        """The literals of the own type whose field `expression` is (`route.Path` in a loop over a table)."""
        if not isinstance(expression, Name):
            return []
        found = self.symbols.resolve(scope.module, expression.symbol)
        kind, _, field = found.symbol.rpartition(".")
        if found.folder is None or not kind or "." in kind or self.symbols.type(found.module, kind) is None:
            return []
        return [
            Row(found.folder, kind, module, call)
            for module, call in self._made.get(kind, [])
            if call.keyword(field) is not None
            and (folder_of(module) == found.folder or self.symbols.resolve(module, call.callee).folder == found.folder)
        ]


def _holding(assignments: list[Assignment], line: int) -> list[Assignment]:
    """The last assignment up to `line`, and where that is made under a condition those before it as well."""
    earlier = [assignment for assignment in assignments if not line or assignment.line <= line]
    if not line or not earlier:
        return assignments
    held: list[Assignment] = []
    for assignment in reversed(earlier):
        held.insert(0, assignment)
        if not assignment.guards:
            break
    return held


def _fullest(texts: set[str | None]) -> str | None:
    """The one text, or of a path and the same path below a prefix that a condition puts before it, the longer."""
    known = [text for text in texts if text is not None]
    if len(known) < len(texts) or not known:
        return None
    longest = max(known, key=len)
    below = all(longest.endswith(text) and text.startswith("/") for text in known)
    return longest if len(known) == 1 or (below and "//" not in longest) else None


def before(assignment: Assignment, scope: Scope) -> int:
    """The line to look from in an assigned value: above it where it may name the variable that it is assigned to."""
    return assignment.line - 1 if assignment.line > 1 and scope.line else scope.line
