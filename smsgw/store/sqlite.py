"""SQLite: one file, one process, one writing connection.

Rule 1: WAL with synchronous=FULL: a commit that was acknowledged survives a power cut.
Rule 2: exactly one connection writes and checkpoints (older SQLite corrupts a file with two); readers are read-only.
Rule 3: BEGIN IMMEDIATE always: a transaction that starts reading and then writes can fail in its middle.
Rule 4: after an error of the storage nothing more is written: an fsync that failed once must not be asked again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from smsgw.store.errors import Fault, TransactionFailed
from smsgw.store.sql import Cursor, Flavour, Statement, Values, compiled
from smsgw.store.wal import READERS_WAIT_MS, WalLimit

# All statements of ours and the few around them stay prepared.
CACHED_STATEMENTS: Final = 256

_CONFLICTS: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_REFUSALS: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY})
_BREAKS: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def fault_of(code: int) -> Fault | None:
    """What a result code means for the transaction; None = the statement's own error."""
    primary = code & 0xFF
    if primary in _CONFLICTS:
        return Fault.CONFLICT
    if primary in _REFUSALS:
        return Fault.REFUSED
    return Fault.BROKEN if primary in _BREAKS else None


class SqliteConnection:
    """Implements `Connection` over a file, or over `:memory:`."""

    shard = 0

    def __init__(
        self, database: sqlite3.Connection, now_us: Callable[[], int], wal_limit: WalLimit | None = None
    ) -> None:
        self.sql: Mapping[Statement, str] = compiled(Flavour.SQLITE)
        self._database = database
        self._now_us = now_us
        self._marked = False
        self._wal_limit = wal_limit

    def execute(self, sql: str, values: Values) -> Cursor:
        """Run one statement."""
        try:
            return self._database.execute(sql, values)
        except sqlite3.Error as error:
            fault = fault_of(_code(error))
            if fault is None:
                raise
            raise TransactionFailed(fault, str(error)) from error

    def begin(self) -> int:
        """Open the transaction at this node's time; before it, begin a log anew that has become too long."""
        if self._wal_limit is not None and self._wal_limit.is_reached():
            self._begin_log_anew(self._wal_limit)
        self._control("BEGIN IMMEDIATE")
        self._marked = False
        return self._now_us()

    def commit(self) -> None:
        """Commit, durably."""
        self._control("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction. After a full disk SQLite has done so by itself."""
        with suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def savepoint(self) -> None:
        """Mark the place to which `undo` goes back; the mark before it is forgotten."""
        if self._marked:
            self._control("RELEASE unit")
        self._control("SAVEPOINT unit")
        self._marked = True

    def undo(self) -> None:
        """Go back to the mark."""
        self._control("ROLLBACK TO unit")

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _begin_log_anew(self, limit: WalLimit) -> None:
        (usual_ms,) = self._control("PRAGMA busy_timeout").fetchone()
        self._control(f"PRAGMA busy_timeout = {READERS_WAIT_MS}")
        try:
            is_busy, *_ = self._control("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self._control(f"PRAGMA busy_timeout = {usual_ms}")
        if not is_busy:
            limit.is_well()

    def _control(self, sql: str) -> sqlite3.Cursor:
        """A statement about the transaction: it fails only with all of it."""
        try:
            return self._database.execute(sql)
        except sqlite3.Error as error:
            raise TransactionFailed(fault_of(_code(error)) or Fault.BROKEN, str(error)) from error


def _code(error: sqlite3.Error) -> int:
    """An error of the driver itself (a value that it cannot write) has no code: it is the unit's own."""
    return getattr(error, "sqlite_errorcode", 0)
