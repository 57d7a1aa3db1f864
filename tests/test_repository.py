"""The listing of a target: which files, in which role, and what is listed as unread."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.repository import MAX_BYTES, Repository, Role, TargetError, classify


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("app/main.py", Role.SOURCE),
        ("cmd/server/main.go", Role.SOURCE),
        ("src/server.ts", Role.SOURCE),
        ("tests/test_main.py", Role.TEST),
        ("app/test_main.py", Role.TEST),
        ("internal/api/routes_test.go", Role.TEST),
        ("src/users/users.service.spec.ts", Role.TEST),
        ("cypress/login.js", Role.TEST),
        ("integration-tests/run.go", Role.TEST),
        ("conftest.py", Role.TEST),
        ("apps/shop/mock-server.ts", Role.TEST),
        ("src/server.ts", Role.SOURCE),
        ("examples/basic/main.py", Role.EXAMPLE),
        ("docs/conf.py", Role.DOCS),
        ("README.md", Role.DOCS),
        ("vendor/github.com/x/y/y.go", Role.VENDORED),
        ("web/node_modules/left-pad/index.js", Role.VENDORED),
        ("gen/orders_grpc.pb.go", Role.GENERATED),
        ("proto/orders_pb2.py", Role.GENERATED),
        ("dist/main.js", Role.GENERATED),
        ("types/index.d.ts", Role.GENERATED),
        ("Dockerfile", Role.CONFIG),
        (".github/workflows/ci.yml", Role.CONFIG),
        ("app/latest.py", Role.SOURCE),
        ("src/contest.ts", Role.SOURCE),
    ],
)
def test_a_path_tells_the_role(path: str, role: Role) -> None:
    assert classify(path) is role


@given(st.text(min_size=1, max_size=60))
def test_every_name_has_a_role(path: str) -> None:
    assert classify(path) in Role


def test_without_git_the_ignore_rules_hold(tmp_path: Path) -> None:
    for path in ("app/main.py", "build/out.py", ".env.example", "node_modules/x/index.js", "web/.gitignore"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("build/\nnode_modules/\n", encoding="utf-8")
    paths = {file.path for file in Repository(tmp_path).files}
    assert paths == {".env.example", ".gitignore", "app/main.py", "web/.gitignore"}


@pytest.mark.skipif(not shutil.which("git"), reason="git is needed to make the target")
def test_with_git_tracked_and_new_files_count_and_ignored_and_deleted_ones_do_not(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    for path in ("tracked.py", "deleted.py", "ignored.py", "new.py"):
        (tmp_path / path).write_text("x\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    git("add", "tracked.py", "deleted.py")
    (tmp_path / "deleted.py").unlink()
    assert [file.path for file in Repository(tmp_path).files] == [".gitignore", "new.py", "tracked.py"]


def test_exclude_leaves_out_folders_files_and_globs(repository: Callable[[str], Repository], tmp_path: Path) -> None:
    repository("-- a.py --\nx\n-- legacy/b.py --\nx\n-- tools/c.py --\nx\n-- tools/d.sh --\nx\n-- legacy.py --\nx\n")
    kept = Repository(tmp_path / "target", exclude=["legacy/", "tools/*.py"]).files
    assert [file.path for file in kept] == ["a.py", "legacy.py", "tools/d.sh"]


def test_links_inside_are_not_read_twice_and_links_outside_are_noted(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "app").mkdir(parents=True)
    (target / "app" / "main.py").write_text("x\n", encoding="utf-8")
    (tmp_path / "secret.py").write_text("x\n", encoding="utf-8")
    (target / "inside.py").symlink_to("app/main.py")
    (target / "folder").symlink_to("app")
    (target / "outside.py").symlink_to(tmp_path / "secret.py")
    (target / "above").symlink_to(tmp_path)
    found = Repository(target)
    assert [file.path for file in found.files] == ["app/main.py"]
    assert {entry.path for entry in found.unread} == {"above", "outside.py"}


def test_a_repository_of_examples_is_read_as_source(repository: Callable[[str], Repository]) -> None:
    found = repository("-- examples/shop/main.py --\nx\n-- examples/shop/Dockerfile --\nFROM x\n-- README.md --\nx\n")
    assert {file.path: file.role for file in found.files} == {
        "README.md": Role.DOCS,
        "examples/shop/Dockerfile": Role.CONFIG,
        "examples/shop/main.py": Role.SOURCE,
    }


def test_examples_beside_code_stay_examples(repository: Callable[[str], Repository]) -> None:
    found = repository("-- examples/shop/main.py --\nx\n-- lib/core.py --\nx\n").get("examples/shop/main.py")
    assert found
    assert found.role is Role.EXAMPLE


def test_what_is_too_large_or_binary_is_noted_once(repository: Callable[[str], Repository], tmp_path: Path) -> None:
    repository("-- small.py --\nx\n")
    (tmp_path / "target" / "large.py").write_bytes(b"x" * (MAX_BYTES + 1))
    (tmp_path / "target" / "binary.py").write_bytes(b"x\0y")
    found = Repository(tmp_path / "target")
    for _ in range(2):
        assert found.read_text("large.py") is None
        assert found.read_text("binary.py") is None
    assert [entry.path for entry in found.unread] == ["large.py", "binary.py"]
    assert found.read_text("nowhere.py") is None


def test_text_loses_its_byte_order_mark_and_foreign_bytes_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfname = '\xfc'\n")
    assert Repository(tmp_path).read_text("a.py") == "name = '\ufffd'\n"


def test_select_by_name_suffix_language_and_role(repository: Callable[[str], Repository]) -> None:
    found = repository("-- Dockerfile --\nx\n-- web/dockerfile --\nx\n-- a.py --\nx\n-- tests/test_a.py --\nx\n")
    assert [f.path for f in found.select("Dockerfile*")] == ["Dockerfile", "web/dockerfile"]
    assert [f.path for f in found.select(suffixes=(".py",), roles=[Role.TEST])] == ["tests/test_a.py"]
    assert [f.path for f in found.select(language="python", roles=[Role.SOURCE])] == ["a.py"]


def test_what_is_no_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("x\n", encoding="utf-8")
    with pytest.raises(TargetError, match="does not exist"):
        Repository(tmp_path / "nowhere")
    with pytest.raises(TargetError, match="is a file; give the folder"):
        Repository(tmp_path / "file.py")
