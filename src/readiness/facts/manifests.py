"""Dependency manifests and their locks: what each package declares. Resolves no versions and reads no lock's content."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from msgspec import Struct

from readiness.repository import LANGUAGES, File, Repository, Role
from readiness.tables import table
from readiness.wiring import fact, known


class Dependency(Struct, frozen=True):
    """A declared dependency. `name` is normalised (Python: lower case, - for _ and .); `scope` is run, dev or optional."""

    name: str
    spec: str
    scope: str
    path: str
    line: int


class Manifest(Struct, frozen=True):
    """One manifest file. `kind`: python, node or go; `folder` its directory ("" at the root); `name` the package's own.

    `locks` are the lock files that hold for it (its own, or its workspace root's). `scripts` are package.json scripts,
    `entry_points` console scripts or package.json bin; `workspaces` its workspace globs.
    `data` is the parsed document (package.json, pyproject.toml), {} for line formats.
    """

    path: str
    kind: str
    folder: str
    name: str
    dependencies: tuple[Dependency, ...] = ()
    locks: tuple[str, ...] = ()
    scripts: dict[str, str] = {}
    entry_points: dict[str, str] = {}
    workspaces: tuple[str, ...] = ()
    data: dict[str, object] = {}

    def has(self, names: Iterable[str], scopes: tuple[str, ...] = ("run", "optional")) -> bool:
        """Whether one of `names` is among its dependencies of `scopes`."""
        wanted = set(names)
        return any(d.name in wanted and d.scope in scopes for d in self.dependencies)


class Manifests:
    """The target's manifests, in order of path."""

    def __init__(self, manifests: Iterable[Manifest] = ()) -> None:
        """Index them by folder."""
        self.all = tuple(sorted(manifests, key=lambda m: m.path))
        self._browser = [m.folder for m in self.all if m.kind == "node" and _is_browser(m)]
        self._node = [m.folder for m in self.all if m.kind == "node"]

    def nearest(self, path: str, kind: str = "") -> Manifest | None:
        """The manifest (of `kind`, if given) in the closest folder at or above `path`."""
        fitting = [m for m in self.all if (not kind or m.kind == kind) and holds(m.folder, path)]
        return max(fitting, key=lambda m: len(m.folder), default=None)

    def declares(self, name: str, kind: str = "", scopes: tuple[str, ...] = ("run", "optional")) -> list[Dependency]:
        """Where the dependency `name` is declared in one of `scopes`."""
        return [
            d
            for m in self.all
            if not kind or m.kind == kind
            for d in m.dependencies
            if d.name == name and d.scope in scopes
        ]

    def is_browser_code(self, path: str) -> bool:
        """Whether `path` is JavaScript in a package that is a front end alone (a UI framework, and nothing of a server)."""
        folder, _, name = path.rpartition("/")
        if LANGUAGES.get(name[name.rfind(".") :].lower()) in ("python", "go"):
            return False
        return self._closest_node(folder) in self._browser

    def renders_pages(self, folder: str) -> bool:
        """Whether the Node package in `folder` holds a front end, be it beside a server."""
        frameworks = known(__file__, "manifests.yaml")["browser_frameworks"]
        return any(m.kind == "node" and m.folder == folder and m.has(frameworks, ("run", "dev")) for m in self.all)

    @cache  # noqa: B019 - one Manifests lives as long as the audit
    def _closest_node(self, folder: str) -> str | None:
        return max((f for f in self._node if holds(f, folder + "/x")), key=len, default=None)


def holds(folder: str, path: str) -> bool:
    """Whether `path` lies below `folder` ("" is the root)."""
    return not folder or path.startswith(folder + "/")


def _is_browser(manifest: Manifest) -> bool:
    data = known(__file__, "manifests.yaml")
    every = ("run", "dev", "optional")
    return manifest.has(data["browser_frameworks"], every) and not manifest.has(data["server_frameworks"], every)


@fact
def manifests(repository: Repository) -> Manifests:
    """Every manifest outside vendored, test and example folders."""
    parsers: list[tuple[str, str, Callable[[str, str], dict[str, object]]]] = [
        ("package.json", "node", _package_json),
        ("pyproject.toml", "python", _pyproject),
        ("requirements*.txt", "python", _requirements),
        ("requirements*.in", "python", _requirements),
        ("*requirements.txt", "python", _requirements),
        ("setup.cfg", "python", _setup_cfg),
        ("setup.py", "python", _setup_py),
        ("pipfile", "python", _pipfile),
        ("go.mod", "go", _go_mod),
    ]
    found: dict[str, Manifest] = {}
    for glob, kind, parse in parsers:
        for file in _candidates(repository, glob):
            if file.path in found or (text := repository.read_text(file.path)) is None:
                continue
            try:
                parsed = parse(file.path, text)
            except (ValueError, RecursionError, configparser.Error, SyntaxError) as error:
                repository.note_unread(file.path, "manifests", f"is not valid: {str(error)[:150]}")
                continue
            if parsed:
                found[file.path] = Manifest(path=file.path, kind=kind, folder=file.folder, **parsed)  # type: ignore[arg-type]  # the parsers give Manifest's own fields
    return Manifests(_with_locks(repository, found.values()))


def _candidates(repository: Repository, glob: str) -> list[File]:
    roles = (Role.SOURCE, Role.CONFIG, Role.DOCS)
    files = repository.select(glob, roles=roles)
    if glob.endswith("requirements.txt"):
        files += [
            f for f in repository.select("*.txt", "*.in", roles=roles) if f.folder.rpartition("/")[2] == "requirements"
        ]
    return files


def _with_locks(repository: Repository, manifests_: Iterable[Manifest]) -> Iterator[Manifest]:
    names: dict[str, list[str]] = known(__file__, "manifests.yaml")["locks"]
    present = {kind: repository.select(*globs) for kind, globs in names.items()}
    every = list(manifests_)
    for manifest in every:
        own = [f.path for f in present[manifest.kind] if f.folder == manifest.folder]
        if not own:
            above = [
                f
                for f in present[manifest.kind]
                if holds(f.folder, manifest.path) and _is_workspace_root(f.folder, manifest, every)
            ]
            own = [f.path for f in above]
        values = {field: getattr(manifest, field) for field in manifest.__struct_fields__}
        yield Manifest(**(values | {"locks": tuple(own)}))


def _is_workspace_root(folder: str, member: Manifest, every: list[Manifest]) -> bool:
    """A lock above a manifest counts where the lock's own manifest declares workspaces (npm, pnpm, uv)."""
    roots = [m for m in every if m.folder == folder and m.kind == member.kind]
    return any(root.workspaces for root in roots) or member.kind == "node"


def _line_of(text: str, needle: str) -> int:
    index = text.find(needle)
    return text.count("\n", 0, index) + 1 if index >= 0 else 0


def _strings(value: object) -> dict[str, str]:
    return {str(k): v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _package_json(path: str, text: str) -> dict[str, object]:
    data = json.loads(text)
    if not isinstance(data, dict):
        return {}
    scopes = {
        "dependencies": "run",
        "devDependencies": "dev",
        "optionalDependencies": "optional",
        "peerDependencies": "optional",
    }
    dependencies = tuple(
        Dependency(name, spec, scope, path, _line_of(text, f'"{name}"'))
        for key, scope in scopes.items()
        for name, spec in _strings(data.get(key)).items()
    )
    bin_ = data.get("bin")
    spaces = data.get("workspaces")
    if isinstance(spaces, dict):
        spaces = spaces.get("packages")
    name = data.get("name") if isinstance(data.get("name"), str) else ""
    return {
        "name": name,
        "dependencies": dependencies,
        "scripts": _strings(data.get("scripts")),
        "entry_points": {str(name): bin_} if isinstance(bin_, str) else _strings(bin_),
        "workspaces": tuple(s for s in spaces if isinstance(s, str)) if isinstance(spaces, list) else (),
        "data": data,
    }


_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)$")


def python_name(name: str) -> str:
    """A distribution's name as PyPI normalises it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirement(line: str, scope: str, path: str, number: int) -> Dependency | None:
    text = line.split(" #")[0].split(";")[0].strip().rstrip("\\").strip()
    if not text or text.startswith(("#", "-")):
        return None
    found = _REQUIREMENT.match(text.split("--hash")[0])
    return Dependency(python_name(found[1]), found[3].strip(), scope, path, number) if found else None


def _requirements(path: str, text: str) -> dict[str, object]:
    name = path.rpartition("/")[2].lower()
    scope = "dev" if re.search(r"dev|test|lint|doc|local|ci\b", name) else "run"
    rows = (_requirement(line, scope, path, number) for number, line in enumerate(text.splitlines(), 1))
    return {"name": "", "dependencies": tuple(row for row in rows if row)}


def _pyproject(path: str, text: str) -> dict[str, object]:
    data = tomllib.loads(text)
    project = table(data, "project")
    poetry = table(data, "tool", "poetry")
    specs: list[tuple[str, str]] = [(s, "run") for s in _list(project.get("dependencies"))]
    for extra in table(project, "optional-dependencies").values():
        specs += [(s, "optional") for s in _list(extra)]
    for group in [
        *table(data, "dependency-groups").values(),
        *table(data, "tool", "pdm", "dev-dependencies").values(),
    ]:
        specs += [(s, "dev") for s in _list(group)]
    specs += [(s, "dev") for s in _list(table(data, "tool", "uv").get("dev-dependencies"))]
    specs += [(f"{n} {_poetry_spec(v)}", "run") for n, v in table(poetry, "dependencies").items() if n != "python"]
    specs += [(f"{n} {_poetry_spec(v)}", "dev") for n, v in table(poetry, "dev-dependencies").items()]
    for group in table(poetry, "group").values():
        if isinstance(group, dict):
            specs += [(f"{n} {_poetry_spec(v)}", "dev") for n, v in table(group, "dependencies").items()]
    rows = (_requirement(s, scope, path, _line_of(text, _REQUIREMENT.sub(r"\1", s))) for s, scope in specs)
    name = project.get("name") or poetry.get("name") or ""
    workspace = table(data, "tool", "uv", "workspace").get("members")
    return {
        "name": str(name),
        "dependencies": tuple(row for row in rows if row),
        "entry_points": _strings(project.get("scripts")) | _strings(poetry.get("scripts")),
        "workspaces": tuple(_list(workspace)),
        "data": data,
    }


def _list(value: object) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _poetry_spec(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("version", "")
    return value if isinstance(value, str) else ""


def _pipfile(path: str, text: str) -> dict[str, object]:
    data = tomllib.loads(text)
    rows = [
        Dependency(python_name(name), _poetry_spec(spec), scope, path, _line_of(text, name))
        for key, scope in (("packages", "run"), ("dev-packages", "dev"))
        for name, spec in table(data, key).items()
    ]
    return {"name": "", "dependencies": tuple(rows), "data": data}


def _setup_cfg(path: str, text: str) -> dict[str, object]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    lines = parser.get("options", "install_requires", fallback="").splitlines()
    rows = [_requirement(line, "run", path, _line_of(text, line.strip())) for line in lines if line.strip()]
    sections = ("options.entry_points", "entry_points")
    points = [line for section in sections for line in parser.get(section, "console_scripts", fallback="").splitlines()]
    scripts = {name.strip(): target.strip() for name, equals, target in (p.partition("=") for p in points) if equals}
    if not rows and not scripts and not parser.has_section("metadata"):
        return {}
    name = parser.get("metadata", "name", fallback="")
    return {"name": name, "dependencies": tuple(row for row in rows if row), "entry_points": scripts}


def _setup_py(path: str, text: str) -> dict[str, object]:
    """Only what is literal in the call of setup(); nothing is run."""
    if "setup(" not in text:
        return {}
    setup = next(
        (
            n
            for n in ast.walk(ast.parse(text))
            if isinstance(n, ast.Call) and ast.unparse(n.func).rpartition(".")[2] == "setup"
        ),
        None,
    )
    if setup is None:
        return {}
    values: dict[str, object] = {}
    for keyword in setup.keywords:
        try:
            values[keyword.arg or ""] = ast.literal_eval(keyword.value)
        except ValueError:
            continue  # computed at build time
    rows = [_requirement(s, "run", path, _line_of(text, s)) for s in _list(values.get("install_requires"))]
    points = _list(table(values, "entry_points").get("console_scripts"))
    scripts = {a.strip(): b.strip() for a, _, b in (p.partition("=") for p in points)}
    return {"name": str(values.get("name", "")), "dependencies": tuple(r for r in rows if r), "entry_points": scripts}


_GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?([\w.\-~]+\.[\w./\-~]+)\s+(v[\w.\-+]+)(\s*//\s*indirect)?")


def _go_mod(path: str, text: str) -> dict[str, object]:
    module = re.search(r"(?m)^module\s+\"?(\S+?)\"?\s*$", text)
    rows = [
        Dependency(re.sub(r"/v\d+$", "", found[1]), found[2], "optional" if found[3] else "run", path, number)
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _GO_REQUIRE.match(line))
    ]
    return {"name": module[1] if module else "", "dependencies": tuple(rows)}
