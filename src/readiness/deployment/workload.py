"""Makes typed workloads (pods with their containers) of Kubernetes objects. Applies no defaults of the cluster."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from readiness.deployment.manifest import KubeObject
from readiness.deployment.tree import Tree, as_texts
from readiness.yamldoc import as_text

_POD = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Rollout": ("spec", "template", "spec"),
    "Service": ("spec", "template", "spec"),  # Knative
}
PROBES = {"livenessProbe": "liveness", "readinessProbe": "readiness", "startupProbe": "startup"}


class Probe(Struct, frozen=True):
    """A probe. `kind`: liveness, readiness or startup; `how`: http, tcp, exec, grpc or "" (templated).

    `port` as written; `settings` its numbers (periodSeconds ...).
    """

    kind: str
    how: str
    path: str
    port: str
    command: tuple[str, ...]
    file: str
    line: int
    settings: dict[str, Any] = {}


class Container(Struct, frozen=True):
    """A container. `env` is name to literal value ("" for one taken from elsewhere), `secrets` the names from a Secret.

    `env_from`: "secret/name" and "configMap/name"; `ports`: the container ports by name or number.
    """

    name: str
    image: str
    line: int
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    env_lines: dict[str, int] = {}
    secrets: tuple[str, ...] = ()
    env_from: tuple[str, ...] = ()
    ports: dict[str, int] = {}
    probes: tuple[Probe, ...] = ()
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    security: dict[str, Any] = {}
    lifecycle: bool = False

    def probe(self, kind: str) -> Probe | None:
        """The probe of `kind`."""
        return next((p for p in self.probes if p.kind == kind), None)


class Workload(Struct, frozen=True):
    """An object that runs pods. `replicas` is None where none is stated; `annotations` and `labels` those of the pod;
    `security` the pod's securityContext."""

    kind: str
    name: str
    namespace: str
    path: str
    line: int
    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...] = ()
    replicas: int | None = None
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}
    security: dict[str, Any] = {}
    grace_seconds: int | None = None
    schedule: str = ""


def workload(thing: KubeObject) -> Workload | None:
    """The workload that an object is, None where it runs no pod."""
    at = _POD.get(thing.kind)
    if at is None or (thing.kind == "Service" and "knative" not in thing.api_version):
        return None
    data = thing.data
    if not isinstance(data.at(*at), dict):
        return None
    meta = (*at[:-1], "metadata")
    replicas, grace = data.at("spec", "replicas"), data.at(*at, "terminationGracePeriodSeconds")
    return Workload(
        thing.kind,
        thing.name,
        thing.namespace,
        thing.path,
        thing.line,
        _containers(thing, (*at, "containers")),
        _containers(thing, (*at, "initContainers")),
        replicas if isinstance(replicas, int) else None,
        {k: as_text(v) for k, v in data.mapping(*meta, "annotations").items()},
        {k: as_text(v) for k, v in data.mapping(*meta, "labels").items()},
        data.mapping(*at, "securityContext"),
        grace if isinstance(grace, int) else None,
        data.text("spec", "schedule"),
    )


def _containers(thing: KubeObject, at: tuple[str, ...]) -> tuple[Container, ...]:
    items = thing.data.items(*at)
    return tuple(_container(thing, (*at, i)) for i, item in enumerate(items) if isinstance(item, dict))


def _container(thing: KubeObject, at: tuple[str | int, ...]) -> Container:
    data = thing.data
    environment = [(i, e) for i, e in enumerate(data.items(*at, "env")) if isinstance(e, dict) and e.get("name")]
    return Container(
        data.text(*at, "name"),
        data.text(*at, "image"),
        data.line(*at),
        as_texts(data.at(*at, "command")),
        as_texts(data.at(*at, "args")),
        {as_text(e["name"]): as_text(e.get("value")) for _, e in environment},
        {as_text(e["name"]): data.line(*at, "env", i) for i, e in environment},
        tuple(as_text(e["name"]) for i, e in environment if data.at(*at, "env", i, "valueFrom", "secretKeyRef")),
        _sources(data, at),
        _ports(data, at),
        tuple(read_probe(data, thing.path, (*at, key)) for key in PROBES if isinstance(data.at(*at, key), dict)),
        {k: as_text(v) for k, v in data.mapping(*at, "resources", "requests").items()},
        {k: as_text(v) for k, v in data.mapping(*at, "resources", "limits").items()},
        data.mapping(*at, "securityContext"),
        bool(data.at(*at, "lifecycle", "preStop")),
    )


def _sources(data: Tree, at: tuple[str | int, ...]) -> tuple[str, ...]:
    found = []
    for item in data.items(*at, "envFrom"):
        for key, name in (("secretRef", "secret"), ("configMapRef", "configMap")):
            reference = item.get(key) if isinstance(item, dict) else None
            if isinstance(reference, dict):
                found.append(f"{name}/{as_text(reference.get('name'))}")
    return tuple(found)


def _ports(data: Tree, at: tuple[str | int, ...]) -> dict[str, int]:
    ports = [p for p in data.items(*at, "ports") if isinstance(p, dict) and isinstance(p.get("containerPort"), int)]
    return {as_text(p.get("name")) or as_text(p["containerPort"]): p["containerPort"] for p in ports}


def read_probe(data: Tree, path: str, at: tuple[str | int, ...]) -> Probe:
    """The probe at `at`, whose last key is one of PROBES."""
    body = data.mapping(*at)
    how, inner = next(
        ((name, key) for key, name in (("httpGet", "http"), ("tcpSocket", "tcp"), ("exec", "exec"), ("grpc", "grpc"))
         if key in body),
        ("", ""),
    )  # fmt: skip
    return Probe(
        PROBES[str(at[-1])],
        how,
        data.text(*at, inner, "path"),
        data.text(*at, inner, "port"),
        as_texts(data.at(*at, "exec", "command")),
        path,
        data.line(*at, inner, "path") if data.at(*at, inner, "path") else data.line(*at),
        {k: v for k, v in body.items() if isinstance(v, int)},
    )
