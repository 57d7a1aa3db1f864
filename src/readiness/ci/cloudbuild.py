"""Reads Google Cloud Build files: steps that run a builder image with an entrypoint and arguments. Resolves no builder's own."""

from __future__ import annotations

import re
import shlex
from typing import Any

from readiness.ci.script_lists import as_text, documents, texts
from readiness.ci.shell import join
from readiness.ci.trace import Context, Trace
from readiness.ci.wrappers import image_tool
from readiness.yamldoc import YamlList, YamlMap

_FILE = re.compile(r"(^|/)(cloud[-_]?build[\w.-]*|\.cloudbuild/[\w.-]+)\.ya?ml$", re.IGNORECASE)
_BUILDERS = ("gcr.io/cloud-builders/", "gcr.io/google.com/cloudsdktool/", "docker/compose")
_TRIGGERS = frozenset({"push", "pull_request"})
"""What starts a build is set outside the repository: a trigger on pushes and pull requests is taken."""


def trace_all(trace: Trace) -> list[str]:
    """Follow every Cloud Build file; the paths of those found are returned."""
    found: list[str] = []
    for file in trace.repository.select(suffixes=(".yml", ".yaml")):
        if not _FILE.search(file.path):
            continue
        for document in documents(trace.repository, file.path, "cloudbuild"):
            if isinstance(steps := document.get("steps"), YamlList):
                found.append(file.path)
                _follow(trace, file.path, document, steps)
    return found


def _follow(trace: Trace, path: str, document: YamlMap, steps: YamlList) -> None:
    options = document.get("options")
    shared = texts(options.get("env")) if isinstance(options, YamlMap) else {}
    shared |= texts(document.get("substitutions"))
    for step in steps:
        if isinstance(step, YamlMap):
            name = as_text(step.get("id")) or as_text(step.get("name"))
            context = Context(
                triggers=_TRIGGERS,
                job=name,
                folder=join("", as_text(step.get("dir"))),
                environment=shared | texts(step.get("env")),
                may_fail=as_text(step.get("allowFailure")) == "true",
            )
            _step(trace, path, step, context, name)


def _step(trace: Trace, path: str, step: YamlMap, context: Context, name: str) -> None:
    image, line = as_text(step.get("name")), step.line("name")
    if script := as_text(step.get("script")):
        trace.script(script, path, step.text_line("script"), context, name)
        return
    words = [as_text(word) for word in _words(step.get("args"))]
    if entry := as_text(step.get("entrypoint")):
        trace.script(shlex.join([entry, *words]), path, step.line("entrypoint"), context, name)
        return
    program = _program(image)
    if program:
        trace.script(shlex.join([program, *words]), path, line, context, name)
    else:
        step_name, _, version = image.partition("@") if "@" in image else image.partition(":")
        trace.action(step_name, version, {"args": " ".join(words)}, context.link(path, line, name))


def _program(image: str) -> str:
    """What a builder image runs where the step names no entrypoint: its own tool, as the images' documentation says."""
    bare = image.partition("@")[0].partition(":")[0]
    if bare == "docker/compose":
        return "docker-compose"
    if bare.startswith("gcr.io/kaniko-project/executor"):
        return "executor"
    if bare.startswith(_BUILDERS):
        return bare.rpartition("/")[2]
    return image_tool(image) or ""


def _words(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value) if isinstance(value, YamlList) else []
