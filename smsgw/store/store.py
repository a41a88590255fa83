"""The real store: writers in threads, reads beside them, rows handed over after their commit."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from smsgw.ports import StoreUnavailable
from smsgw.store.batch import Batches, Job
from smsgw.store.handover import Handover, OnCall, OnSms
from smsgw.store.lockfile import LockFile
from smsgw.store.reads import Reader, SqlReads
from smsgw.store.writer import Writer
from smsgw.transaction import Tx

T = TypeVar("T")


class SqlStore:
    """Implements ports.Store. Made on the running event loop, which gets all results and hand-overs."""

    def __init__(self, batches: Sequence[Batches], reader: Reader, lock: LockFile | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._handover = Handover()
        self._writers = [Writer(each, self._loop, self._deliver, f"store-{i}") for i, each in enumerate(batches)]
        self._reader = reader
        self._lock = lock
        self._reads = SqlReads(reader)
        self._closing = False

    @property
    def reads(self) -> SqlReads:
        """The read side."""
        return self._reads

    @property
    def broken(self) -> bool:
        """True if nothing can be written before a restart: an I/O error, a damaged file, a writer that has ended."""
        return any(writer.broken for writer in self._writers)

    @property
    def waiting(self) -> int:
        """How many units are waiting for a commit."""
        return sum(writer.waiting for writer in self._writers)

    def subscribe(self, on_call: OnCall, on_sms: OnSms) -> None:
        """From now on give committed calls and texts to these, on the event loop."""
        self._handover.subscribe(on_call, on_sms)

    async def write(self, key: str, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction and return its result once it is committed, durably (see ports.Store.write)."""
        if self._closing:
            raise StoreUnavailable("the store is closing")
        future: asyncio.Future[T] = self._loop.create_future()
        self._writers[zlib.crc32(key.encode()) % len(self._writers)].submit(Job(key, work, future))
        return await future

    async def close(self) -> None:
        """Run what is queued to its end, then close every connection."""
        self._closing = True
        for writer in self._writers:
            writer.stop()
        for writer in self._writers:
            await asyncio.to_thread(writer.join)
        await self._reader.close()
        if self._lock is not None:
            self._lock.release()

    def _deliver(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._handover.give(job)
            if job.future is None or job.future.done():
                continue
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)
