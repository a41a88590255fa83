"""What the transactions ask of a database connection. There are two: SQLite's and PostgreSQL's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from smsgw.store.sql import Cursor, Statement, Values


class Connection(Protocol):
    """One connection that writes, used by one thread at a time.

    Whatever ends the whole transaction is raised as `TransactionFailed`; other errors of the driver are the unit's own.
    """

    @property
    def sql(self) -> Mapping[Statement, str]:
        """Every statement in this database's SQL."""

    @property
    def shard(self) -> int:
        """The row of house accounts that is this writer's own among all writers of the database."""

    def execute(self, sql: str, values: Values) -> Cursor:
        """Run one statement."""

    def begin(self) -> int:
        """Open the transaction; return its time, UTC microseconds. A lost connection is opened anew."""

    def commit(self) -> None:
        """Commit, durably."""

    def rollback(self) -> None:
        """Undo the transaction, if there still is one. A connection that cannot is dropped."""

    def savepoint(self) -> None:
        """Mark the place to which `undo` goes back; the mark before it is forgotten."""

    def undo(self) -> None:
        """Go back to the mark."""

    def close(self) -> None:
        """Close the connection."""
