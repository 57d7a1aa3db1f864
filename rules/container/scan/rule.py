"""Container images are scanned.

## Why
Most of an image is not the program: a base image brings hundreds of packages whose flaws become known after it was built.
A scanner of dependencies does not see them, and a linter of the Dockerfile reads only its text.
Source: NIST SP 800-190, "Application Container Security Guide", 4.1.1; OWASP Docker Security Cheat Sheet, rule 9.

## Fix
Scan the image that was built, before it is pushed, and let severe findings fail the job:

    - uses: docker/build-push-action@v6
      with: {context: ., load: true, tags: "app:${{ github.sha }}"}
    - uses: aquasecurity/trivy-action@v0
      with: {image-ref: "app:${{ github.sha }}", severity: "CRITICAL,HIGH", exit-code: "1", ignore-unfixed: true}

- GitLab: `include: [{template: Jobs/Container-Scanning.gitlab-ci.yml}]`
- AWS, Terraform: `image_scanning_configuration { scan_on_push = true }` in each aws_ecr_repository
- Anywhere: `grype app:latest --fail-on high`, `docker scout cves --exit-code app:latest`, `snyk container test app:latest`
"""

from __future__ import annotations

from collections.abc import Iterable

from readiness.deployment.image import Dockerfile
from readiness.facts.ci import Pipelines
from readiness.facts.dockerfiles import Dockerfiles
from readiness.facts.image_builds import ImageBuilds
from readiness.facts.image_scans import ImageScan, ImageScans
from readiness.facts.services import Services
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import rule


@rule(
    weight=3,
    phase3=True,
    source=["Phase 3: Container images built and scanned", "Docker: Security scanning in CI/CD pipeline"],
)
def check(
    dockerfiles: Dockerfiles, builds: ImageBuilds, scans: ImageScans, services: Services, pipelines: Pipelines
) -> Verdict:
    """Pass where CI, the registry or a report handed in scans the images; partial where only files or some are."""
    if not dockerfiles.production and not dockerfiles.others and not builds.without_dockerfile:
        return not_applicable("Nothing here builds a container image of the program.")
    if not services.all and services.target in ("library", "infrastructure") and not builds.all:
        return not_applicable(services.why_none("is shipped as a container image"))
    if in_ci := scans.of("ci"):
        return _scanned_in_ci(in_ci, dockerfiles.production, builds)
    if reports := scans.of("report"):
        return _reported(reports)
    if registries := scans.of("registry"):
        return _scanned_on_push(registries, scans)
    if weak := scans.of("files"):
        tools = ", ".join(dict.fromkeys(scan.tool for scan in weak))
        return partial(
            f"Only the Dockerfile or files are looked at ({tools}); no scan of the image was found.", _places(weak)
        )
    return failed("Did not find a scan of the container image.", searched=_searched(pipelines, builds))


def _scanned_in_ci(found: list[ImageScan], files: list[Dockerfile], builds: ImageBuilds) -> Verdict:
    """Pass, unless each scan names one image in full and there are more images than are named."""
    names = {scan.target.partition(":")[0] for scan in found}
    images = {file.folder for file in files if builds.of(file.path)}
    open_ = [name for name in names if not name or "$" in name or "{" in name]
    tools = ", ".join(dict.fromkeys(scan.tool for scan in found))
    if len(images) > 1 and not open_ and len(names) < len(images):
        return partial(
            f"{tools} scans {len(names)} of the {len(images)} images that CI builds.", _places(found), Strength.WIRED
        )
    return passed(f"CI scans the image with {tools}.", _places(found))


def _reported(reports: list[ImageScan]) -> Verdict:
    severe = sum(max(0, scan.severe) for scan in reports)
    if severe:
        return partial(
            f"A scan of the image was handed in, with {severe} critical or high findings.",
            _places(reports),
            Strength.VERIFIED,
        )
    return passed(
        "A scan of the image was handed in, without critical or high findings.", _places(reports), Strength.VERIFIED
    )


def _scanned_on_push(registries: list[ImageScan], scans: ImageScans) -> Verdict:
    hosts = {scan.target for scan in registries}
    others = [host for host in scans.pushed_to if host not in hosts]
    if others:
        return partial(
            f"The registry at *{registries[0].target} scans what is pushed; images pushed to {', '.join(others)} are not scanned.",
            _places(registries),
            Strength.WIRED,
        )
    return passed("The registry scans each image when it is pushed.", _places(registries))


def _places(found: Iterable[ImageScan]) -> list[Evidence]:
    return list(dict.fromkeys(place for scan in list(found)[:4] for place in scan.chain))


def _searched(pipelines: Pipelines, builds: ImageBuilds) -> Searched:
    what = "Trivy, Grype, Snyk container, Docker Scout, Clair, Anchore, a registry's scan on push, a scan report"
    runs = f"{len(pipelines.runs)} commands and {len(pipelines.actions)} packaged steps of CI, Terraform and reports"
    return Searched(what, runs, tuple(place for build in builds.all[:2] for place in build.chain[-1:]))
