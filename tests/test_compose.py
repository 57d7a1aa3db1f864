"""What Compose files say: services in one shape, and which files are for development."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.deployment.composefile import read_services
from readiness.facts.compose import compose
from readiness.repository import Repository

Make = Callable[[str], Repository]
TEXT = """
services:
  api:
    build: {context: ./backend, dockerfile: prod.Dockerfile, target: run}
    command: gunicorn "app:app" --workers 2
    environment:
      - LOG_LEVEL=info
      - SECRET
    env_file: .env
    ports: ["8000:80", {published: 9000, target: 90}]
    healthcheck: {test: curl -f http://localhost/up}
    deploy: {replicas: 2, resources: {limits: {memory: 256M}}}
    labels:
      traefik.enable: true
    depends_on: {db: {condition: service_healthy}}
  db:
    image: postgres:16
    ports: !reset []
    healthcheck: {disable: true, test: [CMD, pg_isready]}
"""


def test_services_in_one_shape() -> None:
    api, db = read_services("compose.yml", TEXT)
    assert api.build is not None and (api.build.context, api.build.target) == ("./backend", "run")
    assert api.command == ("gunicorn", "app:app", "--workers", "2")
    assert api.environment == {"LOG_LEVEL": "info", "SECRET": ""} and api.environment_lines["LOG_LEVEL"] == 7
    assert api.ports == ("8000:80", "9000:90") and api.env_file == (".env",) and api.depends_on == ("db",)
    assert api.healthcheck == ("CMD-SHELL", "curl -f http://localhost/up") and api.limits == {"memory": "256M"}
    assert api.replicas == 2 and api.labels == {"traefik.enable": "true"} and api.line_of("command") == 5
    assert db.image == "postgres:16" and db.ports == () and db.healthcheck == ()


@pytest.mark.parametrize(
    ("path", "extra", "purpose"),
    [
        ("compose.yml", "", "production"),
        ("docker-compose.dev.yml", "", "development"),
        ("docker-compose.override.yml", "", "development"),
        ("ci/docker-compose.yml", "", "test"),
        ("compose.yml", "    volumes: ['./src:/app']\n", "development"),
        ("compose.yml", "    volumes: ['.:/app']\n", "development"),
        ("compose.yml", "    volumes: ['./conf/app.ini:/etc/app.ini']\n", "production"),
        ("compose.yml", "    command: sh -c 'migrate && uvicorn app:app --reload'\n", "development"),
        ("compose.yml", "    environment: {NODE_ENV: production}\n", "production"),
    ],
)
def test_purpose(repository: Make, path: str, extra: str, purpose: str) -> None:
    text = f"-- src/app.py --\nx = 1\n-- {path} --\nservices:\n  app:\n    build: .\n{extra}"
    (found,) = compose(repository(text)).all
    assert found.purpose == purpose


def test_dockerfile_of_a_service(repository: Make) -> None:
    (found,) = compose(repository(f"-- deploy/compose.yml --{TEXT}")).all
    assert found.dockerfile(found.services[0]) == "deploy/backend/prod.Dockerfile"
    assert found.dockerfile(found.services[1]) == ""


def test_what_is_no_yaml_is_noted(repository: Make) -> None:
    target = repository("-- compose.yml --\nservices: [\n")
    assert not compose(target).all
    assert target.unread[0].reader == "compose"


@given(
    st.text(max_size=100),
    st.sampled_from(["build", "command", "environment", "ports", "volumes", "healthcheck", "deploy", "labels"]),
)
def test_never_crashes(text: str, key: str) -> None:
    try:
        read_services("compose.yml", f"services:\n  a:\n    image: x\n    {key}: {text}")
    except ValueError:
        return
