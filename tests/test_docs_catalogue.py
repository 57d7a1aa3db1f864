"""The generated page of the documentation is what the rules say now."""

from __future__ import annotations

from pathlib import Path

from readiness.catalogue import all_rules
from readiness.render import catalogue


def test_the_catalogue_is_fresh() -> None:
    page = Path(__file__).parents[1] / "docs" / "catalogue.md"
    written = page.read_text(encoding="utf-8")
    assert written == catalogue.as_markdown(all_rules()), "run: readiness rules --format markdown > docs/catalogue.md"
