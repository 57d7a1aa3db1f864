"""What each service depends on at run time: databases, caches, brokers, search engines, other services. By resolved use."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from readiness.facts.services import Service, Services
from readiness.facts.uses import Use, Uses
from readiness.wiring import fact, known


class Backing(Struct, frozen=True):
    """A dependency of a service. `kind`: relational, document, cache, broker, search or service; `use` its first use."""

    kind: str
    use: Use


class Backings:
    """The dependencies of each service, by the service's name."""

    def __init__(self, by_service: dict[str, tuple[Backing, ...]]) -> None:
        """Keep them."""
        self._by_service = by_service

    def of(self, service: Service, kinds: Iterable[str] = ()) -> list[Backing]:
        """The dependencies of `service`, of `kinds` where given."""
        wanted = set(kinds)
        return [b for b in self._by_service.get(service.name, ()) if not wanted or b.kind in wanted]


@fact
def backings(services: Services, uses: Uses) -> Backings:
    """Look for the libraries that backings.yaml names; an import in production code is a use."""
    table: dict[str, dict[str, list[str]]] = known(__file__, "backings.yaml")
    every = ("import", "call", "new", "base", "text", "decorator")
    found: dict[str, tuple[Backing, ...]] = {}
    for service in services.all:
        rows = []
        for kind, languages in table.items():
            hits = uses.of(languages.get(service.language, ()), service.paths, every)
            if hits:
                rows.append(Backing(kind, hits[0]))
        found[service.name] = tuple(rows)
    return Backings(found)
