"""SQLite under the transactions: a full disk, a damaged page, and the settings that durability rests on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.store.errors import Fault
from smsgw.store.opening import open_store
from smsgw.store.sqlite import fault_of
from smsgw.store.sqlite_file import WRITING
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, add_payment, payment, surroundings

DIGEST = b"0123456789abcdef"


@pytest.fixture
async def opened(sqlite_url: str) -> AsyncIterator[SqlStore]:
    store = await open_store(sqlite_url, surroundings())
    yield store
    await store.close()


async def asked(store: SqlStore, question: str) -> Any:
    """The first value of an answer on the writing connection."""

    def ask(tx: Tx) -> Any:
        row = tx._unit._connection.execute(question, {}).fetchone()  # type: ignore[attr-defined]  # below the port
        return None if row is None else row[0]

    return await store.write("", ask)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_BUSY, Fault.CONFLICT),
        (sqlite3.SQLITE_FULL, Fault.REFUSED),
        (sqlite3.SQLITE_IOERR, Fault.BROKEN),
        (sqlite3.SQLITE_IOERR | 4 << 8, Fault.BROKEN),
        (sqlite3.SQLITE_CORRUPT, Fault.BROKEN),
        (sqlite3.SQLITE_CONSTRAINT, None),
        (sqlite3.SQLITE_ERROR, None),
        (0, None),
    ],
)
def test_what_a_result_code_means(code: int, fault: Fault | None) -> None:
    assert fault_of(code) == fault


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("mmap_size", 0),
        ("busy_timeout", 5000),
    ],
)
async def test_the_settings_that_durability_rests_on(opened: SqlStore, setting: str, value: object) -> None:
    assert await asked(opened, f"PRAGMA {setting}") == value


@pytest.mark.proves("F12")
async def test_a_full_disk_refuses_everybody_and_passes(opened: SqlStore) -> None:
    def fill(tx: Tx) -> None:
        for _ in range(1000):
            tx.messages.add(ALISHER, "main", DIGEST, "pay", None)

    pages = await asked(opened, "PRAGMA page_count")
    await asked(opened, f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnavailable):
        await opened.write(ALISHER, fill)
    assert not await opened.write(ALISHER, lambda tx: tx.messages.seen(ALISHER, DIGEST, 0))
    await asked(opened, f"PRAGMA max_page_count = {pages + 1000}")
    await opened.write(ALISHER, fill)
    assert await opened.write(ALISHER, lambda tx: tx.messages.seen(ALISHER, DIGEST, 0))
    assert not opened.broken


async def test_a_value_that_cannot_be_written_is_the_units_own_fault(opened: SqlStore) -> None:
    with pytest.raises(WorkFailed):
        await opened.write(ALISHER, lambda tx: add_payment(tx, payment(link="\ud800")))
    assert await opened.write(ALISHER, lambda tx: add_payment(tx, payment())) == payment()


@pytest.mark.proves("I3")
async def test_a_type_that_a_column_has_not_is_refused(opened: SqlStore) -> None:
    """STRICT tables: a text never ends up in a sum."""
    with pytest.raises(WorkFailed):
        await opened.write(ALISHER, lambda tx: tx.turnover.add(ALISHER, "2026-11", "many"))  # type: ignore[arg-type]


@contextmanager
def rival(folder: Path) -> Iterator[sqlite3.Connection]:
    """A person's tool that has the file open and begins to write."""
    with closing(sqlite3.connect(folder / "smsgw.db", isolation_level=None, timeout=0.0)) as database:
        yield database


@pytest.fixture
async def hasty(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqlStore]:
    """A store that waits for a lock no longer than a test does."""
    monkeypatch.setattr("smsgw.store.sqlite_file.WRITING", (*WRITING, "PRAGMA busy_timeout = 20"))
    store = await open_store(sqlite_url, surroundings())
    yield store
    await store.close()


@pytest.mark.proves("F13")
async def test_a_lock_that_somebody_holds_for_a_while_is_waited_for(hasty: SqlStore, tmp_path: Path) -> None:
    with rival(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(hasty.write(ALISHER, lambda tx: add_payment(tx, payment())))
        assert await asyncio.wait((waiting,), timeout=0.05) == (set(), {waiting})
        other.execute("COMMIT")
        assert await waiting == payment()


@pytest.mark.proves("F13")
async def test_a_lock_that_somebody_keeps_is_an_outage_with_an_end(hasty: SqlStore, tmp_path: Path) -> None:
    """Each unit is tried so often and refused whole; when the lock is gone everything goes on by itself."""
    with rival(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        units = [hasty.write(ALISHER, lambda tx, n=n: add_payment(tx, payment(n))) for n in (1, 2)]  # type: ignore[misc]
        refused = await asyncio.wait_for(asyncio.gather(*units, return_exceptions=True), 10)
        assert [type(each) for each in refused] == [StoreUnavailable, StoreUnavailable]
        other.execute("COMMIT")
    assert await hasty.reads.payments(None, 10) == []
    assert await hasty.write(ALISHER, lambda tx: add_payment(tx, payment())) == payment()
    assert not hasty.broken


@pytest.mark.proves("F13")
async def test_a_unit_has_the_right_to_write_from_its_first_statement_on(hasty: SqlStore, tmp_path: Path) -> None:
    """One that began with reading could fail in its middle, whatever the time-out: nobody can come in between."""

    def look_then_write(tx: Tx) -> str:
        assert tx.payments.get(77) is None
        with rival(tmp_path) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        add_payment(tx, payment())
        return "done"

    assert await hasty.write(ALISHER, look_then_write) == "done"
