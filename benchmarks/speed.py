"""Measures, side by side in one run, an audit against plain Bandit and plain Semgrep with the same rules on one tree.

    python benchmarks/speed.py PATH [--runs N]

Prints wall-clock seconds and the peak memory of each command's process tree: a cold and a second `readiness scan` (in a
cache folder of its own), `bandit -r` and `semgrep scan`, and the ratios that the project promises: cold at most half of
the two engines one after the other, second at most a tenth of cold, small repositories under plain Semgrep alone.
Memory is read from /proc and is left out where there is none.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from readiness.engines.semgrep_rules import load
from readiness.wiring import data_folder

_QUIET = {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}


@dataclass(frozen=True)
class Measure:
    """One command's run: `peak` is the highest sum of resident memory over its process tree, in MB."""

    name: str
    seconds: float
    peak: float
    code: int


def _tree_memory(root: int) -> float:
    """Resident memory (proportional share where the kernel tells it) of `root` and its descendants, in MB."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    total, waiting = 0.0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
    return total


def measure(name: str, command: list[str], environment: dict[str, str]) -> Measure:
    """Run `command` to its end and watch its memory ten times a second."""
    start, peak, done = time.monotonic(), [0.0], threading.Event()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | _QUIET | environment
        )

        def watch() -> None:
            while not done.wait(0.1) and Path("/proc").is_dir():
                peak[0] = max(peak[0], _tree_memory(process.pid))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        code = process.wait()
        done.set()
        watcher.join()
    return Measure(name, time.monotonic() - start, peak[0], code)


def compare(target: Path) -> list[Measure]:
    """The four commands on `target`, one after the other."""
    with tempfile.TemporaryDirectory(prefix="readiness-speed-") as name:
        rules = Path(name) / "rules.json"
        rules.write_text(load(data_folder("rules")).configuration(), encoding="utf-8")
        cache = {"READINESS_CACHE_DIR": str(Path(name) / "cache")}
        scan = [sys.executable, "-m", "readiness", "scan", str(target), "--format", "json"]
        bandit = [sys.executable, "-m", "bandit", "-q", "-r", str(target), "-f", "json"]
        semgrep = [str(Path(sys.executable).parent / "semgrep"), "scan", "--config", str(rules), "--metrics=off",
                   "--disable-version-check", "--json", str(target)]  # fmt: skip
        return [
            measure("readiness scan, cold", scan, cache),
            measure("readiness scan, again", scan, cache),
            measure("bandit -r", bandit, {}),
            measure("semgrep scan", semgrep, {}),
        ]


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--runs", type=int, default=1, help="repeat and keep the fastest of each")
    arguments = parser.parse_args()
    runs = [compare(arguments.path) for _ in range(arguments.runs)]
    best = [min(row, key=lambda m: m.seconds) for row in zip(*runs, strict=True)]
    print(f"{arguments.path}: bandit {version('bandit')}, semgrep {version('semgrep')}, {os.cpu_count()} cores")
    for row in best:
        memory = f"{row.peak:6.0f} MB" if row.peak else "memory unknown"
        print(f"  {row.name:22} {row.seconds:7.2f} s  {memory}  exit {row.code}")
    cold, again, bandit, semgrep = (row.seconds for row in best)
    print(f"  cold / (bandit + semgrep) = {cold / (bandit + semgrep):.2f}   again / cold = {again / cold:.2f}   "
          f"cold / semgrep = {cold / semgrep:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
