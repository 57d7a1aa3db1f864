"""Reads .circleci/config.yml: the jobs that workflows name, with the file's own commands. Orbs are packaged steps."""

from __future__ import annotations

import re
from typing import Any

from readiness.ci.script_lists import as_text, documents, texts
from readiness.ci.shell import join
from readiness.ci.trace import Context, Trace
from readiness.yamldoc import YamlList, YamlMap

PATHS = (".circleci/config.yml", ".circleci/config.yaml")
MAX_DEPTH = 6
_PARAMETER = re.compile(r"<<\s*parameters\.([\w-]+)\s*>>")


def trace_all(trace: Trace) -> list[str]:
    """Follow the configuration; its path is returned where there is one."""
    found = [path for path in PATHS if trace.repository.get(path)]
    for path in found:
        for document in documents(trace.repository, path, "circleci"):
            _Config(trace, path, document).follow()
    return found


def _map(value: Any) -> YamlMap:
    return value if isinstance(value, YamlMap) else YamlMap(0)


def _filled(text: str, parameters: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda match: parameters.get(match.group(1), match.group()), text)


class _Config:
    """One configuration file."""

    def __init__(self, trace: Trace, path: str, document: YamlMap) -> None:
        self.trace = trace
        self.path = path
        self.document = document
        self.jobs = _map(document.get("jobs"))
        self.commands = _map(document.get("commands"))
        self.orbs = {k: v for k, v in _map(document.get("orbs")).items() if isinstance(v, str)}

    def follow(self) -> None:
        """Follow the jobs of every workflow; without workflows the job `build`."""
        workflows = _map(self.document.get("workflows"))
        if not workflows and "build" in self.jobs:
            self._job("build", Context(triggers=frozenset({"push"})), {})
        for workflow in workflows.values():
            for entry in _map(workflow).get("jobs") or []:
                pairs = entry.items() if isinstance(entry, YamlMap) else [(entry, None)]
                for name, settings in pairs:
                    given = _map(settings)
                    context = Context(triggers=_triggers(_map(workflow), given), job=as_text(name))
                    line = entry.line(name) if isinstance(entry, YamlMap) else 0
                    self._called(as_text(name), context, given, line)

    def _called(self, name: str, context: Context, given: YamlMap, line: int) -> None:
        if name in self.jobs:
            self._job(name, context, texts(given))
        elif "/" in name:
            self._orb(name, given, context.link(self.path, line or self.document.line("workflows"), f"job {name}"))

    def _job(self, name: str, context: Context, given: dict[str, str]) -> None:
        job = _map(self.jobs[name])
        executor = job.get("executor")
        executor = executor.get("name") if isinstance(executor, YamlMap) else executor
        settings = _map(_map(self.document.get("executors")).get(as_text(executor)))
        docker = job.get("docker") or settings.get("docker")
        images = [as_text(_map(entry).get("image")) for entry in docker if isinstance(docker, list)] if docker else []
        parameters = {**_defaults(job), **given}
        here = context.with_(
            job=name,
            environment={**texts(settings.get("environment")), **texts(job.get("environment"))},
            containers=tuple(images[1:]),
            folder=_folder(as_text(job.get("working_directory") or settings.get("working_directory")), ""),
        )
        self._steps(job.get("steps"), here, parameters, 0)

    def _steps(self, steps: Any, context: Context, parameters: dict[str, str], depth: int) -> None:
        for index, step in enumerate(steps) if isinstance(steps, YamlList) else ():
            if isinstance(step, str):
                self._step(step, None, steps.line(index), context, parameters, depth)
            elif isinstance(step, YamlMap):
                for name, given in step.items():
                    self._step(name, given, step.line(name), context, parameters, depth, step)

    def _step(
        self, name: str, given: Any, line: int, context: Context, parameters: dict[str, str], depth: int,
        holder: YamlMap | None = None,
    ) -> None:  # fmt: skip
        if name == "run":
            self._run(given, holder, context, parameters)
        elif name in ("when", "unless"):
            self._steps(_map(given).get("steps"), context, parameters, depth + 1)
        elif name in self.commands and depth < MAX_DEPTH:
            command = _map(self.commands[name])
            inner = {**_defaults(command), **{k: _filled(v, parameters) for k, v in texts(given).items()}}
            self._steps(command.get("steps"), context.link(self.path, line, name), inner, depth + 1)
        elif "/" in name:
            self._orb(name, _map(given), context.link(self.path, line, f"job {context.job}"))

    def _run(self, given: Any, holder: YamlMap | None, context: Context, parameters: dict[str, str]) -> None:
        note = f"job {context.job}"
        if isinstance(given, str) and holder is not None:
            self.trace.script(_filled(given, parameters), self.path, holder.text_line("run"), context, note)
        elif isinstance(given, YamlMap) and isinstance(given.get("command"), str):
            here = context.with_(
                environment={**context.environment, **texts(given.get("environment"))},
                folder=_folder(_filled(as_text(given.get("working_directory")), parameters), context.folder),
            )
            text = _filled(given["command"], parameters)
            self.trace.script(text, self.path, given.text_line("command"), here, note)

    def _orb(self, name: str, given: YamlMap, context: Context) -> None:
        alias, _, command = name.partition("/")
        orb, _, version = self.orbs.get(alias, alias).partition("@")
        self.trace.action(f"{orb}/{command}", version, texts(given), context)


def _folder(text: str, current: str) -> str:
    """A working directory; `~` and absolute ones are the checkout itself, or a folder below `~/project`."""
    if not text:
        return current
    if text.startswith(("~", "/")):
        return join("", re.sub(r"^(~|/home/\w+|/root)?/?(project|repo|[\w.-]+)?/?", "", text))
    return join("", text)


def _defaults(holder: YamlMap) -> dict[str, str]:
    listed = _map(holder.get("parameters"))
    return {name: as_text(_map(one).get("default")) for name, one in listed.items() if "default" in _map(one)}


def _triggers(workflow: YamlMap, given: YamlMap) -> frozenset[str]:
    triggers = workflow.get("triggers")
    if isinstance(triggers, YamlList) and any("schedule" in _map(entry) for entry in triggers):
        return frozenset({"schedule"})
    filters = _map(given.get("filters"))
    branches = _map(filters.get("branches"))
    if "tags" in filters and str(branches.get("ignore")) in ("/.*/", "['/.*/']"):
        return frozenset({"tag"})
    return frozenset({"push", "pull_request"})
