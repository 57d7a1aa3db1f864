"""Secrets among the tracked files, each with its standing: live, a usable default, or harmless. Shows no value.

Tests, examples, docs, vendored and generated files are not read: what is in them never counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from msgspec import Struct
from msgspec.structs import replace

from readiness.engines.secret_code import CodeSecret, in_module
from readiness.engines.secret_text import TextSecret, TextSecrets, scan_settings, scan_sql, scan_tokens
from readiness.engines.secret_values import (
    holds_address,
    is_credential_name,
    is_local_address,
    is_placeholder,
    is_signing_name,
    knowledge_digest,
    looks_random,
    pattern,
    snake,
)
from readiness.facts.manifests import Manifests
from readiness.facts.modules import Modules
from readiness.facts.services import is_tooling
from readiness.model import Evidence
from readiness.repository import Repository, Role
from readiness.source import Choice, Text
from readiness.wiring import fact, known
from readiness.workshop import Workshop

_MAX_BYTES = 400_000
_MAX_SPREAD = 400
_KNOWN = known(__file__, "secrets.yaml")


def _any(name: str) -> str:
    return "|".join(_KNOWN[name])


_DEMONSTRATION = re.compile(rf"(^|[/._-])({_any('demonstration_words')})([/._-]|$)")
_SETTINGS = tuple(_KNOWN["setting_endings"])
_SKIPPED = re.compile(rf"(^|/)({_any('skipped_names')}|.*\.({_any('skipped_endings')}))$")
_ENV_FILE = re.compile(rf"(^|/)({_any('environment_files')})$")
_ENV_SAMPLE = re.compile(rf"(?i)({_any('environment_samples')})")
_ENV_PRODUCTION = re.compile(rf"(?i)({_any('environment_production')})")
_PRODUCTION_MODULE = re.compile(r"(?i)(^|[/_])prod(uction)?([/_.]|$)")
_API_DOCUMENT = re.compile(_KNOWN["api_document"])
_BASE_CONFIG = re.compile(rf"(?i)(^|/)({_any('base_names')})[\w.-]*\.({_any('base_endings')})$")


class Secret(Struct, frozen=True):
    """`standing`: live (production would accept it, or it is a key or token as such), default (usable unless replaced)
    or harmless. `what` names the kind of secret, `why` the reason for the standing. `fixed`: it stands in code and no
    setting replaces it."""

    what: str
    standing: str
    why: str
    where: Evidence
    fixed: bool = False


class SecretFindings:
    """Secrets in order of place; `files` is how many were read."""

    def __init__(self, found: Iterable[Secret], files: int) -> None:
        """Sort them; one a line, the gravest."""
        order = ("live", "default", "harmless")
        kept: dict[tuple[str, int], Secret] = {}
        for secret in sorted(found, key=lambda s: (s.where.path, s.where.line, order.index(s.standing), s.what)):
            kept.setdefault((secret.where.path, secret.where.line), secret)
        self.all = tuple(kept.values())
        self.files = files

    def of(self, standing: str) -> list[Secret]:
        """Those of one standing."""
        return [secret for secret in self.all if secret.standing == standing]


@fact
def secret_findings(
    repository: Repository, workshop: Workshop, modules: Modules, manifests: Manifests
) -> SecretFindings:
    """Look at every tracked text file of the roles `source` and `config`, and at the literals of production code."""
    tracked = [f for f in repository.files if f.role in (Role.SOURCE, Role.CONFIG) and f.size <= _MAX_BYTES]
    files = [f for f in tracked if not _SKIPPED.search(f.path)]
    tables = [f for f in tracked if f.path.endswith(".sql")]
    settings = [f for f in files if not f.language and (_ENV_FILE.search(f.path) or f.path.endswith(_SETTINGS))]
    others = [f for f in files if f not in set(settings)]
    stamp = _stamp()
    texts = workshop.read_each(repository, settings, scan_settings, TextSecrets, stamp, _MAX_BYTES)
    texts |= workshop.read_each(repository, others, scan_tokens, TextSecrets, stamp, _MAX_BYTES)
    texts |= workshop.read_each(repository, tables, scan_sql, TextSecrets, stamp, _MAX_BYTES)
    found = [_of_text(path, secret, manifests) for path, result in sorted(texts.items()) for secret in result.found]
    replaced = _replaced_in_production(modules)
    code = (
        _of_code(module.path, _placed(secret, repository.read_text(module.path) or ""))
        for module in modules
        for secret in in_module(module)
        if (module.path, secret.name) not in replaced
    )
    return SecretFindings([s for s in (*found, *code) if s is not None], len(files))


def _replaced_in_production(modules: Modules) -> set[tuple[str, str]]:
    """Settings, by file and name, that the settings for production import with a star and assign anew, by no literal."""
    found: set[tuple[str, str]] = set()
    paths = {module.path.removesuffix(".py").replace("/", "."): module.path for module in modules.of("python")}
    for module in modules.of("python"):
        if not _PRODUCTION_MODULE.search(module.path):
            continue
        anew = {a.target for a in module.assignments if a.function < 0}
        anew -= {a.target for a in module.assignments if isinstance(a.value, Text | Choice)}
        for imported in module.imports:
            base = paths.get(imported.symbol.removesuffix(".*")) if imported.local == "*" else None
            found |= {(base, name) for name in anew} if base is not None else set()
    return found


def _stamp() -> str:
    try:
        engine = version("detect-secrets")
    except PackageNotFoundError:
        engine = "none"
    return f"1:{engine}:{knowledge_digest()}"


def _placed(secret: CodeSecret, text: str) -> CodeSecret:
    """`secret` at the line that holds its value, where an object spreads over several."""
    lines = text.splitlines()[secret.line - 1 : secret.line + _MAX_SPREAD]
    holding = [number for number, line in enumerate(lines, secret.line) if secret.value in line]
    named = [number for number in holding if secret.name in lines[number - secret.line]]
    line = next(iter([*named, *holding]), secret.line)
    return replace(secret, line=line)


def _is_development(path: str) -> bool:
    """Whether `path` says that production does not run with what is in it."""
    if re.search(r"(?i)prod", path.rpartition("/")[2]):
        return False
    return bool(pattern("development_path").search(path.lower()))


def _of_text(path: str, secret: TextSecret, manifests: Manifests) -> Secret | None:
    where = Evidence(path, secret.line, secret=True)
    if secret.kind == "setting":
        return _of_setting(path, secret, where)
    if secret.kind == "seeded account":
        if _DEMONSTRATION.search(path.lower()):
            return None
        return Secret("an administrator's fixed password", "default", "is what production starts with", where)
    if secret.kind == "encrypted private key":
        return Secret("a private key", "default", "is encrypted, but tracked", where)
    if secret.kind == "private key":
        if _is_development(path) and not _ENV_FILE.search(path):
            return Secret("a private key", "harmless", "is for development or tests", where)
        return Secret("a private key", "live", "is complete", where)
    what = f"a token ({secret.what})"
    if _is_development(path):
        return Secret(what, "harmless", "is for development or tests", where)
    if "JSON Web Token" in secret.what and _API_DOCUMENT.search(path):
        return Secret(what, "harmless", "is an example in the API's document", where)
    if "Google" in secret.what and (manifests.is_browser_code(path) or path.endswith((".json", ".plist", ".html"))):
        return Secret(what, "harmless", "is a browser key, public by design", where)
    return Secret(what, "live", "has the shape of a live one", where)


def _of_setting(path: str, secret: TextSecret, where: Evidence) -> Secret | None:
    name, value = secret.name, secret.value
    address = holds_address(value)
    if not (is_credential_name(name) or address) or value.startswith(("$", "!", "*", "@")):
        return None
    what = f"a value for {name}"
    if is_placeholder(value) or (address and is_placeholder(_password(value))):
        return Secret(what, "harmless", "is a placeholder", where)
    if is_local_address(value):
        return Secret(what, "harmless", "is for the developer's own machine", where)
    base = path.rpartition("/")[2]
    if _ENV_FILE.search(path):
        if _ENV_PRODUCTION.search(base) or (
            looks_random(value) and not _ENV_SAMPLE.search(base) and not _is_development(path)
        ):
            return Secret(what, "live", "is filled in", where)
        return Secret(what, "harmless", "is a sample or a development value", where)
    if _is_development(path):
        return Secret(what, "harmless", "is a development value", where)
    if looks_random(value) and is_credential_name(name):
        return Secret(what, "live", "looks like a real one", where)
    if _BASE_CONFIG.search(path) and is_signing_name(name) and not _ENV_SAMPLE.search(base.partition(".")[2]):
        return Secret(what, "default", "is in the settings that production reads", where)
    return None


def _password(address: str) -> str:
    match = re.search(r":([^:@/]*)@", address)
    return match[1] if match else ""


def _of_code(path: str, secret: CodeSecret) -> Secret | None:
    where = Evidence(path, secret.line, secret=True)
    what = {
        "address": f"a password in the address {secret.name}",
        "seeded password": "a fixed password that is seeded",
    }.get(secret.kind, f"a {secret.kind} ({secret.name})")
    if (
        (_is_development(path) and secret.kind != "seeded password")
        or any(pattern("development_guard").search(guard) for guard in secret.guards)
        or pattern("development_class").search(secret.owner)
    ):
        return Secret(what, "harmless", "is for development or tests", where)
    if secret.kind == "seeded password":
        return Secret(what, "default", "is what production starts with", where)
    if is_tooling(path) and not looks_random(secret.value):
        return Secret(what, "harmless", "is in a tool that production does not run", where)
    if secret.kind == "address" and is_local_address(secret.value):
        return Secret(what, "harmless", "leads to the developer's own machine", where)
    if secret.overridable and _opens_nothing(secret):
        return Secret(what, "harmless", "has a placeholder for a default", where)
    if secret.overridable:
        return Secret(what, "default", "has a default that is used where none is set", where)
    if is_placeholder(secret.value):
        return Secret(what, "default", "is a placeholder that nothing can replace", where, fixed=True)
    if secret.kind == "credential" and not looks_random(secret.value):
        return Secret(what, "default", "is fixed in code", where, fixed=True)
    return Secret(what, "live", "is fixed in code, with nothing to replace it", where, fixed=True)


def _opens_nothing(secret: CodeSecret) -> bool:
    """Whether it is a made-up credential for somebody else's service, which accepts no such thing."""
    theirs = bool(pattern("provider_names").search(snake(secret.name))) and "password" not in secret.name.lower()
    return theirs and is_placeholder(secret.value)
