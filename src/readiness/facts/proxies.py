"""Reverse proxies configured in this repository: directives and the response headers they add.

Annotations of an Ingress and Traefik labels stand in the Kubernetes and Compose facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from readiness.deployment.headers import header_of, headers_in_document, headers_in_header_file
from readiness.deployment.proxyconf import Directive, read_apache, read_caddy, read_haproxy, read_nginx
from readiness.deployment.tree import Tree, tree
from readiness.repository import File, Repository, Role
from readiness.wiring import fact, known
from readiness.yamldoc import as_text, load_all

_MAX_BYTES = 300_000
_READERS = {"nginx": read_nginx, "caddy": read_caddy, "apache": read_apache, "haproxy": read_haproxy}


class Header(NamedTuple):
    """A response header that a proxy adds; `value` as written, variables included."""

    name: str
    value: str
    path: str
    line: int


class Setting(NamedTuple):
    """A directive that matters to an item: its name, its words as one text, and its place."""

    name: str
    value: str
    path: str
    line: int


class ProxyFile(Struct, frozen=True):
    """One configuration. `server`: nginx, caddy, apache, haproxy, traefik, envoy, kong or static-host."""

    path: str
    role: Role
    server: str
    directives: tuple[Directive, ...]
    headers: tuple[tuple[str, str, int], ...]

    @property
    def production(self) -> bool:
        """Whether it lies outside test, example and documentation folders."""
        return self.role in (Role.CONFIG, Role.SOURCE)


class Proxies:
    """All configurations; `headers` and the settings are those outside tests, examples and documentation."""

    def __init__(self, files: Iterable[ProxyFile] = ()) -> None:
        """Keep them in order of path."""
        self.all = tuple(sorted(files, key=lambda f: f.path))
        self.production = [f for f in self.all if f.production]
        self.headers = [Header(name, value, f.path, line) for f in self.production for name, value, line in f.headers]

    def named(self, *names: str) -> list[Setting]:
        """The production directives of any of `names` (lower case; the first word counts)."""
        return [
            Setting(d.name, " ".join(d.args), f.path, d.line)
            for f in self.production
            for d in f.directives
            if d.name in names
        ]

    @property
    def rate_limits(self) -> list[Setting]:
        """Directives that limit requests (nginx limit_req, Traefik rateLimit, Kong rate-limiting ...)."""
        return self.named(*_known()["rate_limits"])

    @property
    def timeouts(self) -> list[Setting]:
        """Directives that bound how long a request may take."""
        return self.named(*_known()["timeouts"])

    @property
    def body_limits(self) -> list[Setting]:
        """Directives that bound the size of a request."""
        return self.named(*_known()["body_limits"])


@fact
def proxies(repository: Repository) -> Proxies:
    """Read them all; a document that is not YAML is noted as unread."""
    return Proxies(_files(repository))


def _known() -> dict[str, Any]:
    return known(__file__, "proxies.yaml")


def _files(repository: Repository) -> Iterator[ProxyFile]:
    seen: set[str] = set()
    for server, signs in {**_known()["servers"], **_known()["documents"]}.items():
        for file in _candidates(repository, signs):
            if file.path in seen or file.role is Role.VENDORED or file.language:
                continue
            text = repository.read_text(file.path, _MAX_BYTES)
            if text is None or not any(word in text for word in signs["words"]):
                continue
            seen.add(file.path)
            if server in _READERS:
                yield _from_directives(file, server, _READERS[server](text))
            else:
                yield from _from_document(repository, file, server, text)
    for file in repository.select(*_known()["header_files"]):
        headers = tuple(headers_in_header_file(repository.read_text(file.path, _MAX_BYTES) or ""))
        if headers and file.role is not Role.VENDORED:
            yield ProxyFile(file.path, file.role, "static-host", (), headers)


def _candidates(repository: Repository, signs: dict[str, Any]) -> list[File]:
    words = "|".join(map(re.escape, signs.get("folders", ())))
    folders = re.compile(rf"(^|[-_./])({words})($|[-_./])" if words else r"(?!)")
    suffixes = signs.get("suffixes", [".yml", ".yaml"])
    named = repository.select(*signs["names"])
    inside = [
        file
        for file in repository.files
        if file.size <= _MAX_BYTES and folders.search(file.folder.lower()) and _suffix(file.name) in suffixes
    ]
    return sorted({*named, *inside})


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name[1:] else ""


def _from_directives(file: File, server: str, directives: list[Directive]) -> ProxyFile:
    headers = [(*pair, d.line) for d in directives if (pair := header_of(server, d)) is not None]
    return ProxyFile(file.path, file.role, server, tuple(directives), tuple(headers))


def _from_document(repository: Repository, file: File, server: str, text: str) -> Iterator[ProxyFile]:
    try:
        documents = [tree(value) for value in load_all(text)]
    except (ValueError, RecursionError) as error:
        repository.note_unread(file.path, server, str(error)[:200])
        return
    options, maps = _known()["options"], _known()["header_maps"]
    headers = [found for document in documents for found in headers_in_document(document, options, maps)]
    directives = [directive for document in documents for directive in _keys(document)]
    yield ProxyFile(file.path, file.role, server, tuple(directives), tuple(headers))


def _keys(document: Tree) -> Iterator[Directive]:
    """Each key of a document as a directive, so that settings are found by one name everywhere; Kong's plugins by their
    own `name`."""
    for keys, value in document.walk():
        yield Directive(keys[-1].lower(), (as_text(value),), document.line(*keys), keys[:-1])
        if isinstance(value, str) and keys[-1] == "name":
            yield Directive(value.lower(), (), document.line(*keys), keys[:-1])
