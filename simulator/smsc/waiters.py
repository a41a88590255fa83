"""Those who wait for something to pass: long polls, tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from simulator.smsc.journal import Entry

Found = TypeVar("Found")

ANYONE = ""


class Waiters:
    """Wakes whoever waits for something of a subscriber's number, or of anyone's."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._closed = False

    async def until(self, number: str, look: Callable[[], Found], timeout_s: float) -> Found:
        """Call *look* until it finds something (anything true), or for the last time when the time is over."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + timeout_s
        while not (found := look()) and not self._closed and loop.time() < end_s:
            await self._next(number, end_s - loop.time())
        return found

    def close(self) -> None:
        """Send everyone home."""
        self._closed = True
        for number in list(self._waiting):
            self._wake(number)

    async def _next(self, number: str, timeout_s: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(number, set())
        waiting.add(future)
        await asyncio.wait([future], timeout=timeout_s)
        waiting.discard(future)
        if not waiting and self._waiting.get(number) is waiting:
            del self._waiting[number]

    def passed(self, entry: Entry) -> None:
        """An entry was written."""
        if self._waiting:
            self.ring(entry.number)

    def ring(self, number: str = ANYONE) -> None:
        """Something of *number* has passed."""
        if self._waiting:
            self._wake(number)
            self._wake(ANYONE)

    def _wake(self, number: str) -> None:
        for future in self._waiting.get(number, ()):
            if not future.done():
                future.set_result(None)
