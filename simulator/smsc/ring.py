"""A ring of what passed: the oldest goes, and whoever asks later gives the last number they saw.

Rule: entries number from 1 and without gaps, so a cursor is just a number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import takewhile
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """What a ring holds."""

    @property
    def id(self) -> int:
        """Its number."""
        ...


Item = TypeVar("Item", bound=Numbered)


class Ring(Generic[Item]):
    """The ring, and those who want to know at once."""

    def __init__(self, entries_max: int) -> None:
        self._entries: deque[Item] = deque(maxlen=entries_max)
        self._last = 0
        self.watchers: list[Callable[[Item], None]] = []
        """Called with each entry, right away: they must be quick, and must not raise."""

    @property
    def next_id(self) -> int:
        """The number that the next entry will have, and must have."""
        return self._last + 1

    def put(self, entry: Item) -> None:
        """Add an entry, whose number is `next_id`."""
        self._last += 1
        self._entries.append(entry)
        for watch in self.watchers:
            watch(entry)

    def since(self, cursor: int) -> list[Item]:
        """What came after the entry *cursor*, as far as it is kept, the oldest first."""
        # From the right: whoever asks has mostly seen nearly all, and a deque is slow in its middle.
        newer = list(takewhile(lambda entry: entry.id > cursor, reversed(self._entries)))
        newer.reverse()
        return newer

    def get(self, number: int) -> Item | None:
        """One entry; None when it is not there, or not any more."""
        newer = self.since(number - 1)
        return newer[0] if newer and newer[0].id == number else None
