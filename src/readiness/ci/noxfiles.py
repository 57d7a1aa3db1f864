"""Reads noxfile.py: the literal commands that its sessions run. Imports nothing of it; computed arguments are left out."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository


def follow(repository: Repository, call: Call) -> list[Piece]:
    """The commands of the sessions that the call names, or of all; a helper that takes the session counts as its part."""
    path = join(call.folder, call.option("-f", "--noxfile") or "noxfile.py")
    text = repository.read_text(path) if repository.get(path) else None
    try:
        tree = ast.parse(text or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        repository.note_unread(path, "nox", f"is no Python: {error}")
        return []
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    wanted = _named(call)
    found: list[Piece] = []
    for name, function in functions.items():
        session = _session_name(function)
        if session and (
            not wanted or any(want.partition("-")[0].partition("(")[0] in (session, name) for want in wanted)
        ):
            for line, command in _commands(function, functions, frozenset({name})):
                found.append(Piece(path, line, command, call.folder, {}, f"nox {session}"))
    return found


def _named(call: Call) -> list[str]:
    """The sessions after -s, -e or --session(s), as many words as follow."""
    names: list[str] = []
    taking = False
    for word in call.argv[1:]:
        option, equals, value = word.partition("=")
        if word == "--":
            break
        if word.startswith("-"):
            taking = option in ("-s", "-e", "--session", "--sessions")
            names += [value] if taking and equals else []
        elif taking:
            names.append(word)
    return [name for name in names if "$" not in name]


def _session_name(function: ast.FunctionDef) -> str:
    """The name under which the function is a session, "" where it is none."""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(target).rpartition(".")[2] in ("session", "nox_session"):
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            named = [k.value.value for k in keywords if k.arg == "name" and isinstance(k.value, ast.Constant)]
            return str(named[0]) if named else function.name
    return ""


def _commands(
    function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: frozenset[str]
) -> Iterator[tuple[int, str]]:
    session = function.args.args[0].arg if function.args.args else ""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in (f"{session}.run", f"{session}.run_always", f"{session}.run_install"):
            words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if words:
                yield node.lineno, shlex.join(words)
        elif called in functions and called not in seen and any(ast.unparse(a) == session for a in node.args):
            yield from _commands(functions[called], functions, seen | {called})
