"""Completes Go modules with the environment reads that only show across files: wrappers and constants of other packages."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness.languages.go_env import Reader, standard_readers, wrappers
from readiness.source import EnvRead, Expression, Module, Name, literal
from readiness.symbols_go import GoSymbols

_ROUNDS = 3
_Key = tuple[str, int]


def completed(modules: list[Module]) -> list[Module]:
    """`modules` (all of Go) with the reads added that go through own functions of other files or name an own constant."""
    symbols = GoSymbols(modules)
    own = _own_readers(symbols)
    done: list[Module] = []
    for module in modules:
        added = list(_reads(symbols, module, own))
        known = {(read.name, read.line) for read in module.env_reads}
        fresh = [read for read in dict.fromkeys(added) if (read.name, read.line) not in known]
        reads = tuple(sorted((*module.env_reads, *fresh), key=lambda read: (read.line, read.name)))
        done.append(msgspec.structs.replace(module, env_reads=reads) if fresh else module)
    return done


def _own_readers(symbols: GoSymbols) -> dict[_Key, Reader]:
    """The own functions that read the variable that a parameter names, those that call such functions included."""
    found: dict[_Key, Reader] = {}
    for _ in range(_ROUNDS):
        before = len(found)
        for module in symbols.modules:
            readers = {**standard_readers(), **_callees(symbols, module, found)}
            for symbol, reader in wrappers(module, readers).items():
                owner, _, name = symbol.rpartition(".")
                index = module.function_named(name, owner)
                if index >= 0:
                    found.setdefault((module.path, index), reader)
        if len(found) == before:
            break
    return found


def _callees(symbols: GoSymbols, module: Module, own: dict[_Key, Reader]) -> dict[str, Reader]:
    """The readers that `module` calls, by the symbol under which it calls them."""
    names = {symbols.by_path[path].functions[index].name for path, index in own}
    found: dict[str, Reader] = {}
    for call in module.calls:
        if call.callee not in found and call.callee.rpartition(".")[2] in names:
            function = symbols.function(module, call.callee)
            if function is not None and (reader := own.get((function[0].path, function[1]))) is not None:
                found[call.callee] = reader
    return found


def _reads(symbols: GoSymbols, module: Module, own: dict[_Key, Reader]) -> Iterator[EnvRead]:
    readers = {**standard_readers(), **_callees(symbols, module, own)}
    for call in module.calls:
        reader = readers.get(call.callee)
        if reader is None or reader.name >= len(call.args):
            continue
        name = _text(symbols, module, call.args[reader.name])
        if name:
            default = call.args[reader.default] if 0 <= reader.default < len(call.args) else None
            yield EnvRead(name, call.line, call.function, default, reader.required)


def _text(symbols: GoSymbols, module: Module, value: Expression) -> str | None:
    """The text of a literal or of an own constant, wherever it is declared."""
    if isinstance(value, Name):
        found = symbols.value(module, value.symbol)
        return literal(found[1].value) if found is not None else None
    return literal(value)
