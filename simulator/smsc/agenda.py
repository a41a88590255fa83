"""What is to be done later: receipts, delayed answers, texts to deliver again. Time comes in as an argument."""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Agenda(Generic[Item]):
    """Items by the time they are due (monotonic seconds); equals in the order in which they came."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, Item]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, due_s: float, item: Item) -> None:
        """Note an item."""
        self._count += 1
        heappush(self._entries, (due_s, self._count, item))

    def take(self, now_s: float) -> list[Item]:
        """Take out what is due."""
        due = []
        while self._entries and self._entries[0][0] <= now_s:
            due.append(heappop(self._entries)[2])
        return due

    def next_due_s(self) -> float:
        """When something is due next; `math.inf` for never."""
        return self._entries[0][0] if self._entries else math.inf
