"""Reads python source into a `readiness.source.Module`."""

from __future__ import annotations

from readiness.source import Module

VERSION = "1"


def read(path: str, content: bytes) -> Module:
    """The module at `path` (relative to the target's root). Raises ValueError where nothing can be made of it."""
    return Module(path, "python")
