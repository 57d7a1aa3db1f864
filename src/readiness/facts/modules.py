"""The target's source files as `readiness.source` modules, production and test code apart. Interprets no framework."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from readiness.facts.manifests import Manifests
from readiness.frameworks.javascript_routers import MOST_CALLS
from readiness.go_environment import completed
from readiness.languages import golang, javascript, python
from readiness.repository import File, Repository, Role
from readiness.source import Call, Module
from readiness.symbols_go import belongs_to_tests
from readiness.wiring import fact
from readiness.workshop import Workshop

_READERS = {"python": python, "javascript": javascript, "go": golang}


class Modules:
    """Source modules by path, in order of path."""

    def __init__(self, modules: Iterable[Module]) -> None:
        """Index `modules`."""
        self.by_path = {module.path: module for module in sorted(modules, key=lambda m: m.path)}

    def __iter__(self) -> Iterator[Module]:
        """The modules in order of path."""
        return iter(self.by_path.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self.by_path)

    def of(self, language: str) -> list[Module]:
        """The modules in `language`."""
        return self._by_language.get(language, [])

    @cached_property
    def _by_language(self) -> dict[str, list[Module]]:
        grouped: dict[str, list[Module]] = {}
        for module in self:
            grouped.setdefault(module.language, []).append(module)
        return grouped

    def calls(self) -> Iterator[tuple[Module, Call]]:
        """Every call with its module."""
        return ((module, call) for module in self for call in module.calls)


class TestModules(Modules):
    """The modules of the target's tests."""

    __test__ = False


@fact
def modules(repository: Repository, workshop: Workshop, manifests: Manifests) -> Modules:
    """Production code: files of the role `source` outside front-end packages' browser code, and generated Go servers."""
    chosen = [*_worth_reading(repository, manifests, Role.SOURCE), *_generated_servers(repository)]
    return Modules(m for m in _read(repository, workshop, chosen) if not (m.language == "go" and belongs_to_tests(m)))


@fact
def test_modules(repository: Repository, workshop: Workshop, manifests: Manifests) -> TestModules:
    """Test code, for the items that ask what the tests do: files of the role `test`, and Go packages that help tests."""
    named = _read(repository, workshop, _worth_reading(repository, manifests, Role.TEST))
    go = (file for file in _worth_reading(repository, manifests, Role.SOURCE) if file.language == "go")
    helping = [file for file in go if b'"testing"' in (repository.read_bytes(file.path) or b"")]
    return TestModules([*named, *(m for m in _read(repository, workshop, helping) if belongs_to_tests(m))])


def _worth_reading(repository: Repository, manifests: Manifests, role: Role) -> list[File]:
    return [
        file
        for file in repository.files
        if file.role is role and file.language and not manifests.is_browser_code(file.path)
    ]


_SERVER_BYTES = 2_000_000
_NO_SERVER = (".pb.gw.go", "_mock.go", "wire_gen.go")
_KRATOS = "_http.pb.go"
_SERVER_MARKS = (
    b"\ntype ServerInterface interface {",  # oapi-codegen
    b"HTTPServer(s *http.Server, srv ",  # go-kratos
    b'.handlers["GET"]["/',  # go-swagger
    b'.handlers["POST"]["/',
)


def _generated_servers(repository: Repository) -> list[File]:
    """Go files made of an OpenAPI document (oapi-codegen, go-swagger) or of annotated protobufs (go-kratos) that register
    its routes: nothing else says which there are."""
    found = (file for file in repository.files if file.role is Role.GENERATED and file.language == "go")
    return [
        file
        for file in found
        if file.size <= _SERVER_BYTES
        and not file.path.endswith(_NO_SERVER)
        and (file.path.endswith(_KRATOS) or not file.path.endswith(".pb.go"))
        and any(mark in (repository.read_bytes(file.path) or b"") for mark in _SERVER_MARKS)
    ]


def _read(repository: Repository, workshop: Workshop, files: Iterable[File]) -> list[Module]:
    found: list[Module] = []
    wanted = list(files)
    for language, reader in _READERS.items():
        chosen = [file for file in wanted if file.language == language]
        found += workshop.read_each(repository, chosen, reader.read, Module, reader.VERSION).values()
    go = [module for module in found if module.language == "go"]
    found = [*(module for module in found if module.language != "go"), *completed(go)]
    for module in found:
        if module.has_errors:
            repository.note_unread(
                module.path,
                f"{module.language} parser",
                "has syntax that could not be parsed; the rest of the file was read",
            )
        if len(module.calls) > MOST_CALLS and module.language == "javascript":
            repository.note_unread(
                module.path, "routes", f"is a bundle of {len(module.calls):,} calls; no routes were looked for"
            )
    return found
