"""The read side on SQLite: it cannot write, sees one moment, and says nothing of what it reads."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from smsgw.ports import StoreUnavailable
from smsgw.store.payments import LATEST, NEXT_NUMBER
from smsgw.store.proof import ACCOUNTS
from tests.contract.store.samples import ALISHER, add_payment, fund, opened, payment


async def test_a_reader_cannot_write(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        with pytest.raises(StoreUnavailable) as failed:
            await store._reader.rows(NEXT_NUMBER, {})
    assert isinstance(failed.value.__cause__, sqlite3.OperationalError)


async def test_a_snapshot_has_a_connection_of_its_own(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        await store.write(ALISHER, fund)
        answers = await store._reader.snapshot([ACCOUNTS, ACCOUNTS])
    assert answers[0] == answers[1] != []


async def test_what_is_read_is_never_logged(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Aiosqlite prints statements with their values at DEBUG."""
    assert logging.getLogger("aiosqlite").getEffectiveLevel() >= logging.INFO
    with caplog.at_level(logging.DEBUG):
        async with opened(sqlite_url) as store:
            await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
            await store.reads.payments(ALISHER, 1)
    assert ALISHER not in caplog.text


async def test_reading_goes_on_while_a_unit_is_open(sqlite_url: str, tmp_path: Path) -> None:
    """WAL: a reader sees the last commit and waits for nobody."""
    async with opened(sqlite_url) as store:
        await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
        with sqlite3.connect(tmp_path / "smsgw.db", isolation_level=None) as rival:
            rival.execute("BEGIN IMMEDIATE")
            rival.execute("UPDATE payments SET refusal = 'x'")
            (row,) = await store._reader.rows(LATEST, {"limit": 1})
            rival.execute("ROLLBACK")
        rival.close()
    assert row[0] == 77
