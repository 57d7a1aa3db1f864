"""Finds the function that handles a JavaScript route, and what it answers with. Registers nothing."""

from __future__ import annotations

import re

from readiness.source import CallRef, Choice, Expression, FunctionRef, Joined, Mapping, Module, Name, Sequence, Text
from readiness.symbols_javascript import Symbols
from readiness.wiring import known

_ANSWERS: dict[str, list[str]] = known(__file__, "javascript_servers.yaml")["answers"]
_KIND_OF_METHOD = {method: kind for kind, methods in _ANSWERS.items() for method in methods}
_MOST_CALLS = 20_000
"""In files with more, which no hand wrote, handlers are not looked into: every route would search them all."""
_NEGOTIATION = re.compile(r"(?i)\baccepts?\b|is_?html|wants_?(html|json)|\.xhr\b")
"""Conditions under which a handler renders a page for browsers and answers programs otherwise."""
_PREFERENCE = ("html", "json", "redirect", "text")


def locate(
    symbols: Symbols, module: Module, value: Expression | None, inside: int, depth: int = 0
) -> tuple[Module, int] | None:
    """The function behind a handler: itself, wrapped (`asyncHandler(f)`), bound, in an object's `handler`, or imported."""
    if value is None or depth > 6:
        return None
    if isinstance(value, FunctionRef):
        return module, value.index
    if isinstance(value, Name):
        place = symbols.resolve(module, value, inside)
        if place is None:
            return None
        if place.function >= 0:
            return place.module, place.function
        return locate(symbols, place.module, place.value, place.inside, depth + 1) if place.value != value else None
    if isinstance(value, CallRef):
        call = module.calls[value.index]
        if call.callee.endswith(".bind") or call.written.endswith(".bind"):
            return locate(symbols, module, call.receiver, inside, depth + 1)
        for given in call.args[:-5:-1]:
            if isinstance(given, FunctionRef | Name | CallRef) and (
                found := locate(symbols, module, given, inside, depth + 1)
            ):
                return found
        return _factory(symbols, module, call.callee, call.written, inside)
    if isinstance(value, Mapping):
        return locate(symbols, module, value.get("handler"), inside, depth + 1)
    if isinstance(value, Choice | Sequence):
        options = value.options if isinstance(value, Choice) else value.items[::-1]
        return next((found for o in options if (found := locate(symbols, module, o, inside, depth + 1))), None)
    return None


def _factory(symbols: Symbols, module: Module, callee: str, written: str, inside: int) -> tuple[Module, int] | None:
    """`handlers.show()`: the function that the factory returns, else the factory itself."""
    made = symbols.resolve(module, Name(f"{callee}()", written), inside)
    if made is not None and made.function >= 0:
        return made.module, made.function
    place = symbols.resolve(module, Name(callee, written), inside)
    return (place.module, place.function) if place is not None and place.function >= 0 else None


def written(module: Module, value: Expression | None, depth: int = 0) -> str:
    """A handler's name as in the file."""
    if isinstance(value, Name):
        return value.written
    if isinstance(value, FunctionRef):
        return module.functions[value.index].name or "(inline)"
    if isinstance(value, CallRef):
        call = module.calls[value.index]
        inner = (written(module, given, depth + 1) for given in call.args if depth < 4)
        return f"{call.written}({', '.join(name for name in inner if name)})"
    if isinstance(value, Mapping):
        return written(module, value.get("handler"), depth + 1) if depth < 4 else ""
    return ""


def renders(module: Module, function: int, returning: bool) -> str:
    """What the handler answers with; `returning`: the framework sends what a handler returns."""
    found: set[str] = set()
    negotiated = True
    if len(module.calls) > _MOST_CALLS:
        return ""
    for call in module.calls_in(function):
        method = call.written.rpartition(".")[2]
        if call.receiver is None or method not in _KIND_OF_METHOD or len(call.written) > 60:
            continue
        if _answers(module, function, call.written):
            kind = _by_value(call.args[0] if call.args else None, _KIND_OF_METHOD[method])
            negotiated &= kind != "html" or any(_NEGOTIATION.search(guard) for guard in call.guards)
            found.add(kind)
    for assignment in module.assignments:
        if assignment.function == function and assignment.target in ("ctx.body", "ctx.response.body", "this.body"):
            found.add(_by_value(assignment.value, "value"))
    if returning and not found:
        for returned in module.returns:
            if returned.function == function and returned.value is not None:
                of_text = isinstance(returned.value, Text | Joined)
                found.add(_by_value(returned.value, "value" if of_text else "json"))
    if negotiated and "json" in found:
        return "json"
    return next((kind for kind in _PREFERENCE if kind in found), "")


def _answers(module: Module, function: int, called: str) -> bool:
    """Whether the receiver is one of the handler's parameters (res, reply, ctx, h), or Response itself."""
    head = called.partition(".")[0].partition("(")[0]
    if head in ("Response", "NextResponse", "this"):
        return True
    return module.takes(head, function) or head in ("res", "reply", "ctx", "response")


def _by_value(value: Expression | None, kind: str) -> str:
    """`send` of an object is JSON, of text is text or HTML."""
    if kind not in ("json", "value"):
        return kind
    if isinstance(value, Joined):
        value = next((part for part in value.parts if isinstance(part, Text)), Text(""))
    if isinstance(value, Text) and kind == "value":
        return "html" if value.value.lstrip().startswith("<") else "text"
    return kind if kind == "json" else "json" if isinstance(value, Mapping | Sequence) else ""
