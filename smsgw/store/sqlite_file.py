"""A SQLite database on disk: how it is made, locked, checked, opened and copied."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from smsgw.log import get_logger
from smsgw.store.errors import StoreRefused
from smsgw.store.lockfile import PRIVATE
from smsgw.store.sqlite import CACHED_STATEMENTS, SqliteConnection
from smsgw.store.tables import QUEUED_TEXT, UNFINISHED_CALL

# How long to wait for a lock; ours is the only writer, so only a person's tool can hold it.
BUSY_TIMEOUT_MS: Final = 5000
# A check reads the whole file, 1.8 s a gigabyte; up to here it delays a start by less than half a second.
CHECKED_AT_START_MAX: Final = 256 * 1024 * 1024
# The numbers that a copy leaves out: its original goes on counting until the copy takes its place.
NUMBERS_SKIPPED_BY_COPY: Final = 1_000_000

CAREFUL: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
)
"""For every connection."""
WRITING: Final = (*CAREFUL, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
LEASED: Final = {"outbox": QUEUED_TEXT, "provider_calls": UNFINISHED_CALL}
"""Rows with leases: who has the lock file is alone, so whoever held one is dead, and nobody waits for its end."""
READING: Final = (*CAREFUL, "PRAGMA query_only = ON")

log = get_logger(__name__)


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """True for SQLite versions that corrupt a file which two connections write and checkpoint (mended in 3.51.3)."""
    mended_branch = any(version[:2] == branch[:2] and version >= branch for branch in ((3, 44, 6), (3, 50, 7)))
    return version < (3, 51, 3) and not mended_branch


def read_only(path: Path) -> str:
    """The URI of a file that can only be read through it."""
    return f"{path.absolute().as_uri()}?mode=ro"


def open_for_writing(path: Path, now_us: Callable[[], int]) -> SqliteConnection:
    """Open the one connection that writes. The caller holds the lock file, and has checked and migrated the file."""
    if has_wal_reset_bug(sqlite3.sqlite_version_info):
        log.warning("store.old_sqlite", version=sqlite3.sqlite_version, mended_in="3.51.3, 3.50.7, 3.44.6")
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=CACHED_STATEMENTS)
    for setting in WRITING:
        database.execute(setting)
    for table, leased in LEASED.items():
        database.execute(f"UPDATE {table} SET lease_until_us = 0 WHERE {leased}")  # noqa: S608 -- our own words
    return SqliteConnection(database, now_us)


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
    size = path.stat().st_size
    if size > CHECKED_AT_START_MAX:
        log.info("store.unchecked", path=str(path), octets=size)
        return
    found = damage(path)
    if found:
        raise StoreRefused(f"{path} is damaged ({found}); put the latest backup in its place")


def damage(path: Path) -> str:
    """What SQLite's quick_check finds first; "" = nothing."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)


def back_up(path: Path, copy: Path) -> None:
    """Copy a database while it is in use, to a new private file that can take its place.

    Raises:
        StoreRefused: the copy cannot be written, or is there already.
    """
    try:
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
    except OSError as error:
        raise StoreRefused(f"{copy}: {error.strerror}") from error
    with (
        closing(sqlite3.connect(read_only(path), uri=True)) as source,
        closing(sqlite3.connect(copy, isolation_level=None)) as target,
    ):
        source.backup(target)
        target.execute("UPDATE numbers SET next = next + ?", (NUMBERS_SKIPPED_BY_COPY,))
        target.execute("PRAGMA journal_mode = DELETE")
