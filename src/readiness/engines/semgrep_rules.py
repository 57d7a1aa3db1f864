"""Merges the Semgrep rules that lie beside the audit's rules, and says which of them can matter to a file. Runs nothing.

A rules/<group>/<rule>/semgrep.yaml is an ordinary Semgrep file; top-level keys that start with `x-` hold YAML anchors.
Our `metadata`: `mentions` (substrings of which a file must hold one for the rule to matter there), `confidence` (low,
medium, high), `title` (a few words for a list) and `cwe`. `from_parameters` marks
a data-flow rule that starts from any parameter, not from requests alone. The key `x-request-data` gives, by language, a regular
expression of what a file must hold to receive request data at all: without it, data-flow rules cannot match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from readiness.cache import digest
from readiness.wiring import WiringError

LANGUAGES = {"python": "python", "javascript": "javascript", "typescript": "javascript", "go": "go"}
"""Semgrep's names for the languages that we read, and ours."""


class SemgrepRule(Struct, frozen=True):
    """A rule as Semgrep reads it (`definition`) and what we need of it; `severity` and `confidence` as in Finding."""

    id: str
    languages: frozenset[str]
    severity: str
    confidence: str
    title: str
    message: str
    flows: bool
    mentions: tuple[str, ...]
    definition: dict[str, Any]


class RuleSet:
    """The merged rules by id. `digest` changes with whatever could change a finding."""

    def __init__(self, rules: Iterable[SemgrepRule], request_data: Mapping[str, str]) -> None:
        """Merge `rules`. Raises WiringError for two of one id."""
        self.by_id: dict[str, SemgrepRule] = {}
        for rule in rules:
            if rule.id in self.by_id:
                raise WiringError(f"two Semgrep rules have the id {rule.id}")
            self.by_id[rule.id] = rule
        self._request_data = {language: re.compile(pattern.encode()) for language, pattern in request_data.items()}
        self.digest = digest(self.configuration(), json.dumps(request_data, sort_keys=True))

    @property
    def languages(self) -> frozenset[str]:
        """Our names of the languages that the rules speak about."""
        return frozenset(language for rule in self.by_id.values() for language in rule.languages)

    def configuration(self, folders: Mapping[str, Iterable[str]] | None = None) -> str:
        """What Semgrep reads. `folders` keeps a rule (by id) to folders of these names; a rule without one is left out."""
        chosen = [rule for name, rule in sorted(self.by_id.items()) if folders is None or folders.get(name)]
        rows = [
            rule.definition | ({"paths": {"include": [f"**/{name}/*" for name in folders[rule.id]]}} if folders else {})
            for rule in chosen
        ]
        return json.dumps({"rules": rows})

    def relevant(self, language: str, content: bytes) -> Set[str]:
        """The ids of the rules that could match `content`, going by the literal words that they need."""
        held: dict[str, bool] = {}

        def holds(word: str) -> bool:
            if word not in held:
                held[word] = word.encode() in content
            return held[word]

        rules = [rule for rule in self.by_id.values() if language in rule.languages and any(map(holds, rule.mentions))]
        requests = self._request_data.get(language)
        if requests is not None and any(rule.flows for rule in rules) and not requests.search(content):
            rules = [rule for rule in rules if not rule.flows]
        return frozenset(rule.id for rule in rules)


def load(folder: Path) -> RuleSet:
    """Every semgrep.yaml below `folder` (group/rule/semgrep.yaml). Raises WiringError."""
    rules: list[SemgrepRule] = []
    request_data: dict[str, str] = {}
    for path in sorted(folder.glob("*/*/semgrep.yaml")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
            rules += [_rule(row) for row in document["rules"]]
            request_data |= document.get("x-request-data", {})
        except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise WiringError(f"{path} cannot be read: {type(error).__name__}: {error}") from None
    return RuleSet(rules, request_data)


def _rule(row: dict[str, Any]) -> SemgrepRule:
    metadata = row["metadata"]
    if metadata["confidence"] not in ("low", "medium", "high") or not metadata["mentions"]:
        raise ValueError(f"{row['id']} states no usable confidence or mentions")
    return SemgrepRule(
        id=row["id"],
        languages=frozenset(LANGUAGES[language] for language in row["languages"]),
        severity={"ERROR": "high", "WARNING": "medium", "INFO": "low"}[row["severity"]],
        confidence=metadata["confidence"],
        title=metadata["title"],
        message=row["message"],
        flows=row.get("mode") == "taint" and not metadata.get("from_parameters"),
        mentions=tuple(metadata["mentions"]),
        definition=row,
    )
