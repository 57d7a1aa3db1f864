"""Reads many files with one function, in a process pool, and keeps the results by content. Knows no language or format."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Generic, TypeVar

import msgspec

from readiness.cache import Cache, digest
from readiness.repository import MAX_BYTES, File, Repository

T = TypeVar("T")
_POOL_THRESHOLD = 600_000
"""Below this many bytes a pool costs more than it saves."""


class _Outcome(msgspec.Struct, Generic[T], array_like=True):
    """What a reader made of a file, or why it could not."""

    value: T | None
    error: str = ""


class Workshop:
    """The processes and the cache that facts share in one audit."""

    def __init__(self, jobs: int | None = None, cache: Cache | None = None) -> None:
        """`jobs` processes at most; None takes the machine's count, bounded to 4."""
        self.jobs = jobs or min(4, os.cpu_count() or 1)
        self.cache = cache or Cache(None)
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the pool."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def read_each(
        self,
        repository: Repository,
        files: Iterable[File],
        reader: Callable[[str, bytes], T],
        kind: type[T],
        version: str,
        limit: int = MAX_BYTES,
    ) -> dict[str, T]:
        """`reader(path, content)` for each file, by path; cached under `version`, the path and the content.

        `reader` is a module-level function and `kind` its msgspec type. A file on which `reader` raises ValueError or
        RecursionError is noted in `repository.unread` and left out.
        """
        name = f"{reader.__module__}.{reader.__qualname__}:{version}"
        contents = {
            file.path: content for file in files if (content := repository.read_bytes(file.path, limit)) is not None
        }
        outcomes = self._outcomes(name, contents, reader, kind)
        results: dict[str, T] = {}
        for path in sorted(outcomes):
            outcome = outcomes[path]
            if outcome.value is None:
                repository.note_unread(path, reader.__module__.rpartition(".")[2], outcome.error)
            else:
                results[path] = outcome.value
        return results

    def _outcomes(
        self, name: str, contents: dict[str, bytes], reader: Callable[[str, bytes], T], kind: type[T]
    ) -> dict[str, _Outcome[T]]:
        """From the cache where it has them, else read and kept."""
        keys = {path: digest(path, content) for path, content in contents.items()}
        decoder = msgspec.msgpack.Decoder(_Outcome[kind])  # type: ignore[valid-type]  # the type is known at run time only
        kept = self.cache.get(name, keys.values())
        found: dict[str, _Outcome[T]] = {}
        for path, key in keys.items():
            if key in kept:
                try:
                    found[path] = decoder.decode(kept[key])
                except msgspec.DecodeError:
                    continue  # not what this reader makes: it is read again
        missing = [(path, content) for path, content in contents.items() if path not in found]
        fresh = {path: decoder.decode(blob) for path, blob in self._run(reader, missing)} if missing else {}
        encoder = msgspec.msgpack.Encoder()
        self.cache.put(name, {keys[path]: encoder.encode(outcome) for path, outcome in fresh.items()})
        return found | fresh

    def _run(self, reader: Callable[[str, bytes], T], work: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        if self.jobs == 1 or sum(len(content) for _, content in work) < _POOL_THRESHOLD:
            return _read_batch(reader, work)
        batches = [work[start::count] for count in [min(len(work), self.jobs * 6)] for start in range(count)]
        try:
            futures = [self.submit(_read_batch, reader, batch) for batch in batches]
            return [row for future in futures for row in future.result()]
        except BrokenProcessPool:
            self._pool = None
            return _read_batch(reader, work)

    def submit(self, function: Callable[..., T], *arguments: object) -> Future[T]:
        """Run a module-level function in the pool."""
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"))
        return self._pool.submit(function, *arguments)


def _read_batch(reader: Callable[[str, bytes], T], work: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """`reader` over a batch; outcomes are encoded here so that the pool carries bytes, not objects."""
    encoder = msgspec.msgpack.Encoder()
    rows = []
    for path, content in work:
        try:
            outcome = _Outcome(reader(path, content))
        except RecursionError:
            outcome = _Outcome(None, "is nested too deeply")
        except ValueError as error:
            outcome = _Outcome(None, str(error)[:200])
        rows.append((path, encoder.encode(outcome)))
    return rows
