"""What manifests and charts say of workloads and probes."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from readiness.deployment import manifest
from readiness.deployment.chart import empty_values, read_template
from readiness.facts.kubernetes import Kubernetes, kubernetes
from readiness.repository import Repository
from readiness.workshop import Workshop

Make = Callable[[str], Repository]

DEPLOYMENT = """
-- deploy/api.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: api}
data: {LOG_LEVEL: info}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 3
  template:
    metadata:
      annotations:
        prometheus.io/scrape: "true"
    spec:
      terminationGracePeriodSeconds: 45
      securityContext: {runAsNonRoot: true}
      containers:
        - name: api
          image: registry.example/api:1.4
          ports: [{containerPort: 8080, name: http}]
          env:
            - {name: PORT, value: 8080}
            - name: DATABASE_URL
              valueFrom: {secretKeyRef: {name: db, key: url}}
          envFrom: [{configMapRef: {name: api}}]
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          livenessProbe:
            exec: {command: [/bin/true]}
          resources: {limits: {memory: 256Mi}}
"""


def find(repository: Make, text: str) -> Kubernetes:
    return kubernetes(repository(text), Workshop(jobs=1))


def test_a_deployment(repository: Make) -> None:
    found = find(repository, DEPLOYMENT)
    (work,) = found.workloads
    (box,) = work.containers
    assert (work.name, work.replicas, work.grace_seconds, work.security) == ("api", 3, 45, {"runAsNonRoot": True})
    assert work.annotations == {"prometheus.io/scrape": "true"}
    assert box.env == {"PORT": "8080", "DATABASE_URL": ""} and box.secrets == ("DATABASE_URL",)
    assert box.env_from == ("configMap/api",) and box.ports == {"http": 8080} and box.limits == {"memory": "256Mi"}
    ready, live = box.probe("readiness"), box.probe("liveness")
    assert ready is not None and (ready.how, ready.path, ready.port, ready.line) == ("http", "/ready", "http", 30)
    assert live is not None and live.how == "exec" and live.command == ("/bin/true",)
    assert found.of("ConfigMap")[0].data.text("data", "LOG_LEVEL") == "info"


def test_examples_and_workflows_are_no_manifests(repository: Make) -> None:
    text = (
        DEPLOYMENT.replace("deploy/api.yaml", "examples/api.yaml")
        + "-- .github/workflows/x.yml --\nkind: apiVersion\non: push\n"
    )
    found = find(repository, text)
    assert not found.objects and len(found.examples) == 2


CHART = """
-- chart/Chart.yaml --
apiVersion: v2
name: shop
-- chart/values.yaml --
image: {repository: shop, tag: "2.0"}
health: /healthz
readinessProbe:
  httpGet:
    path: /ready
    port: http
-- chart/templates/deployment.yaml --
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          livenessProbe:
            httpGet:
              path: {{ .Values.health }}
              port: 8080
          readinessProbe:
            {{- toYaml .Values.readinessProbe | nindent 12 }}
{{- end }}
"""


def test_a_chart_is_read_in_part_and_says_so(repository: Make) -> None:
    target = repository(CHART)
    (chart,) = kubernetes(target, Workshop(jobs=1)).charts
    assert chart.kinds == {"Deployment"}
    assert [(p.kind, p.path, p.file, p.line) for p in chart.probes] == [
        ("liveness", "/healthz", "chart/templates/deployment.yaml", 12),
        ("readiness", "/ready", "chart/values.yaml", 5),
    ]
    assert chart.templates[0].of("image")[0].value == "shop:2.0"
    assert [(u.path, u.reader) for u in target.unread] == [("chart/templates", "helm")]


def test_what_is_no_yaml_is_noted(repository: Make) -> None:
    target = repository("-- k8s/x.yaml --\napiVersion: v1\nkind: {{ x }}: [\n")
    assert not kubernetes(target, Workshop(jobs=1)).objects
    assert target.unread[0].path == "k8s/x.yaml"


def test_a_number_beyond_64_bits_can_be_cached(repository: Make) -> None:
    text = "-- k8s/x.yaml --\napiVersion: v1\nkind: ConfigMap\ndata: {a: 99999999999999999999999999}\n"
    assert len(find(repository, text).objects) == 1


@given(
    st.text(max_size=200),
    st.lists(st.sampled_from(["kind", "apiVersion", "spec", "template", "containers", "env", "metadata"])),
)
def test_never_crashes(text: str, keys: list[str]) -> None:
    document = "apiVersion: v1\nkind: Deployment\n" + "\n".join(f"{' ' * i}{key}:" for i, key in enumerate(keys)) + text
    read_template("t.yaml", document, empty_values())
    try:
        manifest.read("x.yaml", document.encode("utf-8", "replace"))
    except ValueError:
        return
