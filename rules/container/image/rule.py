"""A container image is built in CI.

## Why
An image that only a person's machine can build is not reproducible, and a Dockerfile that nothing builds breaks unnoticed:
the first to find out is the one who deploys. Built in CI, every change shows at once whether it can still be shipped, and
the image that was tested is the one that runs.
Source: Docker, "Build with CI"; The Twelve-Factor App, "V. Build, release, run".

## Fix
Build the image that is deployed on every pull request, and push it from the main branch or a tag:

    # .github/workflows/image.yml
    on: [pull_request, push]
    jobs:
      image:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v4
          - uses: docker/setup-buildx-action@v3
          - uses: docker/build-push-action@v6
            with: {context: ., push: false, tags: "app:${{ github.sha }}"}

- Python, JavaScript: a Dockerfile with a build stage and a slim final stage
- Go: the same, or `ko build ./cmd/server` without a Dockerfile
- GitLab: a job with kaniko or `docker build` in the docker:dind service
"""

from __future__ import annotations

from readiness.deployment.image import Dockerfile
from readiness.facts.ci import Pipelines
from readiness.facts.dockerfiles import Dockerfiles
from readiness.facts.image_builds import CiBuild, ImageBuilds
from readiness.facts.services import Services
from readiness.judging import listed
from readiness.model import Evidence, Searched, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import known, rule

KNOWN: dict[str, list[str]] = known(__file__)


@rule(weight=3, phase3=True, source=["Phase 3: Container images built and scanned"])
def check(services: Services, dockerfiles: Dockerfiles, builds: ImageBuilds, pipelines: Pipelines) -> Verdict:
    """Pass where CI builds the images of production; partial where it builds only some, only variants, or none."""
    if not services.all and services.target != "unread":
        return not_applicable(services.why_none("is a service to ship as an image"))
    files = dockerfiles.production
    if not files:
        return _without_dockerfile(dockerfiles, builds, pipelines)
    groups = _groups(files)
    built = {name: found for name, group in groups.items() if (found := _built(group, builds)) is not None}
    missing = [name for name in groups if name not in built]
    shown = [e for name, (file, build) in built.items() for e in (*build.chain, Evidence(file.path, _line(file)))]
    if not missing:
        return passed(_pass_message(built), shown[:6])
    if not built and (
        by_itself := [b for b in builds.without_dockerfile if not b.folder or _one_folder(files, b.folder)]
    ):
        tool = by_itself[0].tool
        return passed(
            f"CI builds the image with {tool}.", [*by_itself[0].chain, Evidence(files[0].path, _line(files[0]))]
        )
    there = [Evidence(groups[name][0].path, _line(groups[name][0])) for name in missing]
    if built:
        return partial(
            f"CI builds {len(built)} of {len(groups)} images; did not find a build of {listed(missing)}.",
            [*shown[:4], *there[:4]],
        )
    return partial(
        _unbuilt_message(files, builds, pipelines), [*_variants(builds), *there[:4]], searched=_searched(pipelines)
    )


def _without_dockerfile(dockerfiles: Dockerfiles, builds: ImageBuilds, pipelines: Pipelines) -> Verdict:
    """The verdict where an image, if any, comes from a tool that needs no Dockerfile."""
    if builds.without_dockerfile:
        build = builds.without_dockerfile[0]
        places = [Evidence(path, line, tool) for tool, path, line in dockerfiles.others]
        return passed(f"CI builds the image with {build.tool}, without a Dockerfile.", [*build.chain, *places[:1]])
    planned = [plan for plan in builds.plans if plan.others and any(b.tool == plan.tool for b in builds.all)]
    if planned:
        return passed(f"CI builds the image with {planned[0].tool}.", [Evidence(planned[0].path, planned[0].line)])
    if dockerfiles.others:
        tool, path, line = dockerfiles.others[0]
        return partial(
            f"The image can be built with {tool}, but nothing in CI does.",
            [Evidence(path, line)],
            searched=_searched(pipelines),
        )
    near = tuple(Evidence(d.path, _line(d), "not an image of the program") for d in dockerfiles.all[:3])
    return failed(
        "Did not find a Dockerfile, or another build of an image, for the service.",
        searched=Searched(
            "a Dockerfile, a Containerfile, ko, Buildpacks, Jib, Nixpacks, Earthly or Bazel images", "all files", near
        ),
    )


def _groups(files: list[Dockerfile]) -> dict[str, list[Dockerfile]]:
    """The Dockerfiles by the image they make: those of one folder that differ in a variant alone are one image."""
    groups: dict[str, list[Dockerfile]] = {}
    for file in files:
        groups.setdefault(_place(file, files) or "the root", []).append(file)
    return groups


def _place(file: Dockerfile, files: list[Dockerfile]) -> str:
    """The folder of the program: above a packaging folder where a Dockerfile there starts the same command."""
    above, _, name = file.folder.rpartition("/")
    beside = [other for other in files if other.folder == above and _start(other) == _start(file)]
    return above if name in KNOWN["packaging_folders"] and _start(file) and beside else file.folder


def _start(file: Dockerfile) -> tuple[str, ...]:
    """The words of the CMD (without one, of the ENTRYPOINT) that the image starts with."""
    for name in ("CMD", "ENTRYPOINT"):
        for stage in file.lineage():
            if found := list(stage.named(name)):
                return found[-1].values
    return ()


def _built(group: list[Dockerfile], builds: ImageBuilds) -> tuple[Dockerfile, CiBuild] | None:
    """A Dockerfile of the group with the build of it, the one on most triggers first, by hand the last."""
    found = [(file, build) for file in group for build in builds.of(file.path)]
    return max(
        found,
        key=lambda pair: (len(pair[1].triggers - {"manual"}), len(pair[1].triggers), -len(pair[1].chain)),
        default=None,
    )


def _one_folder(files: list[Dockerfile], folder: str) -> bool:
    return all(file.folder == folder or file.folder.startswith(folder + "/") for file in files)


def _line(file: Dockerfile) -> int:
    return file.final.line if file.final else 1


def _pass_message(built: dict[str, tuple[Dockerfile, CiBuild]]) -> str:
    file, build = next(iter(built.values()))
    when = ", ".join(sorted(build.triggers))
    if len(built) > 1:
        return f"CI builds all {len(built)} images, {file.path} among them ({when})."
    return f"CI builds the image from {file.path} ({when})." if when else f"CI builds the image from {file.path}."


def _unbuilt_message(files: list[Dockerfile], builds: ImageBuilds, pipelines: Pipelines) -> str:
    if not pipelines.files:
        return f"There is a Dockerfile ({files[0].path}), but no CI that could build it."
    if builds.all:
        others = list(dict.fromkeys(path for build in builds.all for path in build.dockerfiles))
        return f"CI builds {listed(others) or 'images'}, but not the image that is deployed, {listed([f.path for f in files])}."
    definitions = f"{len(pipelines.files)} CI file{'s' if len(pipelines.files) != 1 else ''}"
    return f"There is a Dockerfile ({files[0].path}), but nothing in {definitions} builds it."


def _variants(builds: ImageBuilds) -> list[Evidence]:
    return [place for build in builds.all[:2] for place in build.chain]


def _searched(pipelines: Pipelines) -> Searched:
    what = (
        "docker build, buildx, bake, Compose, kaniko, buildah, podman, Skaffold, ko, GoReleaser, a build-and-push step"
    )
    runs = f"{len(pipelines.runs)} commands and {len(pipelines.actions)} packaged steps in {len(pipelines.files)} CI definitions"
    return Searched(what, runs)
