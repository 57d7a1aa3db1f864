"""The security scan passes

## Why
Injection, server-side request forgery, unsafe deserialisation, disabled certificate checks and debug consoles are found
by attackers with the same scanners. A finding of high severity in code that serves requests is a reason not to release.

The scan is Bandit over Python and our own Semgrep rules over Python, JavaScript, TypeScript and Go, tests left out. What
Bandit says is weighed again by known.yaml beside this rule, where each change has its reason.

## Fix
Bind values instead of building queries and commands from them.

Python:

    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))
    subprocess.run(["convert", path], check=True)

JavaScript/TypeScript:

    await pool.query("SELECT * FROM users WHERE name = $1", [req.query.name])
    execFile("convert", [path])

Go:

    db.QueryContext(ctx, "SELECT * FROM users WHERE name = $1", name)
    exec.CommandContext(ctx, "convert", path)

Where a finding is wrong, waive the item for its path with the reason; a `nosec` or `nosemgrep` comment is shown and lowers
the finding one step.
"""

from __future__ import annotations

from readiness.engines.finding import LEVELS, Finding
from readiness.facts.bandit import BanditFindings
from readiness.facts.semgrep import SemgrepFindings
from readiness.model import EngineRun, Evidence, Strength, Verdict, failed, not_applicable, partial, passed, unknown
from readiness.repository import Repository, Role
from readiness.wiring import known, rule
from readiness.wording import count

_SHOWN = 12
_TOLERATED_UNREAD = 0.2
"""The share of Python files that Bandit may not read (newer syntax) while Semgrep read them, before a pass is unknown."""


@rule(
    weight=4,
    phase3=True,
    languages=("python", "javascript", "go"),
    source=["Phase 3: Security scan passed", "Testing: Security vulnerability scanning"],
)
def check(repository: Repository, bandit: BanditFindings, semgrep: SemgrepFindings) -> Verdict:
    """Judge by the gravest finding; where an engine did not run, a clean result is unknown."""
    files = [f for f in repository.files if f.role is Role.SOURCE and f.language]
    if not files:
        return not_applicable(
            "There is no Python, JavaScript, TypeScript or Go source outside tests, examples and docs."
        )
    has_python = any(f.language == "python" for f in files)
    weighed = [(f, level) for f in (*bandit.findings, *semgrep.findings) if (level := _weight(f)) != "none"]
    high = [f for f, level in weighed if level == "high" and f.confidence != "low"]
    rest = [f for f, level in weighed if level != "low" and f not in high]
    if high:
        return failed(f"{_counted(high, 'high')}: {_first(high)}.", _evidence(high))
    if problem := _problem([*([bandit.run] if has_python else []), semgrep.run]):
        return unknown(problem, _evidence(rest))
    if rest:
        message = f"No finding of high severity; {_counted(rest, 'medium')}: {_first(rest)}."
        return partial(message, _evidence(rest), Strength.VERIFIED)
    if has_python and len(bandit.run.unread) > _TOLERATED_UNREAD * (bandit.run.files + len(bandit.run.unread)):
        return unknown(
            f"Bandit could not read {len(bandit.run.unread)} of {bandit.run.files + len(bandit.run.unread)} Python files "
            "(syntax newer than the Python that runs it); run the audit with a newer Python.",
            [Evidence(entry.path, 0, entry.reason) for entry in bandit.run.unread[:_SHOWN]],
        )
    return passed(_clean(bandit.run, semgrep.run, has_python), (), Strength.VERIFIED)


def _weight(finding: Finding) -> str:
    """The finding's severity in our words: known.yaml's, one step less where operators run it or a comment accepts it."""
    knowledge = known(__file__)
    level = knowledge["weights"].get(finding.check, {}).get("severity", finding.severity)
    if level not in LEVELS:
        return "none"
    *folders, name = finding.where.path.split("/")
    lowered = {folder.lower() for folder in folders}
    if lowered & set(knowledge["test_folders"]):
        return "none"
    if lowered & set(knowledge["browser_folders"]) and not finding.where.path.endswith((".py", ".go")):
        return "low"
    steps = (
        bool(lowered & set(knowledge["operator_folders"]) or name in knowledge["operator_files"]) + finding.suppressed
    )
    return LEVELS[max(0, LEVELS.index(level) - steps)]


def _problem(runs: list[EngineRun]) -> str:
    """Why a clean result would mean nothing, "" where every engine ran."""
    broken = [run for run in runs if run.status != "ok"]
    return "; ".join(f"{run.name.capitalize()} is {run.status}: {run.message}" for run in broken)


def _counted(findings: list[Finding], severity: str) -> str:
    return f"{len(findings)} finding{'s' if len(findings) != 1 else ''} of {severity} severity"


def _first(findings: list[Finding]) -> str:
    titles = list(dict.fromkeys(f.title for f in findings))
    return ", ".join(titles[:4]) + (f" and {len(titles) - 4} more kinds" if len(titles) > 4 else "")


def _evidence(findings: list[Finding]) -> list[Evidence]:
    return [
        Evidence(
            f.where.path, f.where.line, f"{f.check}: {f.message}" + (" (accepted by a comment)" if f.suppressed else "")
        )
        for f in findings[:_SHOWN]
    ]


def _clean(bandit: EngineRun, semgrep: EngineRun, has_python: bool) -> str:
    scanned = f"Semgrep over {count(semgrep.files, 'file')}" + (
        f" and Bandit over {count(bandit.files, 'Python file')}" if has_python else ""
    )
    unread = len({entry.path for entry in (*bandit.unread, *semgrep.unread)})
    aside = f"; {unread} files could not be read by one of them" if unread else ""
    return f"{scanned} found nothing of high or medium severity outside tests{aside}."
