"""Reads a Helm chart as far as text goes: its values, and plain lines of its templates. Renders nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readiness.deployment.tree import Tree
from readiness.deployment.workload import PROBES, Probe, read_probe

_MAX_LINES = 5_000


class TemplateLine(Struct, frozen=True):
    """A line `key: value` of a template; `value` with references to the values filled in where they are plain,
    `indent` its column."""

    key: str
    value: str
    line: int
    indent: int


class Template(Struct, frozen=True):
    """A template: the lines that could be read, and the kinds it makes."""

    path: str
    lines: tuple[TemplateLine, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the objects that it makes, as far as they are written out."""
        return tuple(line.value for line in self.lines if line.key == "kind" and line.indent == 0)

    def of(self, *keys: str) -> list[TemplateLine]:
        """The lines with any of `keys`."""
        return [line for line in self.lines if line.key in keys]


class Chart(Struct, frozen=True):
    """A Helm chart: its `folder`, `name`, values with lines and templates. `values_path` is "" where it has none."""

    path: str
    folder: str
    name: str
    values_path: str
    values: Tree
    templates: tuple[Template, ...]

    @property
    def kinds(self) -> set[str]:
        """The kinds of object that its templates make."""
        return {kind for template in self.templates for kind in template.kinds}

    @property
    def probes(self) -> list[Probe]:
        """The probes in its templates, and those that its values hold."""
        found = [probe for template in self.templates for probe in _template_probes(template)]
        for keys, value in self.values.walk():
            if keys[-1] in PROBES and isinstance(value, dict) and value.get("enabled") is not False:
                found.append(read_probe(self.values, self.values_path, keys))
        return found


def read_template(path: str, text: str, values: Tree) -> Template:
    """The readable lines of a template; comments and lines that are control flow alone are left out."""
    lines = []
    for number, line in enumerate(text.splitlines()[:_MAX_LINES], 1):
        stripped = line.strip().removeprefix("- ").strip()
        if not stripped or stripped.startswith(("#", "{{-", "{{/*", "{{ if", "{{ end")):
            continue
        key, colon, value = stripped.partition(":")
        if colon and (not value or value[0] == " ") and "{{" not in key:
            lines.append(TemplateLine(key.strip("\"'"), _resolve(value.strip(), values), number, _indent(line)))
    return Template(path, tuple(lines))


def _indent(line: str) -> int:
    bare = line.lstrip(" ")
    return len(line) - len(bare) + (2 if bare.startswith("- ") else 0)


def _resolve(value: str, values: Tree) -> str:
    """`value` with each `{{ .Values.a.b ... }}` replaced by the chart's default, where that is a scalar."""
    parts = []
    rest = value
    while (begin := rest.find("{{")) >= 0 and (end := rest.find("}}", begin)) >= 0:
        words = rest[begin + 2 : end].strip("- ").replace("|", " ").split()
        reference = next((w for w in words if w.startswith(("$.Values.", ".Values."))), "")
        found = values.text(*reference.partition(".Values.")[2].split(".")) if reference else ""
        parts += [rest[:begin], found or rest[begin : end + 2]]
        rest = rest[end + 2 :]
    return "".join([*parts, rest]).strip("\"'")


def _template_probes(template: Template) -> Iterator[Probe]:
    for index, line in enumerate(template.lines):
        if line.key not in PROBES:
            continue
        inner: dict[str, TemplateLine] = {}
        for following in template.lines[index + 1 :]:
            if following.indent <= line.indent:
                break
            inner.setdefault(following.key, following)
        if not inner:
            continue  # filled from the values, where it is read
        how = next(
            (
                n
                for k, n in (("httpGet", "http"), ("tcpSocket", "tcp"), ("exec", "exec"), ("grpc", "grpc"))
                if k in inner
            ),
            "",
        )
        path, port = inner.get("path"), inner.get("port")
        place = path.line if path else line.line
        yield Probe(
            PROBES[line.key], how, path.value if path else "", port.value if port else "", (), template.path, place
        )


def empty_values() -> Tree:
    """The values of a chart without a values.yaml."""
    data: dict[str, Any] = {}
    return Tree(data, {})
