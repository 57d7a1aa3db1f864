"""Kubernetes: manifests as objects and typed workloads, and Helm charts as far as they read unrendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from readiness.deployment import manifest
from readiness.deployment.chart import Chart, Template, empty_values, read_template
from readiness.deployment.manifest import KubeFile, KubeObject
from readiness.deployment.tree import Tree, tree
from readiness.deployment.workload import Container, Probe, Workload, workload
from readiness.repository import File, Repository, Role
from readiness.wiring import fact
from readiness.workshop import Workshop
from readiness.yamldoc import YamlMap, load

__all__ = ["Chart", "Container", "KubeObject", "Kubernetes", "Probe", "Template", "Workload", "kubernetes"]

_MAX_BYTES = 1_000_000
_NO_MANIFESTS = (".github/", ".gitlab/", ".circleci/", "node_modules/")


class Kustomization(Struct, frozen=True):
    """A kustomization.yaml: the paths it takes in (resources, bases, components), as written."""

    path: str
    resources: tuple[str, ...]


class Kubernetes:
    """Objects and charts. `objects` and `workloads` are those outside tests, examples and documentation; `examples`
    the objects inside."""

    def __init__(
        self,
        objects: Iterable[KubeObject] = (),
        charts: Iterable[Chart] = (),
        examples: Iterable[KubeObject] = (),
        kustomizations: Iterable[Kustomization] = (),
    ) -> None:
        """Keep each in order of path."""
        self.objects = tuple(sorted(objects, key=_place))
        self.examples = tuple(sorted(examples, key=_place))
        self.charts = tuple(sorted(charts, key=lambda c: c.path))
        self.kustomizations = tuple(sorted(kustomizations, key=lambda k: k.path))

    def of(self, *kinds: str) -> list[KubeObject]:
        """The objects of any of `kinds`."""
        return [o for o in self.objects if o.kind in kinds]

    @cached_property
    def workloads(self) -> list[Workload]:
        """The workloads among the objects."""
        return [w for o in self.objects if (w := workload(o)) is not None]

    @property
    def containers(self) -> Iterator[tuple[Workload, Container]]:
        """Every container with its workload; init containers are not among them."""
        return ((w, c) for w in self.workloads for c in w.containers)

    def probes(self, *kinds: str) -> list[Probe]:
        """The probes of `kinds` (liveness, readiness, startup; default: all) in manifests and charts."""
        written = [p for _, c in self.containers for p in c.probes]
        charted = [p for chart in self.charts for p in chart.probes]
        return [p for p in (*written, *charted) if not kinds or p.kind in kinds]


def _place(thing: KubeObject) -> tuple[str, int]:
    return thing.path, thing.line


@fact
def kubernetes(repository: Repository, workshop: Workshop) -> Kubernetes:
    """Read them; a chart's templates are noted as partly read, once for each chart."""
    folders = [f.folder for f in repository.select("Chart.yaml", "Chart.yml") if f.role is not Role.VENDORED]
    prefixes = tuple(f"{folder}/templates/" if folder else "templates/" for folder in folders)
    files = [f for f in _yaml(repository) if not (prefixes and f.path.startswith(prefixes))]
    likely = [f for f in files if _mentions_an_object(repository, f)]
    read = workshop.read_each(repository, likely, manifest.read, KubeFile, manifest.VERSION, _MAX_BYTES)
    roles = {f.path: f.role for f in likely}
    objects = [o for kube_file in read.values() for o in kube_file.objects]
    real = [o for o in objects if roles[o.path] in (Role.CONFIG, Role.SOURCE)]
    return Kubernetes(
        real,
        [_chart(repository, folder) for folder in folders],
        [o for o in objects if roles[o.path] in (Role.TEST, Role.EXAMPLE, Role.DOCS)],
        _kustomizations(repository),
    )


def _yaml(repository: Repository) -> list[File]:
    wanted = repository.select(suffixes=(".yaml", ".yml"))
    return [f for f in wanted if f.role is not Role.VENDORED and not f.path.startswith(_NO_MANIFESTS)]


def _mentions_an_object(repository: Repository, file: File) -> bool:
    if not 30 <= file.size <= _MAX_BYTES:
        return False
    content = repository.read_bytes(file.path, _MAX_BYTES) or b""
    return b"apiVersion" in content and b"kind" in content


def _chart(repository: Repository, folder: str) -> Chart:
    prefix = f"{folder}/" if folder else ""
    about = _tree(repository, prefix + "Chart.yaml")
    values_path = prefix + "values.yaml"
    has_values = repository.get(values_path) is not None
    values = _tree(repository, values_path) if has_values else empty_values()
    templates = [
        f
        for f in repository.files
        if f.path.startswith(prefix + "templates/") and f.name.endswith((".yaml", ".yml", ".tpl"))
    ]
    if templates:
        where = f"{prefix}templates"
        repository.note_unread(where, "helm", "template; only values and plain lines were read")
    read = [read_template(f.path, repository.read_text(f.path, 300_000) or "", values) for f in templates]
    name = about.text("name") or folder.rpartition("/")[2]
    return Chart(prefix + "Chart.yaml", folder, name, values_path if has_values else "", values, tuple(read))


def _tree(repository: Repository, path: str) -> Tree:
    try:
        return tree(load(repository.read_text(path, _MAX_BYTES) or ""))
    except (ValueError, RecursionError) as error:
        repository.note_unread(path, "yaml", str(error)[:200])
        return tree(YamlMap(1))


def _kustomizations(repository: Repository) -> list[Kustomization]:
    found = []
    for file in repository.select("kustomization.y*ml"):
        data = _tree(repository, file.path)
        keys = ("resources", "bases", "components")
        resources = tuple(str(item) for key in keys for item in data.items(key) if isinstance(item, str))
        found.append(Kustomization(file.path, resources))
    return found
