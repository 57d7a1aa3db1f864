"""The settings of Python services: Django settings modules, Flask configuration classes, pydantic settings. Judges none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.languages import python_settings as reader
from readiness.languages.python_settings import FileSettings, Setting
from readiness.repository import File, Repository, Role
from readiness.wiring import fact
from readiness.workshop import Workshop

__all__ = ["PythonSettings", "Setting", "python_settings"]

_MENTION = re.compile(
    rb"\bBaseSettings\b|^INSTALLED_APPS\b|^MIDDLEWARE\b|^\s*SECRET_KEY\b|^class \w*(Config|Settings)\b|\bConfiguration\)",
    re.MULTILINE,
)
_LARGEST = 120_000
_MOST = 60
"""Files beyond this many are left to the tree-sitter reader alone."""


class PythonSettings:
    """Every place where a setting is assigned."""

    def __init__(self, settings: Iterable[Setting] = ()) -> None:
        """Keep them in order of place."""
        self.all = tuple(sorted(settings, key=lambda s: (s.path, s.line)))

    def named(self, *names: str) -> list[Setting]:
        """The settings of these names (case-insensitive), in order of place."""
        wanted = {name.upper() for name in names}
        return [setting for setting in self.all if setting.name.upper() in wanted]

    def within(self, paths: Iterable[str]) -> PythonSettings:
        """Those in the files at `paths`."""
        inside = set(paths)
        return PythonSettings(setting for setting in self.all if setting.path in inside)


@fact
def python_settings(repository: Repository, workshop: Workshop) -> PythonSettings:
    """Read the production modules that hold settings."""
    read = workshop.read_each(repository, _chosen(repository), reader.read, FileSettings, reader.VERSION, _LARGEST)
    return PythonSettings(setting for file in read.values() for setting in file.settings)


def _chosen(repository: Repository) -> list[File]:
    """The files that mention settings, those named for it first."""
    named: list[File] = []
    others: list[File] = []
    for file in repository.select(language="python", roles=[Role.SOURCE]):
        if file.size > _LARGEST:
            continue
        content = repository.read_bytes(file.path)
        if content is not None and _MENTION.search(content):
            (named if re.search(r"settings|config", file.path.rpartition("/")[2]) else others).append(file)
    return [*named, *others][:_MOST]
