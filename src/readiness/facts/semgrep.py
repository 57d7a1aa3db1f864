"""What Semgrep finds with the rules' own semgrep.yaml. Does not say what a finding weighs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from readiness.cache import digest
from readiness.engines.finding import Finding, in_order
from readiness.engines.semgrep import SemgrepError, Target, scan, semgrep_version
from readiness.engines.semgrep_rules import RuleSet, load
from readiness.model import EngineRun, Evidence, Unread
from readiness.repository import Repository, Role
from readiness.wiring import background_fact, data_folder
from readiness.workshop import Workshop

FRONT_END = "READINESS_SEMGREP_FRONTEND"
"""The environment variable that chooses the front end: `fast` (the default) or `classic`."""

_SECONDS = 600.0
_LONGEST_MATCH = 15
"""The lines of a finding that are searched for a comment that accepts it: a literal's field has it on its own line."""
_ACCEPTED = re.compile(r"nosem(grep)?\b|#\s?nosec\b|nolint:[\w,]*gosec|NOSONAR|(codeql|lgtm)\s?\[")
_SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
_SERVER_PAGES = (b"getServerSideProps", b"use server", b"NextRequest", b"next/server")
_PACKED = re.compile(rb"[^\n]{3000}")
_REVISION = "2"


class SemgrepFindings:
    """Findings in order of place, and how the run went. `run.status` is ok, failed, missing or timeout."""

    def __init__(self, findings: tuple[Finding, ...], run: EngineRun) -> None:
        """Keep both."""
        self.findings = findings
        self.run = run


class _FileResult(Struct, array_like=True):
    """What Semgrep made of one file; `error` is why it could not take it in, "" where it could."""

    findings: list[Finding] = []
    error: str = ""


@background_fact
def semgrep_findings(repository: Repository, workshop: Workshop) -> SemgrepFindings:
    """Semgrep over the production files that mention something a rule looks for.

    One file is analysed at a time, so results are kept by content; with all of them kept, no process starts.
    """
    rules, version, start = load(data_folder("rules")), semgrep_version(), time.monotonic()
    chosen = [f for f in repository.files if f.role is Role.SOURCE and f.language in rules.languages]
    contents = {f.path: c for f in chosen if (c := repository.read_bytes(f.path)) is not None}
    if not version:
        return SemgrepFindings((), EngineRun("semgrep", "", "missing", 0, 0.0, "Semgrep is not installed"))
    languages = {f.path: f.language for f in chosen}
    targets = {p: Target(c, rules.relevant(languages[p], c)) for p, c in contents.items() if not _is_page(p, c)}
    wanted = {path: target for path, target in targets.items() if target.rules}
    try:
        results = _results(wanted, rules, version, workshop)
    except SemgrepError as error:
        seconds = time.monotonic() - start
        return SemgrepFindings((), EngineRun("semgrep", version, error.status, 0, seconds, str(error)))
    unread = tuple(Unread(path, "semgrep", result.error) for path, result in sorted(results.items()) if result.error)
    for entry in unread:
        repository.note_unread(entry.path, entry.reader, entry.reason)
    findings = in_order([finding for result in results.values() for finding in result.findings])
    run = EngineRun("semgrep", version, "ok", len(contents) - len(unread), time.monotonic() - start, "", unread)
    return SemgrepFindings(findings, run)


def _is_page(path: str, content: bytes) -> bool:
    """Whether it is code for a browser (JSX without a server part) or packed by a tool: nothing that receives requests."""
    if not path.endswith(_SCRIPTS):
        return False
    if path.endswith(("x",)) and not any(word in content for word in _SERVER_PAGES):
        return True
    return bool(_PACKED.search(content))


def _results(wanted: Mapping[str, Target], rules: RuleSet, version: str, workshop: Workshop) -> dict[str, _FileResult]:
    """A result for each file of `wanted`, kept or fresh. Raises SemgrepError."""
    kind = f"semgrep:{_REVISION}:{version}:{rules.digest}"
    keys = {path: digest(path, target.content) for path, target in wanted.items()}
    kept = workshop.cache.get(kind, keys.values())
    results: dict[str, _FileResult] = {}
    for path, key in keys.items():
        try:
            results[path] = msgspec.msgpack.decode(kept[key], type=_FileResult)
        except (KeyError, msgspec.DecodeError):
            continue
    missing = {path: target for path, target in wanted.items() if path not in results}
    if missing:
        front_end = "classic" if os.environ.get(FRONT_END) == "classic" else "fast"
        found, errors = scan(rules, missing, max(1, min(workshop.jobs, 3)), _SECONDS, front_end)
        fresh = _by_file(missing, found, errors, rules)
        sound = {keys[p]: msgspec.msgpack.encode(r) for p, r in fresh.items() if not r.error.startswith("took")}
        workshop.cache.put(kind, sound)
        results |= fresh
    return results


def _by_file(
    files: Mapping[str, Target], found: list[dict[str, Any]], errors: list[dict[str, Any]], rules: RuleSet
) -> dict[str, _FileResult]:
    results = {path: _FileResult([], "") for path in files}
    for row in found:
        if row["path"] in results:
            finding = _finding(row, rules, files[row["path"]].content)
            if finding not in results[row["path"]].findings:  # one rule may match a line in several ways
                results[row["path"]].findings.append(finding)
    for row in errors:
        kind = str(row.get("type"))
        if row["path"] not in results:
            if "Rule" in kind or "Pattern" in kind:
                raise SemgrepError(f"a rule is wrong: {str(row.get('message'))[:200]}")
            continue
        results[row["path"]].error = results[row["path"]].error or _reason(row)
    return results


def _reason(row: dict[str, Any]) -> str:
    """Why a file was not (wholly) read; "" for a partial parse, of which Semgrep analyses the rest."""
    text = str(row.get("type")) + " " + str(row.get("message"))
    if "PartialParsing" in text:
        return ""
    if "imeout" in text:
        return "took Semgrep too long"
    if "emory" in text:
        return "took Semgrep too much memory"
    return "could not be parsed by Semgrep"


def _finding(row: dict[str, Any], rules: RuleSet, content: bytes) -> Finding:
    check = str(row.get("check_id", "")).rpartition(".")[2]
    rule = rules.by_id[check]
    line = int(row.get("start", {}).get("line", 0))
    lines = content.decode("utf-8", "replace").splitlines()
    last = min(int(row.get("end", {}).get("line", line)), line + _LONGEST_MATCH)
    around = lines[max(0, line - 2) : max(line, last)]
    return Finding(
        engine="semgrep",
        check=check,
        severity=rule.severity,
        confidence=rule.confidence,
        title=rule.title,
        message=rule.message,
        where=Evidence(row["path"], line),
        suppressed=any(_ACCEPTED.search(text) for text in around),
    )
