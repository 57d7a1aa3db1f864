"""The API descriptions that are checked in: OpenAPI, Swagger, Postman and Insomnia. Says nothing of whose API they describe."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.openapi import reader
from readiness.openapi.reader import ApiDocument
from readiness.repository import File, Repository, Role, classify
from readiness.wiring import fact
from readiness.workshop import Workshop

_SKIPPED = ("package.json", "package-lock.json", "tsconfig.json", "pnpm-lock.yaml", "composer.json", ".snap.json")

_SPEC_FOLDER = re.compile(r"(^|/)specs?/")
"""A folder of specifications, which for source code would be one of tests."""


class OpenApiDocuments:
    """Descriptions in order of their paths; a collection is no OpenAPI document."""

    def __init__(self, documents: Iterable[ApiDocument] = ()) -> None:
        """Keep what is a description."""
        self.all = tuple(sorted((d for d in documents if d.kind), key=lambda d: d.path))

    @property
    def specifications(self) -> list[ApiDocument]:
        """The OpenAPI and Swagger documents."""
        return [d for d in self.all if d.kind != "collection"]

    @property
    def collections(self) -> list[ApiDocument]:
        """The Postman and Insomnia collections."""
        return [d for d in self.all if d.kind == "collection"]


@fact
def openapi_documents(repository: Repository, workshop: Workshop) -> OpenApiDocuments:
    """Read every YAML and JSON file outside tests, examples and vendored folders that says that it is one."""
    files = [file for file in repository.files if _may_be(file)]
    return OpenApiDocuments(
        workshop.read_each(repository, files, reader.read, ApiDocument, reader.VERSION, reader.MAX_BYTES).values()
    )


def _may_be(file: File) -> bool:
    lowered = file.path.lower()
    role = classify(_SPEC_FOLDER.sub(r"\1", file.path)) if file.role is Role.TEST else file.role
    if not lowered.endswith((".yaml", ".yml", ".json")) or role in (Role.VENDORED, Role.TEST, Role.EXAMPLE):
        return False
    if (
        lowered.endswith(_SKIPPED)
        or lowered.startswith(".github/")
        or "/locale" in lowered
        or file.size > reader.MAX_BYTES
    ):
        return False
    return file.size > 30
