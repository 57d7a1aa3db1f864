"""Finds literals that sign or open something in a source module: settings, defaults, key arguments, seeded passwords.

Judges by names and values; whether the place is production is the caller's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from readiness.engines.secret_values import (
    holds_address,
    is_credential_name,
    is_signing_name,
    is_value,
    is_word_of,
    looks_random,
    pattern,
    snake,
)
from readiness.source import Assignment, Call, CallRef, Choice, Class, Expression, Mapping, Module, Name, Sequence, Text
from readiness.wiring import known

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{3,}")
_HOST = re.compile(r"(?i)host|ur[il]$|addr")
_ADMINISTRATORS = re.compile(r"(?i)^(super)?[-_ ]?(admin(istrator)?|root)(@.*)?$")
_SIGNING_CALLS = known(__file__, "secrets.yaml")["signing_calls"]
_HASHING = known(__file__, "secrets.yaml")["hashing_calls"]


class CodeSecret(Struct, frozen=True):
    """A literal in the part `name`. `overridable`: an environment variable or a setting can replace it.

    `kind`: signing key, credential, address (with a password in it) or seeded password.
    """

    kind: str
    name: str
    value: str
    line: int
    overridable: bool
    guards: tuple[str, ...] = ()
    owner: str = ""


def in_module(module: Module) -> list[CodeSecret]:
    """Every candidate of `module`, in order of line; that of a value in an object has the object's line."""
    found: dict[tuple[int, str], CodeSecret] = {}
    local = _has_local_host(module)
    ordered = sorted(_seeded(module), key=lambda s: s.line)
    seeded = {(s.name, s.value, 0 if _is_password_key(s.name) else s.line): s for s in ordered}  # the innermost literal
    for secret in (*_defaults(module), *_signing(module), *_settings(module), *_connecting(module), *seeded.values()):
        if not (
            local
            and secret.overridable
            and secret.kind == "credential"
            and pattern("backing_names").search(secret.name)
        ):
            found.setdefault((secret.line, secret.value), secret)
    return [found[place] for place in sorted(found, key=lambda place: place[0])]


def _has_local_host(module: Module) -> bool:
    """Whether a host's default in `module` is the developer's own machine, so that passwords beside it open nothing else."""
    fields = [(f.name, f.default) for c in module.classes for f in c.fields]
    reads = [(r.name, r.default) for r in module.env_reads]
    settings = [(a.target, a.value) for a in module.assignments]
    hosts = [v for name, value in (*fields, *reads, *settings) if _HOST.search(name) for v in _literals(value)]
    return any(host in ("localhost", "127.0.0.1", "::1") for host in hosts)


def _candidate(
    name: str, value: str, line: int, overridable: bool, guards: tuple[str, ...] = (), owner: str = ""
) -> CodeSecret | None:
    """A candidate where `name` and `value` speak for it, else None."""
    if not is_value(value, sentences=overridable) or pattern("request_modes").search(value):
        return None
    if holds_address(value):
        return CodeSecret("address", name, value, line, overridable, guards, owner)
    if is_signing_name(name) and (overridable or not is_word_of(name, value)):
        return CodeSecret("signing key", name, value, line, overridable, guards, owner)
    if is_credential_name(name) and (overridable or looks_random(value) or _is_password(name, value)):
        return CodeSecret("credential", name, value, line, overridable, guards, owner)
    return None


def _is_password(name: str, value: str) -> bool:
    """Whether `value` is likelier a password than a label or a field's name: digits, or letters mixed with digits or signs."""
    if is_word_of(name, value) or " " in value:
        return False
    signs = any(not c.isalnum() and c not in "_-.:/" for c in value)
    kinds = any(c.isalpha() for c in value) + any(c.isdigit() for c in value) + signs
    return (kinds >= 2 or value.isdigit()) and "password" in name.lower()


def _defaults(module: Module) -> Iterator[CodeSecret]:
    """Literal defaults of environment reads, of struct tags and of flags."""
    for read in module.env_reads:
        for value in _literals(read.default):
            if found := _candidate(read.name, value, read.line, True):
                yield found
    for call in module.calls:
        if len(call.args) < 2 or not isinstance(call.args[0], Text) or not isinstance(call.args[1], Text):
            continue
        name, value = call.args[0].value, call.args[1].value
        last = call.callee.rpartition(".")[2].lower()
        if not (_VARIABLE.fullmatch(name) or last in ("string", "stringvar", "getstring", "setdefault")):
            continue
        if found := _candidate(name, value, call.line, True):
            yield found
        elif value and is_signing_name(name):
            yield CodeSecret("signing key", name, value, call.line, True, call.guards)


def _literals(value: Expression | None) -> list[str]:
    match value:
        case Text():
            return [value.value]
        case Choice(options=options):
            return [option.value for option in options if isinstance(option, Text)]
        case _:
            return []


def _signing(module: Module) -> Iterator[CodeSecret]:
    """Literals handed to a library as a key, directly or through a constant of the module."""
    constants = {a.target: a for a in module.assignments if isinstance(a.value, Text)}
    for call in module.calls:
        row = next((r for r in _SIGNING_CALLS if any(fnmatchcase(call.callee, glob) for glob in r["symbols"])), None)
        if row is None:
            continue
        for value in _keys(call, row["position"], row["keywords"], module):
            name, line = call.written or call.callee, call.line
            if isinstance(value, Name) and value.written in constants:
                name, line = value.written, constants[value.written].line
                value = constants[value.written].value
            if isinstance(value, Choice):
                text = next((o.value for o in value.options if isinstance(o, Text)), "")
                if is_value(text, sentences=True):
                    yield CodeSecret("signing key", name, text, line, True, call.guards)
            elif isinstance(value, Text) and is_value(value.value, sentences=True):  # a key may be a sentence
                yield CodeSecret("signing key", name, value.value, line, False, call.guards)


def _keys(call: Call, position: int, keywords: list[str], module: Module) -> list[Expression]:
    given = [value for key in keywords if (value := call.keyword(key)) is not None]
    if not given and len(call.args) > position:
        given = [call.args[position]]
    flat: list[Expression] = []
    for value in given:
        if isinstance(value, CallRef) and module.calls[value.index].args:
            value = module.calls[value.index].args[0]  # []byte("..."), Buffer.from("...")
        flat += value.items if isinstance(value, Sequence) else [value]
    return flat


def _settings(module: Module) -> Iterator[CodeSecret]:
    """Literals assigned to what is named like a key or credential: variables, class fields, entries of objects."""
    for assignment in module.assignments:
        if not pattern("refused_values").search(assignment.target):
            around = module.functions[assignment.function].owner if assignment.function >= 0 else ""
            yield from _in_value(assignment.target, assignment.value, assignment, False, around)
            if pattern("signing_path").search(module.path):
                yield from _plain_secrets(assignment)
    for class_ in module.classes:
        overridable = _reads_environment(class_)
        for field in class_.fields:
            tag = pattern("tag_default").search(field.tag)
            values = [(value, overridable) for value in _literals(field.default)] + ([(tag[3], True)] if tag else [])
            for value, replaced in values:
                if found := _candidate(field.name, value, field.line, replaced, (), class_.name):
                    yield found


def _reads_environment(class_: Class) -> bool:
    return any("Settings" in base or base.endswith("EnvConfig") for base in class_.bases)


def _in_value(
    name: str, value: Expression, at: Assignment, overridable: bool, around: str = ""
) -> Iterator[CodeSecret]:
    match value:
        case Text():
            first = at.target.partition(".")[0]
            owner = first if "." in at.target and first not in ("self", "this") else around
            if found := _candidate(name, value.value, at.line, overridable, at.guards, owner):
                yield replace(found, overridable=True) if _where_unset(at) else found
        case Choice(options=options):
            for option in options:
                yield from _in_value(name, option, at, True, around)
        case Mapping(entries=entries):
            for key, inner in entries:
                yield from _in_value(key, inner, at, overridable, around)
        case _:
            return


def _where_unset(at: Assignment) -> bool:
    """Whether a condition on its own target stands around an assignment: if (!key) { key = "..." }."""
    word = re.compile(rf"(?<![\w.]){re.escape(at.target)}(?![\w.])")
    return any(word.search(guard) for guard in at.guards)


def _connecting(module: Module) -> Iterator[CodeSecret]:
    """Passwords handed to what connects to another machine: new Client({host: "db1.example.net", password: "..."})."""
    for call in module.calls:
        for entries in (call.keywords, *(value.entries for value in call.args if isinstance(value, Mapping))):
            texts = {snake(key): value.value for key, value in entries if isinstance(value, Text)}
            host = next((texts[key] for key in ("host", "hostname", "server") if key in texts), "")
            if "." not in host or host.startswith("127."):
                continue  # the developer's own machine, or a neighbour in Compose
            for key, value in texts.items():
                if _is_password_key(key) and (found := _candidate(key, value, call.line, False, call.guards)):
                    yield found


def _plain_secrets(assignment: Assignment) -> Iterator[CodeSecret]:
    """The entry `secret` of an object in a module about tokens or settings: module.exports = { secret: "..." }."""
    if not isinstance(assignment.value, Mapping):
        return
    for key, value in assignment.value.entries:
        if key.lower() == "secret" and isinstance(value, Text) and len(value.value) >= 8 and is_value(value.value):
            yield CodeSecret("signing key", key, value.value, assignment.line, False, assignment.guards)


def _seeded(module: Module) -> Iterator[CodeSecret]:
    """Passwords written for an administrator: literals beside an admin's name, and literals that a seed hashes."""
    for call in module.calls:
        yield from _beside_administrator(call.keywords, call.line)
        for value in call.args:
            if isinstance(value, Mapping):
                yield from _beside_administrator(value.entries, call.line)
    held = [(a.value, a.line) for a in module.assignments] + [
        (r.value, r.line) for r in module.returns if r.value is not None
    ]
    for value, line in held:
        if isinstance(value, Mapping):
            yield from _beside_administrator(value.entries, line)
    if not pattern("seed_path").search(module.path):
        return
    for call in module.calls:
        if any(fnmatchcase(call.callee, glob) for glob in _HASHING):
            literals = [a.value for a in call.args if isinstance(a, Text) and len(a.value) > 2 and "{" not in a.value]
            if literals:
                yield CodeSecret("seeded password", call.written, literals[0], call.line, False, call.guards)


def _beside_administrator(entries: tuple[tuple[str, Expression], ...], line: int) -> Iterator[CodeSecret]:
    for _, inner in entries:
        if isinstance(inner, Mapping):
            yield from _beside_administrator(inner.entries, line)
    texts = {key: value.value for key, value in entries if isinstance(value, Text)}
    if any(snake(key) in ("host", "hostname", "dialect", "port") for key, _ in entries):
        return  # a connection, not an account
    named = any(_ADMINISTRATORS.match(value) for key, value in texts.items() if not _is_password_key(key))
    for key, value in texts.items():
        if named and _is_password_key(key) and len(value) > 2 and " " not in value:
            yield CodeSecret("seeded password", key, value, line, False)


def _is_password_key(key: str) -> bool:
    return snake(key) in ("password", "pass", "passwd", "pwd")
