"""The target's prose: readmes, guides, handbooks and runbooks, split into sections. Says nothing of what they are worth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from readiness.documents import reader
from readiness.documents.reader import Document, Section
from readiness.repository import File, Repository, Role
from readiness.wiring import fact, known
from readiness.workshop import Workshop

MAX_DOCUMENTS = 5_000
MAX_BYTES = 400_000
_KNOWN = known(__file__, "documents.yaml")
_SUFFIXES = tuple(_KNOWN["prose_endings"])
_BARE = re.compile(rf"^({'|'.join(_KNOWN['prose_names'])})$", re.IGNORECASE)
_NOT_PROSE = re.compile(
    rf"(^|/)({'|'.join(_KNOWN['other_names'])})(\.[\w.-]+)?$|(^|/)({'|'.join(_KNOWN['other_folders'])})/", re.IGNORECASE
)


class Documents:
    """Documents in order of their paths."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        """Keep `documents`."""
        self.all = tuple(sorted(documents, key=lambda d: d.path))

    def sections(self) -> Iterator[tuple[Document, Section]]:
        """Every section with its document."""
        return ((document, section) for document in self.all for section in document.sections)

    def mentioning(self, pattern: re.Pattern[str]) -> Iterator[tuple[Document, Section]]:
        """The sections whose text, code or heading `pattern` finds."""
        for document, section in self.sections():
            if (
                pattern.search(section.heading)
                or pattern.search(section.text)
                or any(map(pattern.search, section.code))
            ):
                yield document, section


@fact
def documents(repository: Repository, workshop: Workshop) -> Documents:
    """Read every prose file outside vendored, test and example folders, without licences, change logs and word lists."""
    chosen = [file for file in repository.files if _is_prose(file)]
    for file in chosen[MAX_DOCUMENTS:]:
        repository.note_unread(file.path, "documents", f"there are more than {MAX_DOCUMENTS:,} documents")
    read = workshop.read_each(repository, chosen[:MAX_DOCUMENTS], reader.read, Document, reader.VERSION, MAX_BYTES)
    return Documents(read.values())


def _is_prose(file: File) -> bool:
    if file.role in (Role.VENDORED, Role.TEST, Role.EXAMPLE, Role.GENERATED):
        return False
    if not file.path.lower().endswith(_SUFFIXES) and not _BARE.match(file.name):
        return False
    return not _NOT_PROSE.search(file.path)
