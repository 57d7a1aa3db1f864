"""Report formats, one module each. They know `readiness.model` and the report, nothing of facts."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath

from readiness.report import Report

FORMATS = ("terminal", "json", "html", "sarif", "markdown", "junit")
EXTENSIONS = {
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".sarif": "sarif",
    ".md": "markdown",
    ".xml": "junit",
    ".txt": "terminal",
}


def format_of(path: PurePath) -> str | None:
    """The format that the extension of `path` stands for."""
    return EXTENSIONS.get(path.suffix.lower())


def render(report: Report, form: str) -> str:
    """`report` in one of FORMATS. A format's module loads when it is first asked for, so that `--help` stays fast."""
    module = import_module(f"readiness.render.{'json_' if form == 'json' else form}")
    text: str = module.render(report)
    return text
