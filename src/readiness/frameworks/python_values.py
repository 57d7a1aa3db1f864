"""The literal behind a Python value: constants, settings fields with a default, joins. It guesses nothing."""

from __future__ import annotations

import re

from readiness.source import CallRef, Choice, Constant, Expression, Joined, Module, Name, Sequence, Text
from readiness.symbols import Found, PythonSymbols

_DEEPEST = 6
_DJANGO_SETTINGS = "django.conf.settings."


def text_of(value: Expression | None, module: Module, symbols: PythonSymbols, depth: int = 0) -> str | None:
    """The text that `value` has by default where `module` uses it, or None."""
    if value is None or depth > _DEEPEST:
        return None
    match value:
        case Text(value=text):
            return text
        case Constant(value="null"):
            return ""
        case Joined(parts=parts):
            texts = [text_of(part, module, symbols, depth + 1) for part in parts]
            return "".join(t for t in texts if t is not None) if None not in texts else None
        case Choice(options=options):
            texts = [text_of(option, module, symbols, depth + 1) for option in options]
            return next((t for t in texts if t is not None), None)
        case Name():
            return _of_name(value, module, symbols, depth)
        case CallRef(index=index):
            return _of_call(index, module, symbols, depth)
    return None


def _of_call(index: int, module: Module, symbols: PythonSymbols, depth: int) -> str | None:
    """The default that a call was given: os.getenv("X", "/api"), Field("/api"), str(X)."""
    call = module.calls[index]
    default = call.keyword("default")
    last = call.callee.rpartition(".")[2]
    if default is None and last in ("getenv", "get", "config", "str") and len(call.args) > 1:
        default = call.args[1]
    if default is None and last == "getattr" and len(call.args) > 2:
        default = call.args[2]
    if default is None and last in ("Field", "str", "trailing_slash", "rstrip", "strip") and call.args:
        default = call.args[0]
    if default is None:
        named = call.args[0] if call.args else None
        reads = (r for r in module.env_reads if isinstance(named, Text) and r.name == named.value)
        default = next((r.default for r in reads if r.default is not None), None)
    return text_of(default, module, symbols, depth + 1)


def _of_name(name: Name, module: Module, symbols: PythonSymbols, depth: int) -> str | None:
    if name.symbol.startswith(_DJANGO_SETTINGS):
        found = symbols.setting(name.symbol.removeprefix(_DJANGO_SETTINGS))
        return _of_found(found, symbols, depth + 1) if found else None
    for spelled in dict.fromkeys((name.symbol, name.written)):
        found = symbols.find(spelled, module)
        if found is not None:
            value = _of_found(found, symbols, depth + 1)
            if value is not None:
                return value
    return None


def _of_found(found: Found, symbols: PythonSymbols, depth: int) -> str | None:
    if depth > _DEEPEST:
        return None
    if found.assignment is not None:
        if not found.rest:
            return text_of(found.assignment.value, found.module, symbols, depth + 1)
        value = found.assignment.value
        owner = found.module.calls[value.index].callee if isinstance(value, CallRef) else ""
        owner = value.symbol if isinstance(value, Name) else owner
        target = symbols.find(owner, found.module) if owner and owner != found.name else None
        if target is None:
            return None
        return _of_found(Found(target.module, target.name, found.rest, target.function, target.class_,
                               target.assignment), symbols, depth + 1)  # fmt: skip
    if found.class_node is not None and found.rest:
        return _of_field(found, symbols, depth)
    if found.function_node is not None and found.rest:  # get_settings().X
        declared = symbols.find(found.function_node.returns, found.module) if found.function_node.returns else None
        if declared is not None and declared.class_node is not None:
            field = Found(declared.module, declared.name, found.rest, class_=declared.class_)
            return _of_found(field, symbols, depth + 1)
    return None


def _of_field(found: Found, symbols: PythonSymbols, depth: int) -> str | None:
    class_ = found.class_node
    for field in class_.fields if class_ else ():
        if field.name == found.rest:
            return text_of(field.default, found.module, symbols, depth + 1)
    for base in class_.bases if class_ else ():
        parent = symbols.find(base, found.module)
        if parent is not None and parent.class_node is not None and parent.class_node is not class_:
            value = _of_found(Found(parent.module, parent.name, found.rest, class_=parent.class_), symbols, depth + 1)
            if value is not None:
                return value
    return None


def texts_of(value: Expression | None, module: Module, symbols: PythonSymbols) -> list[str]:
    """The texts in a list literal or a name of one (methods=["GET", "POST"])."""
    if isinstance(value, Name):
        found = symbols.find(value.symbol, module)
        value = found.assignment.value if found and found.assignment and not found.rest else value
    if isinstance(value, Sequence):
        return [text for item in value.items if (text := text_of(item, module, symbols)) is not None]
    text = text_of(value, module, symbols)
    return [text] if text else []


def spelled(value: Expression | None, module: Module, symbols: PythonSymbols) -> tuple[str, bool]:
    """The text of `value` with what is not known left out, and whether all of it is known."""
    text = text_of(value, module, symbols)
    if text is not None:
        return text, True
    if isinstance(value, Joined):
        return "".join(text_of(part, module, symbols) or "" for part in value.parts), False
    if isinstance(value, CallRef):
        call = module.calls[value.index]
        if call.callee == "str.format" and isinstance(call.receiver, Text):
            return re.sub(r"\{\w*\}", "", call.receiver.value), False
    return "", False
