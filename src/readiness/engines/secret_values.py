"""What a name and a literal value say about being a secret. Reads no file and knows no language."""

from __future__ import annotations

import re
from functools import cache
from math import log2

from readiness.cache import digest
from readiness.wiring import known


@cache
def knowledge_digest() -> str:
    """Changes with secrets.yaml."""
    return digest(repr(known(__file__, "secrets.yaml")))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The regular expression `name` of secrets.yaml."""
    return re.compile(known(__file__, "secrets.yaml")[name])


def snake(name: str) -> str:
    """The last part of a dotted name in lower snake case: config.jwtSecret -> jwt_secret."""
    last = re.split(r"[.\[\]'\"/]", name.strip("'\"[] "))[-1] or name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).replace("-", "_").lower()


def is_signing_name(name: str) -> bool:
    """Whether what bears `name` signs or encrypts."""
    plain = snake(name)
    return bool(pattern("signing_names").search(plain)) and not pattern("harmless_names").search(plain)


def is_credential_name(name: str) -> bool:
    """Whether what bears `name` opens something (a signing key included)."""
    plain = snake(name)
    if is_signing_name(name) or (plain.endswith(("_url", "_uri", "dsn")) and pattern("credential_names").search(plain)):
        return True
    return bool(pattern("credential_names").search(plain)) and not pattern("harmless_names").search(plain)


def holds_address(value: str) -> bool:
    """Whether `value` is an address with a user's password in it (a URL, or Go's user:password@tcp(host))."""
    return bool(re.search(r"://[^/\s:@]*:[^@\s/${}<]+@|^[\w.-]+:[^@\s/${}<]+@(tcp|unix)?\(", value))


def is_local_address(value: str) -> bool:
    """Whether `value` leads to the developer's own machine or an embedded file."""
    return bool(pattern("local_host").search(value))


def is_placeholder(value: str) -> bool:
    """Whether `value` says itself that it is to be replaced."""
    return bool(pattern("placeholder").search(value))


def is_value(value: str, sentences: bool = False) -> bool:
    """Whether `value` could be a secret at all: not empty, no sentence (unless `sentences`), path, template or plain address."""
    text = value.strip()
    if text.lower() in ("null", "none", "true", "false", "undefined", "nil", "localhost", "127.0.0.1"):
        return False
    if (
        len(text) < 4
        or len(text) > 4000
        or (not sentences and text.count(" ") > 1 and not text.startswith("-----BEGIN"))
    ):
        return False
    if text.startswith(("/", "./", "../", "~", "${", "{{", "<", "$(", "arn:", "env:", "vault:", "file:")):
        return False
    if re.fullmatch(r"\$[A-Za-z_]\w*", text):
        return False  # a shell's variable
    return not re.match(r"[a-z][\w+.-]*://", text) or holds_address(text)


def is_word_of(name: str, value: str) -> bool:
    """Whether `value` only repeats the words that names are made of (PASSWORD_FIELD = "new_password")."""
    words = re.findall(r"[a-z]+", snake(value.replace(" ", "_")))
    own = set(re.findall(r"[a-z]+", snake(name)))
    common = {"password", "secret", "token", "key", "api", "access", "refresh", "reset", "auth", "jwt", "user", "client",
              "new", "old", "current", "confirm", "session", "id", "type", "bearer", "basic", "email", "verify", "x",
              "header", "cookie", "invalid", "required", "public", "private", "string", "text", "field"}  # fmt: skip
    return bool(words) and not re.search(r"\d", value) and set(words) <= own | common


def entropy(value: str) -> float:
    """Shannon's bits per character."""
    return -sum((n := value.count(c) / len(value)) * log2(n) for c in set(value)) if value else 0.0


def looks_random(value: str) -> bool:
    """Whether a machine seems to have made `value`: long, mixed, and not words."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value.lower()):
        return False  # a UUID names things far oftener than it opens them
    mixed = bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value))
    return (
        len(value) >= 16
        and mixed
        and entropy(value) >= 3.3
        and not re.search(r"[A-Za-z]{12,}", value)
        and " " not in value
    )
