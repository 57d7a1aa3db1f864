"""Makes the target's text fit to show: secrets masked, control characters out, bounded. Escapes for no format."""

from __future__ import annotations

import re
import unicodedata

MASK = "****"
MAX_LINE = 200
_TOKEN = re.compile(r"[^\s\"'`,;(){}\[\]<>]+")
_PREFIX = re.compile(r"^[^=:\"'`(]*[=:(]+\s*")
_KEY_MARKER = re.compile(r"-----BEGIN [A-Z ]{3,40}-----")
_KNOWN = re.compile(
    r"\b(AKIA|ASIA|ghp_|gho_|ghs_|github_pat_|glpat-|sk_live_|sk-|xox[abprs]-|SG\.|eyJ)[A-Za-z0-9_\-+/=.]{12,}"
)
_URL_PASSWORD = re.compile(r"(://[^\s:/@\"'$%{<]*:)(?![$%{<])([^\s@/\"']{3,})(@)")
_ASSIGNED = re.compile(
    r"(?i)((?:secret|passw(?:or)?d|passwd|pwd|token|api_?key|private_?key|credential)\w*[\"']?\s*(?::=|[:=])\s*)"
    r"([\"'`])([^\"'`$%{<\s]{4,})(\2)"
)


def clean(text: str) -> str:
    """One line without control, format (bidirectional overrides) and surrogate characters, at most MAX_LINE long."""
    kept = "".join(c for c in re.sub(r"[\t\r\n]", " ", text) if _shows(c)).rstrip()
    return kept if len(kept) <= MAX_LINE else kept[: MAX_LINE - 1] + "…"


def clean_prose(text: str) -> str:
    """As `clean`, of any length: for messages, notes and names."""
    return "".join(c for c in re.sub(r"[\t\r]", " ", text) if c == "\n" or _shows(c))


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs") and character not in "\ufffe\uffff"


def mask_line(line: str) -> str:
    """A line on which a secret was found: the name before the first separator stays, every value after it is masked."""
    if marker := _KEY_MARKER.search(line):
        return mask_line(line[: marker.start()]) + marker[0] + (MASK if line[marker.end() :].strip() else "")
    named = _PREFIX.match(line)
    head = named[0] if named else ""
    if any(_looks_random(word) for word in re.findall(r"\w+", head)):
        head = ""
    return head + _TOKEN.sub(MASK, line[len(head) :])


def mask_likely(line: str) -> str:
    """A line on which no detector found a secret: credentials in plain sight are masked nonetheless."""
    line = _URL_PASSWORD.sub(rf"\1{MASK}\3", line)
    line = _ASSIGNED.sub(rf"\1\2{MASK}\4", line)
    return _KNOWN.sub(rf"\1{MASK}", line)


def _looks_random(word: str) -> bool:
    return len(word) >= 12 and any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
