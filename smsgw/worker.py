"""The pump: carries leased rows (texts of the outbox, provider calls) to whoever handles them.

Rows come in two ways: handed over in memory right after the commit that wrote them, and claimed from the database
once a second, which finds what a crash, another node or a full memory left behind.

Rule 1: rows with one key (a subscriber, a payment) are handled one after another, in order; rows of different keys run
side by side.
Rule 2: a row belongs to a group (its provider), and every group has places and memory of its own. A group whose rows
all hang takes nothing from the others: neither their places, nor their memory, nor the pace of their claims.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final, Generic, TypeVar

from smsgw.log import get_logger
from smsgw.ports import StoreUnavailable, WorkFailed

T = TypeVar("T")

# Handed-over rows that may wait in memory, in equal shares for the groups: some 20 MB, however many groups there are.
# What is beyond a share stays in the database and is claimed when its lease ends.
WAITING_MAX: Final = 20_000
# How long a row that waits in memory may still be handled: a third of its lease of 30 s; handling takes the rest.
HELD_S_MAX: Final = 10.0
POLL_S: Final = 1.0
# Of a group that nobody configured any more there are a few rows, if any, and they are only put aside.
STRANGERS_WIDTH: Final = 1

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Generic[T]):
    """What a pump needs to know of its rows.

    `widths`: how many rows of each group are handled at once. `claim` is given the free places of every group that has
    some. `handle` answers False for a row that has not ended: later rows of its key must not overtake it, and so they
    are `put_back`: they wait in the database too, unleased, and are claimed when it is their turn. `rank`: of two keys
    of a group that wait for a place, the one whose first row has the smaller number goes first. `drain_s`: how long
    work in hand may take to end at a stop; what takes longer is found again by its lease.
    """

    name: str
    widths: Mapping[str, int]
    claim: Callable[[Mapping[str, int]], Awaitable[Sequence[T]]]
    handle: Callable[[T], Awaitable[bool | None]]
    put_back: Callable[[T], Awaitable[object]]
    group: Callable[[T], str]
    key: Callable[[T], str]
    drain_s: float
    rank: Callable[[T], int] = lambda _: 0


class _Group(Generic[T]):
    """The places and the queues of one group. `more`: its last claim found as much as there was room for."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.queues: dict[str, deque[tuple[float, T]]] = {}
        self.ready: list[tuple[int, int, str]] = []
        self.waiting = 0
        self.running: set[asyncio.Task[None]] = set()
        self.more = False
        self.progress = False

    @property
    def room(self) -> int:
        """Free places."""
        return self.width - len(self.running)

    @property
    def wants_more(self) -> bool:
        """True when a backlog is to be claimed on at once: its rows end, and half of the places are free.

        Half: neither one claim for every row that ends, nor a wait for the slowest of all.
        """
        return self.more and self.progress and 2 * self.room >= self.width


class Pump(Generic[T]):
    """One pump for one kind of row."""

    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self._groups: dict[str, _Group[T]] = {name: _Group(width) for name, width in work.widths.items()}
        self._share = WAITING_MAX // max(1, len(work.widths))
        self._turns = count()
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Rows in memory that nobody handles yet."""
        return sum(group.waiting for group in self._groups.values())

    def offer(self, row: T) -> None:
        """Take a row that this node has leased."""
        name, key = self._work.group(row), self._work.key(row)
        group = self._groups.setdefault(name, _Group(STRANGERS_WIDTH))
        if group.waiting >= self._share:
            return
        group.waiting += 1
        queue = group.queues.get(key)
        if queue is None:
            group.queues[key] = queue = deque()
            heappush(group.ready, (self._work.rank(row), next(self._turns), key))
        queue.append((asyncio.get_running_loop().time(), row))
        self._start(group)

    async def run(self, stop: asyncio.Event) -> None:
        """Claim once a second until *stop*, then finish what is in hand.

        A backlog is claimed on at once, as long as its rows end: with a link or a provider away, none does.
        """
        stopping = asyncio.create_task(self._wake_at(stop))
        try:
            while not stop.is_set():
                self._wake.clear()
                await self._claim()
                await self._pause()
        finally:
            stopping.cancel()
        self._closed = True
        running = {task for group in self._groups.values() for task in group.running}
        if running:
            await asyncio.wait(running, timeout=self._work.drain_s)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_S)
        except TimeoutError:
            return

    async def _claim(self) -> None:
        """Claim as many rows as there is room for, of every group."""
        groups = {name: self._groups[name] for name in self._work.widths}
        rooms = {name: group.room for name, group in groups.items() if group.room > 0}
        for name in rooms:
            groups[name].more = groups[name].progress = False
        if not rooms:
            return
        try:
            rows = await self._work.claim(rooms)
        except (StoreUnavailable, WorkFailed) as reason:
            log.error("pump.claim_failed", pump=self._work.name, reason=repr(reason))
            return
        for row in rows:
            self.offer(row)
        claimed = Counter(map(self._work.group, rows))
        for name, room in rooms.items():
            groups[name].more = claimed[name] >= room

    def _start(self, group: _Group[T]) -> None:
        while group.ready and group.room > 0:
            *_, key = heappop(group.ready)
            running = self._run_queue(group, key)
            task = asyncio.get_running_loop().create_task(running, name=f"{self._work.name}-{key}")
            group.running.add(task)
            task.add_done_callback(lambda task: self._ended(group, task))

    def _ended(self, group: _Group[T], task: asyncio.Task[None]) -> None:
        group.running.discard(task)
        self._start(group)
        if group.wants_more:
            self._wake.set()

    async def _run_queue(self, group: _Group[T], key: str) -> None:
        """Handle the rows of one key, in order, until there are none, or one of them has not ended."""
        queue, goes_on = group.queues[key], True
        while queue:
            offered_s, row = queue.popleft()
            group.waiting -= 1
            fresh = asyncio.get_running_loop().time() - offered_s < HELD_S_MAX
            goes_on = goes_on and fresh
            goes_on = await self._handle(row, self._work.handle if goes_on else self._work.put_back) and goes_on
            group.progress = group.progress or goes_on
        del group.queues[key]

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
