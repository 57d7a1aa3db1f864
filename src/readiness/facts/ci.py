"""CI as a call graph: from a workflow through what it calls to the tool that runs, with that chain as the evidence.

Says what runs and when; what a tool means is a rule's knowledge.
"""

from __future__ import annotations

from readiness.ci import azure, bots, circleci, cloudbuild, github, gitlab, jenkins, locals, plain, precommit_ci
from readiness.ci.model import ActionRun, Pipelines, Scripts, ToolRun
from readiness.ci.trace import Trace
from readiness.repository import Repository
from readiness.wiring import fact

__all__ = ["ActionRun", "Pipelines", "Scripts", "ToolRun", "pipelines", "scripts"]

_PROVIDERS = (github, gitlab, circleci, azure, jenkins, cloudbuild, plain, precommit_ci)


@fact
def pipelines(repository: Repository) -> Pipelines:
    """Follow every CI definition."""
    trace = Trace(repository)
    files = [path for provider in _PROVIDERS for path in provider.trace_all(trace)]
    return Pipelines(trace.runs, trace.actions, files, bots.find(repository), trace.unresolved, trace.reached)


@fact
def scripts(repository: Repository, pipelines: Pipelines) -> Scripts:
    """Follow every local entry point that CI does not reach."""
    trace = Trace(repository)
    locals.trace_all(trace, pipelines.reached)
    return Scripts(trace.runs)
