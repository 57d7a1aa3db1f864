"""The programs that this repository runs in production, their kind, and which files belong to each.

Reads what the code builds (applications, servers, consumers), not what manifests claim; judges nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from readiness.facts import workspaces
from readiness.facts.manifests import Manifest, Manifests, holds
from readiness.facts.modules import Modules
from readiness.facts.routes import App, Routes
from readiness.model import Evidence
from readiness.repository import Repository, Role
from readiness.source import Module
from readiness.symbols_go import GoSymbols
from readiness.tables import rows, table
from readiness.wiring import fact, known
from readiness.wording import count

_FEWEST_UNREAD = 5


class Service(Struct, frozen=True):
    """A program that serves HTTP or gRPC or consumes a queue in production.

    `kinds` holds any of http, grpc, worker, web (server-rendered pages), probes (a worker whose only routes are for its
    operators: health, metrics, version). `folder` is its root, "" for the repository's.
    `paths` are the source modules that make it up. `evidence` says what makes it a service.
    """

    name: str
    folder: str
    language: str
    kinds: frozenset[str]
    frameworks: frozenset[str]
    paths: frozenset[str]
    evidence: tuple[Evidence, ...]

    def serves(self, *kinds: str) -> bool:
        """Whether it is of one of `kinds`; "http" holds for web as well."""
        return bool(self.kinds & set(kinds)) or ("http" in kinds and "web" in self.kinds)

    def owns(self, path: str) -> bool:
        """Whether `path` lies in its folder."""
        return holds(self.folder, path)


class Services:
    """The services; `target` says what the repository is where there is none (library, command line, front end,
    infrastructure, program, unread: a program in a language that is not read), and `reason` how that was seen."""

    def __init__(self, services: Iterable[Service], target: str = "", reason: str = "") -> None:
        """Keep them in order of name."""
        self.all = tuple(sorted(services, key=lambda s: s.name))
        self.target = target
        self.reason = reason

    def serving(self, *kinds: str) -> list[Service]:
        """The services of one of `kinds`; all of them without kinds."""
        return [s for s in self.all if not kinds or s.serves(*kinds)]

    def backends(self, *kinds: str) -> list[Service]:
        """serving(), without the applications of page frameworks beside another server, whose front ends they are."""
        pages = set(known(__file__, "services.yaml")["page_frameworks"])
        behind = [s for s in self.serving(*kinds) if not s.frameworks or not s.frameworks <= pages]
        return behind if any(s.serves("http", "grpc") for s in behind) else self.serving(*kinds)

    def why_none(self, what: str = "serves requests or consumes a queue") -> str:
        """A sentence for not_applicable: that nothing here `what`, and what the repository is instead."""
        return f"Nothing here {what}: {self.reason}." if self.reason else f"Nothing here {what}."

    def owner(self, path: str) -> Service | None:
        """The service whose modules or folder hold `path`, the closest folder first."""
        holders = [s for s in self.all if path in s.paths] or [s for s in self.all if holds(s.folder, path)]
        return max(holders, key=lambda s: len(s.folder), default=None)


@fact
def services(repository: Repository, modules: Modules, manifests: Manifests, routes: Routes) -> Services:
    """Find the services: Python and JavaScript by package, Go by main program."""
    found = [*_by_package("python", modules, manifests, routes), *_by_package("javascript", modules, manifests, routes)]
    found += _go_programs(modules, manifests, routes)
    libraries = {service.folder: _library(service, repository, manifests) for service in found}
    if kept := [service for service in found if libraries[service.folder] is None]:
        return Services(_named_apart(kept))
    for manifest in filter(None, libraries.values()):
        reason = f"{manifest.path} describes a library, and nothing here starts the application that it makes"
        return Services([], "library", reason)
    target, reason = _what_else(repository, modules, manifests)
    return Services([], target, reason)


# ---------------------------------------------------------------------------------- Python and JavaScript


def _by_package(language: str, modules: Modules, manifests: Manifests, routes: Routes) -> Iterator[Service]:
    places = _places(language, modules, routes)
    folders = _roots({path for path, _, _ in places}, language, manifests)
    grouped: dict[str, list[tuple[str, App | None, Evidence]]] = defaultdict(list)
    for place in places:
        grouped[folders[place[0]]].append(place)
    for folder, hosts in workspaces.hosted(grouped, manifests).items() if language == "javascript" else ():
        members = grouped.pop(folder)
        for host in hosts:
            grouped[host] += members
    for folder, members in sorted(grouped.items()):
        others = [other for other in grouped if other != folder and holds(folder, other + "/x") and other]
        paths = {
            m.path
            for m in modules.of(language)
            if holds(folder, m.path) and not any(holds(other, m.path) for other in others)
        }
        paths |= workspaces.modules_of(folder, language, modules, manifests)
        yield _service(folder, language, members, frozenset(paths), manifests, routes)


def _places(language: str, modules: Modules, routes: Routes) -> list[tuple[str, App | None, Evidence]]:
    """Where the code builds an application or registers a route."""
    inside = {m.path for m in modules.of(language)}
    places: list[tuple[str, App | None, Evidence]] = [
        (a.where.path, a, a.where) for a in routes.apps if a.where.path in inside
    ]
    pages = set(known(__file__, "services.yaml")["page_frameworks"])
    bare = not any(app for _, app, _ in places)  # routes of a page framework's files need no application object
    places += [
        (r.where.path, None, r.where) for r in routes.all if r.where.path in inside and (bare or r.framework in pages)
    ]
    return [place for place in places if not is_tooling(place[0])]


def is_tooling(path: str) -> bool:
    """Whether `path` lies in a folder of tools (scripts, hack, bench), which are no part of a service."""
    names = set(known(__file__, "services.yaml")["tooling_folders"])
    return any(part in names or part.endswith(("-scripts", "_scripts")) for part in path.lower().split("/")[:-1])


def _roots(paths: set[str], language: str, manifests: Manifests) -> dict[str, str]:
    """The folder of the program that each path belongs to: its manifest's, or its own place in a monorepo."""
    kind = {"python": "python", "javascript": "node"}[language]
    containers = set(known(__file__, "services.yaml")["monorepo_folders"])
    base: dict[str, str] = {}
    for path in paths:
        nearest = manifests.nearest(path, kind)
        folder = nearest.folder if nearest else ""
        while folder.rpartition("/")[2] in ("requirements", "docker", "deploy", "build"):
            folder = folder.rpartition("/")[0]
        base[path] = folder
    split: dict[str, str] = {}
    for path, folder in base.items():
        parts = path[len(folder) + 1 if folder else 0 :].split("/")
        at = next((i for i, part in enumerate(parts[:-2]) if part in containers and i < 2), None)
        split[path] = "/".join([*([folder] if folder else []), *parts[: at + 2]]) if at is not None else folder
    for folder in set(base.values()):
        members = {split[p] for p in paths if base[p] == folder and split[p] != folder}
        if len(members) >= 2:
            base |= {p: split[p] for p in paths if base[p] == folder}
    return base


def _service(
    folder: str,
    language: str,
    members: list[tuple[str, App | None, Evidence]],
    paths: frozenset[str],
    manifests: Manifests,
    routes: Routes,
) -> Service:
    apps = [app for _, app, _ in members if app]
    kinds = {app.kind for app in apps} or {"http"}
    own = routes.within(paths)
    if own.grpc:
        kinds.add("grpc")
    if own.all and not kinds & {"http", "web"}:
        kinds.add("http")
    rendered = [r.renders for r in own.all if r.renders]
    if rendered and all(kind in ("html", "redirect", "text") for kind in rendered) and "html" in rendered:
        kinds.add("web")
    frameworks = {app.framework for app in apps} | {r.framework for r in own.all}
    side = re.compile(known(__file__, "services.yaml")["side_routes"])
    if kinds == {"http"} and frameworks == {"net/http"} and own.all and all(side.search(r.path) for r in own.all):
        kinds = {"worker", "probes"}
    name = folder.rpartition("/")[2] or _package_name(manifests, language) or "app"
    evidence = tuple(dict.fromkeys(where for _, _, where in members))[:5]
    return Service(name, folder, language, frozenset(kinds), frozenset(frameworks), paths, evidence)


def _package_name(manifests: Manifests, language: str) -> str:
    kind = {"python": "python", "javascript": "node", "go": "go"}[language]
    name = next((m.name for m in manifests.all if m.kind == kind and not m.folder and m.name), "")
    return re.sub(r"/v\d+$", "", name.rstrip("/")).rpartition("/")[2]


# ---------------------------------------------------------------------------------- Go


def _go_programs(modules: Modules, manifests: Manifests, routes: Routes) -> list[Service]:
    """One service per main package that reaches a server; mains that reach a part of another's servers belong to it."""
    go = modules.of("go")
    if not go:
        return []
    symbols = GoSymbols(go)
    mains: dict[str, Module] = {}
    for module in go:
        if module.is_main and not is_tooling(module.path):
            mains.setdefault(module.path.rpartition("/")[0], module)
    reached = {folder: symbols.reachable(main) for folder, main in mains.items()}
    inside = {folder: routes.within(paths) for folder, paths in reached.items()}
    serving = {folder: _places_of(found) for folder, found in inside.items() if found.apps}
    if any(not _is_client(folder) for folder in serving):
        serving = {folder: places for folder, places in serving.items() if not _is_client(folder)}
    roots = {folder: _go_root(folder, manifests) for folder in serving}
    found: list[Service] = []
    for folder, mine in sorted(serving.items()):
        near = [f for f in serving if roots[f] == roots[folder]]
        if any(mine < serving[f] or (mine == serving[f] and f < folder) for f in near if f != folder):
            continue
        paths = set(reached[folder]).union(*(reached[f] for f in near if serving[f] <= mine))
        members: list[tuple[str, App | None, Evidence]] = [
            (a.where.path, a, a.where) for a in routes.apps if a.where.path in reached[folder]
        ]
        found.append(_service(folder, "go", members, frozenset(paths), manifests, routes))
    return found


def _places_of(found: Routes) -> frozenset[tuple[str, int]]:
    """Where servers are built and routes and gRPC services are registered."""
    places = [*(a.where for a in found.apps), *(r.where for r in found.all), *(g.where for g in found.grpc)]
    return frozenset((place.path, place.line) for place in places)


def _is_client(folder: str) -> bool:
    """Whether a main package is, by its name, the command line that people use beside the service."""
    return bool(re.search(known(__file__, "services.yaml")["client_programs"], folder.rpartition("/")[2]))


def _go_root(folder: str, manifests: Manifests) -> str:
    """The folder of the Go module: programs in modules of their own are services of their own, whatever they share."""
    nearest = manifests.nearest(f"{folder}/main.go", "go")
    return nearest.folder if nearest else ""


# ---------------------------------------------------------------------------------- naming, and what else it may be


def _named_apart(found: list[Service]) -> list[Service]:
    """Services of the same name get their folder as name, or their language."""
    names = [s.name for s in found]
    unique: list[Service] = []
    for service in found:
        name = service.name
        if names.count(name) > 1:
            name = service.folder if service.folder else f"{name} ({service.language})"
        values = {field: getattr(service, field) for field in service.__struct_fields__}
        unique.append(Service(**(values | {"name": name})))
    return unique


def _what_else(repository: Repository, modules: Modules, manifests: Manifests) -> tuple[str, str]:
    """What a repository without a service is, and the sentence that says how that was seen."""
    sources = [f for f in repository.files if f.role is Role.SOURCE and f.language]
    own = [f for f in sources if not manifests.is_browser_code(f.path)]
    if unread := _unread_language(repository, len(own)):
        return "unread", f"its programs are written in {unread}, which is not read"
    if not sources:
        return "infrastructure", "the repository holds no Python, JavaScript, TypeScript or Go program"
    if not own:
        return "front end", "the code is a front end that runs in the browser"
    seen = f"no server, route or consumer was found in {count(len(modules), 'source file')}"
    entry = next((m for m in manifests.all if m.entry_points), None)
    if entry is not None or any(m.is_main for m in modules.of("go")):
        where = f" (entry points in {entry.path})" if entry else ""
        return "command line", f"it is a command-line program{where}; {seen}"
    if any(_is_published(m) for m in manifests.all):
        return "library", f"it is a library; {seen}"
    return "program", seen


def _unread_language(repository: Repository, own: int) -> str:
    """The language that most programs here are written in, where it is none of those that are read."""
    data = known(__file__, "services.yaml")
    by_suffix = {suffix: name for name, suffixes in data["unread_languages"].items() for suffix in suffixes}
    aside = re.compile(data["unread_aside"])
    counts = Counter(
        by_suffix[suffix]
        for f in repository.files
        if f.role is not Role.TEST
        and (suffix := PurePosixPath(f.path).suffix.lower()) in by_suffix
        and not aside.search(f.path)
    )
    name, count = next(iter(counts.most_common(1)), ("", 0))
    return name if count >= _FEWEST_UNREAD and count > own else ""


def _library(service: Service, repository: Repository, manifests: Manifests) -> Manifest | None:
    """The manifest that says that a package with an application is a library for others to mount: no command, image or
    platform starts it here."""
    data = known(__file__, "services.yaml")
    manifest = next((m for m in manifests.all if m.kind == "python" and m.folder == service.folder), None)
    if service.language != "python" or manifest is None or manifest.entry_points:
        return None
    said = [
        *rows(table(manifest.data, "project"), "classifiers"),
        *rows(table(manifest.data, "tool", "poetry"), "classifiers"),
    ]
    if data["library_classifier"] not in " ".join(map(str, said)):
        return None
    starts = re.compile(data["start_files"])
    started = any(f.role in (Role.SOURCE, Role.CONFIG) and starts.search(f.path) for f in repository.files)
    return None if started else manifest


def _is_published(manifest: Manifest) -> bool:
    if manifest.kind == "node":
        return (
            bool(manifest.data.get("main") or manifest.data.get("exports")) and manifest.data.get("private") is not True
        )
    return bool(manifest.name)
