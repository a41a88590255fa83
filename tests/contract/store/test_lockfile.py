"""One process writes a SQLite database; a second one is told which."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smsgw.store.errors import StoreRefused
from smsgw.store.lockfile import LockFile
from smsgw.store.migrate import migrate
from smsgw.store.opening import open_store
from tests.contract.store.samples import surroundings


def test_a_second_holder_is_told_the_file_and_the_process(tmp_path: Path) -> None:
    lock = LockFile(tmp_path / "smsgw.db")
    with pytest.raises(StoreRefused, match=rf"smsgw\.db is in use by process {os.getpid()} "):
        LockFile(tmp_path / "smsgw.db")
    lock.release()
    LockFile(tmp_path / "smsgw.db").release()


@pytest.mark.proves("F16")
def test_what_a_dead_process_left_behind_locks_nothing(tmp_path: Path) -> None:
    (tmp_path / "smsgw.db.lock").write_text("12345\n")
    LockFile(tmp_path / "smsgw.db").release()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="nowhere"):
        LockFile(tmp_path / "nowhere" / "smsgw.db")


@pytest.mark.proves("F16")
async def test_an_open_store_can_be_neither_opened_nor_migrated_by_another(sqlite_url: str) -> None:
    store = await open_store(sqlite_url, surroundings())
    with pytest.raises(StoreRefused, match="in use"):
        await open_store(sqlite_url, surroundings())
    with pytest.raises(StoreRefused, match="in use"):
        migrate(sqlite_url)
    await store.close()
    migrate(sqlite_url)


async def test_a_store_that_could_not_be_opened_holds_no_lock(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "smsgw.db").write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreRefused):
        await open_store(sqlite_url, surroundings())
    LockFile(tmp_path / "smsgw.db").release()
