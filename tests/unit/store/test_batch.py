"""Group commit over a connection that only pretends: order, undoing, running again, refusing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.sessions.keys import Keyring
from smsgw.store import batch
from smsgw.store.batch import TRIES_MAX, Batches, Job
from smsgw.store.errors import Fault, TransactionFailed
from smsgw.store.sql import Cursor, Statement, Values
from smsgw.store.unit import Surroundings
from smsgw.transaction import Tx

Work = Callable[[Tx], Any]


class Still:
    """A clock that stands and a chance that always draws nought."""

    def now_us(self) -> int:
        return 1

    def monotonic_s(self) -> float:
        return 0.0

    def bits(self, count: int) -> int:
        return 0 * count

    def octets(self, count: int) -> bytes:
        return bytes(count)


class Pretended:
    """A connection that keeps what was committed, and fails its next commits as it is told."""

    shard = 0

    def __init__(self, *faults: Fault | None) -> None:
        self.sql: Mapping[Statement, str] = {}
        self.faults = deque(faults)
        self.committed: list[list[str]] = []
        self.open: list[str] = []
        self.marks: list[str] = []
        self.transactions = 0
        self.closed = False

    def execute(self, sql: str, values: Values) -> Cursor:
        raise NotImplementedError

    def begin(self) -> int:
        self.transactions += 1
        self.open = []
        return 1

    def commit(self) -> None:
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            raise TransactionFailed(fault, fault.name)
        self.committed.append(self.open)

    def rollback(self) -> None:
        self.open = []

    def savepoint(self) -> None:
        self.marks = list(self.open)

    def undo(self) -> None:
        self.open = self.marks

    def close(self) -> None:
        self.closed = True


def run(connection: Pretended, *jobs: Job) -> Batches:
    still = Still()
    batches = Batches(connection, Surroundings(still, still, Keyring.from_masters({"k": bytes(32)}, "k")))
    batches.run(jobs)
    return batches


def noting(connection: Pretended, key: str, note: str) -> Job:
    def work(_: Tx) -> str:
        connection.open.append(note)
        return note

    return Job(key, work)


def raising(connection: Pretended, key: str) -> Job:
    def work(_: Tx) -> None:
        connection.open.append("half done")
        raise KeyError(key)

    return Job(key, work)


def outcome(job: Job) -> object:
    return type(job.error) if job.error else job.result


def test_units_run_by_key_and_within_a_key_in_their_order() -> None:
    connection = Pretended()
    run(
        connection,
        *(noting(connection, key, key + note) for key, note in [("b", "1"), ("a", "1"), ("b", "2"), ("a", "2")]),
    )
    assert connection.committed == [["a1", "a2", "b1", "b2"]]
    assert connection.transactions == 1


def test_every_unit_gets_its_own_result() -> None:
    connection = Pretended()
    jobs = [noting(connection, "b", "one"), noting(connection, "a", "two")]
    run(connection, *jobs)
    assert [job.result for job in jobs] == ["one", "two"]


def test_a_unit_that_raises_is_undone_alone() -> None:
    connection = Pretended()
    jobs = [noting(connection, "a", "before"), raising(connection, "b"), noting(connection, "c", "after")]
    run(connection, *jobs)
    assert connection.committed == [["before", "after"]]
    assert [outcome(job) for job in jobs] == ["before", WorkFailed, "after"]
    assert isinstance(jobs[1].error, WorkFailed)
    assert isinstance(jobs[1].error.__cause__, KeyError)


@pytest.mark.proves("I17")
async def test_a_unit_that_must_be_awaited_is_a_bug() -> None:
    async def work() -> None:
        """Nothing in here would run before the commit."""

    coroutine = work()
    job = Job("a", lambda _: coroutine)
    run(Pretended(), job)
    await coroutine
    assert isinstance(job.error, WorkFailed)
    assert isinstance(job.error.__cause__, AssertionError)


@pytest.mark.proves("F22")
@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.LOST])
def test_after_a_passing_fault_the_units_run_again_one_by_one(fault: Fault) -> None:
    connection = Pretended(fault)
    jobs = [noting(connection, "b", "two"), noting(connection, "a", "one")]
    run(connection, *jobs)
    assert connection.committed == [["one"], ["two"]]
    assert [outcome(job) for job in jobs] == ["two", "one"]


@pytest.mark.proves("F22")
def test_a_unit_is_tried_so_often_and_the_others_still_run() -> None:
    connection = Pretended(Fault.CONFLICT, *[Fault.CONFLICT] * TRIES_MAX)
    jobs = [noting(connection, "a", "unlucky"), noting(connection, "b", "lucky")]
    run(connection, *jobs)
    assert [outcome(job) for job in jobs] == [StoreUnavailable, "lucky"]
    assert connection.transactions == 1 + TRIES_MAX + 1


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.BROKEN])
def test_a_refusal_is_everyones(fault: Fault) -> None:
    connection = Pretended(fault)
    jobs = [noting(connection, "a", "one"), raising(connection, "b")]
    run(connection, *jobs)
    assert [outcome(job) for job in jobs] == [StoreUnavailable, StoreUnavailable]
    assert (connection.committed, connection.transactions) == ([], 1)


def test_a_refusal_while_they_run_one_by_one_is_for_all_that_are_left() -> None:
    connection = Pretended(Fault.LOST, None, Fault.REFUSED)
    jobs = [noting(connection, key, key) for key in "abcd"]
    run(connection, *jobs)
    assert [outcome(job) for job in jobs] == ["a", StoreUnavailable, StoreUnavailable, StoreUnavailable]
    assert connection.transactions == 3


def test_after_a_refusal_the_next_batch_is_tried() -> None:
    connection = Pretended(Fault.REFUSED)
    batches = run(connection, noting(connection, "a", "full"))
    job = noting(connection, "a", "space again")
    batches.run([job])
    assert (outcome(job), batches.broken) == ("space again", False)


def test_broken_storage_is_not_touched_again() -> None:
    connection = Pretended(Fault.BROKEN)
    batches = run(connection, noting(connection, "a", "lost"))
    job = noting(connection, "a", "never")
    batches.run([job])
    assert (outcome(job), batches.broken, connection.transactions) == (StoreUnavailable, True, 1)


def test_a_result_of_a_failed_transaction_is_forgotten() -> None:
    connection = Pretended(Fault.CONFLICT, Fault.REFUSED)
    job = noting(connection, "a", "not durable")
    run(connection, job)
    assert (job.result, list(job.calls), list(job.texts)) == (None, [], [])


def test_a_transaction_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_TIME_MAX_S", 0.0)
    connection = Pretended()
    run(connection, *(noting(connection, key, key) for key in "abc"))
    assert connection.committed == [["a"], ["b"], ["c"]]


def test_no_unit_no_transaction() -> None:
    connection = Pretended()
    run(connection)
    assert connection.transactions == 0


def test_closing_closes_the_connection() -> None:
    connection = Pretended()
    run(connection).close()
    assert connection.closed
