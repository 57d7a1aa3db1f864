"""The command line as a user meets it: exit codes, streams, and one sentence for each mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readiness import cli
from readiness.schema import FILE

RULE = '''"""Demo {name}.

## Why
To test.

## Fix
Add `{name}.txt`.
"""

from readiness.model import Evidence, Searched, Verdict, failed, partial, passed, unknown
from readiness.repository import Repository
from readiness.wiring import rule


@rule(weight={weight}, source=["Test: demo"], phase3={phase3}, always=True)
def check(repository: Repository) -> Verdict:
    for outcome in ("pass", "partial", "unknown", "crash"):
        for file in repository.select(f"{name}.{{outcome}}"):
            evidence = [Evidence(file.path, 1, "here")]
            if outcome == "crash":
                raise KeyError("demo")
            if outcome == "unknown":
                return unknown("cannot say", evidence)
            return passed("shown", evidence) if outcome == "pass" else partial("half", evidence)
    return failed("did not find {name}.pass", searched=Searched("{name}.pass", "all files"))
'''
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of two rules: demo-gate in the gate, demo-other outside it."""
    folder = tmp_path_factory.mktemp("pack")
    for name, weight, phase3 in (("gate", 3, True), ("other", 1, False)):
        place = folder / "demo" / name
        place.mkdir(parents=True)
        (place / "rule.py").write_text(RULE.format(name=name, weight=weight, phase3=phase3), encoding="utf-8")
    return folder


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], rules: Path, tmp_path: Path
) -> Iterator[Run]:
    """`run("scan", folder)`: exit code, standard output, standard error; scans know the demo rules."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["readiness", *map(str, arguments)])
        monkeypatch.setenv("READINESS_CACHE_DIR", str(tmp_path / "cache"))
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capfd.readouterr()
        return int(left.value.code or 0), out, err

    yield call


@pytest.fixture
def scan(run: Run, rules: Path) -> Run:
    """`scan(folder, ...)` with the demo rules alone."""

    def call(folder: object, *arguments: object) -> tuple[int, str, str]:
        chosen = () if "--item" in arguments or "--group" in arguments else ("--group", "demo")
        return run("scan", folder, "--rules", rules, *chosen, *arguments)

    return call


def target(folder: Path, *names: str, **settings: str) -> Path:
    """A repository with files of `names`, and with a readiness.toml of `profile`."""
    made = folder / "target"
    made.mkdir(exist_ok=True)
    (made / "README.md").write_text("demo\n", encoding="utf-8")
    for name in names:
        (made / name).write_text("x = 1\n", encoding="utf-8")
    if "profile" in settings:
        (made / "readiness.toml").write_text(settings["profile"], encoding="utf-8")
    return made


def waiver(expires: str = "2999-01-01", item: str = "demo-gate") -> str:
    return f'[[waiver]]\nitem = "{item}"\nreason = "later"\nowner = "ana"\nexpires = {expires}\n'


def sentence(err: str) -> str:
    """Standard error, which must be one sentence."""
    assert err.startswith("readiness: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


# -- exit codes


def test_0_where_the_gate_holds(scan: Run, tmp_path: Path) -> None:
    code, out, err = scan(target(tmp_path, "gate.pass"))
    assert (code, err) == (0, "")
    assert "The release gate holds" in out


def test_1_where_it_does_not(scan: Run, tmp_path: Path) -> None:
    code, out, err = scan(target(tmp_path))
    assert (code, err) == (1, "")
    assert "did not find gate.pass" in out


@pytest.mark.parametrize("outcome", ["partial", "unknown"])
def test_strict_breaks_on_partial_and_unknown(scan: Run, tmp_path: Path, outcome: str) -> None:
    folder = target(tmp_path, f"gate.{outcome}")
    assert scan(folder)[0] == 0
    assert scan(folder, "--strict")[0] == 1


def test_1_under_the_wanted_score(scan: Run, tmp_path: Path) -> None:
    folder = target(tmp_path, "gate.pass")
    assert scan(folder, "--fail-under", "75")[0] == 0
    code, out, err = scan(folder, "--fail-under", "75.1")
    assert code == 1
    assert "score 75.0 is under 75.1" in sentence(err)
    assert "Score 75 of 100" in out, "the report is printed all the same"


def test_3_where_a_rule_crashed_even_though_the_gate_is_broken(scan: Run, tmp_path: Path) -> None:
    code, out, err = scan(target(tmp_path, "gate.crash"))
    assert code == 3
    assert "incomplete: demo-gate" in sentence(err)
    assert "does not hold" in out


def test_a_waiver_holds_the_gate_and_no_waivers_audits_without(scan: Run, tmp_path: Path) -> None:
    folder = target(tmp_path, profile=waiver())
    code, out, _ = scan(folder, "--format", "json")
    gate = next(result for result in json.loads(out)["results"] if result["id"] == "demo-gate")
    assert code == 0
    assert (gate["verdict"], gate["standing"], gate["waiver"]["owner"]) == ("fail", "waived", "ana")
    assert json.loads(out)["score"]["value"] == 0.0
    assert scan(folder, "--no-waivers")[0] == 1


def test_no_waivers_does_not_mind_an_expired_one(scan: Run, tmp_path: Path) -> None:
    assert scan(target(tmp_path, profile=waiver("2001-01-01")), "--no-waivers")[0] == 1


def test_the_profile_switches_off_weighs_and_adds_to_the_gate(scan: Run, tmp_path: Path) -> None:
    folder = target(tmp_path, "gate.pass", profile='must-have = ["demo-other"]\n[weights]\ndemo-other = 9\n')
    code, out, _ = scan(folder, "--format", "json")
    report = json.loads(out)
    assert (code, report["gate"]["broken_by"], report["score"]["value"]) == (1, ["demo-other"], 25.0)
    off = target(tmp_path, "gate.pass", profile='off = ["demo-other"]\n')
    code, out, _ = scan(off, "--format", "json")
    assert (code, json.loads(out)["score"]["value"], json.loads(out)["profile"]["off"]) == (0, 100.0, ["demo-other"])


def test_excluded_paths_are_left_out(scan: Run, tmp_path: Path) -> None:
    assert scan(target(tmp_path, "gate.pass", profile='exclude = ["gate.*"]\n'))[0] == 1


def test_declared_elsewhere_holds_and_is_shown(scan: Run, tmp_path: Path) -> None:
    declared = '[[declared]]\nitem = "demo-gate"\nwhere = "the ingress"\nreason = "TLS ends there"\n'
    code, out, _ = scan(target(tmp_path, profile=declared))
    assert code == 0
    assert "declared elsewhere: the ingress" in out


# -- mistakes


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["{nowhere}"], "does not exist"),
        (["{file}"], "is a file"),
        (["{empty}"], "holds no files"),
        (["{good}", "--item", "demo-gaet"], "did you mean 'demo-gate'?"),
        (["{good}", "--group", "dmeo"], "did you mean 'demo'?"),
        (["{good}", "--format", "jsno"], "did you mean 'json'?"),
        (["{good}", "--output", "x.pdf"], "names no format"),
        (["{good}", "--output", "{nowhere}/x.html"], "cannot be written"),
        (["{good}", "--output", "{folder}"], "names no format"),
        (["{good}", "--config", "{nowhere}"], "cannot be read"),
        (["{good}", "--rules", "{nowhere}"], "does not exist"),
        (["{good}", "--rules", "{empty}"], "no rule"),
    ],
)
def test_2_for_a_mistake_on_the_command_line(scan: Run, tmp_path: Path, arguments: list[str], expected: str) -> None:
    (tmp_path / "empty").mkdir()
    names = {"nowhere": tmp_path / "nowhere", "folder": tmp_path, "empty": tmp_path / "empty"}
    names |= {"good": target(tmp_path, "gate.pass"), "file": tmp_path / "target" / "README.md"}
    code, out, err = scan(*(argument.format(**names) for argument in arguments))
    assert (code, out) == (2, "")
    assert expected in sentence(err)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("off = [\n", "not valid TOML"),
        ("of = []\n", "unknown key 'of' (line 1); did you mean 'off'?"),
        ('off = ["demo-gaet"]\n', "did you mean 'demo-gate'?"),
        (waiver(item="demo-gaet"), "waiver 1: there is no item 'demo-gaet'"),
        (waiver("2001-01-01"), "expired on 2001-01-01"),
        (waiver('"soon"'), "'expires' must be a date"),
        (waiver().replace("expires = 2999-01-01\n", ""), "'expires' is missing"),
        (waiver().replace('owner = "ana"\n', ""), "'owner' is missing"),
        ('off = ["demo-gate", "demo-other"]\n', "nothing is left to audit"),
    ],
)
def test_2_for_a_mistake_in_the_profile(scan: Run, tmp_path: Path, profile: str, expected: str) -> None:
    code, out, err = scan(target(tmp_path, profile=profile))
    assert (code, out) == (2, "")
    assert expected in sentence(err)


@pytest.mark.parametrize(
    "arguments", [["scan", "--fail-under", "101"], ["scan", "--jobs", "0"], ["scna"], ["scan", "--nope"]]
)
def test_2_for_what_typer_refuses(run: Run, arguments: list[str]) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert "Traceback" not in err


def test_an_unreadable_folder_is_a_sentence(scan: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, really = target(tmp_path), os.scandir

    def refuse(path: Any = ".") -> Any:
        if path == folder:
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", refuse)
    code, _, err = scan(folder)
    assert code == 2
    assert "cannot be read: Permission denied" in sentence(err)


def test_3_and_no_traceback_where_the_tool_itself_fails(
    scan: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out\nof luck")

    monkeypatch.setattr("readiness.audit.run", fail)
    code, _, err = scan(target(tmp_path))
    assert code == 3
    assert "out of luck" in sentence(err)


# -- output


def test_json_is_all_that_standard_output_holds(scan: Run, tmp_path: Path) -> None:
    code, out, err = scan(target(tmp_path, "gate.partial"), "--format", "json")
    assert (code, err) == (0, "")
    jsonschema.Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8"))).validate(json.loads(out))
    evidence = json.loads(out)["results"][0]["evidence"][0]
    assert evidence == {"path": "gate.partial", "line": 1, "note": "here", "snippet": "x = 1", "secret": False}


def test_the_same_input_gives_the_same_bytes_cold_and_warm(scan: Run, tmp_path: Path) -> None:
    folder = target(tmp_path, "gate.pass")
    for form in ("json", "html", "sarif", "markdown", "junit"):
        assert (
            scan(folder, "--format", form)
            == scan(folder, "--format", form)
            == scan(folder, "--format", form, "--no-cache")
        )


def test_several_reports_in_one_run_by_extension(scan: Run, tmp_path: Path) -> None:
    names = ("r.json", "r.html", "r.sarif", "r.md", "r.xml", "r.txt")
    outputs = [part for name in names for part in ("--output", tmp_path / name)]
    code, out, _ = scan(target(tmp_path, "gate.pass"), *outputs)
    assert code == 0
    assert "The release gate holds" in out
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((tmp_path / "r.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert all((tmp_path / name).stat().st_size for name in names)


def test_render_makes_the_same_page_as_the_scan(scan: Run, run: Run, tmp_path: Path) -> None:
    scan(target(tmp_path), "--output", tmp_path / "r.json", "--output", tmp_path / "direct.html")
    assert run("render", tmp_path / "r.json", "--output", tmp_path / "later.html") == (0, "", "")
    assert (tmp_path / "later.html").read_bytes() == (tmp_path / "direct.html").read_bytes()


@pytest.mark.parametrize(("content", "expected"), [("{", "is not a readiness report"), (None, "cannot be read")])
def test_render_refuses_what_is_no_report(run: Run, tmp_path: Path, content: str | None, expected: str) -> None:
    if content is not None:
        (tmp_path / "r.json").write_text(content, encoding="utf-8")
    code, _, err = run("render", tmp_path / "r.json", "--output", tmp_path / "r.html")
    assert code == 2
    assert expected in sentence(err)


def test_one_item_alone(scan: Run, tmp_path: Path) -> None:
    code, out, _ = scan(target(tmp_path), "--item", "demo-other", "--format", "json")
    report = json.loads(out)
    assert code == 0
    assert [result["id"] for result in report["results"]] == ["demo-other"]
    assert report["selection"] == ["demo-other"]


def test_the_catalogue(run: Run, rules: Path) -> None:
    code, out, _ = run("rules", "--rules", rules, "--format", "json")
    assert code == 0
    assert {"id": "demo-gate", "phase3": True, "source": ["Test: demo"]}.items() <= next(
        {k: v for k, v in item.items() if k != "page"}.items() for item in json.loads(out) if item["id"] == "demo-gate"
    )
    assert "demo-gate" in run("rules", "--rules", rules)[1]
    assert "Test: demo" in run("rules", "--rules", rules, "--format", "markdown")[1]
    assert run("rules", "--format", "xml")[0] == 2


def test_explain(run: Run, rules: Path) -> None:
    code, out, _ = run("explain", "demo-gate", "--rules", rules)
    assert code == 0
    assert "## Why" in out
    code, _, err = run("explain", "demo-gaet", "--rules", rules)
    assert code == 2
    assert "did you mean 'demo-gate'?" in sentence(err)


def test_version_and_help(run: Run) -> None:
    assert run("--version")[:2] == (0, "readiness 0.1.0\n")
    code, out, _ = run("scan", "--help")
    assert code == 0
    assert "readiness scan . --output report.html" in out


def test_help_loads_neither_the_rules_nor_the_parsers() -> None:
    program = (
        "import sys; sys.argv = ['readiness', '--help']\n"
        "from readiness.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'libcst', 'yaml', 'jinja2', 'bandit', 'readiness.engine'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_python_m_does_not_import_from_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise SystemExit('imported from the target')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "readiness 0.1.0\n")
