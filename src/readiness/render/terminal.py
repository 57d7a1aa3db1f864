"""The report as text for a terminal or a pipe. Uses rich's Text throughout, so that nothing of the target is markup."""

from __future__ import annotations

import io
import sys

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from readiness.render import view
from readiness.report import Report, Result

_STYLES = {
    "fail": "bold red",
    "error": "bold magenta",
    "partial": "yellow",
    "unknown": "magenta",
    "waived": "blue",
    "declared_elsewhere": "blue",
    "pass": "green",
    "not_applicable": "dim",
}
_WIDTH = 100
_MOST_EVIDENCE = 3


def render(report: Report) -> str:
    """Plain text, without colours."""
    page = io.StringIO()
    console = Console(file=page, width=_WIDTH, color_system=None, highlight=False, markup=False, emoji=False)
    _write(report, console)
    return "\n".join(line.rstrip() for line in page.getvalue().split("\n"))


def show(report: Report) -> None:
    """Print to standard output: in colour and as wide as the window on a terminal, plain in a pipe."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(render(report).encode(sys.stdout.encoding or "utf-8", "replace"))
        sys.stdout.buffer.flush()
        return
    _write(report, Console(highlight=False, markup=False, emoji=False))


def _write(report: Report, console: Console) -> None:
    console.print(Text(_oneline(report.repository.name), "bold"))
    console.print(Text(_oneline(view.target_sentence(report))))
    for group, results in view.by_group(report):
        console.print()
        score = next((g.value for g in report.score.groups if g.group == group), None)
        console.print(Rule(Text(f"{group}  {view.number(score)}", "bold"), align="left", style="dim"))
        for result in results:
            _item(result, console)
    _closing(report, console)


def _item(result: Result, console: Console) -> None:
    mark, label, style = view.MARKS[result.standing], view.LABELS[result.standing], _STYLES[result.standing]
    gate = ("  gate", "bold") if result.phase3 else ""
    console.print(Text.assemble((f"{mark} {label}", style), "  ", result.title, gate, (f"  {result.id}", "dim")))
    if result.standing == "not_applicable":
        _indented(console, result.message, "dim")
        return
    _indented(console, result.message)
    if result.waiver:
        _indented(
            console, f"waived until {result.waiver.expires} by {result.waiver.owner}: {result.waiver.reason}", "blue"
        )
    if result.declared:
        _indented(console, f"declared elsewhere: {result.declared.where} ({result.declared.reason})", "blue")
    if result.standing == "pass":
        for evidence in result.evidence[:1]:
            _indented(console, f"{view.place(evidence)}  {evidence.note}", "dim")
        return
    some, more = view.shown(result.evidence, _MOST_EVIDENCE)
    for evidence in some:
        _indented(console, f"{view.place(evidence)}  {evidence.note}", "cyan")
    if more:
        _indented(console, f"and {more:,} more", "dim")
    if result.searched:
        _indented(console, f"looked for {result.searched.what} in {result.searched.where}", "dim")


def _indented(console: Console, text: str, style: str = "") -> None:
    console.print(Padding(Text(_oneline(text), style), (0, 0, 0, 4)))


def _oneline(text: str) -> str:
    return " ".join(text.split())


def _closing(report: Report, console: Console) -> None:
    console.print()
    console.print(Rule(style="dim"))
    for line in view.departures(report):
        console.print(Text(_oneline(line), "yellow"))
    if report.unread:
        console.print(
            Text(
                f"{view.plural(len(report.unread), 'file')} could not be read in full; the JSON report lists them.",
                "dim",
            )
        )
    for applied in report.waivers:
        if applied.covers != "all":
            console.print(
                Text(
                    _oneline(f"The waiver of {applied.waiver.item} covers {applied.covers} of what falls short."),
                    "yellow",
                )
            )
    if sentence := view.next_sentence(report):
        console.print(Text.assemble("Cheapest next: ", ", ".join(report.ledger.next.items), f". {sentence}."))
        console.print(Text(f"How to fix one: readiness explain {report.ledger.next.items[0]}", "dim"))
    summary = (
        f"Score {view.number(report.score.value)} of 100, {view.number(report.coverage.value)}% of the weight assessed."
    )
    console.print(Text(summary, "bold"))
    console.print(Text(view.gate_sentence(report), "bold green" if report.gate.holds else "bold red"))
    for item in report.gate.broken_by:
        console.print(Text(f"  {view.MARKS['fail']} {item}", "red"))
    for reason in report.incomplete:
        console.print(Text(_oneline(f"Incomplete: {reason}"), "bold magenta"))
