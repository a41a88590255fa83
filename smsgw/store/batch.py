"""Group commit: whatever has queued up runs in one transaction, each unit behind a mark of its own.

Rule 1: units run in the order of their keys, and units of one key in the order in which they came.
Rule 2: a unit that raises is undone alone; what it would have handed over is dropped.
Rule 3: if the transaction fails, its units run again one by one; every unit is repeatable.
Rule 4: when `run` returns, every job has a result or an error, and what stands is durable.
"""

from __future__ import annotations

import time
from asyncio import Future
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from smsgw.domain.calls import ProviderCall
from smsgw.domain.sms import OutboundSms
from smsgw.log import get_logger
from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.store.connection import Connection
from smsgw.store.errors import Fault, TransactionFailed
from smsgw.store.transaction import SqlTx
from smsgw.store.unit import Surroundings, Unit
from smsgw.transaction import Tx

# A transaction ends after this long even if more is queued: callers wait for its commit, and other nodes for its locks.
BATCH_TIME_MAX_S: Final = 0.05
# A unit that met a conflict runs alone; five more in a row mean that somebody holds the locks for good.
TRIES_MAX: Final = 5
# The longest wait before another try, drawn anew each time, so that two nodes do not meet again.
RETRY_PAUSE_MAX_S: Final = 0.02
_PAUSE_BITS: Final = 10

log = get_logger(__name__)


class Job:
    """One unit on its way: what to run, for whom, and what came of it."""

    __slots__ = ("calls", "error", "future", "key", "result", "texts", "work")

    def __init__(self, key: str, work: Callable[[Tx], Any], future: Future[Any] | None = None) -> None:
        self.key = key
        self.work = work
        self.future = future
        self.result: Any = None
        self.error: StoreUnavailable | WorkFailed | None = None
        self.calls: Sequence[ProviderCall] = ()
        self.texts: Sequence[OutboundSms] = ()

    def done(self, result: Any, unit: Unit) -> None:
        """The unit ran; all this holds once the transaction is committed."""
        self.result, self.error, self.calls, self.texts = result, None, unit.calls, unit.texts

    def failed(self, error: StoreUnavailable | WorkFailed, cause: Exception) -> None:
        """Nothing of the unit stands."""
        error.__cause__ = cause
        self.result, self.error, self.calls, self.texts = None, error, (), ()


_by_key = attrgetter("key")


class Batches:
    """Runs jobs on one connection, in the caller's thread."""

    def __init__(self, connection: Connection, around: Surroundings) -> None:
        self._connection = connection
        self._around = around
        self.broken = False

    def run(self, jobs: Sequence[Job]) -> None:
        """Run every job to its end."""
        left = sorted(jobs, key=_by_key)
        while left:
            try:
                left = left[self._transaction(left) :]
            except TransactionFailed as failure:
                self._undo(failure)
                self._one_by_one(left, failure)
                return

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _transaction(self, jobs: Sequence[Job]) -> int:
        """Run the first jobs, as many as fit into the time of one transaction, and commit; return how many."""
        if self.broken:
            raise TransactionFailed(Fault.BROKEN, "the storage has failed: a restart has to check it first")
        now_us = self._connection.begin()
        end_s = self._around.clock.monotonic_s() + BATCH_TIME_MAX_S
        ran = 0
        while ran < len(jobs) and (ran == 0 or self._around.clock.monotonic_s() < end_s):
            self._connection.savepoint()
            self._unit(jobs[ran], Unit(self._connection, self._around, now_us))
            ran += 1
        self._connection.commit()
        return ran

    def _unit(self, job: Job, unit: Unit) -> None:
        try:
            result = job.work(SqlTx(unit))
            assert not hasattr(result, "__await__"), "a unit of work is a plain function: nothing in it is awaited"
            job.done(result, unit)
        except TransactionFailed:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a unit raises, it is undone alone and its caller is told
            self._connection.undo()
            job.failed(WorkFailed(f"the unit raised {type(error).__name__}"), error)

    def _one_by_one(self, jobs: Sequence[Job], failure: TransactionFailed) -> None:
        """Each job in a transaction of its own; once the database refuses, it refuses all that are left."""
        for job in jobs:
            if failure.fault.passing:
                failure = self._alone(job, failure)
            else:
                job.failed(StoreUnavailable(str(failure)), failure)

    def _alone(self, job: Job, failure: TransactionFailed) -> TransactionFailed:
        """Run one job to its end; return the latest failure."""
        for _ in range(TRIES_MAX):
            self._pause()
            try:
                self._transaction([job])
            except TransactionFailed as again:
                self._undo(again)
                failure = again
            else:
                return failure
            if not failure.fault.passing:
                break
        job.failed(StoreUnavailable(str(failure)), failure)
        return failure

    def _undo(self, failure: TransactionFailed) -> None:
        log.warning("store.transaction_failed", fault=failure.fault.name.lower(), reason=str(failure))
        self.broken = self.broken or failure.fault is Fault.BROKEN
        self._connection.rollback()

    def _pause(self) -> None:
        share = self._around.chance.bits(_PAUSE_BITS) / (1 << _PAUSE_BITS)
        time.sleep(share * RETRY_PAUSE_MAX_S)
