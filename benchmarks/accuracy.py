"""Measures how far the audit agrees with labelled repositories, and prints it as the Markdown of docs/accuracy.md.

    python benchmarks/accuracy.py --labels DIR --trees DIR [--gate] [--differences]

DIR/owner+name.yaml holds `repo`, `commit` and `labels` (item: {verdict, sure}); the working tree lies in TREES/owner+name.
Only labels that are sure count. exact: the same verdict. opposite: pass or not_applicable labelled and fail reported, or
fail labelled and pass reported. A repository without a report counts as a crash. Judges nothing: exit 0.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Row:
    """One sure label and what the audit said."""

    repository: str
    item: str
    label: str
    got: str
    message: str

    @property
    def exact(self) -> bool:
        """The same verdict."""
        return self.label == self.got

    @property
    def opposite(self) -> bool:
        """A false alarm or a miss."""
        alarm = self.label in ("pass", "not_applicable") and self.got == "fail"
        return alarm or (self.label == "fail" and self.got == "pass")


def scan(tree: Path) -> dict[str, dict[str, str]]:
    """The results by item; empty where the audit printed none."""
    command = [sys.executable, "-m", "readiness", "scan", str(tree), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return {result["id"]: result for result in json.loads(done.stdout)["results"]}
    except (ValueError, KeyError):
        return {}


def rows(labels: Path, trees: Path, gate: bool) -> Iterator[tuple[str, str, list[Row]]]:
    """Repository, commit and rows of each label file whose tree is there; no rows where the audit crashed."""
    for path in sorted(labels.glob("*.yaml")):
        tree = trees / path.stem
        if not tree.is_dir():
            continue
        label = yaml.safe_load(path.read_text(encoding="utf-8"))
        got = scan(tree)
        found = [
            Row(label["repo"], item, told["verdict"], got[item]["verdict"], got[item]["message"])
            for item, told in sorted(label["labels"].items())
            if told.get("sure") and item in got and (got[item]["phase3"] or not gate)
        ]
        yield label["repo"], str(label["commit"])[:12], found


def share(part: int, whole: int) -> str:
    """A percentage with one decimal."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


def line(name: str, some: list[Row]) -> str:
    """A table row: name, exact, opposite, count."""
    exact, opposite = sum(r.exact for r in some), sum(r.opposite for r in some)
    return f"| {name} | {share(exact, len(some))} | {share(opposite, len(some))} | {len(some)} |"


def main() -> None:
    """Scan, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--gate", action="store_true", help="only the items of the release gate")
    parser.add_argument("--differences", action="store_true", help="print each disagreement")
    arguments = parser.parse_args()
    per = list(rows(arguments.labels, arguments.trees, arguments.gate))
    every = [row for _, _, some in per for row in some]
    fails = [row for row in every if row.got == "fail"]
    alarms = sum(row.opposite for row in fails)
    crashes = sum(not some for _, _, some in per)
    print(f"{len(per)} repositories, {len(every)} labels: exact {share(sum(r.exact for r in every), len(every))}, "
          f"opposite {share(sum(r.opposite for r in every), len(every))}, false alarms among the fails "
          f"{share(alarms, len(fails))}, crashes {crashes}\n")  # fmt: skip
    print("| item | exact | opposite | labels |\n| --- | --- | --- | --- |")
    counts = Counter(row.item for row in every)
    for item in sorted(counts):
        print(line(item, [row for row in every if row.item == item]))
    print("\n| repository | commit | exact | opposite | labels |\n| --- | --- | --- | --- | --- |")
    for name, commit, some in per:
        print(line(f"{name} | {commit}", some))
    for row in every if arguments.differences else ():
        if not row.exact:
            print(f"- {row.repository} {row.item}: labelled {row.label}, got {row.got}: {row.message}")


if __name__ == "__main__":
    main()
