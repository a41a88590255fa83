"""What has passed, in order: texts both ways, answers, receipts. Whoever asks later gives the last number they saw.

Rule: it is a ring; the oldest goes. Entries number from 1 and without gaps, so a cursor is just a number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from simulator.mo import Mo, MoState
from simulator.mt import Mt
from smsgw.smpp.constants import MessageState
from smsgw.smpp.states import State


class Answer(NamedTuple):
    """What came of an attempt to deliver a text, as it was then; `status` None = no answer."""

    mo_id: int
    state: MoState
    status: int | None
    attempts: int


class ReceiptSent(NamedTuple):
    """A delivery receipt went into the queue."""

    message_id: str
    state: MessageState


class SessionChange(NamedTuple):
    """A gateway's session became bound, or ended (`closed`)."""

    line_id: int
    system_id: str
    state: State


class Kind(StrEnum):
    """What an entry tells."""

    MO = "mo"
    ANSWER = "answer"
    MT = "mt"
    RECEIPT = "receipt"
    SESSION = "session"


Item = Mo | Answer | Mt | ReceiptSent | SessionChange


class Entry(NamedTuple):
    """One thing that happened at `at_s` (Unix time); `number` is the subscriber's, without plus, empty for sessions."""

    id: int
    at_s: float
    kind: Kind
    number: str
    item: Item


class Journal:
    """The ring, and those who want to know at once."""

    def __init__(self, entries_max: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=entries_max)
        self._last = 0
        self.watchers: list[Callable[[Entry], None]] = []
        """Called with each entry, right away: they must be quick, and must not raise."""

    @property
    def next_id(self) -> int:
        """The number that the next entry will have."""
        return self._last + 1

    def add(self, at_s: float, kind: Kind, number: str, item: Item) -> None:
        """Add an entry."""
        self._last += 1
        entry = Entry(self._last, at_s, kind, number, item)
        self._entries.append(entry)
        for watch in self.watchers:
            watch(entry)

    def since(self, cursor: int) -> list[Entry]:
        """What came after the entry *cursor*, as far as it is kept, the oldest first."""
        # From the right: whoever asks has mostly seen nearly all, and a deque is slow in its middle.
        newer = list(takewhile(lambda entry: entry.id > cursor, reversed(self._entries)))
        newer.reverse()
        return newer

    def get(self, number: int) -> Entry | None:
        """One entry; None when it is not there, or not any more."""
        newer = self.since(number - 1)
        return newer[0] if newer and newer[0].id == number else None
