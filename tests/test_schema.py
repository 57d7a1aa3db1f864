"""The checked-in JSON schema is fresh, valid, and true of what is printed."""

from __future__ import annotations

import json

import jsonschema
import pytest

from readiness.render import render
from readiness.report import Report
from readiness.schema import FILE, generate
from reports import report, rich_report


def test_the_schema_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == generate(), "run: python -m readiness.schema"


@pytest.mark.parametrize("made", [report(), rich_report()], ids=["empty", "rich"])
def test_output_is_true_to_the_schema(made: Report) -> None:
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(render(made, "json")))
