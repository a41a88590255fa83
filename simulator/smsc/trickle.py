"""Octets that leave a connection bit by bit: what a slow or a torn network does to PDUs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable


class Trickle:
    """Writes chunks in order, each so many seconds after the one before; *done* is called when all have left."""

    def __init__(self, write: Callable[[bytes], None], done: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._write = write
        self._done = done
        self._chunks: deque[tuple[bytes, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def is_busy(self) -> bool:
        """Whether something has still to leave; whatever else is written meanwhile would tear it."""
        return self._timer is not None

    def put(self, chunks: Iterable[bytes], gap_s: float) -> None:
        """Write *chunks* after those that wait; the first goes at once where none do."""
        self._chunks += ((chunk, gap_s) for chunk in chunks)
        if not self.is_busy():
            self._next()

    def close(self) -> None:
        """Write nothing more."""
        self._chunks.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _next(self) -> None:
        self._timer = None
        if not self._chunks:
            self._done()
            return
        chunk, gap_s = self._chunks.popleft()
        self._write(chunk)
        self._timer = self._loop.call_later(gap_s if self._chunks else 0.0, self._next)
