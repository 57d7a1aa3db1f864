"""Jinja with the project's templates. Autoescapes every template whose name ends in .html.j2; loads nothing else."""

from __future__ import annotations

from functools import cache
from textwrap import dedent

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from readiness.render import view
from readiness.wiring import data_folder


@cache
def environment() -> Environment:
    """The environment; its globals are the words of `readiness.render.view`."""
    made = Environment(
        loader=FileSystemLoader(data_folder("templates")),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["view"] = view
    made.filters["dedent"] = dedent
    made.filters["number"] = view.number
    made.filters["place"] = view.place
    return made


def source(name: str) -> str:
    """The text of a file beside the templates that is put into a page as it stands."""
    return (data_folder("templates") / name).read_text(encoding="utf-8")
