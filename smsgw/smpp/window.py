"""Which requests wait for their answer, in each direction.

Rule 1: outbound, a slot is freed by exactly one of: the answer, the response timer, the end of the session. What the
timer has freed is remembered for a while: its answer may only be late.
Rule 2: inbound, the owner answers each request exactly once; a second answer is our bug and an assertion says so.
Rule 3: nothing here sends, and time only ever comes as an argument.
"""

import math
from collections import Counter
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.smpp.constants import RESPONSE_BIT, SEQUENCE_LAST
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.states import SESSION_COMMANDS

# An answer may come so long after its time-out and still be of use: as long as the owner waits at most before it sends
# a text again.
LATE_S: Final = 600.0
# As many as the largest window has in flight: those that expired first are forgotten first.
LATE_MAX: Final = 1_000


class Arrival(StrEnum):
    """What a request of the peer is to those that are open: none of them, one of them again, or in the way of one."""

    NEW = "new"
    REPEAT = "repeat"
    CLASH = "clash"


class InFlight(NamedTuple):
    """A request of ours and when it was sent (monotonic seconds)."""

    request: Pdu
    sent_at_s: float


class OutboundWindow:
    """Our requests in flight, at most *size* of the owner's.

    The session's own (bind, unbind, enquire_link) take no place: a full window must not keep it from testing the line
    or from leaving, nor may a peer that ignores enquire_link shut the window.
    """

    def __init__(self, size: int, response_s: float, last_sequence: int = 0) -> None:
        self._size = size
        self._response_s = response_s
        self._last_sequence = last_sequence
        self._in_flight: dict[int, InFlight] = {}
        self._expired: dict[int, InFlight] = {}
        self._taken = 0

    def __len__(self) -> int:
        return len(self._in_flight)

    @property
    def free(self) -> int:
        """How many more requests may be sent now."""
        return self._size - self._taken

    def next_sequence(self) -> int:
        """The next sequence_number: 1 first, 1 again after the last (SMPP 3.4, 5.1.4).

        Never one that is in flight or may be answered late.
        """
        sequence = self._last_sequence % SEQUENCE_LAST + 1
        while sequence in self._in_flight or sequence in self._expired:
            sequence = sequence % SEQUENCE_LAST + 1
        self._last_sequence = sequence
        return sequence

    def add(self, request: Pdu, now_s: float) -> None:
        """Keep a request that was just sent."""
        assert request.sequence not in self._in_flight
        self._in_flight[request.sequence] = InFlight(request, now_s)
        self._taken += request.command_id not in SESSION_COMMANDS

    def take(self, response: Pdu) -> InFlight | None:
        """Free the slot of the request that *response* answers; None when there is no such request."""
        in_flight = self._in_flight.get(response.sequence)
        return self._remove(response.sequence) if in_flight and _answers(response, in_flight.request) else None

    def take_late(self, response: Pdu, now_s: float) -> InFlight | None:
        """Forget the request that *response* answers after its time-out; None when none is remembered."""
        self._forget(now_s)
        expired = self._expired.get(response.sequence)
        return self._expired.pop(response.sequence) if expired and _answers(response, expired.request) else None

    def take_expired(self, now_s: float) -> list[Pdu]:
        """Free and return the owner's requests whose response timer has run out, the oldest first; remember them."""
        # All have the same time-out, so the order of sending is the order of expiry.
        expired = []
        while now_s >= self.next_deadline_s():
            in_flight = self._remove(next(iter(self._in_flight)))
            if in_flight.request.command_id not in SESSION_COMMANDS:
                self._expired[in_flight.request.sequence] = in_flight
                expired.append(in_flight.request)
        self._forget(now_s)
        return expired

    def take_all(self) -> list[Pdu]:
        """Free and return all, the oldest first."""
        return [self._remove(sequence).request for sequence in list(self._in_flight)]

    def next_deadline_s(self) -> float:
        """When the oldest request expires, `math.inf` when none is in flight."""
        for in_flight in self._in_flight.values():
            return in_flight.sent_at_s + self._response_s
        return math.inf

    def _remove(self, sequence: int) -> InFlight:
        in_flight = self._in_flight.pop(sequence)
        self._taken -= in_flight.request.command_id not in SESSION_COMMANDS
        return in_flight

    def _forget(self, now_s: float) -> None:
        """Forget what has expired too long ago, and the oldest of too many."""
        since_s = now_s - self._response_s - LATE_S
        while self._expired:
            sequence, oldest = next(iter(self._expired.items()))
            if len(self._expired) <= LATE_MAX and oldest.sent_at_s >= since_s:
                return
            del self._expired[sequence]


def _answers(response: Pdu, request: Pdu) -> bool:
    # RESPONSE_BIT alone is generic_nack.
    return response.command_id in (request.command_id | RESPONSE_BIT, RESPONSE_BIT)


class InboundWindow:
    """The peer's requests that we have not answered yet; the owner stops reading while *size* are open.

    A request that comes again before its answer, octet for octet, is one request that is answered as often as it came;
    each coming takes a place.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._unanswered: dict[int, Pdu] = {}
        self._repeats: Counter[int] = Counter()
        self._places = 0

    def __len__(self) -> int:
        return self._places

    @property
    def is_full(self) -> bool:
        """Whether no further request may be read."""
        return self._places >= self._size

    def add(self, request: Pdu) -> Arrival:
        """Keep a request, unless another one is open under its sequence_number."""
        before = self._unanswered.get(request.sequence)
        if before is not None and before != request:
            return Arrival.CLASH
        self._places += 1
        if before is None:
            self._unanswered[request.sequence] = request
            return Arrival.NEW
        self._repeats[request.sequence] += 1
        return Arrival.REPEAT

    def command_of(self, sequence: int) -> int:
        """The command_id of an open request."""
        assert sequence in self._unanswered, f"request {sequence} was answered already, or never came"
        return self._unanswered[sequence].command_id

    def answers_due(self, sequence: int) -> int:
        """How many times an open request came."""
        return 1 + self._repeats[sequence]

    def remove(self, sequence: int) -> None:
        """Close a request."""
        assert sequence in self._unanswered, f"request {sequence} was answered already, or never came"
        del self._unanswered[sequence]
        self._places -= 1 + self._repeats.pop(sequence, 0)

    def clear(self) -> None:
        """The session is over: nothing can be answered any more."""
        self._unanswered.clear()
        self._repeats.clear()
        self._places = 0
