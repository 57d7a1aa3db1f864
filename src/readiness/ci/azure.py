"""Reads Azure Pipelines with their local templates: script steps and tasks, wherever stages and jobs hold them."""

from __future__ import annotations

import re
from typing import Any

from readiness.ci.script_lists import as_text, documents, texts
from readiness.ci.shell import join
from readiness.ci.trace import Context, Trace
from readiness.repository import Role
from readiness.yamldoc import YamlList, YamlMap

MAX_DEPTH = 40
_SCRIPTS = ("script", "bash", "pwsh", "powershell")
_FILE = re.compile(r"(.*/)?\.?azure-pipelines?([-_.][\w.-]+)?\.ya?ml|\.azure(-pipelines|-devops)?/[\w.-]+\.ya?ml|"
                   r"\.ado/[\w./-]+\.ya?ml|azure-devops/[\w.-]+\.ya?ml")  # fmt: skip
_PARAMETER = re.compile(r"\$\{\{\s*parameters\.(\w+)\s*\}\}")
_SKIPPED = frozenset({"parameters", "resources", "variables", "pool", "trigger", "pr", "schedules", "inputs", "env"})


def trace_all(trace: Trace) -> list[str]:
    """Follow every pipeline (a file with steps, jobs or stages that no other takes as its template)."""
    files = trace.repository.select(suffixes=(".yml", ".yaml"), roles=(Role.CONFIG, Role.SOURCE))
    paths = [file.path for file in files if _FILE.fullmatch(file.path.lower())]
    read = {path: documents(trace.repository, path, "azure") for path in paths}
    templates = {name for path, found in read.items() for document in found for name in _templates(document, path, 0)}
    pipelines = [path for path in paths if path not in templates]
    for path in pipelines:
        for document in read[path]:
            _Walk(trace, path, {}).node(document, Context(triggers=_triggers(document)), 0)
    return paths


def _triggers(document: YamlMap) -> frozenset[str]:
    found = set() if as_text(document.get("trigger")) == "none" else {"push"}
    if as_text(document.get("pr")) != "none":
        found.add("pull_request")
    if "schedules" in document:
        found.add("schedule")
    return frozenset(found) or frozenset({"manual"})


def _templates(node: Any, path: str, depth: int) -> list[str]:
    if depth > MAX_DEPTH:
        return []
    if isinstance(node, YamlList):
        return [name for item in node for name in _templates(item, path, depth + 1)]
    if not isinstance(node, YamlMap):
        return []
    own = [join(path.rpartition("/")[0], node["template"])] if isinstance(node.get("template"), str) else []
    return own + [name for value in node.values() for name in _templates(value, path, depth + 1)]


class _Walk:
    """One file, with the parameters that it was called with."""

    def __init__(self, trace: Trace, path: str, parameters: dict[str, str]) -> None:
        self.trace = trace
        self.path = path
        self.parameters = parameters

    def node(self, node: Any, context: Context, depth: int) -> None:
        """Follow what lies in and below `node`."""
        if depth > MAX_DEPTH:
            return
        if isinstance(node, YamlList):
            for item in node:
                self.node(item, context, depth + 1)
        elif isinstance(node, YamlMap) and as_text(node.get("condition")).lower() != "false":
            self._mapping(node, self._context(node, context), depth)

    def _context(self, node: YamlMap, context: Context) -> Context:
        folder = self._fill(as_text(node.get("workingDirectory")))
        folder = re.sub(
            r"\$\([\w.]*(SourcesDirectory|DefaultWorkingDirectory)\)/?|\$\(Agent\.BuildDirectory\)/s/?", "", folder
        )
        return context.with_(
            job=as_text(node.get("job") or node.get("deployment")) or context.job,
            environment={**context.environment, **texts(node.get("variables")), **texts(node.get("env"))},
            folder=join("", folder) if folder else context.folder,
            may_fail=context.may_fail or node.get("continueOnError") is True,
        )

    def _fill(self, text: str) -> str:
        return _PARAMETER.sub(lambda match: self.parameters.get(match.group(1), match.group()), text)

    def _mapping(self, node: YamlMap, context: Context, depth: int) -> None:
        note = f"job {context.job}" if context.job else as_text(node.get("displayName"))
        for key in _SCRIPTS:
            if isinstance(node.get(key), str):
                self.trace.script(self._fill(node[key]), self.path, node.text_line(key), context, note)
        if isinstance(node.get("task"), str):
            self._task(node, context, note)
        if isinstance(node.get("template"), str):
            self._template(node, context, depth)
        for key, value in node.items():
            if key not in _SKIPPED and isinstance(value, YamlMap | YamlList):
                self.node(value, context, depth + 1)

    def _task(self, node: YamlMap, context: Context, note: str) -> None:
        name, _, version = node["task"].partition("@")
        given = node.get("inputs")
        inputs = {key: self._fill(value) for key, value in texts(given).items()}
        here = context.link(self.path, node.line("task"), note)
        self.trace.action(name, version, inputs, here)
        folder = inputs.get("workingDirectory") or inputs.get("workingDir") or ""
        inner = context.with_(folder=join("", folder) if folder and "$" not in folder else context.folder)
        if isinstance(given, YamlMap) and isinstance(given.get("script"), str):
            self.trace.script(inputs["script"], self.path, given.text_line("script"), inner, note)
        elif name.lower() == "npm" and inputs.get("customCommand"):
            self.trace.script(f"npm {inputs['customCommand']}", self.path, node.line("task"), inner, note)

    def _template(self, node: YamlMap, context: Context, depth: int) -> None:
        name = self._fill(node["template"])
        path = join("" if name.startswith("/") else self.path.rpartition("/")[0], name.lstrip("/"))
        here = context.link(self.path, node.line("template"), f"template {name}")
        if "@" in name or not self.trace.repository.get(path):
            self.trace.unresolve(here, f"the template {name} is not in this repository")
            return
        for document in documents(self.trace.repository, path, "azure"):
            _Walk(self.trace, path, texts(node.get("parameters"))).node(document, here, depth + 10)
