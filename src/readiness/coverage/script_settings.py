"""Coverage settings of JavaScript test runners (jest, vitest, nyc, c8) and of services and tools beside them.

JavaScript files are searched as text without comments: their literal thresholds are read, computed ones are not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from readiness.ci.shell import join
from readiness.coverage.readings import CoverageSetting
from readiness.model import Evidence
from readiness.repository import File, Repository, Role
from readiness.tables import json_table
from readiness.yamldoc import YamlMap, load

_COMMENT = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*""",
    re.DOTALL,
)
_LIMIT = re.compile(r"[\"']?(lines|statements)[\"']?\s*:\s*(\d+(?:\.\d+)?)")
_OTHER_LIMIT = re.compile(r"[\"']?(branches|functions)[\"']?\s*:\s*(\d+(?:\.\d+)?)")
_JEST_MEASURES = re.compile(r"[\"']?collectCoverage[\"']?\s*:\s*true")
_JEST_TESTS = r"(^|/)__tests__/.*\.[jt]sx?$|\.(spec|test)\.[jt]sx?$"
_FILES = {
    "jest": ("jest.config.*", "jest-*.json", "jest.*.json", ".jestrc.json", ".jestrc"),
    "vitest": ("vitest.config.*", "vite.config.*", "vitest.workspace.*"),
    "nyc": (".nycrc", ".nycrc.json", ".nycrc.yml", ".nycrc.yaml", "nyc.config.js"),
    "c8": (".c8rc", ".c8rc.json"),
    "tap": (".taprc",),
}


def read(repository: Repository) -> Iterator[CoverageSetting]:
    """The settings in configuration files of their own and in package.json."""
    for tool, names in _FILES.items():
        for file in repository.select(*names):
            if file.role not in (Role.VENDORED, Role.EXAMPLE, Role.DOCS):
                yield from _file(tool, file, repository.read_text(file.path) or "")
    for file in repository.select("package.json"):
        if file.role not in (Role.VENDORED, Role.EXAMPLE, Role.DOCS):
            yield from _package(repository, file, repository.read_text(file.path) or "")
    for file in repository.select("codecov.yml", ".codecov.yml", "codecov.yaml", ".codecov.yaml"):
        if file.folder not in ("", ".github", "dev"):  # the places where Codecov looks
            continue
        yield from _codecov(repository, file)
    for file in repository.select(".testcoverage.yml", ".testcoverage.yaml"):
        yield from _go(repository, file)


def _package(repository: Repository, file: File, text: str) -> Iterator[CoverageSetting]:
    data = json_table(text) or {}
    for tool in ("jest", "nyc", "c8", "vitest"):
        section = data.get(tool)
        if isinstance(section, dict):
            start = max(text.find(f'"{tool}": {{'), 0)
            idle = tool == "jest" and _idle(repository, file, section)
            for setting in _read(tool, file, json.dumps(section), text[:start].count("\n") + 1, text[start:]):
                yield msgspec.structs.replace(setting, idle=idle)


def _idle(repository: Repository, file: File, section: dict[str, object]) -> bool:
    """Whether jest's testRegex (or its default) matches no file below its root; testMatch globs are not judged."""
    if "testMatch" in section or "projects" in section or "preset" in section:
        return False
    given = section.get("testRegex", _JEST_TESTS)
    root = join(file.folder, str(section.get("rootDir") or ""))
    try:
        patterns = [re.compile(str(one)) for one in (given if isinstance(given, list) else [given])]
    except re.error:
        return False
    inside = (f.path for f in repository.files if not root or f.path.startswith(f"{root}/"))
    return not any(pattern.search(path) for path in inside for pattern in patterns)


def _file(tool: str, file: File, text: str) -> Iterator[CoverageSetting]:
    bare = _COMMENT.sub(lambda match: match["text"] or "\n" * match.group().count("\n"), text)
    yield from _read(tool, file, bare, 1, bare)


def _read(tool: str, file: File, body: str, line: int, shown: str) -> Iterator[CoverageSetting]:
    """The setting in `body`; `shown` is the text as written from `line` on, for the place."""
    needle = {"jest": "coverageThreshold", "vitest": "thresholds"}.get(tool, "")
    at = body.find(needle) if needle else 0
    checks = "check-coverage" not in body and "checkCoverage" not in body if tool in ("nyc", "c8") else False
    threshold = None
    if at >= 0 and not checks and not re.search(r"check-?[cC]overage[\"']?\s*:\s*false", body):
        threshold = _limit(body[at : at + 1500]) if needle or tool in ("nyc", "c8", "tap") else None
        if threshold is None and tool in ("nyc", "c8"):
            threshold = 90.0  # what nyc and c8 check lines against when check-coverage names no figure
    measures = bool(_JEST_MEASURES.search(body)) if tool == "jest" else _always(tool, body)
    relevant = threshold is not None or measures or (tool in ("nyc", "c8")) or "coverage" in body.lower()
    if relevant:
        offset = shown[: max(shown.find(needle), 0)].count("\n") if needle else 0
        note = f"threshold {threshold:g}" if threshold is not None else "coverage settings without a threshold"
        yield CoverageSetting(tool, Evidence(file.path, line + offset, note), file.folder, threshold, measures)


def _always(tool: str, body: str) -> bool:
    return tool == "vitest" and bool(re.search(r"coverage[\"']?\s*:\s*\{[^{}]*enabled[\"']?\s*:\s*true", body))


def _limit(text: str) -> float | None:
    """The lower of lines and statements in the first block of limits, else of the others; 100 for `100: true`."""
    if re.search(r"[\"']?100[\"']?\s*:\s*true", text):
        return 100.0
    block = _for_the_total(text)
    found = [float(value) for _, value in _LIMIT.findall(block)] or [float(v) for _, v in _OTHER_LIMIT.findall(block)]
    return min(found, default=None)


def _for_the_total(text: str) -> str:
    """The first block of limits, or where it holds blocks that of `global`: others hold for some files only."""
    block = text[: text.find("}") + 1] or text
    total = re.search(r"\bglobal\b[\"']?\s*:\s*\{[^{}]*\}", text)
    if total is not None:
        return total.group()
    return block[: block.rfind("{")] if block.count("{") > 1 else block


def _codecov(repository: Repository, file: File) -> Iterator[CoverageSetting]:
    """Codecov's project target; `auto` only forbids to fall, so it is no threshold."""
    try:
        data = load(repository.read_text(file.path) or "")
    except ValueError as error:
        repository.note_unread(file.path, "codecov", str(error))
        return
    node, line = data, 1
    for key in ("coverage", "status", "project"):
        line = node.line(key) if isinstance(node, YamlMap) else line
        node = node.get(key) if isinstance(node, YamlMap) else None
    best: float | None = None
    for status in [node, *node.values()] if isinstance(node, YamlMap) else []:
        target = (
            status.get("target") if isinstance(status, YamlMap) and status.get("informational") is not True else None
        )
        match = re.fullmatch(r"(\d+(?:\.\d+)?)%?", str(target))
        if match and isinstance(status, YamlMap):
            best, line = max(best or 0.0, float(match.group(1))), status.line("target")
    note = f"project target {best:g}%" if best is not None else "Codecov settings without a project target"
    yield CoverageSetting("codecov", Evidence(file.path, line, note), "", best)


def _go(repository: Repository, file: File) -> Iterator[CoverageSetting]:
    try:
        data = load(repository.read_text(file.path) or "")
    except ValueError as error:
        repository.note_unread(file.path, "go-test-coverage", str(error))
        return
    limits = data.get("threshold") if isinstance(data, YamlMap) else None
    total = limits.get("total") if isinstance(limits, YamlMap) else None
    threshold = float(total) if isinstance(total, int | float) else None
    line = limits.line("total") if isinstance(limits, YamlMap) else 1
    yield CoverageSetting("go-test-coverage", Evidence(file.path, line, "total threshold"), file.folder, threshold)
