"""Reads the text of a Compose file into services. Merges no files: an override file stands for itself."""

from __future__ import annotations

import shlex
from typing import Any

from msgspec import Struct

from readiness.deployment.tree import Tree, as_texts, tree
from readiness.yamldoc import as_text, load


class Build(Struct, frozen=True):
    """How Compose builds an image; `context` and `dockerfile` as written ("." and "Dockerfile" where left out)."""

    context: str
    dockerfile: str
    target: str
    line: int


class ComposeService(Struct, frozen=True):
    """One service of one Compose file. Sequences and mappings of the same meaning come in one shape:

    `command` and `entrypoint` are words; `environment` is name to value ("" where it is passed through) with
    `environment_lines`; `ports` are "published:container" as written or built from the long form; `volumes`
    "source:target"; `healthcheck` the words of its test, () without one; `limits` cpus, memory, pids; `lines` holds
    the line of each key.
    """

    name: str
    path: str
    line: int
    image: str = ""
    build: Build | None = None
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    environment_lines: dict[str, int] = {}
    env_file: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    limits: dict[str, str] = {}
    replicas: int | None = None
    restart: str = ""
    user: str = ""
    volumes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    labels_lines: dict[str, int] = {}
    depends_on: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    watches: bool = False
    lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of `key` of the service, its own where it has no such key."""
        return self.lines.get(key, self.line)


def read_services(path: str, text: str) -> tuple[ComposeService, ...]:
    """The services in order. Raises ValueError where the text is not YAML."""
    document = tree(load(text))
    services = document.mapping("services")
    if not services and "services" not in document.mapping():
        services = _first_format(document)
        return tuple(_service(path, document, (name,)) for name in services)
    return tuple(_service(path, document, ("services", name)) for name in services)


def _first_format(document: Tree) -> dict[str, Any]:
    """Services at the top level, as Compose files without a version had them."""
    return {k: v for k, v in document.mapping().items() if isinstance(v, dict) and ("image" in v or "build" in v)}


def _service(path: str, document: Tree, at: tuple[str, ...]) -> ComposeService:
    body = document.mapping(*at)
    limits = document.mapping(*at, "deploy", "resources", "limits")
    older = {"mem_limit": "memory", "cpus": "cpus", "pids_limit": "pids"}
    replicas = document.at(*at, "deploy", "replicas")
    environment, environment_lines = _pairs(document, (*at, "environment"))
    labels, labels_lines = _pairs(document, (*at, "labels"))
    more_labels, more_lines = _pairs(document, (*at, "deploy", "labels"))
    return ComposeService(
        name=at[-1],
        path=path,
        line=document.line(*at),
        image=as_text(body.get("image")),
        build=_build(document, at),
        command=_words(body.get("command")),
        entrypoint=_words(body.get("entrypoint")),
        environment=environment,
        environment_lines=environment_lines,
        env_file=_env_files(body.get("env_file")),
        ports=_long_or_short(body.get("ports"), "published", "target"),
        expose=as_texts(body.get("expose")),
        healthcheck=_healthcheck(document.mapping(*at, "healthcheck")),
        limits={k: as_text(v) for k, v in limits.items()}
        | {n: as_text(body[o]) for o, n in older.items() if o in body},
        replicas=replicas if isinstance(replicas, int) else None,
        restart=as_text(body.get("restart")),
        user=as_text(body.get("user")),
        volumes=_long_or_short(body.get("volumes"), "source", "target"),
        networks=_names(body.get("networks")),
        labels=labels | more_labels,
        labels_lines=labels_lines | more_lines,
        depends_on=_names(body.get("depends_on")),
        profiles=as_texts(body.get("profiles")),
        watches=bool(document.at(*at, "develop", "watch")),
        lines={key: document.line(*at, key) for key in body},
    )


def _build(document: Tree, at: tuple[str, ...]) -> Build | None:
    value = document.at(*at, "build")
    line = document.line(*at, "build")
    if isinstance(value, str):
        return Build(value, "Dockerfile", "", line)
    if not isinstance(value, dict):
        return None
    inline = "" if "dockerfile_inline" in value else "Dockerfile"
    return Build(
        as_text(value.get("context")) or ".",
        as_text(value.get("dockerfile")) or inline,
        as_text(value.get("target")),
        line,
    )


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, str):
        return as_texts(value)
    try:
        return tuple(shlex.split(value, comments=False))
    except ValueError:  # an unclosed quote: Compose would refuse it as well
        return tuple(value.split())


def _pairs(document: Tree, at: tuple[str, ...]) -> tuple[dict[str, str], dict[str, int]]:
    """A mapping, or a sequence of NAME=value, as a mapping; and the line of each name."""
    value = document.at(*at)
    if isinstance(value, dict):
        return {k: as_text(v) for k, v in value.items()}, {k: document.line(*at, k) for k in value}
    texts = value if isinstance(value, list) else []
    pairs = [(text.partition("="), index) for index, text in enumerate(texts) if isinstance(text, str)]
    return {p[0]: p[2] for p, _ in pairs}, {p[0]: document.line(*at, index) for p, index in pairs}


def _names(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else as_texts(value)


def _env_files(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(as_text(item.get("path")) if isinstance(item, dict) else as_text(item) for item in value)
    return as_texts(value)


def _long_or_short(value: Any, first: str, second: str) -> tuple[str, ...]:
    found = []
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict):
            found.append(":".join(filter(None, (as_text(item.get(first)), as_text(item.get(second))))))
        elif as_text(item):
            found.append(as_text(item))
    return tuple(found)


def _healthcheck(body: dict[str, Any]) -> tuple[str, ...]:
    test = body.get("test")
    words = as_texts(test)
    if body.get("disable") is True or words[:1] == ("NONE",):
        return ()
    if isinstance(test, str):
        return ("CMD-SHELL", test)
    return words
