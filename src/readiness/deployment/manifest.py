"""Reads Kubernetes manifests: any YAML document with apiVersion and kind. Checks no schema, renders no template."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from readiness.deployment.tree import Tree, tree
from readiness.yamldoc import YamlList, YamlMap, load_all

VERSION = "1"


class KubeObject(Struct, frozen=True):
    """An object as written: `data` is its whole document, with the line of every key. `line` is where it begins."""

    api_version: str
    kind: str
    name: str
    namespace: str
    path: str
    line: int
    data: Tree

    @property
    def group(self) -> str:
        """The API group, "" for the core one."""
        return self.api_version.rpartition("/")[0]

    @property
    def annotations(self) -> dict[str, Any]:
        """metadata.annotations."""
        return self.data.mapping("metadata", "annotations")


class KubeFile(Struct, frozen=True):
    """What one file holds."""

    objects: tuple[KubeObject, ...]


def read(path: str, content: bytes) -> KubeFile:
    """The objects of a manifest, those in a List included. Raises ValueError where the text is not YAML."""
    objects: list[KubeObject] = []
    for document in load_all(content.decode("utf-8-sig", "replace")):
        objects += [_object(path, value) for value in _flattened(document)]
    return KubeFile(tuple(objects))


def _flattened(document: Any) -> list[YamlMap]:
    """The objects of a document: itself, or the items of a List."""
    if not isinstance(document, YamlMap):
        return []
    kind, items = document.get("kind"), document.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, YamlList):
        return [item for item in items if isinstance(item, YamlMap) and "kind" in item]
    return [document] if isinstance(kind, str) and "apiVersion" in document else []


def _object(path: str, value: YamlMap) -> KubeObject:
    if value.get("kind") == "CustomResourceDefinition":  # its schema says nothing of what runs, and is large
        kept = YamlMap(value.start)
        for key in ("apiVersion", "kind", "metadata"):
            if key in value:
                kept.place(key, value[key], value.line(key), value.text_line(key))
        value = kept
    data = tree(value)
    return KubeObject(
        data.text("apiVersion"),
        data.text("kind"),
        data.text("metadata", "name"),
        data.text("metadata", "namespace"),
        path,
        value.start,
        data,
    )
