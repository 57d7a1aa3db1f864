"""Shell text as the commands that it would run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.ci.shell import Command, commands, join
from readiness.ci.trace import shell_text
from readiness.ci.wrappers import image_tool, peel


def texts(script: str, **given_: str) -> list[str]:
    return [" ".join(command.argv) for command in commands(script, **given_)]


def only(script: str) -> Command:
    (command,) = commands(script)
    return command


def test_operators_separate_commands_and_quotes_keep_words_together() -> None:
    assert texts("a 'b  c' && d || e; f | g & h") == ["a b  c", "d", "e", "f", "g", "h"]


def test_comments_heredocs_and_redirections_are_no_commands() -> None:
    script = "make a # make b\ncat <<'EOT' > file 2>&1\nmake c\nEOT\nmake d > /dev/null\n"
    assert texts(script) == ["make a", "cat", "make d"]


def test_lines_are_those_of_the_command_across_continuations() -> None:
    found = commands("first\n\nsecond \\\n  --flag\nthird\n")
    assert [(command.argv, command.line) for command in found] == [
        (("first",), 1), (("second", "--flag"), 3), (("third",), 5)]  # fmt: skip


def test_bodies_of_conditions_loops_and_cases_count() -> None:
    script = (
        "if [ -f x ]; then a; else b; fi\nfor i in 1 2; do c; done\ncase $1 in\n x) d ;;\n *) e ;;\nesac\n! f\n{ g; }\n"
    )
    assert texts(script) == ["a", "b", "c", "d", "e", "f", "g"]


def test_a_function_counts_where_it_is_called_with_its_arguments() -> None:
    script = 'lint() {\n  ruff check "$1"\n}\nfunction unused { rm x; }\nrun() { "$@"; }\nlint src\nrun pytest -q\n'
    assert texts(script) == ["ruff check src", "pytest -q"]


def test_variables_with_literal_values_are_filled_in() -> None:
    assert texts('F="--cov=app -q"\npytest $F "$F" ${G:-x} $UNSET\n') == ["pytest --cov=app -q --cov=app -q x $UNSET"]
    assert texts('FLAGS=(-race)\nFLAGS+=(-cover)\ngo test "${FLAGS[@]}" ./...\n') == ["go test -race -cover ./..."]


def test_environment_of_a_command() -> None:
    found = commands("export A=1\nB=2 pytest\nC=3\nmake\n")
    assert [command.environment for command in found] == [{"A": "1", "B": "2"}, {"A": "1"}]


def test_folders_follow_cd_and_end_with_a_subshell() -> None:
    found = commands("(cd web && npm test)\ncd api\npytest\ncd ..\nmake\n", folder="apps")
    assert [command.folder for command in found] == ["apps/web", "apps/api", "apps"]
    assert commands('cd "$(dirname "$0")/.." && make', folder="x", script_folder="tools/ci")[0].folder == "tools"
    assert commands("cd $GITHUB_WORKSPACE/api && make", folder="x")[0].folder == "api"


def test_what_may_fail() -> None:
    assert only("pytest --cov").may_fail is False
    assert commands("pip-audit || true")[0].may_fail is True
    assert commands("a && b || echo no")[0].may_fail is True
    assert commands("a || exit 1")[0].may_fail is False


def test_commands_inside_substitutions_count() -> None:
    assert "go tool cover -func=c.out" in texts("TOTAL=$(go tool cover -func=c.out | tail -1)")
    assert "curl -s https://example.com/up" in texts("bash <(curl -s https://example.com/up)")


@pytest.mark.parametrize(
    ("command", "inner"),
    [
        ("sudo -u app env A=1 timeout -k 5 60 pytest -q", "pytest -q"),
        ("uv run --group test --directory api pytest", "pytest"),
        ("poetry -C api run python -m pytest -x", "pytest -x"),
        ("python3.12 -W error -m coverage run -m pytest", "pytest"),
        ("coverage run --source=app manage.py test", "python manage.py test"),
        ("npx --yes jest@29 --ci", "jest --ci"),
        ("pnpm -C web exec vitest", "vitest"),
        ("go run golang.org/x/vuln/cmd/govulncheck@latest ./...", "govulncheck ./..."),
        ("go run github.com/a/b/v2@v2.1.0 x", "b x"),
        ("go tool golang.org/x/vuln/cmd/govulncheck ./...", "govulncheck ./..."),
        ("go run ./cmd/api", "go run ./cmd/api"),
        ("docker run --rm -v .:/src aquasec/trivy:0.50 image app", "trivy image app"),
        ("docker-compose -f ci.yml run --rm web pytest -q", "pytest -q"),
        ("docker exec -it app alembic upgrade head", "alembic upgrade head"),
        ("docker build -t app .", "docker build -t app ."),
        (".venv/bin/python -m mypy app", "mypy app"),
        ("./scripts/test.sh unit", "./scripts/test.sh unit"),
        ("hatch run types:check", "check"),
        ("pytest", "pytest"),
    ],
)  # fmt: skip
def test_wrappers_come_off(command: str, inner: str) -> None:
    layers = peel(tuple(command.split()), "", {})
    assert " ".join(layers[-1].argv) == inner


def test_wrappers_that_do_work_of_their_own_stay_as_well() -> None:
    layers = peel(("c8", "--reporter", "lcov", "node", "--test"), "", {})
    assert [layer.argv[0] for layer in layers] == ["c8", "node"]
    assert [layer.argv[0] for layer in peel(("docker", "run", "aquasec/trivy", "fs", "."), "", {})] == [
        "docker",
        "trivy",
    ]


def test_wrappers_set_folder_and_environment() -> None:
    (layer,) = peel(("env", "-C", "api", "DEBUG=1", "pytest"), "apps", {"A": "1"})
    assert (layer.folder, layer.environment) == ("apps/api", {"A": "1", "DEBUG": "1"})


def test_images_are_told_by_name_not_tag() -> None:
    assert image_tool("ghcr.io/aquasecurity/trivy:0.58@sha256:abc") == "trivy"
    assert image_tool("localhost:5000/aquasec/trivy") == "trivy"
    assert image_tool("example/trivyish") == ""


def test_shell_text() -> None:
    assert shell_text(("bash", "-lc", "make test")) == "make test"
    assert shell_text(("bash", "scripts/x.sh", "-c")) is None
    assert shell_text(("eval", "make", "x")) == "make x"


def test_join_never_leaves_the_root() -> None:
    assert join("a/b", "../../../../etc") == "etc"
    assert join("a", "@root/b") == "b"


@given(st.text(alphabet=st.sampled_from(list("ab $(){}[]<>|&;'\"`\\\n#=!*-EOF")), max_size=80) | st.text(max_size=80))
def test_any_text_gives_commands(text: str) -> None:
    for command in commands(text):
        assert command.argv
        assert command.line >= 1
        assert not command.folder.startswith(("/", ".."))


@given(
    st.lists(st.sampled_from(["docker", "run", "uv", "env", "-m", "python", "go", "--", "A=1", "x", "", "-", "./a/"]))
)
def test_any_words_can_be_peeled(words: list[str]) -> None:
    assert all(layer.argv for layer in peel(tuple(words), "", {}))
