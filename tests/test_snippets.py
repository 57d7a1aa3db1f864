"""Evidence is shown with its lines: the right ones, no secret among them, each place once."""

from __future__ import annotations

from collections.abc import Callable

from readiness.assemble import fingerprint
from readiness.model import Evidence, Searched
from readiness.repository import Repository
from readiness.snippets import Snippets

TARGET = """-- a.py --
one = 1
key = "plainvalue"
three = 3

five = 5
"""
Make = Callable[[str], Repository]


def test_a_place_shows_its_line_and_two_more(repository: Make) -> None:
    assert Snippets(repository(TARGET), ()).fill(Evidence("a.py", 3)).snippet == "three = 3\n\nfive = 5"


def test_a_secret_place_shows_one_masked_line(repository: Make) -> None:
    assert Snippets(repository(TARGET), ()).fill(Evidence("a.py", 2, secret=True)).snippet == 'key = "****"'


def test_a_secret_line_is_masked_whoever_shows_it(repository: Make) -> None:
    shown = Snippets(repository(TARGET), {("a.py", 2)}).fill(Evidence("a.py", 1)).snippet
    assert "plainvalue" not in shown
    assert shown.startswith("one = 1\n")


def test_no_line_no_file_and_a_line_beyond_the_end_show_nothing(repository: Make) -> None:
    snippets = Snippets(repository(TARGET), ())
    assert [snippets.fill(Evidence(path, line)).snippet for path, line in (("a.py", 0), ("b.py", 1), ("a.py", 99))] == [
        ""
    ] * 3


def test_a_place_given_twice_is_shown_once(repository: Make) -> None:
    given = [Evidence("a.py", 1, "why"), Evidence("a.py", 1), Evidence("a.py", 1, "why"), Evidence("a.py", 1, "also")]
    assert [one.note for one in Snippets(repository(TARGET), ()).fill_all(given)] == ["why", "also"]


def test_near_misses_are_shown_as_well(repository: Make) -> None:
    found = Snippets(repository(TARGET), ()).fill_searched(Searched("x", "y", (Evidence("a.py", 5),)))
    assert found is not None
    assert found.nearest[0].snippet == "five = 5"


def test_a_fingerprint_stays_when_lines_move_and_changes_with_the_code(repository: Make) -> None:
    first = Evidence("a.py", 3, snippet="three = 3\n\nfive = 5")
    moved = Evidence("a.py", 30, snippet="three  =  3\nother")
    other = Evidence("a.py", 3, snippet="three = 4")
    assert fingerprint("x", [first]) == fingerprint("x", [moved])
    assert (
        len({fingerprint("x", [first]), fingerprint("x", [other]), fingerprint("y", [first]), fingerprint("x", [])})
        == 4
    )
