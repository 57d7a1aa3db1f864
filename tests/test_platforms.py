"""What settings of hosting platforms say: commands, health paths, variables, each with its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.deployment.settings import read_settings
from readiness.facts.platforms import platforms
from readiness.repository import Repository

FLY = """
-- fly.toml --
[env]
  PORT = "8080"
[deploy]
  release_command = "migrate"
[[http_service.checks]]
  path = "/up"
"""
RENDER = """
-- render.yaml --
services:
  - type: web
    startCommand: gunicorn app
    healthCheckPath: /up
    envVars:
      - key: X
"""
ECS = """
-- task-definition.json --
{"containerDefinitions": [{"command": ["node", "a.js"],
 "healthCheck": {"command": ["CMD", "curl"]}}]}
"""
PROC = "-- Procfile --\n# comment\nweb: gunicorn app:app\n"


@pytest.mark.parametrize(
    ("text", "tool", "commands", "health"),
    [
        (FLY, "fly", [("migrate", 4)], [("/up", 6)]),
        (RENDER, "render", [("gunicorn app", 3)], [("/up", 4)]),
        (ECS, "ecs", [("node", 1), ("a.js", 1)], [("CMD", 2), ("curl", 2)]),
        (PROC, "procfile", [("gunicorn app:app", 2)], []),
    ],
    ids=["fly", "render", "ecs", "procfile"],
)
def test_platforms(
    repository: Callable[[str], Repository], text: str, tool: str, commands: list[object], health: list[object]
) -> None:
    (found,) = platforms(repository(text)).all
    assert found.tool == tool
    assert [(s.text, s.line) for s in found.commands] == commands
    assert [(s.text, s.line) for s in found.health] == health


def test_a_manifest_with_the_same_name_is_none(repository: Callable[[str], Repository]) -> None:
    assert not platforms(repository("-- app.yaml --\napiVersion: v1\nkind: Service\n")).all


def test_what_cannot_be_parsed_is_noted(repository: Callable[[str], Repository]) -> None:
    target = repository("-- fly.toml --\n[[[\n")
    assert not platforms(target).all
    assert target.unread[0].reader == "fly"


@given(st.text(max_size=150), st.sampled_from(["x.toml", "x.yaml", "x.json"]))
def test_never_crashes(text: str, path: str) -> None:
    try:
        read_settings(path, text)
    except ValueError:
        return
