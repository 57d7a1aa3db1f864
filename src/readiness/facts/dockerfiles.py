"""Container image builds: Dockerfiles by stage, and the other tools that build an image (ko, Buildpacks, Jib ...).

Says what could be built; whether CI builds it is `readiness.facts.ci`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import PurePosixPath

from readiness.deployment.dockerfile import read_stages
from readiness.deployment.image import Dockerfile, Instruction, Stage
from readiness.repository import File, Repository, Role
from readiness.wiring import fact, known

__all__ = ["Dockerfile", "Dockerfiles", "Instruction", "Stage", "dockerfiles"]

_MAX_BYTES = 300_000
_WORDS = re.compile(r"[a-z0-9]+")


class Dockerfiles:
    """All of them; `others` are image builds without a Dockerfile as (tool, path, line)."""

    def __init__(self, files: Iterable[Dockerfile] = (), others: Iterable[tuple[str, str, int]] = ()) -> None:
        """Keep them in order of path."""
        self.all = tuple(sorted(files, key=lambda d: d.path))
        self.others = tuple(others)

    @cached_property
    def production(self) -> list[Dockerfile]:
        """Those outside test, example and documentation folders that build a program of this repository (not a
        development container, a database with seed data, or a tool image); tool images only where nothing else is."""
        placed = [d for d in self.all if d.role in (Role.CONFIG, Role.SOURCE) and not _is_for_development(d.path)]
        placed = [d for d in placed if not (_is_server(d.base) and is_ready_made(d))]
        shipped = [d for d in placed if not is_tool(d.path) and not _is_build_stage(d)]
        return [d for d in shipped if not is_ready_made(d)] or shipped or placed

    def at(self, path: str) -> Dockerfile | None:
        """The Dockerfile at exactly `path`."""
        return next((d for d in self.all if d.path == path), None)


@fact
def dockerfiles(repository: Repository) -> Dockerfiles:
    """Parse them all; what BuildKit would refuse is noted as unread."""
    found = []
    for file in repository.select(*_known()["names"]):
        if file.name.lower().endswith(tuple(_known()["not_suffixes"])) or file.role is Role.VENDORED:
            continue
        text = repository.read_text(file.path, _MAX_BYTES)
        if text is None:
            continue
        try:
            found.append(Dockerfile(file.path, _role(file), read_stages(text)))
        except ValueError as error:
            repository.note_unread(file.path, "dockerfile", f"is not a Dockerfile that BuildKit accepts: {error}"[:200])
    return Dockerfiles(found, _others(repository))


def _known() -> dict[str, list[str]]:
    return known(__file__, "dockerfiles.yaml")


def _role(file: File) -> Role:
    """The file's role; a Dockerfile named like a source file ("x.go") or document is still configuration."""
    return Role.CONFIG if file.role is Role.GENERATED else file.role


def _is_for_development(path: str) -> bool:
    *folders, name = PurePosixPath(path.lower()).parts
    return bool({*folders, name.removesuffix(".dockerfile")} & set(_known()["development_folders"]))


def is_tool(path: str) -> bool:
    """Whether the name of the file or of a folder says that the image is for development, tests or CI's own work."""
    folders, _, name = path.lower().rpartition("/")
    own = set(_WORDS.findall(name)) - {"dockerfile", "containerfile"}
    around = {word for folder in folders.split("/") for word in re.split(r"[-_.]", folder)}
    words = set(_known()["tool_words"])
    return bool((own | around) & words)


def _is_build_stage(file: Dockerfile) -> bool:
    """Whether the name says that others build on the image, and it starts nothing by itself."""
    own = set(_WORDS.findall(file.name.lower()))
    starts = any(stage.named("CMD", "ENTRYPOINT") for stage in file.lineage())
    return bool(own & set(_known()["build_words"])) and not starts


def is_ready_made(file: Dockerfile) -> bool:
    """Whether the image holds no program of this repository: a ready-made server or tool with settings added."""
    if file.base.partition(":")[2].startswith("onbuild") or file.base.endswith("-onbuild"):
        return False
    mounts = [flag for stage in file.stages for run in stage.named("RUN") for flag in run.flags if "type=bind" in flag]
    if any("from=" not in mount for mount in mounts):
        return False
    server = _is_server(file.base)
    copies = [c for stage in file.stages for c in stage.named("COPY", "ADD") if not c.flag("from")]
    return not any(_is_program(source, server) for copy in copies for source in copy.values[:-1])


def _is_server(image: str) -> bool:
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    return name in _known()["servers"] or image.startswith(tuple(_known()["server_owners"]))


def _is_program(source: str, server: bool) -> bool:
    """Whether a copied path may hold a program; into a ready-made server, folders named for data hold none."""
    path = PurePosixPath(source)
    if source.startswith(("http://", "https://")) or path.suffix.lower() in _known()["data_suffixes"]:
        return False
    return not (server and set(_WORDS.findall(source.lower())) & set(_known()["data_folders"]))


def _others(repository: Repository) -> list[tuple[str, str, int]]:
    found = []
    for other in known(__file__, "dockerfiles.yaml")["others"]:
        for file in repository.select(*other["names"], roles=(Role.CONFIG, Role.SOURCE)):
            line = _first_line(repository, file.path, other["words"]) if other["words"] else 1
            if line:
                found.append((other["tool"], file.path, line))
    return found


def _first_line(repository: Repository, path: str, words: list[str]) -> int:
    """The first line outside comments that holds one of `words`; 0 where none does."""
    lines = (repository.read_text(path, _MAX_BYTES) or "").splitlines()
    numbered = ((number, line) for number, line in enumerate(lines, 1) if not line.lstrip().startswith("#"))
    return next((number for number, line in numbered if any(word in line for word in words)), 0)
