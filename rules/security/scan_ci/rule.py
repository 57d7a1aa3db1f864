"""CI scans code and dependencies for vulnerabilities.

## Why
A flaw that a scanner knows costs minutes on a pull request and an incident in production. Two things go wrong apart from
each other: the code that is written here (injection, weak crypto, unsafe calls), and the packages that others wrote, which
become vulnerable without any change here. The first needs a scanner that reads code; the second needs something that
watches the dependencies all the time.

## Fix
For the code, one job on every pull request:

- Python: `bandit -q -r src` (or ruff with the rules `S`, or Semgrep)
- JavaScript and TypeScript: `github/codeql-action/init` and `analyze` with `languages: javascript-typescript`, or ESLint
  with `eslint-plugin-security`
- Go: `gosec ./...`, or golangci-lint with `gosec` in `linters.enable`

For the dependencies, a `.github/dependabot.yml` (or Renovate) that names the ecosystem, and where findings should fail the
build a step beside it:

    version: 2
    updates:
      - {package-ecosystem: pip, directory: /, schedule: {interval: weekly}}

- Python: `pip-audit`; JavaScript: `npm audit --audit-level=high`; Go: `govulncheck ./...`
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from readiness.facts.ci import ActionRun, Pipelines, ToolRun
from readiness.facts.linters import Linters
from readiness.facts.manifests import Manifests
from readiness.model import Evidence, Searched, Verdict, failed, partial, passed
from readiness.wiring import known, rule

AUTOMATIC = frozenset({"push", "pull_request", "schedule", "tag", "release"})


@rule(
    weight=3,
    source=["Phase 3: Security scan passed", "Testing: Security vulnerability scanning"],
    phase3=True,
    always=True,
)
def check(pipelines: Pipelines, linters: Linters, manifests: Manifests) -> Verdict:
    """Both is a pass, one is partial."""
    data = known(__file__)
    code = [*_scans(pipelines, data["code"]), *_lints(pipelines, linters, manifests, data)]
    dependencies = [*_scans(pipelines, data["dependencies"]), *_dependabot(pipelines, data["dependencies"])]
    running = [*_scans(pipelines, data["running"])]
    if code and dependencies:
        return passed(f"Code is scanned by {code[0][0]} and dependencies are watched by {dependencies[0][0]}.",
                      _places([*code[:2], *dependencies[:2]]))  # fmt: skip
    files = f"{len(pipelines.files)} CI file{'s' if len(pipelines.files) != 1 else ''}"
    if code:
        return partial(f"Code is scanned by {code[0][0]}; did not find anything that watches the dependencies in {files} or "
                       "among the bots' settings.", _places(code[:2]))  # fmt: skip
    if dependencies:
        return partial(f"Dependencies are watched by {dependencies[0][0]}; did not find a scanner of the code in {files}.",
                       _places(dependencies[:2]))  # fmt: skip
    if running:
        return partial(f"Only {running[0][0]} scans the running application; neither code nor dependencies are scanned.",
                       _places(running[:2]))  # fmt: skip
    searched = Searched("a code scanner or a dependency watcher that runs without being started by hand",
                        f"{files}, {len(pipelines.runs)} commands that they run, and bots' settings",
                        _nearest(pipelines, data))  # fmt: skip
    return failed(
        f"Did not find a code scanner or a dependency watcher in {files} or among the bots' settings.",
        searched=searched,
    )


Finding = tuple[str, Evidence]


def _places(findings: list[Finding]) -> list[Evidence]:
    return list(dict.fromkeys(place for _, place in findings))


def _scans(pipelines: Pipelines, kind: Mapping[str, Any]) -> Iterator[Finding]:
    for action in pipelines.actions:
        if action.triggers & AUTOMATIC and _is_action(action, kind["actions"]):
            yield action.name, action.chain[-1]
    for run in pipelines.runs:
        if run.triggers & AUTOMATIC and run.tool in kind["runs"] and _is_run(run, kind["runs"][run.tool]):
            yield run.tool, run.chain[-1]
    for name, place in pipelines.bots:
        if name in kind["bots"]:
            yield name.capitalize(), place


def _is_run(run: ToolRun, wanted: Mapping[str, Any]) -> bool:
    words = set(run.argv[1:])
    if words & {"--version", "--help", "version", "install"} and len(words) <= 2:
        return False
    if "argv" in wanted and not words & set(wanted["argv"]):
        return False
    return not words & set(wanted.get("not", ())) and bool(re.search(wanted.get("text", ""), run.text))


def _is_action(action: ActionRun, known_actions: Mapping[str, Mapping[str, Any]]) -> bool:
    name = action.name.lower()
    for pattern, wanted in known_actions.items():
        if not fnmatchcase(name, pattern):
            continue
        given = all(re.search(p, action.inputs.get(key, "")) for key, p in wanted.get("inputs", {}).items())
        refused = any(re.search(p, action.inputs.get(key, "")) for key, p in wanted.get("unless", {}).items())
        if given and not refused:
            return True
    return False


def _dependabot(pipelines: Pipelines, kind: Mapping[str, Any]) -> Iterator[Finding]:
    for name, place in pipelines.bots:
        bot, _, ecosystem = name.partition(":")
        if bot == "dependabot" and ecosystem in kind["ecosystems"]:
            yield f"Dependabot ({ecosystem})", place


def _lints(pipelines: Pipelines, linters: Linters, manifests: Manifests, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Linters that CI runs with security rules switched on."""
    for linter, wanted in data["linters"].items():
        for run in pipelines.running(*wanted["runs"]):
            if not run.triggers & AUTOMATIC or "format" in run.argv[1:2]:
                continue
            if re.search(wanted["options"], run.text):
                yield f"{linter} with security rules", run.chain[-1]
            for settings in linters.within(linter, run.folder):
                name = next((n for n in settings.names if _any(wanted["names"], n)), "")
                if name and not any(_any(wanted["disabled"], n) for n in settings.disabled):
                    yield f"{linter} with security rules", run.chain[-1]
                    yield f"{linter} with security rules", settings.place(name)
            if linter == "flake8" and (plugins := _flake8_plugins(manifests, data)):
                yield f"flake8 with {plugins[0][0]}", run.chain[-1]
                yield plugins[0]


def _flake8_plugins(manifests: Manifests, data: Mapping[str, Any]) -> list[Finding]:
    return [
        (name, Evidence(found.path, found.line))
        for name in data["flake8_plugins"]
        for found in manifests.declares(name, scopes=("run", "dev", "optional"))
    ]


def _any(patterns: list[str], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


def _nearest(pipelines: Pipelines, data: Mapping[str, Any]) -> tuple[Evidence, ...]:
    """Linters that run without security rules, and scanners that only start by hand."""
    names = {program for linter in data["linters"].values() for program in linter["runs"]} | set(data["code"]["runs"])
    return tuple(dict.fromkeys(run.chain[-1] for run in pipelines.running(*names)))[:3]
