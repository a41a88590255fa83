"""What has passed, in order: texts both ways, answers, receipts, sessions."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from simulator.smsc.mo import Mo, MoState
from simulator.smsc.mt import Mt
from simulator.smsc.ring import Ring
from smsgw.smpp.constants import MessageState
from smsgw.smpp.events import CloseReason
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
    """A gateway's session became bound, or ended (`closed`): for a reason of SMPP's, or None where we cut it."""

    line_id: int
    system_id: str
    state: State
    reason: CloseReason | None = None


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
    operator: str = ""


class Journal(Ring[Entry]):
    """What has passed at every operator."""

    def add(self, at_s: float, kind: Kind, number: str, item: Item, operator: str = "") -> None:
        """Add an entry."""
        self.put(Entry(self._last + 1, at_s, kind, number, item, operator))
