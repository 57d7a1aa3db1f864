"""Looks into nested tables of parsed TOML, JSON and Python literals. Parses nothing."""

from __future__ import annotations

from typing import Any


def table(data: object, *keys: str) -> dict[str, Any]:
    """The table that `keys` lead to, {} where they lead to none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
