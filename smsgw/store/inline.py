"""A store that runs each unit at once in the caller's thread, on a database in memory: for tests and the simulation.

The transactions, statements and reads are those of the real store; only the thread, the queue and the disk are not
there, so a run with the same clock and the same chance is the same run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from typing import TypeVar

from smsgw.store.batch import Batches, Job
from smsgw.store.handover import Handover, OnCall, OnSms
from smsgw.store.reads import SqlReads
from smsgw.store.schema import schema
from smsgw.store.sql import Flavour, Row, Statement, Values, compiled
from smsgw.store.sqlite import CACHED_STATEMENTS, SqliteConnection
from smsgw.store.unit import Surroundings
from smsgw.transaction import Tx

T = TypeVar("T")


class InlineStore:
    """Implements ports.Store. Hand-overs happen before `write` returns."""

    def __init__(self, database: sqlite3.Connection, around: Surroundings) -> None:
        self._database = database
        self._around = around
        self._batches = Batches(SqliteConnection(database, around.clock.now_us), around)
        self._handover = Handover()
        self._reads = SqlReads(InlineReader(database))

    @property
    def reads(self) -> SqlReads:
        """The read side."""
        return self._reads

    def subscribe(self, on_call: OnCall, on_sms: OnSms) -> None:
        """From now on give committed calls and texts to these."""
        self._handover.subscribe(on_call, on_sms)

    async def write(self, key: str, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction and return its result.

        Raises:
            WorkFailed: the unit raised; it was rolled back.
        """
        job = Job(key, work)
        self._batches.run([job])
        if job.error is not None:
            raise job.error
        self._handover.give(job)
        result: T = job.result
        return result

    @property
    def database(self) -> sqlite3.Connection:
        """The database itself, for whoever looks at it from outside."""
        return self._database

    def twin(self, around: Surroundings) -> InlineStore:
        """Another node's store on the same database."""
        return InlineStore(self._database, around)

    def close(self) -> None:
        """Drop the database, for all twins."""
        self._database.close()


class InlineReader:
    """Implements `Reader` on the writing connection: there is nothing to wait for."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    async def rows(self, statement: Statement, values: Values) -> Sequence[Row]:
        """All rows of one question."""
        return self._database.execute(compiled(Flavour.SQLITE)[statement], values).fetchall()

    async def snapshot(self, statements: Sequence[Statement]) -> Sequence[Sequence[Row]]:
        """All rows of several questions about one moment."""
        return [self._database.execute(compiled(Flavour.SQLITE)[each]).fetchall() for each in statements]

    async def close(self) -> None:
        """Nothing of its own is open."""


def open_inline(around: Surroundings) -> InlineStore:
    """Make an empty database in memory and a store over it."""
    database = sqlite3.connect(":memory:", isolation_level=None, cached_statements=CACHED_STATEMENTS)
    database.deserialize(_empty())
    database.execute("PRAGMA foreign_keys = ON")
    return InlineStore(database, around)


@cache
def _empty() -> bytes:
    """A database with all tables and no rows: copied, it is made ten times as fast as its statements run."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        for statement in schema(Flavour.SQLITE):
            database.execute(statement)
        return database.serialize()
