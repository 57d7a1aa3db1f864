"""The command line: parses, calls the library, prints, exits. Holds no logic of the audit.

Exit codes: 0 the gate holds, 1 it does not (or the score is under --fail-under), 2 usage or configuration error,
3 the audit is incomplete, which goes before 1. The library loads inside the commands, so that `--help` stays fast.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from readiness.report import Report

HOLDS, BROKEN, USAGE, INCOMPLETE = 0, 1, 2, 3

app = typer.Typer(
    help="Audit a backend repository (Python, Node.js/TypeScript, Go) for production readiness.",
    epilog="Exit codes: 0 the gate holds, 1 it does not, 2 usage or configuration error, 3 the audit is incomplete.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


RulesOption = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="DIR", help="A further folder of rules (group/rule/rule.py); repeatable."),
]


def _version(wanted: bool) -> None:
    if wanted:
        from readiness import __version__

        typer.echo(f"readiness {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


@app.command(short_help="Audit a repository and print the report.")
def scan(
    path: Annotated[Path, typer.Argument(help="The folder of the repository.")] = Path(),
    form: Annotated[
        str, typer.Option("--format", "-f", help="What to print: terminal, json, html, sarif, markdown or junit.")
    ] = "terminal",
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Also write a report; its form goes by .json .html .sarif .md .xml (JUnit) .txt; repeatable.",
        ),
    ] = None,
    item: Annotated[
        list[str] | None, typer.Option("--item", metavar="ID", help="Audit this item only; repeatable.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", metavar="NAME", help="Audit this group only; repeatable.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="The gate also breaks on partial and on unknown.")] = False,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="N", min=0, max=100, help="Exit 1 where the score is under N."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes at most (by default up to 4).")
    ] = None,
    no_waivers: Annotated[bool, typer.Option("--no-waivers", help="Audit without waivers and declarations.")] = False,
    rules: RulesOption = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Take this profile instead of the repository's own.")
    ] = None,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Keep and use nothing between runs (READINESS_CACHE_DIR moves the cache)."),
    ] = False,
    timings: Annotated[
        bool, typer.Option("--timings", help="Report the engines' seconds, which differ from run to run.")
    ] = False,
) -> None:
    """Audit a repository, print the report, and exit 0 where the release gate holds.

    Examples:

      readiness scan .

      readiness scan . --output report.html --output results.sarif --fail-under 70

      readiness scan . --format json --group security
    """  # fmt: skip
    from readiness.audit import Options, audit, default_cache
    from readiness.render import FORMATS
    from readiness.render.progress import progress
    from readiness.score import meets

    _known_form(form, FORMATS)
    forms = [(file, _form_of(file)) for file in output or []]
    options = Options(
        tuple(item or ()), tuple(group or ()), strict, jobs, not no_waivers, tuple(rules or ()),
        config, None if no_cache else default_cache(), timings,
    )  # fmt: skip
    with progress() as tell:
        report = audit(path, options, tell)
    for file, name in forms:
        _write(report, file, name)
    _print(report, form)
    _diagnose(report)
    if report.incomplete:
        raise typer.Exit(INCOMPLETE)
    if not meets(report.score, fail_under):
        _say(f"the score {report.score.value} is under {fail_under:g}")
        raise typer.Exit(BROKEN)
    raise typer.Exit(HOLDS if report.gate.holds else BROKEN)


@app.command("rules", short_help="List the items that an audit judges.")
def list_rules(
    form: Annotated[str, typer.Option("--format", "-f", help="terminal, json or markdown.")] = "terminal",
    rules: RulesOption = None,
) -> None:
    """List the items that an audit judges, with the checklist lines that each answers (--format json, markdown)."""
    from readiness.catalogue import all_rules
    from readiness.render import catalogue

    forms = {"terminal": catalogue.as_text, "json": catalogue.as_json, "markdown": catalogue.as_markdown}
    _known_form(form, forms)
    _out(forms[form](all_rules(rules or ())))


@app.command(short_help="Explain an item and how to fix it.")
def explain(
    item: Annotated[str, typer.Argument(metavar="ID", help="An item, for example observability-liveness.")],
    rules: RulesOption = None,
) -> None:
    """Explain an item: why it matters, how to fix it in each language, and the fixtures that show its verdicts."""
    from readiness.catalogue import all_rules, chosen
    from readiness.render.catalogue import page

    text = page(chosen(all_rules(rules or ()), [item], ())[0])
    if not sys.stdout.isatty():
        _out(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))


@app.command("render", short_help="Render an earlier scan's JSON in other forms.")
def render_file(
    results: Annotated[Path, typer.Argument(metavar="RESULTS.JSON", help="What `scan --format json` printed.")],
    output: Annotated[
        list[Path],
        typer.Option("--output", "-o", metavar="FILE", help="The report to write, by extension; repeatable."),
    ],
) -> None:
    """Render the JSON of an earlier scan in other forms, without another scan."""
    from readiness.render.json_ import ReportFileError, parse

    forms = [(file, _form_of(file)) for file in output]
    try:
        report = parse(results.read_bytes())
    except OSError as error:
        _refuse(f"{results} cannot be read: {error.strerror}")
    except ReportFileError as error:
        _refuse(f"{results} {error}")
    for file, name in forms:
        _write(report, file, name)


def _form_of(file: Path) -> str:
    from readiness.render import EXTENSIONS, format_of

    form = format_of(file)
    if form is None:
        _refuse(f"the extension of {file} names no format; use one of {' '.join(EXTENSIONS)}")
    if not file.parent.is_dir():
        _refuse(f"{file} cannot be written: there is no folder {file.parent}")
    if file.is_dir():
        _refuse(f"{file} cannot be written: it is a folder")
    return form


def _write(report: Report, file: Path, form: str) -> None:
    from readiness.render import render

    try:
        file.write_text(render(report, form), encoding="utf-8", newline="\n")
    except OSError as error:
        _refuse(f"{file} cannot be written: {error.strerror}")


def _print(report: Report, form: str) -> None:
    from readiness.render import render

    if form == "terminal":
        from readiness.render.terminal import show

        show(report)
        return
    _out(render(report, form))


def _out(text: str) -> None:
    """UTF-8 whatever the machine's locale, since programs read it."""
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def _known_form(form: str, known: Iterable[str]) -> None:
    from readiness.profile import no_such

    if form not in known:
        _refuse(f"{no_such('format', form, list(known))} (there are {', '.join(known)})")


def _diagnose(report: Report) -> None:
    for line in (*report.notes, *(f"incomplete: {reason}" for reason in report.incomplete)):
        _say(line)


def _say(line: str) -> None:
    print("readiness:", *line.split(), file=sys.stderr)


def _refuse(sentence: str) -> NoReturn:
    _say(sentence)
    raise typer.Exit(USAGE)


def main() -> None:
    """The entry point: an error becomes one sentence on standard error, never a traceback.

    READINESS_DEBUG=1 shows the traceback of an error inside the tool itself.
    """
    from readiness.errors import sentence_of

    try:
        app()
    except BrokenPipeError:
        # `readiness scan . | head`: the reader has gone, and Python must not complain at its own end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN)
    except Exception as error:  # whatever goes wrong, the user reads one sentence and CI a documented exit code
        known = sentence_of(error)
        if known is None and os.environ.get("READINESS_DEBUG"):
            raise
        _say(known or f"internal error, the audit did not finish: {type(error).__name__}: {error}")
        sys.exit(USAGE if known else INCOMPLETE)
