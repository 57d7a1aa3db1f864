"""Where CI builds container images, and from which Dockerfiles: by docker, Compose, bake, Skaffold, GoReleaser, kaniko ...

Follows names and folders; a variable in a path stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from readiness.deployment.commands import BuildCommand, parse
from readiness.deployment.image import BuildPlan
from readiness.deployment.plans import read_bake, read_bake_json, read_goreleaser, read_skaffold, under
from readiness.facts.ci import ActionRun, Pipelines, ToolRun
from readiness.facts.compose import Compose, ComposeFile
from readiness.facts.dockerfiles import Dockerfiles, is_tool
from readiness.model import Evidence
from readiness.repository import Repository, Role
from readiness.wiring import fact, known

__all__ = ["CiBuild", "ImageBuilds", "image_builds"]

_READERS: dict[str, Callable[[str, str], BuildPlan | None]] = {
    "bake": read_bake,
    "bake-json": read_bake_json,
    "skaffold": read_skaffold,
    "goreleaser": read_goreleaser,
}
_VARIABLE = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+|<<.*?>>|\{\{.*?\}\}")
_DEFAULT_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_DEFAULT_NAMES = ("Dockerfile", "Containerfile", "dockerfile")


class CiBuild(Struct, frozen=True):
    """A step of CI that builds images. `dockerfiles` are the paths it builds from; () where the tool finds the program by
    itself (ko, Buildpacks, fly deploy ...), in `folder`. `text` is the command or the step's inputs, for names of images.

    `variant`: it builds only a stage for tests or development.
    """

    tool: str
    dockerfiles: tuple[str, ...]
    chain: tuple[Evidence, ...]
    triggers: frozenset[str]
    folder: str = ""
    text: str = ""
    variant: bool = False


class ImageBuilds:
    """All of them, in the order of CI; `plans` are the build plans found, run or not."""

    def __init__(self, builds: Iterable[CiBuild] = (), plans: Iterable[BuildPlan] = ()) -> None:
        """Keep them."""
        self.all = tuple(builds)
        self.plans = tuple(plans)

    def of(self, dockerfile: str) -> list[CiBuild]:
        """The builds of the image at `dockerfile`, those of a test stage left out."""
        return [build for build in self.all if dockerfile in build.dockerfiles and not build.variant]

    @property
    def without_dockerfile(self) -> list[CiBuild]:
        """The builds by tools that find the program by themselves."""
        return [build for build in self.all if not build.dockerfiles]


@fact
def image_builds(
    repository: Repository, pipelines: Pipelines, dockerfiles: Dockerfiles, compose: Compose
) -> ImageBuilds:
    """Read every run and packaged step of CI for the images that it builds."""
    plans = tuple(_plans(repository))
    reader = _Reader(dockerfiles, compose, plans)
    builds = [build for run in pipelines.runs if (build := reader.of_run(run)) is not None]
    builds += [build for action in pipelines.actions if (build := reader.of_action(action)) is not None]
    return ImageBuilds({(b.dockerfiles, b.chain, b.variant): b for b in builds}.values(), plans)


def _known() -> dict[str, Any]:
    return known(__file__, "image_builds.yaml")


def _plans(repository: Repository) -> Iterator[BuildPlan]:
    for tool, names in _known()["plans"].items():
        for file in repository.select(*names, roles=(Role.CONFIG, Role.SOURCE)):
            text = repository.read_text(file.path, 300_000)
            try:
                plan = _READERS[tool](file.path, text) if text else None
            except (ValueError, RecursionError) as error:
                repository.note_unread(file.path, tool, str(error)[:200])
                continue
            if plan is not None:
                yield plan


class _Reader:
    """Turns commands and packaged steps into builds, given what could be built."""

    def __init__(self, dockerfiles: Dockerfiles, compose: Compose, plans: tuple[BuildPlan, ...]) -> None:
        self.dockerfiles = dockerfiles
        self.paths = [d.path for d in dockerfiles.all]
        self.compose = compose
        self.plans = plans

    def of_run(self, run: ToolRun) -> CiBuild | None:
        command = parse(run.argv, _known()["flags"], _known()["others"])
        if command is None:
            return None
        found = self._resolve(command, run.folder, run.environment)
        if not found and command.how != "other":
            return None
        variant = bool(command.target) and self._is_variant(found, command.target)
        return CiBuild(command.tool, found, run.chain, run.triggers, run.folder, run.text, variant)

    def of_action(self, action: ActionRun) -> CiBuild | None:
        signs = _signs(action.name)
        if signs is None or signs["how"] == "none" or not _does_it(action, signs.get("when", {})):
            return None
        file, context = (_first(action.inputs, signs.get(key, "")) for key in ("file", "context"))
        text = " ".join(action.inputs.values())
        files = tuple(re.split(r"[,\s]+", file)) if file else ()
        how = {"bake": "plan", "goreleaser": "plan"}.get(signs["how"], signs["how"])
        context = re.sub(r"^\{\{\s*defaultContext\s*\}\}:?", "", context)
        command = BuildCommand(
            how, signs["how"], files[0] if files else "", context, action.inputs.get("target", ""), files
        )
        found = self._resolve(command, "", {})
        if not found and how != "other":
            return None
        variant = bool(command.target) and self._is_variant(found, command.target)
        return CiBuild(action.name, found, action.chain, action.triggers, "", text, variant)

    def _is_variant(self, paths: tuple[str, ...], target: str) -> bool:
        """Whether `target` is a stage for tests or development and not what the image ends in."""
        files = [d for d in self.dockerfiles.all if d.path in paths]
        return is_tool(target) and all(d.stage(target) != d.final for d in files)

    def _resolve(self, command: BuildCommand, folder: str, environment: dict[str, str]) -> tuple[str, ...]:
        if command.how == "dockerfile":
            return self._by_path(command.file, command.context, folder)
        if command.how == "compose":
            return self._by_compose(command, folder, environment)
        if command.how == "plan":
            return self._by_plan(command, folder, environment)
        return ()

    def _by_path(self, file: str, context: str, folder: str) -> tuple[str, ...]:
        if file == "-" or context == "-" or "://" in context or context.startswith("git@"):
            return ()
        if file:
            tries = [under(folder, _open(file)), under("", _open(file)), under(folder, _open(context), _open(file))]
        else:
            tries = [
                under(at, _open(context) or ".", name) for at in dict.fromkeys((folder, "")) for name in _DEFAULT_NAMES
            ]
        for pattern in filter(None, tries):
            found = [path for path in self.paths if _fits(path, pattern)]
            if found:
                return tuple(found)
        return self._by_ending(file.removeprefix("./")) if file else ()

    def _by_ending(self, file: str) -> tuple[str, ...]:
        """Where a path leads nowhere (a link, a checkout into a folder of its own): the one Dockerfile that it may mean."""
        longer = [path for path in self.paths if file.endswith("/" + path)]
        if longer:
            return (max(longer, key=len),)
        shorter = [d.path for d in self.dockerfiles.production if d.path.endswith("/" + file)]
        return tuple(shorter) if len(shorter) == 1 else ()

    def _by_compose(self, command: BuildCommand, folder: str, environment: dict[str, str]) -> tuple[str, ...]:
        files = command.files or tuple(filter(None, environment.get("COMPOSE_FILE", "").split(":")))
        chosen = [f for f in self.compose.all if _is_chosen(f, files, folder)]
        wanted = _with_dependencies(chosen, command.services)
        built: list[str] = []
        for file in chosen:
            for service in file.services:
                chosen_by_default = not command.services and not service.profiles
                path = file.dockerfile(service) if chosen_by_default or service.name in wanted else ""
                target = service.build.target if service.build else ""
                if path in self.paths and not (target and self._is_variant((path,), target)):
                    built.append(path)
        return tuple(dict.fromkeys(built))

    def _by_plan(self, command: BuildCommand, folder: str, environment: dict[str, str]) -> tuple[str, ...]:
        tool = command.tool
        plans = [p for p in self.plans if p.tool == tool and _is_named(p.path, command.files, folder)]
        if tool == "bake" and not plans:
            return self._by_compose(command, folder, environment)
        return tuple(dict.fromkeys(path for plan in plans for path in plan.dockerfiles if path in self.paths))


def _open(text: str) -> str:
    """`text` with every variable as a star."""
    return _VARIABLE.sub("*", text)


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or (pattern.startswith("*/") and fnmatchcase(path, pattern[2:]))


def _is_named(path: str, files: tuple[str, ...], folder: str) -> bool:
    return not files or any(_fits(path, p) for file in files for p in (under(folder, _open(file)), _open(file)) if p)


def _is_chosen(file: ComposeFile, files: tuple[str, ...], folder: str) -> bool:
    if files:
        return _is_named(file.path, files, folder)
    name = file.path.rpartition("/")[2]
    return file.folder == folder and (name in _DEFAULT_COMPOSE or ".override." in name)


def _with_dependencies(files: list[ComposeFile], names: tuple[str, ...]) -> set[str]:
    wanted: set[str] = set()
    open_ = list(names)
    while open_:
        name = open_.pop()
        if name not in wanted:
            wanted.add(name)
            open_ += [d for f in files for s in f.services if s.name == name for d in s.depends_on]
    return wanted


def _signs(name: str) -> dict[str, Any] | None:
    """What is known of a packaged step: by its whole name, or the beginning of it up to a slash.

    A reusable workflow of another repository is known by the words of its file's name alone.
    """
    if "/.github/workflows/" in name:
        workflow: dict[str, Any] = _known()["remote_workflow"]
        words = set(re.findall(r"[a-z]+", name.rpartition("/")[2].lower()))
        return workflow if words & set(workflow["things"]) and words & set(workflow["deeds"]) else None
    actions: dict[str, dict[str, Any]] = _known()["actions"]
    lowered = name.lower()
    for sign, settings in actions.items():
        exact = sign.lower()
        if lowered == exact or lowered.endswith("/" + exact) or ("/" in exact and lowered.startswith(exact + "/")):
            return settings
    return None


def _does_it(action: ActionRun, when: dict[str, list[str]]) -> bool:
    """Whether every input in `when` begins with one of its values; "" stands for any text, but for being left out only
    where it is listed among others."""
    for name, values in when.items():
        given = action.inputs.get(name)
        if given is None and not ("" in values and len(values) > 1):
            return False
        if given is not None and "" not in values and not any(given.strip().startswith(v) for v in values):
            return False
    return True


def _first(inputs: dict[str, str], names: str) -> str:
    return next((inputs[name] for name in names.split(",") if inputs.get(name)), "")
