"""A ring over HTTP: pages of what came after a cursor, and a wait where there is nothing yet."""

from __future__ import annotations

from typing import Final, Generic

from aiohttp import web

from simulator.api.bodies import read_cursor, read_seconds
from simulator.api.reading import read
from simulator.smsc.ring import Item, Ring
from simulator.smsc.waiters import Waiters

PAGE_MAX: Final = 1_000
"""In one answer; whoever asks again with `next` gets those after them."""


class Feed(Generic[Item]):
    """One ring, and those who wait for it."""

    def __init__(self, ring: Ring[Item]) -> None:
        self._ring = ring
        self._waiters = Waiters()
        ring.watchers.append(lambda _item: self._waiters.ring())

    async def page(self, request: web.Request) -> tuple[list[Item], int]:
        """What came after `since`, waited for as long as `wait` says; and the cursor after it."""
        cursor = read(read_cursor, request.query)
        wait_s = read(read_seconds, request.query, "wait", 0.0)
        found = await self._waiters.until("", lambda: self._ring.since(cursor), wait_s)
        page = found[:PAGE_MAX]
        return page, page[-1].id if page else self._ring.next_id - 1

    async def close(self, _app: web.Application) -> None:
        """Send home whoever waits."""
        self._waiters.close()
