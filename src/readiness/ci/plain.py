"""Reads CI files that are plain trees of jobs and commands (Travis, Bitbucket, Woodpecker, Drone, Buildkite ...).

Which keys mean what is data (plain.yaml). Conditions are read only where they name the event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate
from typing import Any

from readiness.ci.script_lists import as_text, documents, follow_list, numbered, texts
from readiness.ci.shell import join
from readiness.ci.trace import Context, Trace
from readiness.ci.wrappers import image_tool
from readiness.wiring import known
from readiness.yamldoc import YamlList, YamlMap

_EVENTS = {"push": "push", "pull_request": "pull_request", "pull-request": "pull_request", "tag": "tag", "cron": "schedule",
           "release": "release", "manual": "manual", "custom": "manual", "promote": "manual", "deployment": "manual"}  # fmt: skip
_DEFAULT = frozenset({"push", "pull_request"})


def trace_all(trace: Trace) -> list[str]:
    """Follow every such file; the paths of those found are returned."""
    found: list[str] = []
    for service in known(__file__, "plain.yaml")["services"]:
        patterns = [re.compile(translate(pattern).replace(".*", "[^/]*")) for pattern in service["files"]]
        for file in trace.repository.select(suffixes=(".yml", ".yaml")):
            if any(pattern.match(file.path) for pattern in patterns):
                found.append(file.path)
                for document in documents(trace.repository, file.path, service["name"]):
                    context = Context(triggers=_when(document, _DEFAULT), containers=_images(document, service))
                    _Walk(trace, file.path, service).node(document, context, "")
    return found


def _images(holder: YamlMap, service: Mapping[str, Any]) -> tuple[str, ...]:
    """The images of the service containers that `holder` lists."""
    found: list[str] = []
    for key in service.get("services", ()):
        value = holder.get(key)
        entries = value.values() if isinstance(value, YamlMap) else value if isinstance(value, YamlList) else [value]
        for entry in entries:
            image = entry.get("image") if isinstance(entry, YamlMap) else entry
            found += [image] if isinstance(image, str) else []
    return tuple(found)


def _when(holder: YamlMap, triggers: frozenset[str]) -> frozenset[str]:
    """The triggers that the `when:` or `trigger:` of `holder` leaves."""
    named: set[str] = set()
    for key in ("when", "trigger"):
        value = holder.get(key)
        for entry in value if isinstance(value, YamlList) else [value]:
            event = entry.get("event") if isinstance(entry, YamlMap) else None
            event = event.get("include", []) if isinstance(event, YamlMap) else event
            named.update(_EVENTS.get(str(e), "manual") for e in (event if isinstance(event, list) else [event]) if e)
    return frozenset(named) or triggers


class _Walk:
    """One file of one service."""

    def __init__(self, trace: Trace, path: str, service: Mapping[str, Any]) -> None:
        self.trace = trace
        self.path = path
        self.service = service

    def node(self, node: Any, context: Context, name: str) -> None:
        """Follow what lies in and below `node`; `name` is the closest name on the way."""
        if isinstance(node, YamlList):
            for item in node:
                self.node(item, context, name)
        elif isinstance(node, YamlMap):
            self._mapping(node, self._context(node, context), as_text(node.get("name") or node.get("label")) or name)

    def _context(self, node: YamlMap, context: Context) -> Context:
        environment, folder = dict(context.environment), context.folder
        for key in self.service.get("variables", ()):
            environment.update(texts(node.get(key)))
        for key in self.service.get("folder", ()):
            folder = join(folder, as_text(node.get(key)))
        optional = any(node.get(key) == value for key, value in self.service.get("optional", {}).items())
        return context.with_(
            environment=environment,
            folder=folder,
            triggers=_when(node, context.triggers),
            may_fail=context.may_fail or optional,
            containers=_images(node, self.service) or context.containers,
        )

    def _mapping(self, node: YamlMap, context: Context, name: str) -> None:
        context = context.with_(job=name)
        for key, value in node.items():
            if key in self.service.get("ignored", ()) or key in self.service.get("variables", ()):
                continue
            if key in self.service["scripts"]:
                here = context.with_(may_fail=context.may_fail or key in self.service.get("after", ()))
                follow_list(self.trace, numbered(node, key), self.path, here, f"{name} {key}".strip())
                self._packaged_items(value, context, name)
            elif key in self.service.get("uses", {}) and isinstance(value, str):
                self._packaged(node, key, context, name)
            elif key not in self.service.get("services", ()):
                triggers = self.service.get("triggers", {}).get(key)
                inner = context.with_(triggers=frozenset({triggers})) if triggers else context
                self.node(value, inner, name if isinstance(value, YamlList) else key)

    def _packaged_items(self, value: Any, context: Context, name: str) -> None:
        for item in value if isinstance(value, YamlList) else ():
            if isinstance(item, YamlMap):
                self.node(item, context, name)

    def _packaged(self, node: YamlMap, key: str, context: Context, name: str) -> None:
        """A step given by an image or a pipe; a step with commands of its own only runs in the image."""
        if any(script in node for script in self.service["scripts"]):
            return
        image = node[key]
        step, _, version = image.partition("@") if "@" in image else image.rpartition(":")
        inputs = texts(node.get(self.service["uses"][key]))
        here = context.link(self.path, node.line(key), name)
        self.trace.action(step or image, version if step else "", inputs, here)
        tool = image_tool(image)
        if tool:
            arguments = " ".join(text for _, text in numbered(node, "command") or numbered(node, "args"))
            self.trace.script(f"{tool} {arguments}", self.path, node.line(key), context, name)
