"""Opening a store by its URL: lock, check, migrate, connect."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from smsgw.log import get_logger
from smsgw.store.batch import Batches
from smsgw.store.lockfile import LockFile
from smsgw.store.migrate import postgres_engine, sqlite_engine, sqlite_path, upgrade
from smsgw.store.postgres import PostgresConnection, is_unguarded
from smsgw.store.postgres_reader import PostgresReader
from smsgw.store.sqlite import SqliteConnection
from smsgw.store.sqlite_file import CHECKED_AT_START_MAX, damage, open_for_writing, prepare
from smsgw.store.sqlite_reader import open_reader
from smsgw.store.store import SqlStore
from smsgw.store.unit import Surroundings

log = get_logger(__name__)

# One node's writers on PostgreSQL: while one waits for its commit, the other works.
WRITERS: Final = 2


async def open_store(url: str, around: Surroundings) -> SqlStore:
    """Open the database at *url*, `sqlite:///FILE` or `postgresql://…`; its tables are made or brought up to date.

    Raises:
        StoreRefused: in use by another process, damaged, newer than this program, or out of reach.
    """
    path = sqlite_path(url)
    if path is None:
        await asyncio.to_thread(upgrade, postgres_engine(url), "the database")
        if await asyncio.to_thread(is_unguarded, url):
            log.warning("store.no_standby")
        connections = [PostgresConnection(url) for _ in range(WRITERS)]
        return SqlStore([Batches(each, around) for each in connections], PostgresReader(url))
    lock = LockFile(path)
    try:
        connection = await asyncio.to_thread(_open_file, path, around)
        reader = await open_reader(path)
    except BaseException:
        lock.release()
        raise
    return SqlStore([Batches(connection, around)], reader, lock)


async def checked_late(url: str) -> str:
    """Check a file that was too large to be checked at the start; return what is wrong with it, "" = nothing."""
    path = sqlite_path(url)
    if path is None or path.stat().st_size <= CHECKED_AT_START_MAX:
        return ""
    return await asyncio.to_thread(damage, path)


def _open_file(path: Path, around: Surroundings) -> SqliteConnection:
    prepare(path)
    upgrade(sqlite_engine(path), str(path))
    return open_for_writing(path, around.clock.now_us)
