"""Keeps what was read from a file's content, so that a second audit costs what changed. Decides nothing about freshness.

A cache that is corrupt, from another version or not writable is left aside with a note; the audit goes on without it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from readiness import __version__

_SCHEMA = 1


def digest(*parts: bytes | str) -> str:
    """A key for content: 32 hexadecimal characters of BLAKE2b over the parts, each with its length."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


class Cache:
    """Blobs by kind and key in one SQLite file. `note` says why nothing is kept, "" while it works."""

    def __init__(self, folder: Path | None) -> None:
        """Open the cache in `folder`; None keeps nothing."""
        self.note = ""
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()  # facts run in threads and share the connection
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = self._open(folder / "cache.sqlite3")
        except (OSError, sqlite3.Error) as error:
            self._give_up(f"the cache in {folder} is not used: {error}")

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=5, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        stamp = f"{_SCHEMA}:{__version__}"
        connection.execute("CREATE TABLE IF NOT EXISTS about (stamp TEXT)")
        row = connection.execute("SELECT stamp FROM about").fetchone()
        if row != (stamp,):
            connection.execute("DROP TABLE IF EXISTS blob")
            connection.execute("DELETE FROM about")
            connection.execute("INSERT INTO about VALUES (?)", (stamp,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS blob (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        return connection

    def _give_up(self, note: str) -> None:
        self.note = note
        self._connection = None

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, bytes]:
        """What is kept of `kind` under `keys`."""
        wanted = list(keys)
        with self._lock:
            if self._connection is None:
                return {}
            try:
                return self._select(self._connection, kind, wanted)
            except sqlite3.Error as error:
                self._give_up(f"the cache is not used: {error}")
                return {}

    @staticmethod
    def _select(connection: sqlite3.Connection, kind: str, wanted: list[str]) -> dict[str, bytes]:
        query = "SELECT key, value FROM blob WHERE kind = ? AND key IN (SELECT value FROM json_each(?))"
        return dict(connection.execute(query, (kind, json.dumps(wanted))).fetchall())

    def put(self, kind: str, blobs: Mapping[str, bytes]) -> None:
        """Keep `blobs` of `kind`, in one transaction."""
        with self._lock:
            if self._connection is None or not blobs:
                return
            try:
                self._connection.execute("BEGIN")
                self._connection.executemany(
                    "INSERT OR REPLACE INTO blob VALUES (?, ?, ?)", [(kind, k, v) for k, v in blobs.items()]
                )
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._give_up(f"the cache is not used: {error}")
