"""The target's database schema: migration histories, where they are applied, and schemas made without them.

Knows tools by `migrations/tools.yaml`; says nothing of what CI does with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from readiness.cache import digest
from readiness.facts.documents import Documents
from readiness.facts.manifests import Manifests
from readiness.facts.uses import Uses
from readiness.migrations import history, mentions, steps
from readiness.migrations.mentions import Mentions
from readiness.migrations.model import Applied, Chain, Migration
from readiness.migrations.steps import Step
from readiness.model import Evidence
from readiness.repository import File, Repository, Role, classify
from readiness.wiring import fact, known
from readiness.workshop import Workshop

__all__ = ["Applied", "Chain", "Migration", "Migrations", "migrations", "tool_named"]

_STEP_BYTES = 300_000
_MENTION_BYTES = 400_000
_PRODUCTION = (Role.SOURCE, Role.CONFIG, Role.GENERATED)
_CARRIERS = (
    ".py", ".js", ".ts", ".mjs", ".cjs", ".mts", ".go", ".sh", ".bash", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".tf",
    ".hcl", ".conf", ".sql", ".mk", ".service", ".nomad", ".gradle", ".ps1", ".bat", ".prisma", "package.json", "app.json",
    "procfile", "makefile", "justfile",
)  # fmt: skip
_BARE_SCRIPT = re.compile(
    r"(^|/)((dockerfile|containerfile)[\w.-]*|[\w.-]+\.dockerfile|[\w-]*(entrypoint|start|release|deploy|migrate|bootstrap|run)[\w-]*)$",
    re.IGNORECASE,
)
_CODE = (".py", ".js", ".ts", ".mjs", ".cjs", ".mts", ".go")


class Migrations:
    """What is known of the schema.

    `chains` are histories; `setups` the tools that are set up (their configuration or initialising call), with or without
    a history; `applied` where one is applied or checked, outside CI's own files; `created` where code makes tables
    without a history; `schema_files` SQL that defines tables outside any history; `relational` and `documents` what shows
    that the code keeps its data in tables, or in a document store; `stamped` the files that mark a new database as current.
    """

    def __init__(
        self,
        chains: Iterable[Chain] = (),
        setups: Iterable[tuple[str, Evidence]] = (),
        applied: Iterable[Applied] = (),
        created: Iterable[Evidence] = (),
        schema_files: Iterable[Evidence] = (),
        relational: Iterable[Evidence] = (),
        documents: Iterable[Evidence] = (),
        stamped: Iterable[str] = (),
    ) -> None:
        """Keep each in the order found."""
        self.chains = tuple(chains)
        self.setups = tuple(setups)
        self.applied = tuple(applied)
        self.created = tuple(created)
        self.schema_files = tuple(schema_files)
        self.relational = tuple(relational)
        self.documents = tuple(documents)
        self.stamped = tuple(stamped)

    @cached_property
    def tools(self) -> list[str]:
        """The tools whose histories there are."""
        return list(dict.fromkeys(chain.tool for chain in self.chains))

    @property
    def owns_schema(self) -> bool:
        """Whether the target keeps tables of its own, or a document store with a migration tool."""
        return bool(self.chains or self.created or self.schema_files or self.relational)

    def applying(self, tool: str = "", kinds: Iterable[str] = ("code", "command", "document")) -> list[Applied]:
        """Where `tool` (any, if empty) applies its history, in one of the ways `kinds`."""
        wanted = set(kinds)
        return [a for a in self.applied if a.kind in wanted and not a.checks and (not tool or a.tool == tool)]


def tool_named(name: str) -> dict[str, Any]:
    """What `tools.yaml` knows of a tool. Raises KeyError for an unknown one."""
    return next((t for t in _known()["tools"] if t["name"] == name), {}) or _missing(name)


def _missing(name: str) -> dict[str, Any]:
    raise KeyError(name)


def _known() -> dict[str, Any]:
    return known(steps.__file__, "tools.yaml")


@fact
def migrations(
    repository: Repository, workshop: Workshop, manifests: Manifests, uses: Uses, documents: Documents
) -> Migrations:
    """Read every file that may be a step, and every line that may apply one."""
    data = _known()
    version = steps.VERSION + digest("tools", repr(data).encode())
    read = workshop.read_each(repository, _candidates(repository, data), steps.read, Step, version, _STEP_BYTES)
    chains = _chains(repository, manifests, read, data)
    lines = _mentions(repository, workshop)
    among = re.compile(data["candidate_folders"], re.IGNORECASE)  # beside the steps; other candidates may run them
    inside = {step.path for chain in chains for step in chain.steps} | {
        p for p in read if among.search(p.rpartition("/")[0])
    }
    setups = list(_setups(repository, uses, data))
    using = [t for t in data["tools"] if t["name"] in {c.tool for c in chains} | {name for name, _ in setups}]
    return Migrations(
        chains,
        setups,
        [*_by_symbol(uses, using), *_by_line(repository, lines, using, inside), *_by_document(documents, using)],
        _matching(repository, lines, data["creates"]["lines"], inside, "makes the tables without a history"),
        _schema_files(repository, lines, inside),
        [*_keeping(uses, data["relational"]), *_prisma(lines, relational=True)],
        [*_keeping(uses, data["document"]), *_prisma(lines, relational=False)],
        {use.where.path for use in uses.of(["alembic.command.stamp", "flask_migrate.stamp"])},
    )


# ---------------------------------------------------------------------------------------------------- histories


def _candidates(repository: Repository, data: dict[str, Any]) -> list[File]:
    folder, suffixes = re.compile(data["candidate_folders"], re.IGNORECASE), tuple(data["candidate_suffixes"])
    names = re.compile(data["candidate_names"])
    return [
        file
        for file in repository.files
        if _is_production(file)
        and file.path.endswith(suffixes)
        and not file.name.startswith(("__init__", "index.", "env.py"))
        and not file.path.endswith(".d.ts")
        and (folder.search(file.folder) or names.search(file.name))
    ]


_STUBS = re.compile(r"(^|/)(stubs?|snapshots?|__snapshots__)/")


def _is_production(file: File) -> bool:
    """A step named like a test (0132_remove_it_from_test.py) is none: the folder decides."""
    if _STUBS.search(file.path) or file.name.endswith("_test.go"):
        return False
    return file.role in _PRODUCTION or (file.role is Role.TEST and classify(f"{file.folder}/step.py") is Role.SOURCE)


def _chains(
    repository: Repository, manifests: Manifests, read: Mapping[str, Step], data: dict[str, Any]
) -> list[Chain]:
    configured = {t["name"]: bool(repository.select(*t["config"])) for t in data["tools"] if "config" in t}
    modules = {e["module"] for t in data["tools"] for e in t["files"] if "module" in e}
    required = {module for module in modules if manifests.declares(module) or _requires(manifests, module)}
    declared = {n for t in data["tools"] for n in t.get("declares", ()) if manifests.declares(n)}

    def fits(tool: dict[str, Any], entry: dict[str, Any], path: str) -> bool:
        folder = path.rpartition("/")[0]
        if "beside" in entry and not repository.get(f"{folder}/{entry['beside']}"):
            return False
        if entry.get("needs_config") and not configured.get(tool["name"]):
            return False
        if "module" in entry and entry["module"] not in required:
            return False
        if "declares" in tool and not declared & set(tool["declares"]):
            return False
        return not tool.get("home_made") or ("migrat" in folder.lower() and not folder.endswith(("/down", "/undo")))

    possible = {path: _first_fitting(step, data["tools"], fits, path) for path, step in read.items() if step.tools}
    return history.chains({p: s for p, s in possible.items() if s.tools}, data["tools"], lambda *_: True)


def _first_fitting(step: Step, tools: history.Tools, fits: history.Fits, path: str) -> Step:
    kept = tuple((t, p) for t, p in step.tools if fits(tools[t], tools[t]["files"][p], path))[:1]
    return Step(
        kept,
        step.revision,
        step.parents,
        step.foreign,
        step.replaces,
        step.branch,
        step.has_down,
        step.listed,
        step.empty,
    )


def _requires(manifests: Manifests, module: str) -> bool:
    """A Go module counts in any major version and with its sub-modules."""
    return any(d.name.startswith(module.lower()) for m in manifests.all if m.kind == "go" for d in m.dependencies)


def _setups(repository: Repository, uses: Uses, data: dict[str, Any]) -> Iterator[tuple[str, Evidence]]:
    for tool in data["tools"]:
        names = tool.get("config", ())
        for file in repository.select(*names, roles=_PRODUCTION) if names else ():
            yield tool["name"], Evidence(file.path, 0, f"sets {tool['name']} up")
        for use in uses.of(tool.get("setup_symbols", ()), how=("call",)):
            yield tool["name"], Evidence(use.where.path, use.where.line, f"sets {tool['name']} up")


# -------------------------------------------------------------------------------------------- what is done with them


def _mentions(repository: Repository, workshop: Workshop) -> dict[str, Mentions]:
    files = [
        file
        for file in repository.files
        if file.role in (*_PRODUCTION, Role.TEST, Role.DOCS)
        and (file.path.lower().endswith(_CARRIERS) or _BARE_SCRIPT.search(file.path))
        and not file.path.endswith((".d.ts", "pnpm-lock.yaml"))
        and file.size <= _MENTION_BYTES
    ]
    return workshop.read_each(repository, files, mentions.read, Mentions, mentions.VERSION, _MENTION_BYTES)


def _by_symbol(uses: Uses, tools: history.Tools) -> Iterator[Applied]:
    for tool in tools:
        for use in uses.of(tool.get("symbols", ()), how=("call", "new", "reference")):
            yield Applied(
                tool["name"], Evidence(use.where.path, use.where.line, f"applies the {tool['name']} history"), "code"
            )


_QUOTING = re.compile(r"[\"',\[\]`]+")


def _by_line(
    repository: Repository, lines: Mapping[str, Mentions], tools: history.Tools, inside: set[str]
) -> Iterator[Applied]:
    compiled = [
        (tool["name"], re.compile("|".join(ways), re.IGNORECASE), checks)
        for tool in tools
        for checks, ways in (
            (False, [*tool.get("apply", ()), *tool.get("settings", ()), *_known()["scripts"]]),
            (True, tool.get("check", ())),
        )
        if ways
    ]
    for path, found in lines.items():
        file = repository.get(path)
        if file is None or path in inside or _is_ci(path):
            continue
        kind = "test" if file.role is Role.TEST else "code" if path.endswith(_CODE) else "command"
        for number, text in found.lines:
            words = _QUOTING.sub(" ", text)
            plain = f"{text} {words}" if kind == "code" else words
            for name, pattern, checks in compiled:
                if pattern.search(plain):
                    note = f"{'checks' if checks else 'applies'} the {name} history"
                    yield Applied(name, Evidence(path, number, note), kind, checks, text)


def _is_ci(path: str) -> bool:
    """CI's own files are followed by the fact that reads CI."""
    return path.startswith(
        (".github/", ".gitlab", ".circleci/", ".travis", "azure-pipelines", ".buildkite/", ".woodpecker", ".drone")
    )


def _by_document(documents: Documents, tools: history.Tools) -> Iterator[Applied]:
    for tool in tools:
        pattern = re.compile("|".join([*tool.get("apply", ()), *_known()["scripts"]]), re.IGNORECASE)
        for document, section in documents.mentioning(pattern):
            yield Applied(
                tool["name"],
                Evidence(document.path, section.line, f"says how to apply the {tool['name']} history"),
                "document",
            )


# -------------------------------------------------------------------------------------------- schemas without them


def _matching(
    repository: Repository, lines: Mapping[str, Mentions], ways: list[str], inside: set[str], note: str
) -> Iterator[Evidence]:
    pattern = re.compile("|".join(ways))
    for path, found in lines.items():
        file = repository.get(path)
        if file is None or file.role not in _PRODUCTION or path in inside or _is_ci(path):
            continue
        yield from (Evidence(path, number, note) for number, text in found.lines if pattern.search(text))


_CREATE_TABLE = re.compile(r"(?i)\bcreate\s+(or\s+replace\s+)?(unlogged\s+)?table\b")


def _schema_files(repository: Repository, lines: Mapping[str, Mentions], inside: set[str]) -> Iterator[Evidence]:
    for path, found in lines.items():
        file = repository.get(path)
        kept_with_docs = file is not None and file.role is Role.DOCS and path.endswith(".sql")
        if file is None or (file.role not in _PRODUCTION and not kept_with_docs) or path in inside:
            continue
        if hit := next((n for n, text in found.lines if _CREATE_TABLE.search(text)), 0):
            yield Evidence(path, hit, "defines tables")


def _keeping(uses: Uses, data: dict[str, Any]) -> list[Evidence]:
    found = uses.of(data.get("bases", ()), how=("base",)) + uses.of(
        data.get("symbols", ()), how=("call", "new", "decorator", "base")
    )
    return [Evidence(use.where.path, use.where.line, f"uses {use.symbol}") for use in found[:20]]


def _prisma(lines: Mapping[str, Mentions], relational: bool) -> list[Evidence]:
    """Prisma's schema names its store."""
    found = []
    for path, mentioned in lines.items():
        if path.endswith(".prisma"):
            text = " ".join(line for _, line in mentioned.lines)
            if ("mongodb" in text) is not relational:
                found.append(Evidence(path, 0, "is a Prisma schema"))
    return found
