"""What the Dockerfile fact says of images: names, stages, bases, and which images are for production."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readiness.deployment.dockerfile import fill_in, read_stages
from readiness.facts.dockerfiles import Dockerfiles, dockerfiles
from readiness.repository import Repository


def find(repository: Callable[[str], Repository], text: str) -> Dockerfiles:
    return dockerfiles(repository(text))


def test_stages_with_arguments_in_from() -> None:
    stages = read_stages(
        "ARG VERSION=3.12\nARG IMAGE=python:${VERSION}\nFROM ${IMAGE}-slim AS build\nRUN pip install .\n"
        "FROM --platform=linux/amd64 gcr.io/distroless/python3\n"
        'COPY --from=build /app /app\nUSER 1000\nCMD ["app.py"]\n'
    )
    assert [(s.base, s.alias, s.line) for s in stages] == [
        ("python:3.12-slim", "build", 3),
        ("gcr.io/distroless/python3", "", 5),
    ]
    final = stages[-1]
    assert final.named("COPY")[0].flag("from") == "build"
    command = final.last("CMD")
    assert command is not None and command.json and command.values == ("app.py",) and command.line == 8


def test_heredoc_is_no_instruction() -> None:
    (stage,) = read_stages("FROM alpine\nRUN <<EOF\nFROM fake\nUSER root\nEOF\n")
    assert [i.name for i in stage.instructions] == ["RUN"]
    assert "FROM fake" in stage.instructions[0].text


@pytest.mark.parametrize(
    ("text", "filled"),
    [("a:$V", "a:1"), ("a:${V}", "a:1"), ("a:${X:-2}", "a:2"), ("a${V:+-slim}", "a-slim"), ("a:${X}", "a:${X}")],
)
def test_variables(text: str, filled: str) -> None:
    assert fill_in(text, {"V": "1"}) == filled


PLACES = """
-- Dockerfile --
FROM golang:1.23 AS build
COPY . .
RUN go build -o /app ./cmd/app
FROM scratch
COPY --from=build /app /app
-- worker.Dockerfile --
FROM build AS x
-- Dockerfile.dev --
FROM golang:1.23
COPY . .
-- .devcontainer/Dockerfile --
FROM golang:1.23
COPY . .
-- db/Dockerfile --
FROM postgres:16
COPY schema.sql /docker-entrypoint-initdb.d/
-- tests/Dockerfile --
FROM golang:1.23
COPY . .
-- Dockerfile.disabled --
FROM golang:1.23
-- Dockerfile.dockerignore --
*
-- deploy/Containerfile --
FROM node:22
COPY dist dist
"""


def test_production_leaves_out_what_serves_development(repository: Callable[[str], Repository]) -> None:
    found = find(repository, PLACES)
    assert [d.path for d in found.production] == ["Dockerfile", "deploy/Containerfile"]
    assert "tests/Dockerfile" in {d.path for d in found.all}
    assert not {"Dockerfile.disabled", "Dockerfile.dockerignore"} & {d.path for d in found.all}


def test_a_development_image_counts_where_it_is_the_only_one(repository: Callable[[str], Repository]) -> None:
    found = find(repository, "-- Dockerfile.dev --\nFROM node:22\nCOPY . .\n")
    assert [d.path for d in found.production] == ["Dockerfile.dev"]


def test_base_through_stages(repository: Callable[[str], Repository]) -> None:
    found = find(repository, "-- Dockerfile --\nFROM node:22-slim AS base\nFROM base AS deps\nFROM deps\nCOPY . .\n")
    assert found.all[0].base == "node:22-slim"
    assert found.all[0].stage("base").line == 1


def test_other_image_builds(repository: Callable[[str], Repository]) -> None:
    text = """
-- .ko.yaml --
defaultBaseImage: x
-- project.toml --
[_]
schema-version = '0.2'
-- Earthfile --
VERSION 0.8
img:
  SAVE IMAGE x
"""
    assert [(tool, line) for tool, _, line in find(repository, text).others] == [
        ("ko", 1),
        ("buildpacks", 1),
        ("earthly", 3),
    ]


def test_what_is_no_dockerfile_is_noted(repository: Callable[[str], Repository]) -> None:
    target = repository("-- Dockerfile --\n# only a comment\n")
    assert dockerfiles(target).all == ()
    assert target.unread[0].path == "Dockerfile"


@given(st.text(max_size=300))
@example("\\")
def test_never_crashes(text: str) -> None:
    try:
        read_stages("FROM a\n" + text)
    except ValueError:
        return
