"""From a CI definition to the tools that it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.facts.ci import Pipelines, Scripts, ToolRun

Gather = Callable[..., Any]


def run(found: Pipelines | Scripts, tool: str) -> ToolRun:
    runs = found.running(tool)
    assert runs, f"{tool} is not among {[r.text for r in found.runs]}"
    return runs[0]


def chain(tool_run: ToolRun) -> list[str]:
    return [f"{place.path}:{place.line}" for place in tool_run.chain]


def workflow(steps: str, on: str = "push") -> str:
    indented = "".join(f"      {line}\n" for line in steps.strip().splitlines())
    return f"-- .github/workflows/ci.yml --\non: {on}\njobs:\n  test:\n    runs-on: x\n    steps:\n{indented}"


def test_github_step_with_its_context(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- .github/workflows/ci.yml --
on:
  push: {branches: [main]}
  schedule: [{cron: "0 0 * * *"}]
env: {A: "1"}
defaults: {run: {working-directory: api}}
jobs:
  test:
    services:
      db: {image: "postgres:16"}
    continue-on-error: true
    if: github.repository == 'me/app'
    strategy: {matrix: {db: [sqlite, pg]}}
    steps:
      - name: Unit
        env: {B: "${{ matrix.db }}"}
        run: |
          pip install .
          pytest --db ${{ matrix.db }}
""",
    )
    first, second = found.running("pytest")
    assert (first.text, second.text) == ("pytest --db sqlite", "pytest --db pg")
    assert chain(first) == [".github/workflows/ci.yml:18"]
    assert first.triggers == {"push", "schedule"}
    assert (first.folder, first.job, first.containers, first.may_fail) == ("api", "test", ("postgres:16",), True)
    assert first.environment == {"A": "1", "B": "sqlite"}
    assert first.conditions == ("github.repository == 'me/app'",)


def test_what_never_runs_is_nothing(gather: Gather) -> None:
    found = gather(
        Pipelines, workflow("- run: pytest\n  if: false\n# - run: semgrep ci\n- uses: a/b@v1\n  if: ${{ false }}")
    )
    assert found.runs == ()
    assert found.actions == ()


def test_triggers(gather: Gather) -> None:
    assert run(gather(Pipelines, workflow("- run: a", "{push: {tags: [v*]}}")), "a").triggers == {"tag"}


def test_event_conditions_narrow_triggers(gather: Gather) -> None:
    found = gather(Pipelines, workflow("- run: a\n  if: github.event_name == 'push'", "[push, pull_request_target]"))
    assert run(found, "a").triggers == {"push"}


def test_reusable_workflow_inherits_its_callers_triggers(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- .github/workflows/release.yml --
on: workflow_dispatch
jobs:
  scan:
    uses: ./.github/workflows/scan.yml
    with: {severity: HIGH}
-- .github/workflows/scan.yml --
on:
  workflow_call:
    inputs:
      severity: {type: string}
      target: {type: string, default: "."}
jobs:
  trivy:
    steps:
      - run: trivy fs --severity ${{ inputs.severity }} ${{ inputs.target }}
""",
    )
    found_run = run(found, "trivy")
    assert found_run.text == "trivy fs --severity HIGH ."
    assert found_run.triggers == {"manual"}
    assert chain(found_run) == [".github/workflows/release.yml:4", ".github/workflows/scan.yml:9"]


def test_composite_action_and_missing_ones(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- uses: ./ci/test\n  with: {args: -q}\n- uses: ./ci/gone")
        + """\
-- ci/test/action.yml --
inputs: {args: {default: -v}}
runs:
  using: composite
  steps:
    - run: pytest ${{ inputs.args }}
      shell: bash
""",
    )
    assert run(found, "pytest").text == "pytest -q"
    assert [place.line for place in found.unresolved] == [8]


def test_actions_that_are_commands(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- uses: golangci/golangci-lint-action@v6\n  with: {args: -E gosec, working-directory: api}"),
    )
    assert (run(found, "golangci-lint").text, run(found, "golangci-lint").folder) == (
        "golangci-lint run -E gosec",
        "api",
    )
    assert (found.actions[0].name, found.actions[0].version) == ("golangci/golangci-lint-action", "v6")


def test_make_with_prerequisites_variables_and_includes(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: make -C api check ARGS=-x")
        + """\
-- api/Makefile --
include mk/*.mk
TEST := $(PYTHON) -m pytest
check: lint
	@$(TEST) $(ARGS)
lint:
	-ruff check .
	$(MAKE) types
types: ; mypy .
-- api/mk/vars.mk --
PYTHON ?= python3
""",
    )
    assert run(found, "pytest").text == "pytest -x"
    assert run(found, "pytest").folder == "api"
    assert chain(run(found, "pytest")) == [".github/workflows/ci.yml:6", "api/Makefile:4"]
    assert run(found, "ruff").may_fail
    assert run(found, "mypy")


def test_circles_end(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: make a\n- run: npm test\n- run: ./x.sh")
        + """\
-- Makefile --
a:
	make b
b:
	make a
-- package.json --
{"scripts": {"test": "npm run test"}}
-- x.sh --
#!/bin/sh
./x.sh
""",
    )
    assert len(found.runs) < 60


def test_package_scripts(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: npm run check -w @acme/api\n- run: yarn --cwd web test --ci\n- run: npx turbo run build")
        + """\
-- package.json --
{"workspaces": ["packages/*"]}
-- packages/api/package.json --
{
  "name": "@acme/api",
  "scripts": {
    "precheck": "prettier --check .",
    "check": "run-s lint:*",
    "lint:js": "eslint .",
    "build": "tsc"
  }
}
-- web/package.json --
{"name": "web", "scripts": {"test": "jest"}}
""",
    )
    assert run(found, "prettier").folder == "packages/api"
    assert chain(run(found, "eslint"))[-1] == "packages/api/package.json:6"
    assert run(found, "jest").text == "jest --ci"
    assert run(found, "tsc")


def test_python_runners(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: tox -e unit\n- run: nox -s lint\n- run: uv run poe types\n- run: hatch run qa:audit")
        + """\
-- tox.ini --
[testenv]
commands = pytest {posargs:-q}
[testenv:docs]
commands = sphinx-build docs out
-- noxfile.py --
import nox

@nox.session
def lint(session):
    session.install("ruff")
    session.run("ruff", "check", *session.posargs)

@nox.session
def other(session):
    session.run("black", ".")
-- pyproject.toml --
[tool.poe.tasks]
types = "mypy app"
[tool.hatch.envs.qa.scripts]
audit = ["pip-audit", "bandit -r app"]
""",
    )
    assert run(found, "pytest").text == "pytest -q"
    assert chain(run(found, "ruff"))[-1] == "noxfile.py:6"
    assert run(found, "mypy")
    assert run(found, "bandit")
    assert not found.running("sphinx-build", "black")


def test_just_task_and_precommit(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: just ci\n- run: task test\n- uses: pre-commit/action@v3")
        + """\
-- justfile --
flags := "-race"
ci: lint
    go test {{flags}} ./...
lint:
    @golangci-lint run
-- Taskfile.yml --
version: "3"
tasks:
  test:
    deps: [gen]
    dir: api
    cmds: [pytest]
  gen:
    cmds: ["sqlc generate"]
-- .pre-commit-config.yaml --
repos:
  - repo: https://github.com/PyCQA/bandit
    rev: "1"
    hooks: [{id: bandit, args: [-r, app]}]
  - repo: local
    hooks:
      - {id: types, entry: mypy app, language: system}
      - {id: slow, entry: semgrep ci, language: system, stages: [manual]}
""",
    )
    assert run(found, "go").text == "go test -race ./..."
    assert run(found, "golangci-lint")
    assert run(found, "pytest").folder == "api"
    assert run(found, "sqlc")
    assert run(found, "bandit").text == "bandit -r app https://github.com/PyCQA/bandit"
    assert run(found, "mypy").text == "mypy app"
    assert not found.running("semgrep")


def test_image_builds_and_compose(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: docker build -f ci/Dockerfile .\n- run: docker compose up --exit-code-from tests")
        + """\
-- ci/Dockerfile --
FROM golang:1.24
RUN go vet ./... \\
 && go test ./...
-- compose.yml --
services:
  tests:
    image: app
    command: pytest -q
""",
    )
    assert [r.text for r in found.running("go")] == ["go vet ./...", "go test ./..."]
    assert chain(run(found, "pytest"))[-1] == "compose.yml:4"


def test_scripts_without_extension_and_shell_strings(gather: Gather) -> None:
    found = gather(
        Pipelines,
        workflow("- run: bin/test\n- run: bash -c 'mypy app && ruff check'")
        + """\
-- bin/test --
#!/usr/bin/env bash
pytest
""",
    )
    assert chain(run(found, "pytest")) == [".github/workflows/ci.yml:6", "bin/test:2"]
    assert run(found, "ruff")


def test_broken_workflow_leaves_the_others(gather: Gather) -> None:
    found = gather(Pipelines, workflow("- run: pytest") + "-- .github/workflows/bad.yml --\non: [push\njobs: {\n")
    assert run(found, "pytest")
    assert found.files == (".github/workflows/ci.yml",)


def test_local_entry_points_are_scripts_not_pipelines(gather: Gather) -> None:
    text = workflow("- run: make test") + "-- Makefile --\ntest:\n\tpytest\ncover:\n\tpytest --cov\n"
    found = gather(Scripts, text)
    assert [r.text for r in found.runs] == ["pytest --cov"]
    assert run(found, "pytest").triggers == frozenset()


def test_bots(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- .github/dependabot.yml --
version: 2
updates:
  - package-ecosystem: gomod
    directory: /
-- .sonarcloud.properties --
sonar.sources=src
-- .pyup.yml.disabled --
x: 1
-- package.json --
{"name": "x",
 "renovate": {}}
""",
    )
    assert [(name, place.path, place.line) for name, place in found.bots] == [
        ("dependabot:gomod", ".github/dependabot.yml", 3),
        ("sonarcloud", ".sonarcloud.properties", 0),
        ("renovate", "package.json", 2),
    ]


def test_entries_of_include_complete_the_combinations_they_agree_with(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- .github/workflows/images.yml --
on: push
jobs:
  build:
    strategy:
      matrix:
        service: [api, web]
        include:
          - {service: api, file: apps/api/Dockerfile}
          - {service: web, file: apps/web/Dockerfile}
          - {service: jobs, file: apps/jobs/Dockerfile}
    steps:
      - run: docker build -t ${{ matrix.service }} -f ${{ matrix.file }} .
""",
    )
    assert [r.text for r in found.running("docker")] == [
        "docker build -t api -f apps/api/Dockerfile .",
        "docker build -t web -f apps/web/Dockerfile .",
        "docker build -t jobs -f apps/jobs/Dockerfile .",
    ]
