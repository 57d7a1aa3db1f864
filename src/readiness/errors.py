"""Tells the errors that a user can mend from those of the tool itself. Raises none."""

from __future__ import annotations

_MODULES = {
    "readiness.repository": ("TargetError",),
    "readiness.profile": ("ProfileError",),
    "readiness.catalogue": ("SelectionError",),
    "readiness.wiring": ("WiringError",),
    "readiness.render.json_": ("ReportFileError",),
}


def sentence_of(error: Exception) -> str | None:
    """The sentence that `error` carries for the user, None where it is not an error that a user can mend."""
    kind = type(error)
    return str(error) if kind.__name__ in _MODULES.get(kind.__module__, ()) else None
