"""Load tests: scripts and documents of load tools, their targets, results checked in, and what runs them.

A script counts only where it imports the tool, a document only in the tool's shape. One command line in prose is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.deployment.loadfiles import LoadFile, read_document, read_result, read_script
from readiness.facts.ci import Pipelines, Scripts, ToolRun
from readiness.facts.modules import Modules
from readiness.facts.uses import matches
from readiness.languages import golang, javascript, python
from readiness.model import Evidence
from readiness.repository import File, Repository, Role
from readiness.source import Mapping, Module
from readiness.wiring import fact, known
from readiness.workshop import Workshop

__all__ = ["LoadResult", "LoadTest", "LoadTests", "load_tests"]

_READERS = {"python": python, "javascript": javascript, "go": golang}
_ROLES = (Role.SOURCE, Role.TEST, Role.CONFIG, Role.EXAMPLE)
_MAX_BYTES = 400_000
_ADDRESS = re.compile(r"://|^localhost|^\$\{?\w*(URL|HOST|TARGET|ADDR|ENDPOINT)")
"""What a load tool is aimed at: an address, or a variable named for one."""
_INPUTS = (".proto", ".protoset", ".csv", ".txt")
"""Files that a command line takes in without being a script of the load test."""
_DOCUMENT = re.compile(
    r'^(config|execution):|^\s{0,4}"(config|execution)"\s*:|^\s*\{\s*"(config|execution)"', re.MULTILINE
)


class LoadTest(Struct, frozen=True):
    """A load test at `path`. `threshold` is the line of a target that can fail, 0 without one. `tool` is "own" for a
    program of the repository, "command" for a command line in a script (then `path` is that script)."""

    tool: str
    path: str
    line: int
    threshold: int = 0


class LoadResult(Struct, frozen=True):
    """A result that is checked in; `met`: its targets were met, or without targets no request failed."""

    tool: str
    path: str
    met: bool


class LoadTests:
    """Tests and results; `runs` are the places where CI runs a load tool, with the words of the command."""

    def __init__(
        self,
        tests: Iterable[LoadTest] = (),
        results: Iterable[LoadResult] = (),
        runs: Iterable[tuple[str, tuple[Evidence, ...]]] = (),
    ) -> None:
        """Keep them in order of place."""
        self.all = tuple(sorted(tests, key=lambda t: (t.tool == "own", t.path, t.line)))
        self.results = tuple(sorted(results, key=lambda r: r.path))
        self.runs = tuple(runs)


@fact
def load_tests(
    repository: Repository, workshop: Workshop, modules: Modules, pipelines: Pipelines, scripts: Scripts
) -> LoadTests:
    """Find them in every folder but vendored and documentation ones."""
    tests = [test for module in modules for test in _of_module(module)]
    tests += [*_test_scripts(repository, workshop), *_documents(repository)]
    tests += _own(repository, {test.path.rpartition("/")[0] for test in tests})
    tests += _commands(repository, [*scripts.runs, *pipelines.runs])
    return LoadTests(tests, _results(repository), _runs(pipelines))


def _known() -> dict[str, Any]:
    return known(__file__, "loadtests.yaml")


def _test_scripts(repository: Repository, workshop: Workshop) -> Iterator[LoadTest]:
    """Those among tests and examples; only files that mention a tool are parsed."""
    mentions = [word.encode() for word in _known()["mentions"]]
    roles = (Role.TEST, Role.EXAMPLE)
    for language, reader in _READERS.items():
        files = [f for f in repository.files if f.language == language and f.role in roles and f.size <= _MAX_BYTES]
        likely = [f for f in files if any(word in (repository.read_bytes(f.path) or b"") for word in mentions)]
        for module in workshop.read_each(repository, likely, reader.read, Module, reader.VERSION).values():
            yield from _of_module(module)


def _of_module(module: Module) -> Iterator[LoadTest]:
    for tool, signs in _known()["imports"].items():
        found = [i for i in module.imports if matches(i.symbol, signs["symbols"]) and not i.typing_only]
        bases = signs.get("bases")
        classes = [c for c in module.classes if any(matches(base, bases) for base in c.bases)] if bases else []
        if found and (classes or not bases):
            yield LoadTest(tool, module.path, classes[0].line if classes else found[0].line, _threshold(module, tool))


def _threshold(module: Module, tool: str) -> int:
    """The line of an assignment that sets a target: an entry of an object (k6 options) or an attribute (Locust)."""
    for name in _known()["thresholds"].get(tool, ()):
        for assignment in module.assignments:
            if assignment.target.rpartition(".")[2] == name:
                return assignment.line
            if isinstance(assignment.value, Mapping) and assignment.value.get(name) is not None:
                return assignment.line
    return 0


def _documents(repository: Repository) -> Iterator[LoadTest]:
    for file in repository.select(suffixes=(".yml", ".yaml", ".json"), roles=_ROLES):
        text = _text(repository, file, (b"phases", b"scenarios", b"execution"))
        if text is None or not _DOCUMENT.search(text):
            continue
        try:
            yield from _as_tests(file, read_document(text))
        except (ValueError, RecursionError):
            continue  # not YAML: no load test; who owns the format notes it
    for file in repository.select(suffixes=(".jmx", ".lua", ".scala", ".java", ".kt"), roles=_ROLES):
        text = _text(repository, file, (b"jmeterTestPlan", b"wrk", b"request", b"io.gatling"))
        if text is not None:
            yield from _as_tests(file, read_script(file.path.lower(), text))


def _text(repository: Repository, file: File, words: tuple[bytes, ...]) -> str | None:
    if not 0 < file.size <= _MAX_BYTES:
        return None
    content = repository.read_bytes(file.path) or b""
    return content.decode("utf-8", "replace") if any(word in content for word in words) else None


def _as_tests(file: File, found: LoadFile | None) -> Iterator[LoadTest]:
    if found is not None:
        yield LoadTest(found.tool, file.path, found.line, found.threshold)


def _own(repository: Repository, taken: set[str]) -> Iterator[LoadTest]:
    """Programs of the repository in a folder named for load tests, where no known tool's test lies."""
    names = set(_known()["own_folders"])
    for file in repository.files:
        if not file.language or file.role in (Role.VENDORED, Role.DOCS, Role.GENERATED) or file.size > _MAX_BYTES:
            continue
        folder = file.folder.rpartition("/")[2].lower()
        if folder not in names or any(part.startswith(file.folder) for part in taken):
            continue
        content = repository.read_bytes(file.path) or b""
        main = re.search(rb"^(func main\(\)|if __name__ ==|#!.*node)", content, re.MULTILINE)
        if main:
            yield LoadTest("own", file.path, content.count(b"\n", 0, main.start()) + 1)


def _commands(repository: Repository, runs: Iterable[ToolRun]) -> Iterator[LoadTest]:
    """Command lines with a target's address, in scripts; one whose script file is given is that file's run."""
    for run in runs:
        tool = _tool(run)
        if not tool or not run.chain or not any(_ADDRESS.search(word) for word in run.argv[1:]):
            continue
        place = run.chain[-1]
        files = [word.lstrip("./") for word in run.argv[1:] if not word.endswith(_INPUTS)]
        if any(file and repository.get(file) for file in files):
            continue
        target = place.line if set(run.argv) & set(_known()["command_targets"]) else 0
        yield LoadTest("command", place.path, place.line, target)


def _tool(run: ToolRun) -> str:
    """The load tool that `run` starts, by itself or as an image, "" where it starts none."""
    if run.tool in _known()["commands"]:
        return run.tool
    if run.tool in ("docker", "podman") and "run" in run.argv[:2]:
        images = _known()["images"]
        return next((images[name] for word in run.argv if (name := word.partition(":")[0]) in images), "")
    return ""


def _runs(pipelines: Pipelines) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    for run in pipelines.runs:
        if _tool(run) and not {"--version", "version", "--help"} & set(run.argv[1:2]):
            yield run.text, run.chain
    for action in pipelines.actions:
        if action.name.lower() in _known()["actions"]:
            yield " ".join((action.name, *action.inputs.values())), action.chain


def _results(repository: Repository) -> Iterator[LoadResult]:
    settings = _known()["results"]
    for file in repository.select(*settings["names"]):
        words = {word for part in file.folder.lower().split("/") for word in re.split(r"[-_]", part)}
        if file.role is Role.VENDORED or not words & set(settings["folders"]):
            continue
        text = _text(
            repository, file, (b"http_req_duration", b"aggregate", b"throughput", b"Request Count", b"timeStamp,")
        )
        try:
            found = read_result(file.path.lower(), text) if text else None
        except (ValueError, RecursionError):
            continue  # no JSON: no result of a load test
        if found is not None:
            yield LoadResult(found[0], file.path, found[1])
