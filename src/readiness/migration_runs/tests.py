"""What the target's tests do with its migrations. Runs no test."""

from __future__ import annotations

import re

from readiness.facts.migrations import Migrations, tool_named
from readiness.facts.modules import Modules, TestModules
from readiness.facts.uses import matches
from readiness.model import Evidence
from readiness.source import Module, Name

_MIGRATES = re.compile(r"(?i)migrat|upgrade")
_TEST_WORD = re.compile(r"(?i)(^|[^a-z])((pre|post|unit)?tests?|e2e|ci)([^a-z]|$)")
_START = re.compile(
    r"(?i)(^|/)[^/]*(docker|entrypoint|start|boot|run|prestart|compose|init|uwsgi|procfile|supervisord|migrate)[^/]*$|package\.json$"
)


def applied_by_tests(migrations: Migrations, modules: Modules, tests: TestModules) -> list[Evidence]:
    """Where test code applies or checks a history: by a command, a library call, or a function of the service that does.

    Django's own test runner builds the test database from the migrations, so that any test of a Django service does it.
    """
    found = [a.where for a in migrations.applied if a.kind == "test"]
    globs = [glob for tool in migrations.tools for glob in tool_named(tool).get("symbols", ())]
    own = _own_functions(migrations, modules)
    for module in tests:
        for call in module.calls:
            name = call.callee.rpartition(".")[2]
            if matches(call.callee, globs) or (
                name in own and (_MIGRATES.search(name) or own[name] & set(call.callee.replace("/", ".").split(".")))
            ):
                found.append(Evidence(module.path, call.line, "the tests apply the migrations"))
                break
    if "Django" in migrations.tools and (django := _django_test(tests)):
        found.append(django)
    return found


def _own_functions(migrations: Migrations, modules: Modules) -> dict[str, set[str]]:
    """The functions of the service in which a history is applied, and those of the same file, or package in Go, that
    call them to migrate, with the names that tell their module."""
    found: dict[str, set[str]] = {}
    for applied in migrations.applying(kinds=("code",)):
        module = modules.by_path.get(applied.where.path)
        if module is None:
            continue
        folder, _, file = module.path.rpartition("/")
        names = {module.package, folder.rpartition("/")[2], file.partition(".")[0]} - {""}
        direct = [f.name for f in module.functions if f.line <= applied.where.line <= f.end_line]
        beside = (
            [m for m in modules.of("go") if m.path.rpartition("/")[0] == folder]
            if module.language == "go"
            else [module]
        )
        reaching = _with_callers(beside, {name for name in direct if name not in ("", "main", "init")})
        for name in reaching | ({"default"} if reaching & _default_exports(module) else set()):
            found.setdefault(name, set()).update(names)
    return found


def _default_exports(module: Module) -> set[str]:
    """The function that a JavaScript module exports by default, whose importers name it as they like."""
    return {a.value.written for a in module.assignments if a.target == "default" and isinstance(a.value, Name)}


def _with_callers(modules: list[Module], names: set[str]) -> set[str]:
    """`names` and the functions of `modules` that reach one of them and say by their own name that they migrate."""
    for _ in range(4):
        callers = {
            module.functions[call.function].name
            for module in modules
            for call in module.calls
            if call.function >= 0 and call.callee.rpartition(".")[2] in names
        }
        more = {name for name in callers if _MIGRATES.search(name)} - names
        if not more:
            break
        names = names | more
    return names


def _django_test(tests: TestModules) -> Evidence | None:
    for module in tests.of("python"):
        for kind in module.classes:
            if any(base.rpartition(".")[2].endswith(("TestCase", "TransactionTestCase")) for base in kind.bases):
                return Evidence(
                    module.path, kind.line, "Django's test runner builds the test database from the migrations"
                )
    for module in tests.of("python"):
        if any(imported.symbol.startswith(("django", "pytest_django")) for imported in module.imports):
            return Evidence(module.path, 1, "pytest-django builds the test database from the migrations")
    return None


def skipped_when_short(tests: TestModules) -> frozenset[str]:
    """The Go test files that ask for `go test -short`, under which they leave out what needs a database."""
    return frozenset(m.path for m in tests.of("go") if any(call.callee == "testing.Short" for call in m.calls))


def scripts_for_tests(migrations: Migrations) -> list[Evidence]:
    """Scripts and package commands that are there for tests and apply a history."""
    return [
        a.where
        for a in migrations.applied
        if a.kind == "command" and (_TEST_WORD.search(a.where.path) or _TEST_WORD.search(a.text))
    ]


def started_with(migrations: Migrations) -> list[Evidence]:
    """Where starting the service applies its history: in its code, or in the script that starts it."""
    return [
        a.where for a in migrations.applied if a.kind == "code" or (a.kind == "command" and _START.search(a.where.path))
    ]
