"""A disk that fails or is full, under the real units of work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

import pytest

from smsgw.ports import StoreUnavailable
from smsgw.store.batch import Batches, Job
from smsgw.store.errors import TransactionFailed
from smsgw.store.sqlite_file import BUSY_TIMEOUT_MS, settled
from smsgw.store.wal import WAL_LIMIT, WalLimit
from smsgw.transaction import Tx
from tests.contract.store.disk import Disk, Step
from tests.contract.store.samples import ALISHER, NOW_US, surroundings
from tests.contract.store.test_powercut import order


@contextmanager
def started(disk: Disk) -> Iterator[tuple[sqlite3.Connection, Batches]]:
    """A store on the disk."""
    database = disk.open()
    try:
        yield database, Batches(settled(database, lambda: NOW_US), surroundings())
    finally:
        with suppress(sqlite3.OperationalError):
            database.close()


def ran(batches: Batches, *numbers: int) -> list[str]:
    """Order some payments in one batch; what their callers are told."""
    jobs = [Job(str(number), partial(order, number)) for number in numbers]
    batches.run(jobs)
    return ["done" if job.error is None else type(job.error).__name__ for job in jobs]


def ordered(disk: Disk) -> list[int]:
    """The payments that a start finds on the disk; the look changes nothing there."""
    with closing(disk.twin().open()) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [row[0] for row in database.execute("SELECT id FROM payments ORDER BY id").fetchall()]


@pytest.mark.proves("F11")
@pytest.mark.parametrize("step", [Step.WRITE, Step.SYNC])
def test_after_an_io_error_nothing_is_acknowledged_and_the_disk_is_not_touched_again(step: Step) -> None:
    """An fsync that failed once must not be asked again: the system may have dropped what it could not write."""
    disk = Disk(1).with_tables()
    with started(disk) as (_, batches):
        assert ran(batches, 1, 2) == ["done", "done"]
        disk.failing = {step}
        assert ran(batches, 3, 4) == ["StoreUnavailable", "StoreUnavailable"]
        assert batches.broken
        disk.failing, disk.steps = set(), []
        assert ran(batches, 5, 6) == ["StoreUnavailable", "StoreUnavailable"]
        assert disk.steps == []
        disk.lose_power()
        assert {1, 2} <= set(ordered(disk)) <= {1, 2, 3, 4}
        disk.dead = True
    disk.dead = False
    with started(disk) as (_, batches):
        assert ran(batches, 7) == ["done"]


@pytest.mark.proves("F11")
def test_where_the_log_cannot_be_begun_anew_the_patience_with_locks_is_as_before() -> None:
    """It is short only for the readers that a checkpoint waits for."""
    disk = Disk(1).with_tables()
    with closing(disk.open()) as database:
        connection = settled(database, lambda: NOW_US, WalLimit(lambda: WAL_LIMIT))
        assert ran(Batches(connection, surroundings()), 1) == ["done"]
        disk.failing = {Step.SYNC}
        with pytest.raises(TransactionFailed):
            connection.begin()
        disk.failing = set()
        assert database.execute("PRAGMA busy_timeout").fetchone() == (BUSY_TIMEOUT_MS,)


@pytest.mark.proves("F11")
def test_a_page_that_cannot_be_read_breaks_the_store_too() -> None:
    disk = Disk(1).with_tables()
    with started(disk) as (_, batches):
        assert ran(batches, *range(1, 60)) == ["done"] * 59
    with started(disk) as (database, batches):
        database.execute("PRAGMA cache_size = 1")
        disk.failing = {Step.READ}
        assert ran(batches, 60) == ["StoreUnavailable"]
        assert batches.broken
        disk.failing = set()
        assert ran(batches, 61) == ["StoreUnavailable"]
    assert ordered(disk) == list(range(1, 60))


@pytest.mark.proves("F12")
def test_a_full_disk_refuses_each_unit_whole_and_space_mends_it() -> None:
    """Nothing of a unit stands, also of a batch in which some would have fitted; a restart is not needed."""
    disk = Disk(1).with_tables()
    with started(disk) as (_, batches):
        assert ran(batches, 1) == ["done"]
        disk.full = True
        for _ in range(3):
            assert ran(batches, 2, 3, 4) == ["StoreUnavailable"] * 3
        assert not batches.broken
        assert ordered(disk) == [1]
        disk.full = False
        assert ran(batches, 2, 3, 4) == ["done"] * 3
    assert ordered(disk) == [1, 2, 3, 4]


@pytest.mark.proves("F12")
def test_after_the_error_nothing_more_of_the_unit_is_run() -> None:
    """SQLite has rolled the transaction back by itself: what came after would stand alone, outside of it."""
    disk = Disk(1).with_tables()
    ran_on: list[int] = []

    def work(tx: Tx) -> None:
        for number in range(1, 200):
            order(number, tx)
            ran_on.append(number)

    with started(disk) as (database, batches):
        # So small a cache has to write in the middle of a transaction.
        database.execute("PRAGMA cache_size = 1")
        disk.full = True
        job = Job(ALISHER, work)
        batches.run([job])
        assert isinstance(job.error, StoreUnavailable)
        assert len(ran_on) < 100
        assert ordered(disk) == []
        disk.full = False
        assert ran(batches, 1) == ["done"]
