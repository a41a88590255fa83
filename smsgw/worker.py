"""The pump: carries leased rows (texts of the outbox, provider calls) to whoever handles them.

Rows come in two ways: handed over in memory right after the commit that wrote them, and claimed from the database
once a second, which finds what a crash, another node or a full memory left behind. Rows with one key (a subscriber)
are handled one after another, in order; rows of different keys run side by side, at most `width` at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final, Generic, TypeVar

from smsgw.log import get_logger
from smsgw.ports import StoreUnavailable, WorkFailed

T = TypeVar("T")

# Handed-over rows that may wait in memory; what is beyond stays in the database and is claimed when its lease ends.
WAITING_MAX: Final = 20_000
# How long a row that waits in memory may still be handled: a third of its lease of 30 s; handling takes the rest.
HELD_S_MAX: Final = 10.0
POLL_S: Final = 1.0
# Work in hand at a stop: an exchange with a provider may take longer, and is then found again by its lease.
DRAIN_S: Final = 10.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """What a pump needs to know of its rows.

    `handle` answers False for a row that has not ended: later rows of its key must not overtake it, and so they are
    `put_back`: they wait in the database too, unleased, and are claimed when it is their turn. `rank`: of two keys that
    wait for a place, the one whose first row has the smaller number goes first.
    """

    name: str
    claim: Callable[[int], Awaitable[Sequence[T]]]
    handle: Callable[[T], Awaitable[bool | None]]
    key: Callable[[T], str]
    put_back: Callable[[T], Awaitable[object]]
    rank: Callable[[T], int] = lambda _: 0


class Pump(Generic[T]):
    """One pump for one kind of row."""

    def __init__(self, work: Work[T], width: int) -> None:
        self._work = work
        self._width = width
        self._queues: dict[str, deque[tuple[float, T]]] = {}
        self._ready: list[tuple[int, int, str]] = []
        self._turns = count()
        self._waiting = 0
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False
        self._progress = False

    @property
    def waiting(self) -> int:
        """Rows in memory that nobody handles yet."""
        return self._waiting

    def offer(self, row: T) -> None:
        """Take a row that this node has leased."""
        if self._closed or self._waiting >= WAITING_MAX:
            return
        key = self._work.key(row)
        self._waiting += 1
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = queue = deque()
            heappush(self._ready, (self._work.rank(row), next(self._turns), key))
        queue.append((asyncio.get_running_loop().time(), row))
        self._start()

    async def run(self, stop: asyncio.Event) -> None:
        """Claim once a second until *stop*, then finish what is in hand.

        A backlog is claimed on at once, as long as its rows end: with a link or a provider away, none does.
        """
        while not stop.is_set():
            self._progress = False
            if await self._claim() and self._running:
                await asyncio.wait(self._running, timeout=POLL_S)
                if self._progress:
                    continue
            try:
                await asyncio.wait_for(stop.wait(), POLL_S)
            except TimeoutError:
                continue
        self._closed = True
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_S)

    async def _claim(self) -> bool:
        """Claim as many rows as there is room for; True = there may be more."""
        room = self._width - len(self._running)
        if room <= 0:
            return False
        try:
            rows = await self._work.claim(room)
        except (StoreUnavailable, WorkFailed) as reason:
            log.error("pump.claim_failed", pump=self._work.name, reason=repr(reason))
            return False
        for row in rows:
            self.offer(row)
        return len(rows) == room

    def _start(self) -> None:
        while self._ready and len(self._running) < self._width and not self._closed:
            *_, key = heappop(self._ready)
            task = asyncio.get_running_loop().create_task(self._run_queue(key), name=f"{self._work.name}-{key}")
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    async def _run_queue(self, key: str) -> None:
        """Handle the rows of one key, in order, until there are none, or one of them has not ended."""
        queue, goes_on = self._queues[key], True
        while queue:
            offered_s, row = queue.popleft()
            self._waiting -= 1
            fresh = asyncio.get_running_loop().time() - offered_s < HELD_S_MAX
            goes_on = goes_on and fresh
            goes_on = await self._handle(row, self._work.handle if goes_on else self._work.put_back) and goes_on
            self._progress = self._progress or goes_on
        del self._queues[key]

    async def _handle(self, row: T, handle: Callable[[T], Awaitable[object]]) -> bool:
        """Do something with a row; True = the next of its key may follow."""
        if self._closed:
            return False
        try:
            return await handle(row) is not False
        except (StoreUnavailable, WorkFailed) as reason:
            log.error("pump.not_committed", pump=self._work.name, reason=repr(reason))
        except Exception:  # the supervised loop: one bad row must not stop the others; its lease brings it back
            log.exception("pump.failed", pump=self._work.name)
        return False
