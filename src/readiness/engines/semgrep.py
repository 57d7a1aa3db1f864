"""Runs Semgrep once, offline, over copies of chosen files under names of our own. Chooses no file and keeps nothing.

The copies lie in a folder of ours, so that no setting or ignore file of the target holds, no file name of the target
reaches a command line, and what is scanned is what was hashed. The open-source engine looks at one file at a time, so
that the layout does not matter to it.

Two front ends: `fast` is Semgrep's own binary (osemgrep, labelled experimental), `classic` the Python one (pysemgrep),
1 to 3 s slower a run. They give the same findings; `fast` falls back to `classic` where it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence, Set
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

from readiness.engines.semgrep_rules import RuleSet
from readiness.repository import MAX_BYTES

_OPTIONS = ("--metrics=off", "--disable-version-check", "--x-ignore-semgrepignore-files", "--no-git-ignore", "--disable-nosem",
            "--no-rewrite-rule-ids", "--json", "--quiet", f"--max-target-bytes={MAX_BYTES + 1}")  # fmt: skip
_QUIET = {
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_NEW_CLI_UX": "0",
    "NO_COLOR": "1",
}
_CLASSIC = "import sys; from semgrep.main import main; sys.argv[0] = 'pysemgrep'; sys.exit(main())"
_FOUND_NOTHING_WRONG = (0, 1, 2)
"""Exit codes after which the JSON is whole: 2 says that some file or rule had a problem, which `errors` names."""


class SemgrepError(Exception):
    """A run that gave no result; the message is one sentence, `status` is failed, missing or timeout."""

    def __init__(self, message: str, status: str = "failed") -> None:
        """Keep both."""
        super().__init__(message)
        self.status = status


def semgrep_version() -> str:
    """The installed version, "" where Semgrep is missing. Never asked of the program: that waits for the network."""
    try:
        return version("semgrep")
    except PackageNotFoundError:
        return ""


def _core() -> Path | None:
    """The binary in the installed package; nothing on PATH is trusted."""
    spec = find_spec("semgrep")
    if spec is None or not spec.submodule_search_locations:
        return None
    name = "semgrep-core.exe" if os.name == "nt" else "semgrep-core"
    path = Path(next(iter(spec.submodule_search_locations))) / "bin" / name
    return path if path.is_file() else None


class Target(Struct, frozen=True):
    """A file to scan: its content, and the ids of the rules to run on it."""

    content: bytes
    rules: Set[str]


def scan(
    rules: RuleSet, files: Mapping[str, Target], jobs: int, seconds: float, front_end: str, memory: int = 900
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Semgrep's `results` and `errors` for `files` (by path), each with `path` set to the target's.

    `front_end` is fast or classic; `memory` bounds one file's analysis in MB.
    Raises SemgrepError.
    """
    core = _core()
    if core is None:
        raise SemgrepError("the semgrep package or its binary is not installed", "missing")
    with tempfile.TemporaryDirectory(prefix="readiness-") as name:
        folder = Path(name)
        names = _lay_out(folder, rules, files)
        arguments = ["scan", *_OPTIONS, f"--config={folder / 'rules.json'}", f"--jobs={jobs}", f"--max-memory={memory}",
                     "--timeout=15", "--timeout-threshold=2", "--", str(folder / "files")]  # fmt: skip
        commands: list[tuple[list[str], Path | None]] = [([sys.executable, "-I", "-c", _CLASSIC, *arguments], None)]
        if front_end == "fast":
            commands.insert(0, (["osemgrep", arguments[0], "--experimental", *arguments[1:]], core))
        document = _first_that_works(commands, folder, seconds)
    return _renamed(document.get("results"), names), _renamed(document.get("errors"), names)


def _lay_out(folder: Path, rules: RuleSet, files: Mapping[str, Target]) -> dict[str, str]:
    """Write copies and configuration; files that want the same rules share a folder, to which those rules are kept."""
    names: dict[str, str] = {}
    groups: dict[Set[str], str] = {}
    folders: dict[str, list[str]] = {}
    (folder / "home").mkdir()
    for number, (path, target) in enumerate(sorted(files.items())):
        if target.rules not in groups:
            groups[target.rules] = f"group{len(groups)}x"
            (folder / "files" / groups[target.rules]).mkdir(parents=True)
            for name in target.rules:
                folders.setdefault(name, []).append(groups[target.rules])
        copy = folder / "files" / groups[target.rules] / f"f{number}{PurePosixPath(path).suffix.lower()}"
        copy.write_bytes(target.content)
        names[copy.name] = path
    (folder / "rules.json").write_text(rules.configuration(folders), encoding="utf-8")
    return names


def _environment(folder: Path) -> dict[str, str]:
    """Ours without what would change Semgrep or git, and with a home that is writable and empty."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEMGREP_", "GIT_", "PYTHON"))}
    home = str(folder / "home")
    return kept | _QUIET | {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "USERPROFILE": home}


def _first_that_works(
    commands: Sequence[tuple[list[str], Path | None]], folder: Path, seconds: float
) -> dict[str, Any]:
    problem = SemgrepError("no front end was tried")
    for command, executable in commands:
        try:
            return _run(command, executable, folder, seconds)
        except SemgrepError as error:
            problem = error
            if error.status == "timeout":
                break
    raise problem


def _run(command: list[str], executable: Path | None, folder: Path, seconds: float) -> dict[str, Any]:
    try:
        done = subprocess.run(command, executable=executable, cwd=folder, env=_environment(folder), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=seconds, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SemgrepError(f"semgrep did not finish within {seconds:.0f} s", "timeout") from None
    except OSError as error:
        raise SemgrepError(f"semgrep cannot be started: {error.strerror}", "failed") from None
    if done.returncode not in _FOUND_NOTHING_WRONG:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
        raise SemgrepError(f"semgrep ended with code {done.returncode}: {last[0][:200]}")
    try:
        document = json.loads(done.stdout)
    except ValueError:
        raise SemgrepError(f"semgrep ended with code {done.returncode} and printed no JSON") from None
    if not isinstance(document, dict):
        raise SemgrepError("semgrep printed something else than a JSON object")
    return document


def _renamed(rows: object, names: Mapping[str, str]) -> list[dict[str, Any]]:
    if not isinstance(rows, list):
        return []
    return [
        row | {"path": names.get(Path(str(row.get("path") or "")).name, "")} for row in rows if isinstance(row, dict)
    ]
