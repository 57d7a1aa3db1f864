"""What following CI gives: tool runs, packaged steps, bots. Apart from the fact, so that readers of CI import no fact."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from readiness.model import Evidence


class ToolRun(Struct, frozen=True):
    """A command that CI would run. `tool` is the program's base name ("pytest", "trivy", "docker"), `argv` the words
    after shell parsing with the tool first, wrappers (uv run, poetry run, npx, pnpm exec, sudo, env, time, python -m) taken off.

    `chain` leads from the workflow's step to the line that names the tool. `triggers`: push, pull_request, schedule,
    manual, release, tag, call. `job` its id. `folder` the working directory relative to the root. `environment` literal
    variables in force. `containers` the images of service containers beside the job. `may_fail` where a failure does
    not fail the job (continue-on-error, `|| true`). `conditions` are `if:` texts on the way.
    """

    tool: str
    argv: tuple[str, ...]
    chain: tuple[Evidence, ...]
    triggers: frozenset[str]
    job: str = ""
    folder: str = ""
    environment: dict[str, str] = {}
    containers: tuple[str, ...] = ()
    may_fail: bool = False
    conditions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The command as one line."""
        return " ".join(self.argv)


class ActionRun(Struct, frozen=True):
    """A packaged step: a GitHub action ("github/codeql-action/analyze"), CircleCI orb command, Azure task or GitLab
    template include, with its literal inputs. `name` is without version; `version` what follows @."""

    name: str
    version: str
    inputs: dict[str, str]
    chain: tuple[Evidence, ...]
    triggers: frozenset[str]
    job: str = ""
    containers: tuple[str, ...] = ()
    may_fail: bool = False
    conditions: tuple[str, ...] = ()


class Pipelines:
    """Everything that CI runs. `files` are the CI definitions found; `bots` the dependency bots' settings
    (dependabot, renovate, pyup, ...) with their place, a dependabot once per ecosystem as "dependabot:pip";
    `unresolved` what could not be followed; `reached` the local entry points followed as (path, line)."""

    def __init__(
        self,
        runs: Iterable[ToolRun] = (),
        actions: Iterable[ActionRun] = (),
        files: Iterable[str] = (),
        bots: Iterable[tuple[str, Evidence]] = (),
        unresolved: Iterable[Evidence] = (),
        reached: Iterable[tuple[str, int]] = (),
    ) -> None:
        """Keep each in the order found."""
        self.runs = tuple(runs)
        self.actions = tuple(actions)
        self.files = tuple(files)
        self.bots = tuple(bots)
        self.unresolved = tuple(unresolved)
        self.reached = frozenset(reached)

    def running(self, *tools: str) -> list[ToolRun]:
        """The runs of any of `tools`."""
        return [run for run in self.runs if run.tool in tools]


class Scripts:
    """What the same call graph gives from each local entry point that CI does not call (make targets, package scripts,
    shell scripts): the tools that a person would run by it. `runs` have no triggers."""

    def __init__(self, runs: Iterable[ToolRun] = ()) -> None:
        """Keep them in the order found."""
        self.runs = tuple(runs)

    def running(self, *tools: str) -> list[ToolRun]:
        """The runs of any of `tools`."""
        return [run for run in self.runs if run.tool in tools]
