"""Reads .gitlab-ci.yml with its local includes, extends, !reference, rules and defaults."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from readiness.ci.script_lists import as_text, documents, follow_list, numbered, texts
from readiness.ci.trace import Context, Trace
from readiness.yamldoc import Tagged, YamlList, YamlMap

NAMES = (".gitlab-ci.yml", ".gitlab-ci.yaml")
MAX_FILES = 60
MAX_EXTENDS = 10
_RESERVED = frozenset({"stages", "variables", "default", "include", "workflow", "image", "services", "before_script",
                       "after_script", "cache", "spec", "types"})  # fmt: skip
_SOURCES = {"merge_request_event": "pull_request", "push": "push", "schedule": "schedule", "web": "manual",
            "trigger": "manual", "api": "manual", "merge_requests": "pull_request", "branches": "push", "tags": "tag",
            "schedules": "schedule", "pushes": "push", "external_pull_requests": "pull_request", "triggers": "manual"}  # fmt: skip


class _Part(Struct):
    """A value with the mapping and the file where it is written."""

    value: Any
    holder: YamlMap
    path: str


_Job = dict[str, _Part]


def trace_all(trace: Trace) -> list[str]:
    """Follow the pipeline at the root; the paths of its files are returned."""
    start = next((name for name in NAMES if trace.repository.get(name)), "")
    if not start:
        return []
    reader = _Pipeline(trace)
    reader.include(start)
    reader.follow()
    return reader.files


class _Pipeline:
    """All files of one pipeline, merged as GitLab does: later files win key by key."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.files: list[str] = []
        self.top: _Job = {}
        self.jobs: dict[str, _Job] = {}

    def include(self, path: str) -> None:
        """Read a file and what it includes."""
        if path in self.files or len(self.files) >= MAX_FILES:
            return
        self.files.append(path)
        for document in documents(self.trace.repository, path, "gitlab"):
            included = document.get("include")
            entries = included if isinstance(included, YamlList) else [included]
            for index, entry in enumerate(entries):
                line = included.line(index) if isinstance(included, YamlList) else document.line("include")
                self._included(entry, path, line)
            for key, value in document.items():
                if key in _RESERVED:
                    self.top[key] = _Part(value, document, path)
                elif isinstance(value, YamlMap):
                    job = self.jobs.setdefault(key, {})
                    job.update({k: _Part(v, value, path) for k, v in value.items()})

    def _included(self, entry: Any, path: str, line: int) -> None:
        local = entry if isinstance(entry, str) else entry.get("local") if isinstance(entry, YamlMap) else None
        if isinstance(local, str) and not local.startswith("http"):
            pattern = local.lstrip("/")
            for found in [f.path for f in self.trace.repository.files if fnmatchcase(f.path, pattern)]:
                self.include(found)
        elif entry is not None:
            keys = ("template", "component", "project", "remote")
            named = entry if isinstance(entry, str) else next((as_text(entry[k]) for k in keys if k in entry), "")
            context = Context(triggers=frozenset({"push", "pull_request"})).link(path, line, "include")
            name, _, version = named.partition("@")
            files = as_text(entry.get("file")) if isinstance(entry, YamlMap) else ""
            self.trace.action(f"{name} {files}".strip(), version, {}, context)
            if not (isinstance(entry, YamlMap) and "template" in entry):
                self.trace.unresolve(context, f"the included {named} is not in this repository")

    def follow(self) -> None:
        """Follow every job that is not hidden."""
        for name in list(self.jobs):
            job = self._extended(name, 0)
            if not name.startswith(".") and ("script" in job or "run" in job):
                self._job(name, job)

    def _extended(self, name: str, depth: int) -> _Job:
        own = self.jobs.get(name, {})
        parents = own["extends"].value if "extends" in own else []
        merged: _Job = {}
        for parent in [parents] if isinstance(parents, str) else parents if isinstance(parents, YamlList) else []:
            if depth < MAX_EXTENDS and isinstance(parent, str):
                merged.update(self._extended(parent, depth + 1))
        return {**merged, **own}

    def _job(self, name: str, job: _Job) -> None:
        triggers = _triggers(job)
        if not triggers:
            return
        environment = {**_variables(self.top), **_variables(job)}
        services = self._inherited(job, "services")
        context = Context(
            triggers=triggers,
            job=name,
            environment=environment,
            containers=_images(services.value if services else None),
            may_fail="allow_failure" in job and job["allow_failure"].value is True,
        )
        for key in ("before_script", "script", "after_script"):
            part = self._inherited(job, key) if key != "script" else job.get(key)
            if part is not None:
                self._script(part, key, context.with_(may_fail=context.may_fail or key == "after_script"))

    def _inherited(self, job: _Job, key: str) -> _Part | None:
        default = self.top.get("default")
        if key in job:
            return job[key]
        if default and isinstance(default.value, YamlMap) and key in default.value:
            return _Part(default.value[key], default.value, default.path)
        return self.top.get(key)

    def _script(self, part: _Part, key: str, context: Context) -> None:
        """Follow a script; a `!reference` in it brings in another job's."""
        items = part.value if isinstance(part.value, YamlList) else YamlList(0)
        follow_list(self.trace, numbered(part.holder, key), part.path, context, f"job {context.job}")
        for item in [part.value, *items]:
            if isinstance(item, Tagged) and item.tag == "!reference" and isinstance(item.value, list):
                names = [as_text(word) for word in item.value]
                referred = self._extended(names[0], 0).get(names[1]) if len(names) > 1 else None
                if referred is not None and not isinstance(referred.value, Tagged):
                    self._script(referred, names[1], context)


def _variables(job: _Job) -> dict[str, str]:
    return texts(job["variables"].value) if "variables" in job else {}


def _images(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, YamlList) else []
    names = [entry.get("name") if isinstance(entry, YamlMap) else entry for entry in entries]
    return tuple(name for name in names if isinstance(name, str))


def _triggers(job: _Job) -> frozenset[str]:
    """When the job runs; nothing where it never does."""
    if "when" in job and job["when"].value in ("manual", "never"):
        return frozenset({"manual"} if job["when"].value == "manual" else ())
    if "rules" in job and isinstance(job["rules"].value, YamlList):
        found: set[str] = set()
        for rule in job["rules"].value:
            if isinstance(rule, YamlMap) and rule.get("when") != "never":
                found |= {"manual"} if rule.get("when") == "manual" else _condition(as_text(rule.get("if")))
        return frozenset(found)
    only = job["only"].value if "only" in job else None
    only = only.get("refs") if isinstance(only, YamlMap) else only
    names = [only] if isinstance(only, str) else only if isinstance(only, YamlList) else []
    return frozenset(_SOURCES.get(as_text(name), "push") for name in names) or frozenset({"push", "pull_request"})


def _condition(text: str) -> set[str]:
    named = {_SOURCES.get(name, "manual") for name in re.findall(r"CI_PIPELINE_SOURCE\s*==\s*[\"'](\w+)", text)}
    if "CI_MERGE_REQUEST" in text:
        named.add("pull_request")
    if re.search(r"CI_COMMIT_TAG(?!\s*==\s*null)", text):
        named.add("tag")
    if "CI_COMMIT_BRANCH" in text or "CI_DEFAULT_BRANCH" in text:
        named.add("push")
    return named or {"push", "pull_request"}
