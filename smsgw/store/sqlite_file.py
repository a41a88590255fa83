"""A SQLite database on disk: how it is made, checked and opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from smsgw.log import get_logger
from smsgw.store.errors import StoreDamaged, StoreRefused
from smsgw.store.files import beside, read_only
from smsgw.store.lockfile import PRIVATE
from smsgw.store.restored import come_back
from smsgw.store.sqlite import CACHED_STATEMENTS, SqliteConnection
from smsgw.store.tables import QUEUED_TEXT, UNFINISHED_CALL
from smsgw.store.wal import WAL_KEPT, WalLimit, unreadable, wal_octets

# How long to wait for a lock; ours is the only writer, so only a person's tool can hold it.
BUSY_TIMEOUT_MS: Final = 5000
# A check reads the whole file, 1.8 s a gigabyte; up to here it delays a start by less than half a second.
CHECKED_AT_START_MAX: Final = 256 * 1024 * 1024
# `PRAGMA user_version` of a copy that nobody has started yet; of every other database it is 0.
COPIED: Final = 1

CAREFUL: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
)
"""For every connection."""
WRITING: Final = (
    *CAREFUL,
    "PRAGMA journal_mode = WAL",
    # What a power cut left behind the end of the log goes now: after a second cut it could be taken for damage.
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA journal_size_limit = {WAL_KEPT}",
)
LEASED: Final = {"outbox": QUEUED_TEXT, "provider_calls": UNFINISHED_CALL}
"""Rows with leases: who has the lock file is alone, so whoever held one is dead, and nobody waits for its end."""
READING: Final = (*CAREFUL, "PRAGMA query_only = ON")

log = get_logger(__name__)


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """True for SQLite versions that corrupt a file which two connections write and checkpoint (mended in 3.51.3)."""
    mended_branch = any(version[:2] == branch[:2] and version >= branch for branch in ((3, 44, 6), (3, 50, 7)))
    return version < (3, 51, 3) and not mended_branch


def open_for_writing(path: Path, now_us: Callable[[], int]) -> SqliteConnection:
    """Open the one connection that writes. The caller holds the lock file, and has checked and migrated the file."""
    if has_wal_reset_bug(sqlite3.sqlite_version_info):
        log.warning("store.old_sqlite", version=sqlite3.sqlite_version, mended_in="3.51.3, 3.50.7, 3.44.6")
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=CACHED_STATEMENTS)
    try:
        return settled(database, now_us, WalLimit(lambda: wal_octets(path)))
    except BaseException:
        database.close()
        raise


def settled(
    database: sqlite3.Connection, now_us: Callable[[], int], wal_limit: WalLimit | None = None
) -> SqliteConnection:
    """Make an open database the one that writes: durable from now on, and nothing leased to whoever had it before."""
    for setting in WRITING:
        database.execute(setting)
    for table, leased in LEASED.items():
        database.execute(f"UPDATE {table} SET lease_until_us = 0 WHERE {leased}")  # noqa: S608 -- our own words
    connection = SqliteConnection(database, now_us, wal_limit)
    if database.execute("PRAGMA user_version").fetchone()[0] == COPIED:
        back = come_back(connection, unstamp="PRAGMA user_version = 0")
        log.warning("store.restored", calls=back.calls, codes=back.codes, newest=back.newest)
    return connection


def prepare(path: Path) -> None:
    """Make the file if there is none, keep it private, and refuse a damaged one.

    Raises:
        StoreRefused: no such folder, no right to it, or a file that is damaged or no database.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE))
        path.chmod(PRIVATE)
    except OSError as error:
        raise StoreRefused(f"{path}: {error.strerror}") from error
    found = unreadable(path)
    size = path.stat().st_size
    if size > CHECKED_AT_START_MAX:
        log.info("store.unchecked", path=str(path), octets=size)
    elif not found:
        found = damage(path)
    if found:
        raise StoreDamaged(f"{path} is damaged ({found}); keep it and its -wal, and restore the latest backup")


def damage(path: Path) -> str:
    """What SQLite's quick_check finds first; "" = nothing. The look leaves the log as it is."""
    # A change of the tables that was cut short has to be rolled back first, which only a writer can.
    source = path if beside(path, "-journal").exists() else read_only(path)
    try:
        with closing(sqlite3.connect(source, uri=True, isolation_level=None)) as database:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)
