"""The nouns of coverage readings."""

from __future__ import annotations

from msgspec import Struct

from readiness.model import Evidence


class CoverageSetting(Struct, frozen=True):
    """A place that sets coverage up. `tool`: pytest, coverage, jest, vitest, nyc, c8, tap, codecov, go or the like.

    `threshold` is the total in percent below which the tool fails, None where none is set. `measures`: with this setting
    the plain test command measures already (addopts with --cov, collectCoverage). `folder` is where it holds.
    `idle`: its pattern matches no test file, so that the tool would measure nothing.
    """

    tool: str
    place: Evidence
    folder: str
    threshold: float | None = None
    measures: bool = False
    idle: bool = False


class CoverageResult(Struct, frozen=True):
    """A checked-in coverage report: lines covered in percent."""

    percent: float
    place: Evidence
