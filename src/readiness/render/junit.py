"""The report as JUnit XML: a suite for each group, a case for each item. XML escaping is junitparser's.

A fail is a failure, and so is whatever else breaks the gate; a crash is an error; what does not apply, is unknown, waived
or declared elsewhere is skipped with its reason.
"""

from __future__ import annotations

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from readiness.render import view
from readiness.report import Report, Result

_SKIPPED = ("not_applicable", "unknown", "waived", "declared_elsewhere")


def render(report: Report) -> str:
    """The XML document."""
    document = JUnitXml("readiness")
    for group, results in view.by_group(report):
        suite = TestSuite(group)
        for result in results:
            suite.add_testcase(_case(result, result.id in report.gate.broken_by))
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser has no types
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]  # junitparser has no types
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text.decode()}\n"


def _case(result: Result, breaks_gate: bool) -> TestCase:
    case = TestCase(result.title, classname=result.id)
    outcome: Error | Failure | Skipped | None = None
    if result.standing == "error":
        outcome = Error(result.message, "error")
    elif result.standing == "fail" or breaks_gate:
        outcome = Failure(result.message, result.standing)
    elif result.standing in _SKIPPED:
        outcome = Skipped(f"{view.LABELS[result.standing]}: {result.message}")
    if outcome is not None:
        outcome.text = _places(result)
        case.result = [outcome]
    else:
        case.system_out = "\n".join(filter(None, [result.message, _places(result)]))
    return case


def _places(result: Result) -> str:
    return "\n".join(f"{view.place(evidence)} {evidence.note}".rstrip() for evidence in result.evidence)
