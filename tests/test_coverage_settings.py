"""Coverage settings, checked-in reports and linter settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.facts.coverage import CoverageSettings
from readiness.facts.linters import Linters

Gather = Callable[..., Any]


@pytest.mark.parametrize(
    ("path", "text", "tool", "threshold", "line"),
    [
        ("pyproject.toml", "[tool.coverage.report]\nfail_under = 85\n", "coverage", 85, 2),
        ("api/.coveragerc", "[run]\nbranch = true\n[report]\nfail_under = 72.5\n", "coverage", 72.5, 4),
        ("setup.cfg", "[tool:pytest]\naddopts = -q --cov=app\n  --cov-fail-under=90\n", "pytest", 90, 3),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['--cov', '--cov-fail-under=80']\n", "pytest", 80, 2),
        (
            "package.json",
            '{\n "jest": {\n  "coverageThreshold": {"global": {"lines": 81, "branches": 50}}\n }\n}',
            "jest",
            81,
            3,
        ),
        (
            "jest.config.ts",
            "export default {\n  coverageThreshold: { global: { statements: 70, lines: 75 } },\n};\n",
            "jest",
            70,
            2,
        ),
        (
            "vitest.config.ts",
            "export default { test: {\n coverage: { thresholds: { 100: true } } } }\n",
            "vitest",
            100,
            2,
        ),
        (".nycrc", '{"check-coverage": true, "lines": 88}', "nyc", 88, 1),
        (".nycrc.json", '{"check-coverage": true}', "nyc", 90, 1),
        (".c8rc.json", '{"reporter": ["lcov"]}', "c8", None, 1),
        ("codecov.yml", "coverage:\n  status:\n    project:\n      default:\n        target: 80%\n", "codecov", 80, 5),
        (
            ".github/codecov.yml",
            "coverage:\n  status:\n    project:\n      default: {target: auto}\n",
            "codecov",
            None,
            3,
        ),
        (".testcoverage.yml", "threshold:\n  file: 50\n  total: 82\n", "go-test-coverage", 82, 3),
    ],
)
def test_thresholds(gather: Gather, path: str, text: str, tool: str, threshold: float | None, line: int) -> None:
    (setting,) = gather(CoverageSettings, f"-- {path} --\n{text}\n").settings
    assert (setting.tool, setting.threshold, setting.place.path, setting.place.line) == (tool, threshold, path, line)


@pytest.mark.parametrize(
    ("limits", "threshold"),
    [
        ('"src/auth/**": { lines: 95, statements: 95 }', None),
        ('"src/auth/**": { lines: 95 }, global: { lines: 60 }', 60),
        ('lines: 82, "src/auth/**": { lines: 95 }', 82),
    ],
)
def test_thresholds_for_some_files_are_none_for_the_total(gather: Gather, limits: str, threshold: int | None) -> None:
    text = f"-- vitest.config.ts --\nexport default {{ test: {{ coverage: {{ thresholds: {{ {limits} }} }} }} }}\n"
    assert [s.threshold for s in gather(CoverageSettings, text).settings] == [threshold]


def test_commented_out_thresholds_do_not_count(gather: Gather) -> None:
    found = gather(
        CoverageSettings,
        "-- jest.config.js --\nmodule.exports = {\n  // coverageThreshold: { global: { lines: 90 } },\n};\n",
    )
    assert [setting.threshold for setting in found.settings] in ([], [None])


def test_jest_pattern_without_tests_is_idle(gather: Gather) -> None:
    jest = '{"jest": {"rootDir": "src", "testRegex": "\\\\.spec\\\\.ts$", "coverageDirectory": "c"}}'
    assert gather(CoverageSettings, f"-- package.json --\n{jest}\n-- src/app.ts --\nx\n").settings[0].idle


@pytest.mark.parametrize(
    ("path", "text", "percent"),
    [
        ("coverage.xml", '<?xml version="1.0" ?>\n<coverage line-rate="0.815" version="7">\n</coverage>', 81.5),
        ("coverage/lcov.info", "SF:a.js\nLF:10\nLH:9\nend_of_record\nSF:b.js\nLF:10\nLH:7\nend_of_record\n", 80),
        ("coverage/coverage-summary.json", '{"total": {"lines": {"total": 10, "covered": 9, "pct": 90}}}', 90),
        ("coverage.json", '{"totals": {"percent_covered": 77.25}}', 77.2),
        ("cover.out", "mode: set\na/b.go:1.2,3.4 3 1\na/b.go:5.2,6.4 1 0\n", 75),
    ],
)
def test_results(gather: Gather, path: str, text: str, percent: float) -> None:
    (result,) = gather(CoverageSettings, f"-- {path} --\n{text}\n").results
    assert result.percent == percent


@pytest.mark.parametrize(
    "text", ["mode: set\n", "<coverage>", "{", "[]", "LF:0\nLH:0\n", '<coverage line-rate="1.2.3">']
)
def test_reports_without_a_figure_are_none(gather: Gather, text: str) -> None:
    names = ["coverage.xml", "lcov.info", "coverage.json", "cover.out"]
    assert gather(CoverageSettings, "".join(f"-- {name} --\n{text}\n" for name in names)).results == ()


def test_go_script_that_compares(gather: Gather) -> None:
    found = gather(
        CoverageSettings,
        """\
-- .github/workflows/ci.yml --
on: push
jobs:
  t:
    steps:
      - run: |
          go test -coverprofile=c.out ./...
          go tool cover -func=c.out > total.txt
          THRESHOLD=85
          check "$THRESHOLD"
""",
    )
    (setting,) = found.settings
    assert (setting.tool, setting.threshold, setting.place.line) == ("go", 85, 8)


def test_linters(gather: Gather) -> None:
    found = gather(
        Linters,
        """\
-- pyproject.toml --
[tool.ruff.lint]
select = [
  "E",
  "S",
]
ignore = ["S101"]
-- api/.golangci.yml --
version: "2"
linters:
  default: all
  disable: [gosec]
-- web/.eslintrc.json --
{
  // "plugin:never/recommended"
  "extends": ["plugin:security/recommended"]
}
-- .flake8 --
[flake8]
select = E,S
""",
    )
    ruff = found.nearest("ruff", "api/deep")
    assert ruff.place("S").line == 4
    assert "S101" in ruff.disabled
    assert found.nearest("golangci-lint", "api").names == {"ALL": 3}
    assert found.nearest("golangci-lint", "web") is None
    assert found.within("eslint", "")[0].names["plugin:security/recommended"] == 3
    assert "plugin:never/recommended" not in found.within("eslint", "")[0].names
    assert set(found.nearest("flake8", "").names) == {"E", "S"}


def test_broken_linter_settings_are_left_out(gather: Gather) -> None:
    text = "-- ruff.toml --\n[[[\n-- .golangci.yml --\n{ [\n-- package.json --\n{\n-- .eslintrc.yml --\na: [\n"
    assert gather(Linters, text).all == ()
