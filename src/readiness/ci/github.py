"""Reads GitHub Actions workflows, with the reusable workflows and composite actions of the same repository."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.ci.expressions import EVENTS, combinations, fill, narrowed, never
from readiness.ci.shell import join
from readiness.ci.trace import Context, Trace
from readiness.ci.wrappers import image_tool
from readiness.repository import Repository
from readiness.wiring import known
from readiness.yamldoc import YamlList, YamlMap, as_text, load

FOLDER = ".github/workflows"
MAX_CALLS = 6
_SHELLS = ("bash", "sh", "pwsh", "powershell", "cmd", "zsh")
Values = dict[str, dict[str, str]]


def trace_all(trace: Trace) -> list[str]:
    """Follow every workflow; the paths of those found are returned."""
    repository = trace.repository
    workflows = {
        file.path: document
        for file in repository.select(suffixes=(".yml", ".yaml"))
        if file.folder == FOLDER and (document := _load(repository, file.path)) is not None
    }
    called = {
        as_text(job.get("uses")).removeprefix("./").partition("@")[0]
        for document in workflows.values()
        for _, job in _jobs(document)
        if as_text(job.get("uses")).startswith("./")
    }
    for path, document in workflows.items():
        triggers = _triggers(document.get("on"))
        own = triggers - {"call"} if path in called else triggers
        if own:
            _workflow(trace, path, document, Context(triggers=own), {}, 0)
    return list(workflows)


def _load(repository: Repository, path: str) -> YamlMap | None:
    try:
        document = load(repository.read_text(path) or "")
    except ValueError as error:
        repository.note_unread(path, "github", str(error))
        return None
    return document if isinstance(document, YamlMap) else None


def _triggers(value: Any) -> frozenset[str]:
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, list | dict) else []
    found = {EVENTS.get(str(name), "manual") for name in names}
    push = value.get("push") if isinstance(value, YamlMap) else None
    if isinstance(push, YamlMap) and "tags" in push:
        found.add("tag")
        if "branches" not in push and "branches-ignore" not in push and "paths" not in push:
            found.discard("push")
    return frozenset(found)


def _jobs(document: YamlMap) -> Iterator[tuple[str, YamlMap]]:
    jobs = document.get("jobs")
    if isinstance(jobs, YamlMap):
        yield from ((name, job) for name, job in jobs.items() if isinstance(job, YamlMap))


def _workflow(trace: Trace, path: str, document: YamlMap, context: Context, inputs: dict[str, str], depth: int) -> None:
    environment = {**context.environment, **_texts(document.get("env"), {})}
    defaults = _default_folder(document)
    for name, job in _jobs(document):
        condition = job.get("if")
        if never(condition):
            continue
        here = _conditioned(context, condition).with_(
            job=name, may_fail=context.may_fail or job.get("continue-on-error") is True, containers=_containers(job)
        )
        for row in combinations(job.get("strategy"), json.dumps(job, default=str)):
            values: Values = {"matrix": row, "inputs": inputs, "env": environment}
            mine = {**environment, **_texts(job.get("env"), values)}
            values["env"] = mine
            inner = here.with_(environment=mine, folder=join("", fill(_default_folder(job) or defaults, values)))
            if "uses" in job:
                _reusable(trace, path, job, inner, values, depth)
            _steps(trace, path, job.get("steps"), inner, values, depth)


def _conditioned(context: Context, condition: Any) -> Context:
    if condition is None:
        return context
    return context.with_(
        conditions=(*context.conditions, as_text(condition)), triggers=narrowed(context.triggers, condition)
    )


def _default_folder(holder: YamlMap) -> str:
    defaults = holder.get("defaults")
    run = defaults.get("run") if isinstance(defaults, YamlMap) else None
    return as_text(run.get("working-directory")) if isinstance(run, YamlMap) else ""


def _containers(job: YamlMap) -> tuple[str, ...]:
    services = job.get("services")
    listed = services.values() if isinstance(services, YamlMap) else ()
    images = [service.get("image") if isinstance(service, YamlMap) else service for service in listed]
    return tuple(image for image in images if isinstance(image, str))


def _texts(value: Any, values: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {k: fill(as_text(v), values) for k, v in value.items()} if isinstance(value, YamlMap) else {}


def _reusable(trace: Trace, path: str, job: YamlMap, context: Context, values: Values, depth: int) -> None:
    uses = as_text(job.get("uses"))
    inputs = _texts(job.get("with"), values)
    here = context.link(path, job.line("uses"), f"job {context.job}")
    name, _, version = uses.partition("@")
    trace.action(name, version, inputs, here)
    target = name.removeprefix("./")
    document = _load(trace.repository, target) if uses.startswith("./") and depth < MAX_CALLS else None
    if document is None:
        trace.unresolve(here, f"the workflow {uses} is not in this repository")
        return
    on = document.get("on")
    call = on.get("workflow_call") if isinstance(on, YamlMap) else None
    given = {**_defaults(call), **inputs}
    _workflow(trace, target, document, here.with_(environment={}, folder=""), given, depth + 1)


def _defaults(holder: Any) -> dict[str, str]:
    """The default values of a workflow's or an action's inputs."""
    inputs = holder.get("inputs") if isinstance(holder, YamlMap) else None
    listed = inputs.items() if isinstance(inputs, YamlMap) else ()
    return {name: as_text(one.get("default")) for name, one in listed if isinstance(one, YamlMap) and "default" in one}


def _steps(trace: Trace, path: str, steps: Any, context: Context, values: Values, depth: int) -> None:
    for step in steps if isinstance(steps, YamlList) else []:
        if not isinstance(step, YamlMap) or never(step.get("if")):
            continue
        here = _conditioned(context, step.get("if"))
        environment = {**here.environment, **_texts(step.get("env"), values)}
        folder = fill(as_text(step.get("working-directory")), values)
        here = here.with_(
            environment=environment,
            folder=join("", folder) if folder else here.folder,
            may_fail=here.may_fail or step.get("continue-on-error") in (True, "true"),
        )
        seen: Values = {**values, "env": environment}
        note = f"job {context.job}" + (f", step {step['name']}" if isinstance(step.get("name"), str) else "")
        if isinstance(step.get("run"), str) and as_text(step.get("shell") or "bash").split(" ")[0] in _SHELLS:
            trace.script(fill(step["run"], seen), path, step.text_line("run"), here, note)
        elif isinstance(step.get("uses"), str):
            _action(trace, path, step, here.link(path, step.line("uses"), note), seen, depth)


def _action(trace: Trace, path: str, step: YamlMap, context: Context, values: Values, depth: int) -> None:
    uses = fill(step["uses"], values)
    inputs = _texts(step.get("with"), values)
    name, _, version = uses.partition("@")
    trace.action(name, version, inputs, context)
    line = step.line("uses")
    if uses.startswith("./"):
        _local_action(trace, uses, context, inputs, depth)
    elif uses.startswith("docker://"):
        tool = image_tool(uses.removeprefix("docker://"))
        if tool:
            trace.script(f"{tool} {inputs.get('args', '')}", path, line, context.with_(chain=context.chain[:-1]))
    command = known(__file__, "actions.yaml").get(name.lower())
    if command:
        script = fill(command["run"], {"inputs": {**command.get("defaults", {}), **inputs}})
        folder = inputs.get(command.get("folder", ""), "")
        here = context.with_(chain=context.chain[:-1], folder=join("", folder) if folder else context.folder)
        trace.script(script, path, line, here, context.chain[-1].note)


def _local_action(trace: Trace, uses: str, context: Context, inputs: dict[str, str], depth: int) -> None:
    base = join("", uses.partition("@")[0])
    found = next((join(base, n) for n in ("action.yml", "action.yaml") if trace.repository.get(join(base, n))), "")
    document = _load(trace.repository, found) if found and depth < MAX_CALLS else None
    runs = document.get("runs") if document is not None else None
    if not isinstance(runs, YamlMap):
        trace.unresolve(context, f"the action {uses} was not found in this repository")
        return
    values: Values = {"inputs": {**_defaults(document), **inputs}, "matrix": {}, "env": context.environment}
    _steps(trace, found, runs.get("steps"), context, values, depth + 1)
