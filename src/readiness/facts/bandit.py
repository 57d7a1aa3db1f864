"""What Bandit finds in the target's Python. Does not say what a finding weighs."""

from __future__ import annotations

import time

from readiness.engines.bandit import BanditFile, bandit_version, cache_version, scan_file
from readiness.engines.finding import Finding, in_order
from readiness.model import EngineRun, Unread
from readiness.repository import Repository, Role
from readiness.wiring import fact
from readiness.workshop import Workshop


class BanditFindings:
    """Findings in order of place, and how the run went. `run.status` is ok, failed or missing."""

    def __init__(self, findings: tuple[Finding, ...], run: EngineRun) -> None:
        """Keep both."""
        self.findings = findings
        self.run = run


@fact
def bandit_findings(repository: Repository, workshop: Workshop) -> BanditFindings:
    """Bandit over every Python file of the role `source`: tests, examples, vendored and generated code are left out."""
    files = repository.select(language="python", roles=[Role.SOURCE])
    version, start = bandit_version(), time.monotonic()
    if not version:
        return BanditFindings((), EngineRun("bandit", "", "missing", 0, 0.0, "Bandit is not installed"))
    try:
        read = workshop.read_each(repository, files, scan_file, BanditFile, cache_version())
    except (ImportError, OSError, RuntimeError) as error:
        seconds = time.monotonic() - start
        return BanditFindings(
            (), EngineRun("bandit", version, "failed", 0, seconds, f"{type(error).__name__}: {error}"[:200])
        )
    unread = tuple(Unread(path, "bandit", result.error) for path, result in sorted(read.items()) if result.error)
    for entry in unread:
        repository.note_unread(entry.path, entry.reader, entry.reason)
    findings = in_order([finding for result in read.values() for finding in result.findings])
    took = len(read) - len(unread)
    status = "failed" if read and not took else "ok"
    message = "no file could be read" if status == "failed" else ""
    return BanditFindings(
        findings, EngineRun("bandit", version, status, took, time.monotonic() - start, message, unread)
    )
