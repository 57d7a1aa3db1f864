"""Configuration is externalised.

## Why
The same build must run in test and in production: what differs between them (connection strings, credentials, hosts, ports)
belongs into the environment, mounted files or a configuration service, not into code. Source: The Twelve-Factor App, III. Config.

## Fix
Read the value where the process starts, and give it no default that production could run with by accident:

- Python: `DATABASE_URL = os.environ["DATABASE_URL"]`, or a pydantic-settings field without default
- Node.js: `new Pool({ connectionString: process.env.DATABASE_URL })`
- Go: `sql.Open("pgx", os.Getenv("DATABASE_URL"))`
"""

from __future__ import annotations

import re

from readiness.facts.connections import Connection, Connections
from readiness.facts.modules import Modules
from readiness.facts.secrets import SecretFindings
from readiness.facts.services import Service, Services, is_tooling
from readiness.facts.tracked_settings import TrackedSettings, TrackedSettingsFiles
from readiness.judging import each_service, without_service
from readiness.model import Evidence, Verdict, failed, partial, passed
from readiness.origins import Source
from readiness.wiring import known, rule
from readiness.wording import count

_INCIDENTAL = re.compile(known(__file__)["incidental"])
_CONNECTING = re.compile(known(__file__)["connecting"])


@rule(
    weight=5,
    phase3=True,
    source=[
        "Phase 3: Configuration externalized",
        "Environment: Externalized database connection strings",
        "Environment: Third-party API credentials via environment variables",
    ],
    languages=("python", "javascript", "go"),
)
def check(
    services: Services,
    connections: Connections,
    secrets: SecretFindings,
    modules: Modules,
    tracked: TrackedSettingsFiles,
) -> Verdict:
    """Judge where connections, listeners and secrets come from."""

    def judge(service: Service) -> Verdict:
        own = connections.within(service.paths)
        inside = [s for s in secrets.all if s.where.path in service.paths and not is_tooling(s.where.path)]
        fixed_secrets = [s.where for s in inside if s.standing == "live" or s.fixed]
        reads = _reads(service, modules)
        return _tracked(service, own, tracked.within(service.paths), reads) or _verdict(
            service, own, fixed_secrets, reads
        )

    return each_service(services.serving(), judge, without_service(services))


def _reads(service: Service, modules: Modules) -> list[Evidence]:
    return [
        Evidence(path, read.line, f"reads {read.name}")
        for path in sorted(service.paths)
        if not is_tooling(path)
        for read in modules.by_path[path].env_reads
    ]


def _first(reads: list[Evidence]) -> list[Evidence]:
    """Three reads to show: those of connections and secrets before others."""
    return sorted(dict.fromkeys(reads), key=lambda read: not _CONNECTING.search(read.note))[:3]


def _tracked(
    service: Service, own: list[Connection], files: list[TrackedSettings], reads: list[Evidence]
) -> Verdict | None:
    """A fail where credentials stand in a tracked file, read by its fixed path, and nothing takes their place."""
    from_outside = any(c.origin.source in (Source.ENVIRONMENT, Source.DEFAULTED) for c in own)
    if not files or from_outside or any(not _INCIDENTAL.search(read.note) for read in reads):
        return None
    first = files[0]
    return failed(
        f"{service.name} reads its credentials from {first.path}, which is tracked, and nothing overrides them.",
        [Evidence(first.path, first.line, "a credential", secret=True), first.read],
    )


def _verdict(service: Service, own: list[Connection], secrets: list[Evidence], reads: list[Evidence]) -> Verdict:
    databases = [c for c in own if c.kind == "database"]
    open_ = [c for c in databases if c.origin.source in (Source.ENVIRONMENT, Source.CONFIGURED, Source.DEFAULTED)]
    fixed = [c for c in databases if c.origin.source is Source.FIXED and not c.is_embedded]
    if fixed and not open_:
        return failed(
            f"The database connection of {service.name} is fixed in code.",
            [*(c.where for c in fixed[:3]), *secrets[:2]],
        )
    weak = [c for c in own if c.kind != "database" and c.origin.source is Source.FIXED]
    leaning = [
        c for c in own if c.origin.source is Source.DEFAULTED and c.kind != "port" and c.origin.text and not c.is_local
    ]
    telling = [read for read in reads if not _INCIDENTAL.search(read.note)]
    if secrets and not telling and not open_:
        what = "only ports, switches or log levels come" if reads else "nothing comes"
        return failed(
            f"Every secret of {service.name} is fixed in code and {what} from the environment.",
            [*secrets[:4], *reads[:1]],
        )
    if secrets or weak or leaning:
        fixed_kinds = [*(["secrets"] if secrets else []), *dict.fromkeys(f"a {c.kind}" for c in weak)]
        parts = [f"{' and '.join(fixed_kinds)} fixed in code"] if fixed_kinds else []
        parts += [f"a {leaning[0].kind} falls back to its own host or credential"] if leaning else []
        return partial(
            f"Settings come from outside in part: {'; '.join(parts)}.",
            [*secrets[:2], *(c.where for c in [*weak, *leaning][:4])],
        )
    evidence = [c.where for c in open_[:3]] or _first(telling) or reads[:3]
    if evidence:
        return passed(
            f"Connections and settings of {service.name} come from the environment or a configuration file.", evidence
        )
    return passed(
        f"Found no connection, credential or host fixed in {count(len(service.paths), 'source file')} of {service.name}.",
        service.evidence[:1],
    )
