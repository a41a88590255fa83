"""The read side on SQLite, by aiosqlite: connections that cannot write.

Quick questions share a connection. A snapshot has one of its own, so that a long proof of the books does not keep the
others waiting.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiosqlite

from smsgw.ports import StoreUnavailable
from smsgw.store.files import read_only
from smsgw.store.sql import NO_VALUES, Flavour, Row, Statement, Values, compiled
from smsgw.store.sqlite_file import READING

# At DEBUG aiosqlite prints the values of every statement.
logging.getLogger("aiosqlite").setLevel(logging.INFO)


class SqliteReader:
    """Implements `Reader` over a file; made by `open_reader`."""

    def __init__(self, path: Path, shared: aiosqlite.Connection) -> None:
        self._path = path
        self._shared = shared

    async def rows(self, statement: Statement, values: Values) -> Sequence[Row]:
        """All rows of one question."""
        with _outage():
            return await _rows(self._shared, statement, values)

    async def snapshot(self, statements: Sequence[Statement]) -> Sequence[Sequence[Row]]:
        """All rows of several questions about one moment."""
        with _outage():
            connection = await _connect(self._path)
            try:
                await connection.execute("BEGIN")
                return [await _rows(connection, each, NO_VALUES) for each in statements]
            finally:
                await connection.close()

    async def close(self) -> None:
        """Close the shared connection; its thread would keep the process from ending."""
        await self._shared.close()


async def open_reader(path: Path) -> SqliteReader:
    """Open the read side of a database that is there already."""
    return SqliteReader(path, await _connect(path))


async def _connect(path: Path) -> aiosqlite.Connection:
    connection = aiosqlite.connect(read_only(path), uri=True, isolation_level=None)
    try:
        await connection
        for setting in READING:
            await connection.execute(setting)
    except BaseException:
        # Also when the caller is cancelled: a thread that nobody stops would keep the process from ending.
        connection.stop()
        raise
    return connection


async def _rows(connection: aiosqlite.Connection, statement: Statement, values: Values) -> Sequence[Row]:
    return [tuple(row) for row in await connection.execute_fetchall(compiled(Flavour.SQLITE)[statement], values)]


@contextmanager
def _outage() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(f"reading failed: {error}") from error
