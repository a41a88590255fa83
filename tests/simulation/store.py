"""The gateway's store on virtual time: the real units, group commit and SQL; only thread and disk are played.

A commit takes time, may fail, and may fail after it has happened. All nodes share one database.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

from smsgw.ports import StoreUnavailable
from smsgw.store.batch import Batches, Job
from smsgw.store.errors import Fault, TransactionFailed
from smsgw.store.handover import Handover, OnCall, OnSms
from smsgw.store.inline import InlineReader
from smsgw.store.reads import SqlReads
from smsgw.store.sqlite import SqliteConnection
from smsgw.store.unit import Surroundings
from smsgw.store.writer import BATCH_MAX
from smsgw.transaction import Tx
from tests.simulation.options import Options

T = TypeVar("T")

# A commit's time, with the disk of a good day and of a bad one.
COMMIT_S: Final = (0.001, 0.2)


@dataclass(slots=True)
class DiskWeather:
    """How often a commit is undone, is made and said to be lost, or is refused for a while; shares of commits."""

    undone: float = 0.0
    unsaid: float = 0.0
    refused: float = 0.0
    slow: float = 0.0
    freezing: float = 0.0

    @classmethod
    def of(cls, options: Options) -> DiskWeather:
        """The weather of a seed."""
        return cls(
            undone=options.undone_rate,
            unsaid=options.unsaid_rate,
            refused=options.full_rate,
            slow=options.slow_rate,
            freezing=options.freeze_rate,
        )

    def clears(self) -> None:
        """From now on every commit is swift and good."""
        self.undone = self.unsaid = self.refused = self.slow = self.freezing = 0.0


class PlayedConnection(SqliteConnection):
    """A connection that fails as the network to a database does."""

    def __init__(
        self, database: sqlite3.Connection, now_us: Callable[[], int], random: Random, weather: DiskWeather
    ) -> None:
        super().__init__(database, now_us)
        self.database = database
        self.weather = weather
        self._random = random

    def commit(self) -> None:
        """Commit, or not, and say so, or not."""
        if self._random.random() < self.weather.undone:
            raise TransactionFailed(Fault.LOST, "the connection went before COMMIT")
        if self._random.random() < self.weather.refused:
            raise TransactionFailed(Fault.REFUSED, "no room")
        super().commit()
        if self._random.random() < self.weather.unsaid:
            raise TransactionFailed(Fault.LOST, "the connection went after COMMIT")


class SwiftBatches(Batches):
    """Does not pause between two tries: nobody else uses the connection."""

    def _pause(self) -> None:
        return


class PlayedStore:
    """Implements `node.HandingStore`. `run` is the writer.

    *committed* is called after every transaction; *freeze* holds the node, in front of one.
    """

    def __init__(
        self,
        connection: PlayedConnection,
        around: Surroundings,
        random: Random,
        committed: Callable[[], None],
        freeze: Callable[[], None],
    ) -> None:
        self._freeze = freeze
        self._batches = SwiftBatches(connection, around)
        self._handover = Handover()
        self._weather = connection.weather
        self._random = random
        self._committed = committed
        self._queue: deque[Job] = deque()
        self._filled = asyncio.Event()
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.reads = SqlReads(InlineReader(connection.database))

    def subscribe(self, on_call: OnCall, on_sms: OnSms) -> None:
        """From now on give committed calls and texts to these."""
        self._handover.subscribe(on_call, on_sms)

    async def write(self, key: str, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction; see `ports.Store.write`."""
        if self._closing:
            raise StoreUnavailable("the store is closing")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(Job(key, work, future))
        self._idle.clear()
        self._filled.set()
        return await future

    async def run(self) -> None:
        """Commit whatever has queued up, batch by batch, for ever."""
        while True:
            await self._filled.wait()
            jobs = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_MAX))]
            if not self._queue:
                self._filled.clear()
            if any(job.key for job in jobs) and self._random.random() < self._weather.freezing:
                self._freeze()
            await self._time_of_disk()
            self._batches.run(jobs)
            self._committed()
            await self._time_of_disk()
            for job in jobs:
                self._answer(job)
            if not self._queue:
                self._idle.set()

    async def close(self) -> None:
        """Commit what is queued, and take nothing more."""
        self._closing = True
        await self._idle.wait()

    async def _time_of_disk(self) -> None:
        swift, slow = COMMIT_S
        await asyncio.sleep(self._random.uniform(0, slow if self._random.random() < self._weather.slow else swift))

    def _answer(self, job: Job) -> None:
        self._handover.give(job)
        future = job.future
        if future is None or future.done():
            return
        if job.error is None:
            future.set_result(job.result)
        else:
            future.set_exception(job.error)
