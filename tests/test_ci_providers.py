"""CI services beside GitHub."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness.facts.ci import Pipelines, ToolRun

Gather = Callable[..., Any]


def run(found: Pipelines, tool: str) -> ToolRun:
    runs = found.running(tool)
    assert runs, f"{tool} is not among {[r.text for r in found.runs]}"
    return runs[0]


def test_gitlab_extends_references_includes_and_rules(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- .gitlab-ci.yml --
include:
  - local: /ci/jobs.yml
  - template: Jobs/SAST.gitlab-ci.yml
default:
  before_script: [pip install .]
.base:
  services: ["postgres:16"]
  variables: {DB: pg}
  script: [pytest]
.audit:
  script:
    - pip-audit
unit:
  extends: .base
nightly:
  script:
    - !reference [.audit, script]
    - echo done
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
gone:
  script: semgrep ci
  when: never
by-hand:
  script: k6 run load.js
  when: manual
-- ci/jobs.yml --
lint:
  script:
    - cd api
    - ruff check .
  allow_failure: true
""",
    )
    unit = run(found, "pytest")
    assert (unit.job, unit.containers, unit.environment) == ("unit", ("postgres:16",), {"DB": "pg"})
    assert [place.line for place in unit.chain] == [9]
    assert run(found, "pip")
    assert run(found, "pip-audit").triggers == {"schedule"}
    assert run(found, "k6").triggers == {"manual"}
    assert (run(found, "ruff").folder, run(found, "ruff").may_fail) == ("api", True)
    assert not found.running("semgrep")
    assert [action.name for action in found.actions] == ["Jobs/SAST.gitlab-ci.yml"]


def test_circleci_commands_parameters_and_orbs(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- .circleci/config.yml --
version: 2.1
orbs: {snyk: snyk/snyk@2.1.0}
commands:
  unit:
    parameters: {args: {type: string, default: -q}}
    steps:
      - run:
          name: Unit
          command: pytest << parameters.args >>
jobs:
  test:
    docker: [{image: cimg/python:3.12}, {image: "postgres:16"}]
    steps:
      - checkout
      - unit: {args: -x}
      - snyk/scan
  unused:
    steps: [{run: mypy .}]
workflows:
  main:
    jobs: [test]
""",
    )
    assert run(found, "pytest").text == "pytest -x"
    assert run(found, "pytest").containers == ("postgres:16",)
    assert [action.name for action in found.actions] == ["snyk/snyk/scan"]
    assert not found.running("mypy")


def test_azure_templates_and_tasks(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- azure-pipelines.yml --
trigger: [main]
stages:
  - stage: build
    jobs:
      - job: test
        steps:
          - template: ci/steps.yml
            parameters: {target: app}
          - task: SonarCloudAnalyze@2
-- ci/steps.yml --
steps:
  - ${{ if true }}:
      - bash: pytest ${{ parameters.target }}
        workingDirectory: $(Build.SourcesDirectory)/api
""",
    )
    assert (run(found, "pytest").text, run(found, "pytest").folder) == ("pytest app", "api")
    assert found.actions[0].name == "SonarCloudAnalyze"


def test_jenkins_declarative_and_scripted(gather: Gather) -> None:
    found = gather(
        Pipelines,
        '''\
-- Jenkinsfile --
pipeline {
  // sh 'semgrep ci'
  stages {
    stage('Unit') {
      steps {
        dir('api') {
          sh """
            pip install .
            pytest --url http://localhost
          """
        }
        sh(script: 'make lint', returnStatus: true)
        catchError { sh "trivy fs ." }
        echo 'sh bandit'
      }
    }
  }
}
''',
    )
    unit = run(found, "pytest")
    assert (unit.job, unit.folder, [place.line for place in unit.chain]) == ("Unit", "api", [9])
    assert run(found, "make")
    assert run(found, "trivy").may_fail
    assert not found.running("semgrep", "bandit")


@pytest.mark.parametrize(
    ("path", "text", "triggers"),
    [
        (".travis.yml", "language: python\nscript:\n  - pytest\n", {"push", "pull_request"}),
        ("bitbucket-pipelines.yml", "pipelines:\n  pull-requests:\n    '**':\n      - step:\n          script: [pytest]\n",
         {"pull_request"}),
        (".woodpecker/test.yaml", "when: {event: push}\nsteps:\n  - name: t\n    image: python\n    commands: [pytest]\n",
         {"push"}),
        (".drone.yml", "kind: pipeline\nsteps:\n- name: t\n  image: python\n  commands:\n  - pytest\ntrigger: {event: [tag]}\n",
         {"tag"}),
        (".buildkite/pipeline.yml", "steps:\n  - label: t\n    command: pytest\n", {"push", "pull_request"}),
        ("buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands:\n      - pytest\n", {"push", "pull_request"}),
    ],
)  # fmt: skip
def test_plain_services(gather: Gather, path: str, text: str, triggers: set[str]) -> None:
    found = gather(Pipelines, f"-- {path} --\n{text}")
    assert found.files == (path,)
    assert run(found, "pytest").triggers == triggers


def test_after_success_of_travis_may_fail(gather: Gather) -> None:
    found = gather(Pipelines, "-- .travis.yml --\nscript: pytest\nafter_success: coveralls\n")
    assert (run(found, "pytest").may_fail, run(found, "coveralls").may_fail) == (False, True)


def test_precommit_ci_runs_hooks_only_where_it_is_set_up(gather: Gather) -> None:
    hooks = (
        "repos:\n  - repo: local\n    hooks:\n      - {id: a, entry: bandit -r app}\n      - {id: b, entry: mypy .}\n"
    )
    assert gather(Pipelines, f"-- .pre-commit-config.yaml --\n{hooks}").runs == ()
    found = gather(Pipelines, f"-- .pre-commit-config.yaml --\nci: {{skip: [b]}}\n{hooks}")
    assert run(found, "bandit").triggers == {"push", "pull_request"}
    assert not found.running("mypy")


PATHS = [".github/workflows/a.yml", ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml",
         ".woodpecker.yml", "Taskfile.yml", ".pre-commit-config.yaml", ".github/dependabot.yml"]  # fmt: skip
_KEYS = st.sampled_from(["on", "jobs", "steps", "run", "uses", "script", "services", "rules", "include", "extends", "if",
                         "workflows", "commands", "tasks", "cmds", "repos", "hooks", "id", "updates", "default", "env",
                         "strategy", "matrix", "stages", "test"])  # fmt: skip
_TREES = st.recursive(
    st.none() | st.integers() | st.booleans() | st.sampled_from(["push", "pytest", "make x", "./a", "test"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=_TREES, path=st.sampled_from(PATHS))
def test_any_tree_is_followed_without_a_crash(gather: Gather, tree: object, path: str) -> None:
    caller = "-- .github/workflows/z.yml --\non: push\njobs: {z: {steps: [{run: 'task test; pre-commit run'}]}}\n"
    found = gather(Pipelines, f"-- {path} --\n{json.dumps(tree)}\n{caller}")
    assert ".github/workflows/z.yml" in found.files


def test_cloud_build_entrypoints_builders_and_scripts(gather: Gather) -> None:
    found = gather(
        Pipelines,
        """\
-- cloudbuild.yaml --
steps:
- id: lint
  name: golang
  entrypoint: ./scripts/lint.sh
  args: [orders]
- name: gcr.io/cloud-builders/docker
  args: [build, -t, gcr.io/$PROJECT_ID/orders, -f, docker/Dockerfile, .]
- name: 'docker/compose:1.29.2'
  args: ['-f', 'docker-compose.yml', 'up', '-d']
- name: python:3.12
  script: |
    pip install .
    pytest
- name: us-docker.pkg.dev/acme/tools/deployer@sha256:abc
  args: [prod]
-- scripts/lint.sh --
#!/bin/bash
cd "./internal/$1"
golangci-lint run
-- docker/Dockerfile --
FROM golang:1.23
-- docker-compose.yml --
services: {db: {image: "postgres:16"}}
-- values/cloudbuild.yaml --
replicas: 2
""",
    )
    assert list(found.files) == ["cloudbuild.yaml"]
    lint = run(found, "golangci-lint")
    assert lint.folder == "internal/orders"
    assert [(e.path, e.line) for e in lint.chain] == [("cloudbuild.yaml", 4), ("scripts/lint.sh", 3)]
    assert "build" in run(found, "docker").argv
    assert run(found, "pytest").chain[0].path == "cloudbuild.yaml"
    assert [a.name for a in found.actions] == ["us-docker.pkg.dev/acme/tools/deployer"]
