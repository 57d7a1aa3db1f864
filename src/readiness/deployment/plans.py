"""Reads files that say which images a tool builds: docker-bake, Skaffold, GoReleaser. Resolves no variable."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from readiness.deployment.image import BuildPlan
from readiness.deployment.tree import Tree, tree
from readiness.yamldoc import as_text, load, load_all

_TARGET = re.compile(r'^[ \t]*target[ \t]+"([^"\n]+)"[ \t]*\{', re.MULTILINE)
_ASSIGNED = re.compile(r'^[ \t]*(context|dockerfile)[ \t]*=[ \t]*"([^"\n]*)"', re.MULTILINE)


def under(folder: str, *parts: str) -> str:
    """A path of the repository from `folder` and the parts after it; "" where it leads outside or is a URL.

    A part that begins with @root (as commands of CI name the repository's root) starts anew there.
    """
    if any("://" in part for part in parts):
        return ""
    joined = folder
    for part in parts:
        at_root = part == "@root" or part.startswith("@root/")
        joined = part[len("@root/") :] if at_root else posixpath.join(joined, part)
    path = posixpath.normpath(joined)
    return "" if path.startswith(("..", "/")) or path == "." else path


def read_bake(path: str, text: str) -> BuildPlan:
    """docker-bake.hcl: each target's Dockerfile; a target without one takes what an earlier target states."""
    folder = path.rpartition("/")[0]
    targets = list(_TARGET.finditer(text))
    found = []
    for number, target in enumerate(targets):
        end = targets[number + 1].start() if number + 1 < len(targets) else len(text)
        stated = {m[1]: m[2] for m in _ASSIGNED.finditer(text, target.end(), end)}
        if stated:
            found.append(under(folder, stated.get("context") or ".", stated.get("dockerfile") or "Dockerfile"))
    line = text.count("\n", 0, targets[0].start()) + 1 if targets else 1
    return BuildPlan("bake", path, line, _unique(found or [under(folder, "Dockerfile")]))


def read_bake_json(path: str, text: str) -> BuildPlan:
    """docker-bake.json. Raises ValueError."""
    folder = path.rpartition("/")[0]
    targets = [t for t in tree(load(text)).mapping("target").values() if isinstance(t, dict)]
    found = [
        under(folder, as_text(t.get("context")) or ".", as_text(t.get("dockerfile")) or "Dockerfile") for t in targets
    ]
    return BuildPlan("bake", path, 1, _unique(found))


def read_skaffold(path: str, text: str) -> BuildPlan:
    """skaffold.yaml: each artifact's Dockerfile, or the builder that it names instead. Raises ValueError."""
    folder = path.rpartition("/")[0]
    dockerfiles, others, line = [], [], 0
    for document in (tree(value) for value in load_all(text)):
        for at, artifact in _artifacts(document):
            line = line or document.line(*at)
            builder = next(
                (b for b in ("ko", "buildpacks", "jib", "bazel", "kaniko", "custom") if b in artifact), "docker"
            )
            if builder not in ("docker", "kaniko"):
                others.append(builder)
                continue
            settings = artifact.get(builder)
            named = as_text(settings.get("dockerfile")) if isinstance(settings, dict) else ""
            dockerfiles.append(under(folder, as_text(artifact.get("context")) or ".", named or "Dockerfile"))
    return BuildPlan("skaffold", path, line or 1, _unique(dockerfiles), tuple(dict.fromkeys(others)))


def _artifacts(document: Tree) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    places: list[tuple[str | int, ...]] = [("build", "artifacts")]
    places += [("profiles", n, "build", "artifacts") for n in range(len(document.items("profiles")))]
    for at in places:
        for index, artifact in enumerate(document.items(*at)):
            if isinstance(artifact, dict):
                yield (*at, index), artifact


def read_goreleaser(path: str, text: str) -> BuildPlan | None:
    """.goreleaser.yml: the Dockerfiles of its images (relative to the repository), or ko. None where it makes no image.

    Raises ValueError.
    """
    document = tree(load(text))
    images = [(key, i) for key in ("dockers", "dockers_v2", "docker_images") for i in range(len(document.items(key)))]
    images = [at for at in images if not document.at(*at, "skip_build")]
    found = [under("", document.text(*at, "dockerfile") or "Dockerfile") for at in images]
    others = ("ko",) if document.items("kos") else ()
    if not found and not others:
        return None
    line = document.line(*images[0]) if images else document.line("kos")
    return BuildPlan("goreleaser", path, line, _unique(found), others)


def _unique(paths: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for path in paths if path))
