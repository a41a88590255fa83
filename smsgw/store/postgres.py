"""PostgreSQL: a connection that writes. Several of them, on several nodes, share one database.

Rule 1: the clock is the database's, one for all nodes.
Rule 2: whoever writes about a subscriber holds the subscriber's row; READ COMMITTED is then enough.
Rule 3: every statement has a time limit but COMMIT: cancelled in its wait for a standby, it has committed all the same.
Rule 4: each writer has a number of its own among all that are connected, and adds to house accounts in that row.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import psycopg

from smsgw.store.errors import Fault, TransactionFailed
from smsgw.store.sql import Cursor, Flavour, Statement, Values, compiled

# Nothing of ours takes longer; a statement that does waits for a lock that somebody has forgotten.
STATEMENT_TIMEOUT_MS: Final = 10_000
# A standby takes over within 30 s; each try to reach it may take this long.
CONNECT_TIMEOUT_S: Final = 5
# A connection whose packets are not acknowledged for so long is dead.
USER_TIMEOUT_MS: Final = 10_000
# The space of advisory locks that number the writers ("smsg").
WRITERS_LOCK: Final = 0x736D7367
# Writers of all nodes together; each takes the first number that is free.
WRITERS_MAX: Final = 256

# A transaction that its node has forgotten gives its locks back after this.
IDLE_TIMEOUT_MS: Final = 30_000

CONNECTING: Final[Mapping[str, Any]] = {
    "application_name": "smsgw",
    "connect_timeout": CONNECT_TIMEOUT_S,
    "tcp_user_timeout": USER_TIMEOUT_MS,
    # After a failover: not the old primary that only reads now.
    "target_session_attrs": "read-write",
}

SETTINGS: Final = (
    f"SET idle_in_transaction_session_timeout = {IDLE_TIMEOUT_MS}; SET statement_timeout = {STATEMENT_TIMEOUT_MS}; "
    # A commit is acknowledged when it is on disk; stricter settings of the server stay.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)
BEGIN: Final = "BEGIN; SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint"
COMMIT: Final = "SET LOCAL statement_timeout = 0; COMMIT"
NUMBER_WRITER: Final = "SELECT pg_try_advisory_lock(%(space)s::int, %(number)s::int)"

# Whether others write here already, and what they commit is on one machine only.
UNGUARDED: Final = (
    "SELECT current_setting('synchronous_standby_names') = '' AND EXISTS (SELECT FROM pg_locks JOIN pg_database"
    " ON pg_database.oid = pg_locks.database WHERE datname = current_database() AND locktype = 'advisory'"
    " AND classid::bigint = %(space)s AND objsubid = 2)"
)


def is_unguarded(url: str) -> bool:
    """True if several nodes share a server that has no synchronous standby: what it loses, all of them have lost.

    False too where the server cannot be asked: whoever writes will tell.
    """
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, **CONNECTING) as connection:
        row = connection.execute(UNGUARDED, {"space": WRITERS_LOCK}).fetchone()
        return row is not None and bool(row[0])
    return False


def fault_of(sqlstate: str | None) -> Fault | None:
    """What a SQLSTATE means for the transaction; None = the statement's own error.

    No SQLSTATE: the server did not answer. Classes 08 and 57P: it went away. 25006: it only reads now, after a
    failover. Class 40, a lock or a statement that waited too long: somebody was in the way.
    """
    if sqlstate is None or sqlstate == "25006" or sqlstate.startswith(("08", "57P")):
        return Fault.LOST
    if sqlstate in ("55P03", "57014") or sqlstate.startswith("40"):
        return Fault.CONFLICT
    return Fault.REFUSED if sqlstate.startswith(("53", "58", "XX")) else None


# The statement's own fault, whatever its SQLSTATE.
_OWN: Final = (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError, psycopg.NotSupportedError)


class PostgresConnection:
    """Implements `Connection`. It connects with its first transaction, and again after it was lost."""

    def __init__(self, url: str) -> None:
        self.sql: Mapping[Statement, str] = compiled(Flavour.POSTGRESQL)
        self.shard = 0
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None
        self._cursor: psycopg.Cursor[Any] | None = None
        self._marked = False

    def execute(self, sql: str, values: Values) -> Cursor:
        """Run one statement; its rows are read before the next one runs."""
        assert self._cursor is not None, "a statement outside of a transaction"
        try:
            return self._cursor.execute(sql, values)
        except psycopg.Error as error:
            fault = None if isinstance(error, _OWN) else fault_of(error.sqlstate)
            if fault is None:
                raise
            raise self._failed(fault, error) from error

    def begin(self) -> int:
        """Open the transaction, on a new connection if the last one was lost; its time is the database's."""
        if self._connection is None:
            self._connect()
        self._marked = False
        cursor = self._several(BEGIN)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        assert row is not None, "the time is a row"
        return int(row[0])

    def commit(self) -> None:
        """Commit, as durably as the server is set up."""
        self._several(COMMIT)

    def rollback(self) -> None:
        """Undo the transaction, if there still is one; a connection that cannot is dropped."""
        try:
            if self._connection is not None:
                self._several("ROLLBACK")
        except (psycopg.Error, TransactionFailed):
            self.close()

    def savepoint(self) -> None:
        """Mark the place to which `undo` goes back; the mark before it is forgotten."""
        self._several("RELEASE unit; SAVEPOINT unit" if self._marked else "SAVEPOINT unit")
        self._marked = True

    def undo(self) -> None:
        """Go back to the mark."""
        self._several("ROLLBACK TO unit")

    def close(self) -> None:
        """Close the connection; a transaction opens a new one."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = self._cursor = None

    def _several(self, sql: str) -> psycopg.Cursor[Any]:
        """Statements about the transaction, in one round trip; they fail only with all of it."""
        assert self._cursor is not None, "a statement without a connection"
        try:
            return self._cursor.execute(sql, prepare=False)
        except psycopg.Error as error:
            raise self._failed(fault_of(error.sqlstate) or Fault.LOST, error) from error

    def _connect(self) -> None:
        try:
            self._connection = psycopg.connect(self._url, autocommit=True, **CONNECTING)
            self._cursor = self._connection.cursor()
            self._cursor.execute(SETTINGS, prepare=False)
            self.shard = self._number()
        except psycopg.Error as error:
            self.close()
            raise TransactionFailed(Fault.REFUSED, f"no connection: {error}") from error

    def _number(self) -> int:
        """Take the first free number; it is given back when the connection ends, however it ends."""
        assert self._cursor is not None, "numbered once it is connected"
        for number in range(WRITERS_MAX):
            row = self._cursor.execute(NUMBER_WRITER, {"space": WRITERS_LOCK, "number": number}).fetchone()
            if row is not None and row[0]:
                return number
        raise TransactionFailed(Fault.REFUSED, f"{WRITERS_MAX} writers are connected to this database already")

    def _failed(self, fault: Fault, error: psycopg.Error) -> TransactionFailed:
        if fault is Fault.LOST:
            self.close()
        return TransactionFailed(fault, str(error))
