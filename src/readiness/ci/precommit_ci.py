"""The hooks that the service pre-commit.ci runs on pull requests. Only where the settings speak to that service."""

from __future__ import annotations

from readiness.ci.precommit import hooks, settings
from readiness.ci.trace import Context, Trace
from readiness.yamldoc import YamlMap


def trace_all(trace: Trace) -> list[str]:
    """Follow the hooks that its `ci:` section does not skip; the configuration's path is returned where it has one."""
    found = settings(trace.repository)
    section = found[1].get("ci") if found else None
    if found is None or not isinstance(section, YamlMap):
        return []
    path, document = found
    listed = section.get("skip")
    skipped = {str(name) for name in listed} if isinstance(listed, list) else set()
    context = Context(triggers=frozenset({"push", "pull_request"}), job="pre-commit.ci").link(path, document.line("ci"))
    for name, piece in hooks(trace.repository, path):
        if name not in skipped:
            trace.reached.add((piece.path, piece.line))
            trace.script(piece.text, piece.path, piece.line, context, piece.note)
    return [path]
