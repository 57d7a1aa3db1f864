"""Reads JSON and TOML texts of any content into tables, and looks into nested ones. Knows no file and no schema."""

from __future__ import annotations

import json
import tomllib
from typing import Any


def json_table(text: str) -> dict[str, Any] | None:
    """The object that a JSON text is; None where it is none, or no JSON."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def toml_table(text: str) -> dict[str, Any] | None:
    """The table that a TOML text is; None where it is no TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def table(data: object, *keys: str) -> dict[str, Any]:
    """The table that `keys` lead to, {} where they lead to none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def rows(data: dict[str, Any], key: str) -> list[Any]:
    """The list under `key`, [] where there is none."""
    value = data.get(key)
    return value if isinstance(value, list) else []
