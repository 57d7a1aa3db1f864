"""Files are read once, in a pool or not with the same result, and not again while reader and content stay the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readiness import workshop as workshops
from readiness.cache import Cache
from readiness.model import Unread
from readiness.repository import Repository
from readiness.workshop import Workshop

TARGET = "".join(f"-- m{number}.py --\n{'x = 1' * number}\n" for number in range(1, 9)) + "-- bad.py --\nrefuse\n"
Make = Callable[[str], Repository]
READ: list[str] = []


def length(path: str, content: bytes) -> int:
    READ.append(path)
    if content.startswith(b"refuse"):
        raise ValueError("I will not read this")
    return len(content)


def deep(path: str, content: bytes) -> int:
    raise RecursionError


def read(repository: Repository, shop: Workshop, version: str = "1") -> dict[str, int]:
    READ.clear()
    return shop.read_each(repository, repository.files, length, int, version)


def test_a_pool_gives_what_one_process_gives(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    target = repository(TARGET)
    alone = read(target, Workshop(jobs=1))
    assert len(READ) == 9
    monkeypatch.setattr(workshops, "_POOL_THRESHOLD", 0)
    shop = Workshop(jobs=2)
    try:
        assert read(target, shop) == alone
    finally:
        shop.close()
    assert not READ, "the pool did the work"
    assert list(alone) == sorted(alone)


def test_a_reader_that_refuses_or_gets_lost_is_noted_and_the_rest_is_read(repository: Make) -> None:
    target = repository(TARGET)
    assert "bad.py" not in read(target, Workshop(jobs=1))
    assert target.unread == [Unread("bad.py", "test_workshop", "I will not read this")]
    assert Workshop(jobs=1).read_each(target, target.files[:1], deep, int, "1") == {}
    assert target.unread[-1].reason == "is nested too deeply"


def test_a_second_reading_takes_the_cache_refusals_too(repository: Make, tmp_path: Path) -> None:
    target = repository(TARGET)
    first = read(target, Workshop(1, Cache(tmp_path / "cache")))
    target.unread.clear()
    assert read(target, Workshop(1, Cache(tmp_path / "cache"))) == first
    assert not READ
    assert [entry.path for entry in target.unread] == ["bad.py"]


def test_only_what_changed_is_read_again(repository: Make, tmp_path: Path) -> None:
    target = repository(TARGET)
    read(target, Workshop(1, Cache(tmp_path / "cache")))
    (target.root / "m3.py").write_text("changed\n", encoding="utf-8")
    read(target, Workshop(1, Cache(tmp_path / "cache")))
    assert READ == ["m3.py"]


def test_another_version_of_the_reader_reads_again(repository: Make, tmp_path: Path) -> None:
    target = repository(TARGET)
    read(target, Workshop(1, Cache(tmp_path / "cache")), "1")
    read(target, Workshop(1, Cache(tmp_path / "cache")), "2")
    assert len(READ) == 9


def test_another_version_of_the_program_starts_afresh(
    repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = repository(TARGET)
    read(target, Workshop(1, Cache(tmp_path / "cache")))
    monkeypatch.setattr("readiness.cache.__version__", "999")
    read(target, Workshop(1, Cache(tmp_path / "cache")))
    assert len(READ) == 9


def test_a_corrupt_cache_is_left_aside_with_a_note(repository: Make, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "cache.sqlite3").write_bytes(b"this is no database" * 100)
    cache = Cache(tmp_path / "cache")
    assert len(read(repository(TARGET), Workshop(1, cache))) == 8
    assert "is not used" in cache.note


def test_a_cache_folder_that_is_a_file_is_left_aside_with_a_note(repository: Make, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("", encoding="utf-8")
    cache = Cache(tmp_path / "cache")
    assert len(read(repository(TARGET), Workshop(1, cache))) == 8
    assert "is not used" in cache.note


def test_a_kept_value_that_makes_no_sense_is_read_again(repository: Make, tmp_path: Path) -> None:
    target, folder = repository(TARGET), tmp_path / "cache"
    first = read(target, Workshop(1, Cache(folder)))
    cache = Cache(folder)
    assert cache._connection is not None
    cache._connection.execute("UPDATE blob SET value = ?", (b"\xc1",))
    assert read(target, Workshop(1, Cache(folder))) == first
    assert len(READ) == 9
