"""The report as SARIF 2.1.0, for code scanning: only findings anchored at a file and a line. Posture stays in the others.

Fields are those of the OASIS standard; https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from readiness.model import Evidence
from readiness.report import Report, Result

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"fail": "error", "partial": "warning"}


def render(report: Report) -> str:
    """One run. An item that passes, does not apply or has no line to show gives a rule but no result."""
    findings = [finding for result in report.results for finding in _findings(result)]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "semanticVersion": report.tool.version,
                "informationUri": "https://pypi.org/project/readiness/",
                "rules": [_rule(result) for result in report.results],
            }
        },
        "invocations": [_invocation(report)],
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the audited repository."}}},
        "results": findings,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _invocation(report: Report) -> dict[str, Any]:
    notes = [{"level": "error", "message": {"text": reason}} for reason in report.incomplete]
    found: dict[str, Any] = {"executionSuccessful": not report.incomplete}
    return found | ({"toolExecutionNotifications": notes} if notes else {})


def _rule(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "name": "".join(part.capitalize() for part in result.id.split("-")),
        "shortDescription": {"text": result.title},
        "help": {"text": result.remediation, "markdown": result.remediation},
        "defaultConfiguration": {"level": "error" if result.phase3 else "warning"},
        "properties": {"tags": [result.group, *(["release-gate"] if result.phase3 else [])], "weight": result.weight},
    }


def _findings(result: Result) -> list[dict[str, Any]]:
    level = _LEVELS.get(result.verdict.value)
    if level is None:
        return []
    seen: Counter[str] = Counter()
    return [_finding(result, place, level, seen) for place in result.evidence if place.line > 0]


def _finding(result: Result, place: Evidence, level: str, seen: Counter[str]) -> dict[str, Any]:
    key = _fingerprint(result.id, place)
    seen[key] += 1
    region: dict[str, Any] = {"startLine": place.line}
    if place.snippet:
        region["snippet"] = {"text": place.snippet.partition("\n")[0]}
    finding: dict[str, Any] = {
        "ruleId": result.id,
        "level": level,
        "message": {"text": f"{place.note}. {result.message}" if place.note else result.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path), "uriBaseId": "SRCROOT"},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"readiness/v1": f"{key}:{seen[key]}"},
    }
    if suppression := _suppression(result):
        finding["suppressions"] = [suppression]
    return finding


def _suppression(result: Result) -> dict[str, str] | None:
    if result.waiver:
        waiver = result.waiver
        ticket = f", {waiver.ticket}" if waiver.ticket else ""
        why = f"{waiver.reason} ({waiver.owner}, until {waiver.expires}{ticket})"
        return {"kind": "external", "status": "accepted", "justification": why}
    if result.declared:
        declared = result.declared
        return {"kind": "external", "status": "accepted", "justification": f"{declared.where}: {declared.reason}"}
    return None


def _fingerprint(item: str, place: Evidence) -> str:
    """By item, path and the text of the line, so that a finding keeps its name when it moves within its file."""
    text = " ".join(place.snippet.partition("\n")[0].split())
    return blake2b(
        f"{item}\0{place.path}\0{text}\0{place.note if not text else ''}".encode(), digest_size=16
    ).hexdigest()
