"""The read side on PostgreSQL, by psycopg's async side: sessions that cannot write.

Quick questions share a session. A snapshot has one of its own, in one REPEATABLE READ transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from smsgw.ports import StoreUnavailable
from smsgw.store.postgres import CONNECTING
from smsgw.store.sql import NO_VALUES, Flavour, Row, Statement, Values, compiled

# A quick question that takes longer has met a server in trouble; a snapshot may read everything there is.
QUICK_TIMEOUT_MS: Final = 10_000
SNAPSHOT: Final = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"

_Connection = psycopg.AsyncConnection[Any]


class PostgresReader:
    """Implements `Reader`. The shared session is opened with the first question, and again after it was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._shared: _Connection | None = None
        self._opening = asyncio.Lock()

    async def rows(self, statement: Statement, values: Values) -> Sequence[Row]:
        """All rows of one question."""
        with _outage():
            try:
                return await _rows(await self._session(), statement, values)
            except psycopg.OperationalError:
                # A session that was lost while nobody asked is noticed only now: one more try, on a new one.
                return await _rows(await self._session(), statement, values)

    async def snapshot(self, statements: Sequence[Statement]) -> Sequence[Sequence[Row]]:
        """All rows of several questions about one moment."""
        with _outage():
            async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, **CONNECTING) as session:
                await session.execute(SNAPSHOT)
                return [await _rows(session, each, NO_VALUES) for each in statements]

    async def close(self) -> None:
        """Close the shared session."""
        if self._shared is not None:
            await self._shared.close()

    async def _session(self) -> _Connection:
        async with self._opening:
            if self._shared is None or self._shared.closed:
                session = await psycopg.AsyncConnection.connect(self._url, autocommit=True, **CONNECTING)
                await session.execute(f"SET statement_timeout = {QUICK_TIMEOUT_MS}")
                await session.execute("SET default_transaction_read_only = on")
                self._shared = session
            return self._shared


async def _rows(session: _Connection, statement: Statement, values: Values) -> Sequence[Row]:
    cursor = await session.execute(compiled(Flavour.POSTGRESQL)[statement], values)
    return await cursor.fetchall()


@contextmanager
def _outage() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise StoreUnavailable(f"reading failed: {error}") from error
