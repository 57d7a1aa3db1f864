"""The JSON Schema of the report. `python -m readiness.schema` writes it anew from the report's records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from readiness.report import SCHEMA_VERSION, Report

FILE = Path(__file__).with_name("report.schema.json")


def generate() -> str:
    """The schema's text, as it is checked in."""
    (root,), definitions = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "readiness report",
        "description": f"What `readiness scan --format json` prints, schema_version {SCHEMA_VERSION}.",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(schema, indent=2) + "\n"
