"""The README's commands are those that CI runs, and its links and those of the documentation lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^```.*?^```|^    .*?$", "", text))


def blocks(text: str) -> list[str]:
    return [found.strip() for found in re.findall(r"(?ms)^```sh\n(.*?)^```$", text)]


def test_the_readme_has_two_commands_install_with_scan_and_test() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("```") == 4
    scan, tests = blocks(text)
    assert "readiness scan fixtures/fastapi-orders" in scan
    assert "pytest" in tests
    assert "\n" not in scan + tests


def test_ci_runs_the_tests_as_the_readme_prints_them() -> None:
    tests = blocks((ROOT / "README.md").read_text(encoding="utf-8"))[1]
    assert tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_folder_that_the_readme_scans_is_there() -> None:
    scan = blocks((ROOT / "README.md").read_text(encoding="utf-8"))[0]
    target = re.search(r"readiness scan (\S+)", scan)
    assert target
    assert (ROOT / target[1]).is_dir()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def anchors(page: Path) -> set[str]:
    """The fragments that GitHub gives a page's headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
