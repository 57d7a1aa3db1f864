"""Which images CI builds, by which command, and what scans them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.deployment.commands import parse
from readiness.deployment.plans import read_bake, read_goreleaser, read_skaffold, under
from readiness.deployment.reports import read_report
from readiness.facts.image_builds import ImageBuilds
from readiness.facts.image_scans import ImageScans

FILES = """
-- Dockerfile --
FROM python:3.12 AS test
COPY . .
FROM python:3.12-slim
COPY . .
-- worker/Dockerfile --
FROM golang:1.23
COPY . .
-- compose.yml --
services:
  api: {build: ., depends_on: [worker]}
  worker: {build: ./worker}
  db: {image: postgres:16}
-- skaffold.yaml --
apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - {image: worker, context: worker}
-- docker-bake.hcl --
target "w" {
  context = "worker"
}
"""


@pytest.mark.parametrize(
    ("step", "built"),
    [
        ("run: docker build .", ["Dockerfile"]),
        ("run: docker build -t x:1 -f worker/Dockerfile .", ["worker/Dockerfile"]),
        ("run: docker buildx build --push --platform linux/amd64 worker", ["worker/Dockerfile"]),
        ("run: cd worker && podman build .", ["worker/Dockerfile"]),
        ('run: docker build -f "$NAME/Dockerfile" .', ["worker/Dockerfile", "Dockerfile"]),
        ("run: docker compose build worker", ["worker/Dockerfile"]),
        ("run: docker compose up -d --build api", ["Dockerfile", "worker/Dockerfile"]),
        ("run: docker compose up -d db", []),
        ("run: docker compose -f other.yml up", []),
        ("run: docker compose push", []),
        ("run: skaffold build", ["worker/Dockerfile"]),
        ("run: docker buildx bake", ["worker/Dockerfile"]),
        ("run: docker build --target test .", []),
        ("run: docker run image", []),
        ("run: echo docker build .", []),
        ("uses: docker/build-push-action@v6\n        with: {context: worker}", ["worker/Dockerfile"]),
        ("uses: docker/login-action@v3", []),
        ("uses: acme/shared/.github/workflows/unit.yml@v1", []),
    ],
)
def test_what_a_step_builds(gather: Callable[..., Any], step: str, built: list[str]) -> None:
    job = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n"
    found = gather(ImageBuilds, f"{FILES}-- .github/workflows/ci.yml --\n{job}")
    assert {path for path in ("Dockerfile", "worker/Dockerfile") if found.of(path)} == set(built)


@pytest.mark.parametrize(
    ("step", "kinds"),
    [
        ("run: trivy image app", ["ci"]),
        ("run: trivy fs .", ["files"]),
        ("run: grype dir:.", ["files"]),
        ("run: grype app:1", ["ci"]),
        ("run: trivy --version", []),
        ("run: syft app:1", []),
        ("run: docker run tool scan", []),
        ("run: docker scout cves app:1", ["ci"]),
        ("uses: aquasecurity/trivy-action@0.28.0\n        with: {scan-type: config}", ["files"]),
        ("uses: anchore/scan-action@v4\n        with: {path: .}", ["files"]),
        ("uses: anchore/scan-action@v4\n        with: {image: app}", ["ci"]),
    ],
)
def test_what_a_step_scans(gather: Callable[..., Any], step: str, kinds: list[str]) -> None:
    job = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n"
    assert {s.kind for s in gather(ImageScans, f"-- .github/workflows/ci.yml --\n{job}").all} == set(kinds)


REGISTRY = """
-- infra/repo/main.tf --
resource "aws_ecr_repository" "a" {
  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }
}
-- infra/repo/variables.tf --
variable "scan_on_push" {
  default = DEFAULT
}
-- infra/main.tf --
module "api" {
  source = "./repo"
  GIVEN
}
"""


@pytest.mark.parametrize(
    ("default", "given_", "scans"),
    [("true", "", 1), ("false", "", 0), ("false", "scan_on_push = true", 1), ("true", "scan_on_push = false", 0)],
)
def test_scan_on_push_through_a_variable(gather: Callable[..., Any], default: str, given_: str, scans: int) -> None:
    text = REGISTRY.replace("DEFAULT", default).replace("GIVEN", given_)
    assert len(gather(ImageScans, text).of("registry")) == scans


def test_paths_stay_inside() -> None:
    assert under("a", "../b") == "b"
    assert under("a", "../../b") == ""
    assert under("a", "@root/b") == "b"
    assert under("", "https://x/y.git") == ""


@given(
    st.lists(
        st.sampled_from(
            ["docker", "build", "compose", "-f", "--target", "x", "--file=y", "up", "-", "", "buildx", "bake"]
        ),
        min_size=1,
    )
)
def test_commands_never_crash(argv: list[str]) -> None:
    parse(argv, ["-d"], [["ko", "build"]])


@given(st.text(max_size=120))
def test_readers_never_crash(text: str) -> None:
    read_bake("docker-bake.hcl", text)
    for read in (
        lambda t: read_skaffold("skaffold.yaml", t),
        lambda t: read_goreleaser(".goreleaser.yml", t),
        read_report,
    ):
        try:
            read(text)
        except ValueError:
            continue
