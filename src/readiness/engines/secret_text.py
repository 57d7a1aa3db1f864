"""Finds tokens and private keys in one text file, with detect-secrets' detectors. Verifies nothing over the network."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

from readiness.engines.secret_values import is_placeholder, is_value, pattern
from readiness.wiring import known

_BEGIN = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
_SETTING = re.compile(
    r"^\s*(?:export\s+|-\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*(?:[\"'](.*?)[\"']|([^\s#,]+))\s*,?\s*(?:#.*)?$"
)
_JWT_SAMPLE = re.compile(r"eyJzdWIiOiIxMjM0NTY3ODkw|eyJsb2dnZWRJbkFzIjoi|SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c")
_SERVICES = frozenset({"twilio", "artifactory", "mailchimp", "discord", "telegram", "cloudant", "softlayer"})
_RUN = re.compile(r"(?=[\w\-+/=.:]*\d)[\w\-+/=.:]{20,}")
_LINE = 4000


class TextSecret(Struct, frozen=True):
    """`kind`: private key, encrypted private key, token, seeded account, or setting (a `name` with its value, to be
    judged by its place).

    `what` says which token; `value` is never shown.
    """

    kind: str
    what: str
    line: int
    value: str = ""
    name: str = ""


class TextSecrets(Struct, frozen=True):
    """What one file holds."""

    found: tuple[TextSecret, ...] = ()


@cache
def _plugins() -> tuple[Any, ...]:
    from detect_secrets.core.scan import get_plugins  # type: ignore[attr-defined]  # the library exports it untyped
    from detect_secrets.settings import transient_settings

    wanted = [{"name": name} for name in known(__file__, "secrets.yaml")["plugins"]]
    with transient_settings({"plugins_used": wanted}):
        return tuple(get_plugins())


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(text)) for name, text in known(__file__, "secrets.yaml")["tokens"].items())


def scan_tokens(path: str, content: bytes) -> TextSecrets:
    """Tokens and private keys."""
    text = content.decode("utf-8", "replace")
    return TextSecrets((*_private_keys(text), *_tokens(path, text)))


def scan_settings(path: str, content: bytes) -> TextSecrets:
    """Tokens, private keys, and the settings of a configuration file whose value could be a secret."""
    text = content.decode("utf-8", "replace")
    settings = []
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) < _LINE and (match := _SETTING.match(line)):
            value = match[2] if match[2] is not None else match[3]
            if value and is_value(value) and not line.lstrip().startswith(("#", "//", ";")):
                settings.append(TextSecret("setting", "", number, value, match[1]))
    return TextSecrets((*_private_keys(text), *_tokens(path, text), *settings))


def scan_sql(path: str, content: bytes) -> TextSecrets:
    """The administrators whom SQL makes with a fixed password, by its hash."""
    found, line = [], 1
    for statement in content.decode("utf-8", "replace").split(";"):
        hashed = pattern("password_hash").search(statement[:_LINE])
        if hashed and pattern("inserted_administrator").search(statement[:_LINE]):
            found.append(TextSecret("seeded account", "password", line + statement.count("\n", 0, hashed.start())))
        line += statement.count("\n")
    return TextSecrets(tuple(found))


def _private_keys(text: str) -> list[TextSecret]:
    """Whole keys: a head, at least 150 characters of base64, a foot."""
    found = []
    for begin in _BEGIN.finditer(text):
        end = _END.search(text, begin.end(), begin.end() + 20_000)
        body = text[begin.end() : end.start()] if end else ""
        packed = re.sub(r"\\[nr]|[\s\"'+,\\]|^[A-Za-z-]+: .*$", "", body, flags=re.MULTILINE)
        if len(packed) < 150 or not re.fullmatch(r"[A-Za-z0-9+/=:,.-]+", packed) or is_placeholder(packed[:60] + " "):
            continue
        locked = "ENCRYPTED" in begin[1] or "Proc-Type: 4,ENCRYPTED" in body
        line = text.count("\n", 0, begin.start()) + 1
        found.append(TextSecret("encrypted private key" if locked else "private key", "private key", line))
    return found


def _tokens(path: str, text: str) -> list[TextSecret]:
    found: dict[tuple[int, str], TextSecret] = {}
    lowered = text.lower()
    needles = [needle for needle in known(__file__, "secrets.yaml")["token_needles"] if needle in lowered]
    named = bool(_SERVICES.intersection(needles))
    for number, line in enumerate(text.splitlines() if needles else (), 1):
        if len(line) > _LINE or not (named or any(needle in line.lower() for needle in needles)):
            continue
        if not _RUN.search(line):
            continue
        for what, value in _on_line(path, line, number):
            if what == "JSON Web Token" and line.lstrip().startswith(("*", "//", "#", "<!--")):
                continue  # documentation of an answer
            if not is_placeholder(value) and not _JWT_SAMPLE.search(value) and "xample" not in line:
                found[number, value] = TextSecret("token", what, number, value)
    return list(found.values())


def _on_line(path: str, line: str, number: int) -> list[tuple[str, str]]:
    hits = [(what, match[0]) for what, shape in _shapes() if (match := shape.search(line))]
    for plugin in _plugins():
        secrets = plugin.analyze_line(filename=path, line=line, line_number=number) or ()
        hits += [(str(secret.type), _whole(line, str(secret.secret_value or ""))) for secret in secrets]
    return hits


def _whole(line: str, part: str) -> str:
    """The word of `line` that holds `part`: some detectors give a token's prefix only."""
    return next((word for word in re.findall(r"[\w\-./+=:]+", line) if part and part in word), part)
