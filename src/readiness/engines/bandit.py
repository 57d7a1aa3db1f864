"""Runs Bandit's tests over one Python file at a time, as a library, so that a pool can share the work.

Takes no setting of the target: the tests left out are those of bandit.yaml beside this file, and a `nosec` comment only
marks a finding as suppressed.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import warnings
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from msgspec import Struct

from readiness.engines.finding import Finding
from readiness.model import Evidence
from readiness.wiring import known

_NOSEC = re.compile(r"#\s*nosec\b")
_REVISION = "1"


class BanditFile(Struct, frozen=True):
    """What Bandit made of one file; `error` is why it could not take it in, "" where it could."""

    findings: tuple[Finding, ...] = ()
    error: str = ""


def bandit_version() -> str:
    """The installed version, "" where Bandit is missing."""
    try:
        return version("bandit")
    except PackageNotFoundError:
        return ""


def cache_version() -> str:
    """Changes whenever the same content could give other findings."""
    return f"{_REVISION}:{bandit_version()}:{sys.version_info[:2]}:{','.join(sorted(_left_out()))}"


def _left_out() -> dict[str, str]:
    tests: dict[str, str] = known(__file__, "bandit.yaml")["left_out"]
    return tests


def _module(name: str) -> Any:
    """A module of Bandit, which has no types; imported when first needed, because it takes 200 ms."""
    return import_module(f"bandit.core.{name}")


@cache
def _tests() -> Any:
    """Bandit's test set under our configuration, made once in a process (200 ms)."""
    logging.getLogger("bandit").setLevel(logging.CRITICAL)
    logging.getLogger("stevedore").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = _module("config").BanditConfig()
        return _module("test_set").BanditTestSet(settings, {"exclude": sorted(_left_out())})


def scan_file(path: str, content: bytes) -> BanditFile:
    """Bandit's findings in `content`. A crash of Bandit is an error of this file, not of the audit."""
    tests = _tests()
    meta_ast, metrics, node_visitor = map(_module, ("meta_ast", "metrics", "node_visitor"))
    counts = metrics.Metrics()
    counts.begin(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            visitor = node_visitor.BanditNodeVisitor(
                path, io.BytesIO(content), meta_ast.BanditMetaAst(), tests, False, {}, counts
            )
            visitor.process(content)
    except SyntaxError as error:
        return BanditFile(error=f"cannot be parsed by the Python that runs Bandit: {error.msg} (line {error.lineno})")
    except RecursionError:
        return BanditFile(error="is nested too deeply")
    except Exception as error:  # noqa: BLE001 - whatever a scanner does on odd input is reported on the file
        return BanditFile(error=f"Bandit failed: {type(error).__name__}: {error}"[:200])
    lines = content.decode("utf-8", "replace").splitlines()
    return BanditFile(tuple(_finding(path, issue, lines) for issue in visitor.tester.results))


def _finding(path: str, issue: Any, lines: list[str]) -> Finding:
    first = max(1, min(int(issue.lineno), len(lines) or 1))
    numbers = {first, *(int(n) for n in issue.linerange or () if 0 < int(n) <= len(lines))}
    return Finding(
        engine="bandit",
        check=str(issue.test_id),
        severity=str(issue.severity).lower(),
        confidence=str(issue.confidence).lower(),
        title=str(issue.test).replace("_", " "),
        message=" ".join(str(issue.text).split())[:300],
        where=Evidence(path, first),
        suppressed=any(_NOSEC.search(lines[number - 1]) for number in sorted(numbers) if number <= len(lines)),
    )
