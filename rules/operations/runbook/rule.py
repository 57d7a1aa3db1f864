"""There is an operational runbook.

## Why

The person who is woken at night is seldom the one who wrote the service. A runbook says how a version gets to production,
how to go back or restore, and what to do about the failures that are known to happen. Without it, each incident starts
with reading the code.

## Fix

Add `docs/runbook.md` (in any language, Python, JavaScript/TypeScript or Go alike) with at least:
- deploying: the environment, the command or pipeline, the migrations that run, how to see that it worked;
- recovering: how to roll back a release and how to restore the database, with the commands;
- two or more failures: the symptom or alert, how to look closer, what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.documents.reader import Document, Section
from readiness.facts.documents import Documents
from readiness.facts.services import Services
from readiness.model import Evidence, Searched, Strength, Verdict, failed, not_applicable, partial, passed
from readiness.wiring import known, rule

KNOWN: dict[str, Any] = known(__file__)
_FAILURES = 2


@rule(weight=3, source=["Phase 3: Operational runbook ready"], phase3=True)
def check(services: Services, documents: Documents) -> Verdict:
    """Judge by what the sections of all documents tell an operator."""
    if not services.all and services.target != "unread":
        return not_applicable(services.why_none("is operated"))
    sections = [(d, s) for d, s in documents.sections() if not _is_elsewhere(d, s)]
    deploy = [
        _at(d, s, "deploying or operating") for d, s in sorted(sections, key=_plainness) if _tells("deploy", d, s)
    ]
    recover = [_at(d, s, "going back or restoring") for d, s in sections if _tells("recover", d, s)]
    checks = [_at(d, s, "checks after a deployment") for d, s in sections if _heads("checks", s)]
    failures = list(_failures(sections))
    searched = Searched(
        "sections on deploying to production, on restoring or rolling back, and on at least two failures",
        f"{len(documents.all)} documents with {len(sections)} sections",
    )
    lacking = [what for what, found in (("how to deploy", deploy), ("how to recover", recover)) if not found]
    if len(failures) < _FAILURES:
        lacking.append("what to do about failures" if not failures else "more than one kind of failure")
    if not lacking:
        return passed("The documents say how to deploy, how to recover and what to do about failures.",
                      [deploy[0], recover[0], *failures[:2]], Strength.DECLARED)  # fmt: skip
    if deploy or recover or checks:
        return partial(f"Operations are documented in part: found nothing on {', '.join(lacking)}.",
                       [*deploy[:2], *recover[:2], *checks[:1], *failures[:1]], searched=searched)  # fmt: skip
    return failed("Found no text on deploying to production, recovering or handling failures.", failures[:1], searched)


def _plainness(place: tuple[Document, Section]) -> tuple[bool, bool]:
    """Sorts what is told in a document of its own, then under a heading, before what is told in passing."""
    document, section = place
    return not re.search(KNOWN["deploy"]["documents"], document.path, re.IGNORECASE), not _heads("deploy", section)


def _pattern(group: str, key: str) -> re.Pattern[str] | None:
    text = KNOWN[group].get(key)
    return re.compile(text, re.IGNORECASE) if text else None


def _is_elsewhere(document: Document, section: Section) -> bool:
    """Whether it is about writing, designing or using the service, not about running it."""
    if re.search(KNOWN["other_documents"], document.path, re.IGNORECASE):
        return True
    return any(
        re.search(KNOWN["other_headings"], heading, re.IGNORECASE) for heading in (section.heading, *section.trail[1:])
    )


def _says_something(section: Section) -> bool:
    """More than a heading over links: prose of a few sentences, or commands."""
    prose = re.sub(r"\[[^\]]*\]\([^)]*\)|https?://\S+|<[^>]*>", "", section.text)
    return bool(section.code) or len(" ".join(prose.split())) >= KNOWN["minimum_characters"]


def _heads(group: str, section: Section) -> bool:
    """Whether the section's own heading or its document's title is of the group's words, and something follows it."""
    headings, excluded = _pattern(group, "headings"), _pattern(group, "not_headings")
    if headings is None or not _says_something(section):
        return False
    fitting = [h for h in (section.heading, *section.trail[:1]) if headings.search(h)]
    return bool(fitting) and (excluded is None or not excluded.search(section.heading))


def _tells(group: str, document: Document, section: Section) -> bool:
    """Whether a section says how to do it: by its heading, its document, a command, or a sentence."""
    documents, commands, phrases = (_pattern(group, key) for key in ("documents", "commands", "phrases"))
    if _heads(group, section):
        return True
    if documents and documents.search(document.path) and section.code:
        return True
    if commands and any(commands.search(code) for code in section.code):
        return True
    return bool(phrases and phrases.search(section.text))


def _failures(sections: list[tuple[Document, Section]]) -> Iterator[Evidence]:
    """One for each kind of failure: a document of a runbook folder, a section below such a heading, or each item of it."""
    documents, headings, excluded, product = (
        re.compile(KNOWN["failure"][key], re.IGNORECASE)
        for key in ("documents", "headings", "excluded", "not_documents")
    )
    counted: set[str] = set()
    for document, section in sections:
        if not _says_something(section) or excluded.search(section.heading) or product.search(document.path):
            continue
        title = document.title if documents.search(document.path) else ""  # of the front matter, which is no heading
        if any(headings.search(h) for h in (*section.trail, title)) and section.heading != title:
            yield _at(document, section, f"a failure: {section.heading}")
        elif headings.search(section.heading):
            items = max(1, len(re.findall(r"(?m)^\s*(?:[-*+]|\d+[.)])\s+\*\*|^\s*\*\*[^*\n]+\*\*", section.text)))
            yield from (_at(document, section, f"failures: {section.heading}") for _ in range(min(items, _FAILURES)))
        elif documents.search(document.path) and document.path not in counted:
            counted.add(document.path)
            yield _at(document, section, f"a failure: {document.title or section.heading}")


def _at(document: Document, section: Section, note: str) -> Evidence:
    return Evidence(document.path, section.line, note)
