"""The messages that an SMSC has taken and may still be asked about: query_sm, cancel_sm, replace_sm, receipts by hand.

Rule: what is kept is bounded and the oldest goes; a message that is forgotten is delivered all the same.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from simulator.smsc.fates import Fate
from simulator.smsc.lines import Line
from smsgw.smpp.constants import MessageState
from smsgw.smpp.pdu import Pdu

MESSAGES_MAX: Final = 20_000
"""Messages that are remembered, and that may wait for their time; some 40 MB, or ten seconds of a busy operator."""

RECEIPTS_MAX: Final = 50
"""States of one message that are remembered: whoever sends more by hand knows them."""


@dataclass(slots=True, eq=False)
class Message:
    """One message to one subscriber; times are monotonic. `number` is what its `id` writes.

    `waiting` = it is not with the subscriber yet, and can be cancelled or replaced. `final_at_s` None = its state may
    still change.
    """

    id: str
    number: int
    line: Line
    submit: Pdu
    taken_at_s: float
    due_s: float
    fate: Fate
    expires_s: float = math.inf
    waiting: bool = True
    state: MessageState = MessageState.ENROUTE
    final_at_s: float | None = None
    receipts: tuple[MessageState, ...] = ()

    @property
    def system_id(self) -> str:
        """Who has submitted it, on the `line` that it came by, be that gone or not."""
        return self.line.system_id

    @property
    def source(self) -> bytes:
        """Who it is from."""
        return self.submit.octets("source_addr")

    @property
    def destination(self) -> bytes:
        """Who it is for."""
        return self.submit.octets("destination_addr")

    @property
    def next_s(self) -> float:
        """When it is delivered, or has expired."""
        return min(self.due_s, self.expires_s)

    def told(self, state: MessageState) -> None:
        """A receipt has said *state*."""
        self.receipts = (*self.receipts, state)[-RECEIPTS_MAX:]

    def end(self, state: MessageState, now_s: float) -> None:
        """Nothing more happens to it."""
        self.waiting = False
        self.state = state
        self.final_at_s = now_s


class Messages:
    """Messages by id; one id has several where one submit_multi had several destinations."""

    def __init__(self, kept_max: int = MESSAGES_MAX) -> None:
        self._kept_max = kept_max
        self._kept = 0
        # A dict would look for its first key among all those that have left.
        self._by_id: OrderedDict[str, list[Message]] = OrderedDict()

    def add(self, message: Message) -> None:
        """Remember a message; of the oldest id all go, but never those of the id that is being added to."""
        self._by_id.setdefault(message.id, []).append(message)
        self._kept += 1
        while self._kept > self._kept_max and len(self._by_id) > 1:
            _, forgotten = self._by_id.popitem(last=False)
            self._kept -= len(forgotten)

    def get(self, message_id: str) -> list[Message]:
        """The messages of an id; none when it is unknown or too long ago."""
        return self._by_id.get(message_id, [])

    def of(self, system_id: str, message_id: bytes, source: bytes) -> list[Message]:
        """The messages of an id that *system_id* has sent from *source*: nobody may touch those of others."""
        found = self.get(message_id.decode("latin-1"))
        return [one for one in found if one.system_id == system_id and one.source == source]

    def waiting(self, system_id: str, source: bytes, destination: bytes, service_type: bytes) -> list[Message]:
        """What is still to be delivered between two numbers; empty *service_type* = of any."""
        return [
            one
            for messages in self._by_id.values()
            for one in messages
            if one.waiting
            and (one.system_id, one.source, one.destination) == (system_id, source, destination)
            and service_type in (b"", one.submit.octets("service_type"))
        ]
