"""The report as JSON, the format that other programs read; and back. Needs no escaping: JSON's own does."""

from __future__ import annotations

import msgspec

from readiness.report import SCHEMA_VERSION, Report


class ReportFileError(Exception):
    """What should be a report's JSON is not; the message is one sentence for the user."""


def render(report: Report) -> str:
    """Indented JSON with a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def parse(content: bytes) -> Report:
    """The report that `render` wrote. Raises ReportFileError."""
    try:
        report = msgspec.json.decode(content, type=Report)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ReportFileError(f"is not a readiness report: {error}") from None
    if report.schema_version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise ReportFileError(f"has schema_version {report.schema_version}; this version reads {SCHEMA_VERSION}")
    return report
