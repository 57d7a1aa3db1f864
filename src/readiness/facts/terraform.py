"""Terraform: resources, modules and data blocks as written. Evaluates nothing and follows no module source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.deployment import hcl
from readiness.deployment.hcl import Block, Blocks
from readiness.repository import File, Repository, Role
from readiness.wiring import fact
from readiness.workshop import Workshop

__all__ = ["Block", "Terraform", "terraform"]

_MAX_BYTES = 200_000
_MAX_FILES = 1_500
_WANTED = (b"scan_on_push", b"image_scan", b"scan")


class Terraform:
    """All blocks outside vendored, test, example and documentation folders."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        """Keep them in order of place."""
        self.all = tuple(sorted(blocks, key=lambda b: (b.path, b.line)))

    def resources(self, *types: str) -> list[Block]:
        """The resources of any of `types` (aws_ecr_repository ...)."""
        return [b for b in self.all if b.kind == "resource" and b.type in types]

    def modules(self) -> list[Block]:
        """The module calls."""
        return [b for b in self.all if b.kind == "module"]

    def variable(self, folder: str, name: str) -> Any:
        """The default of a variable of the module in `folder`, None without one (only variables named in `_WANTED` are read
        where a file holds variables alone)."""
        blocks = (b for b in self.all if b.kind == "variable" and b.name == name)
        return next((b.attributes.get("default") for b in blocks if b.path.rpartition("/")[0] == folder), None)


@fact
def terraform(repository: Repository, workshop: Workshop) -> Terraform:
    """Read the files that make something; variables and outputs alone are left out."""
    files = [f for f in repository.select(suffixes=(".tf", ".tofu")) if f.role in (Role.CONFIG, Role.SOURCE)]
    makers = [f for f in files if _makes_something(repository, f)]
    for file in makers[_MAX_FILES:]:
        repository.note_unread(file.path, "terraform", f"more than {_MAX_FILES:,} Terraform files")
    read = workshop.read_each(repository, makers[:_MAX_FILES], hcl.read, Blocks, hcl.VERSION, _MAX_BYTES)
    return Terraform(block for blocks in read.values() for block in blocks.blocks)


def _makes_something(repository: Repository, file: File) -> bool:
    content = repository.read_bytes(file.path, _MAX_BYTES) or b""
    return any(content.startswith(word) or b"\n" + word in content for word in (b"resource ", b"module ")) or any(
        b'variable "' + word in content for word in _WANTED
    )
