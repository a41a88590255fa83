"""The binds of the gateways: each one's session, what it has in flight, and whose turn is next.

Rule 1: a text goes to the receiving binds of its system_id in turn, skipping those whose window is full.
Rule 2: a line only sends and remembers; what an answer means is the queue's business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from simulator.smsc.deliveries import ANY_GATEWAY, Delivery
from simulator.smsc.pdus import Tap, Way
from smsgw.smpp.constants import Command
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role, State

RECEIVING: Final = frozenset({State.BOUND_RX, State.BOUND_TRX})


class Line:
    """One connection of one gateway. `cut` = it is to be closed once what it has to say is written.

    `octet_every_s` = from now on it writes one octet at a time; `muted` = it neither hears nor speaks any more.
    """

    def __init__(self, number: int, peer: str, settings: SessionSettings, now_s: float) -> None:
        self.id = number
        self.peer = peer
        self.tap: Tap | None = None
        self.since_s = now_s
        self.session = Session(Role.SMSC, settings, now_s=now_s)
        self.system_id = ""
        self.cut = False
        self.octet_every_s = 0.0
        self.muted = False
        self._to_send: list[bytes] = []
        self._in_flight: dict[int, Delivery] = {}

    @property
    def receives(self) -> bool:
        """Whether texts may go here at all."""
        return self.session.state in RECEIVING and not self.cut and not self.muted

    def data_to_send(self) -> bytes:
        """Take the octets to write now."""
        if not self.muted:
            self._to_send.append(self.session.data_to_send())
        data = b"".join(self._to_send)
        self._to_send.clear()
        if self.tap is not None and data:
            self.tap.note(Way.OUT, data)
        return data

    def say(self, octets: bytes) -> None:
        """Write *octets* after what the session has said so far, whatever it thinks of them."""
        self._to_send += self.session.data_to_send(), octets

    def mute(self) -> None:
        """Be dead from now on, with the connection still open: as if a cable were pulled."""
        self.say(b"")
        self.muted = True

    @property
    def in_flight(self) -> int:
        """How many deliver_sm wait for their answer."""
        return len(self._in_flight)

    def send(self, delivery: Delivery, now_s: float) -> None:
        """Make one attempt; there must be room in the window."""
        session = self.session
        # Whoever says it is older than 3.4 gets none, even where a text is in them: so would a real SMSC have it.
        tlvs = delivery.tlvs if session.tlvs_allowed else ()
        sequence = session.request(Command.DELIVER_SM, delivery.fields, now_s, tlvs)
        delivery.attempts += 1
        self._in_flight[sequence] = delivery

    def take(self, sequence: int) -> Delivery:
        """The delivery of an attempt that is over."""
        return self._in_flight.pop(sequence)


class Lines:
    """All lines, and the turns among them."""

    def __init__(self) -> None:
        self._by_id: dict[int, Line] = {}
        self._turns: dict[str, deque[Line]] = {}
        self.opened_count = 0

    def __iter__(self) -> Iterator[Line]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, number: int) -> Line | None:
        """One line; None when it is not there, or not any more."""
        return self._by_id.get(number)

    def opened(self, line: Line) -> None:
        """A gateway has connected."""
        self._by_id[line.id] = line
        self.opened_count += 1

    def bound(self, line: Line) -> None:
        """A line takes its turn from now on, if it receives."""
        if line.receives:
            for turn in {line.system_id, ANY_GATEWAY}:
                self._turns.setdefault(turn, deque()).append(line)

    def closed(self, line: Line) -> None:
        """A line is gone."""
        self._by_id.pop(line.id, None)
        for turn in {line.system_id, ANY_GATEWAY}:
            if line in self._turns.get(turn, ()):
                self._turns[turn].remove(line)

    def receiving(self, system_id: str) -> bool:
        """Whether any bind of *system_id* (`ANY_GATEWAY` for any at all) takes texts now."""
        return any(line.receives for line in self._turns.get(system_id, ()))

    def spread(self, waiting: deque[Delivery], system_id: str, now_s: float) -> None:
        """Send what waits, as far as the windows allow."""
        turn = self._turns.get(system_id)
        full = 0
        while waiting and turn and full < len(turn):
            line = turn[0]
            turn.rotate(-1)
            if line.receives and line.session.window_free:
                line.send(waiting.popleft(), now_s)
                full = 0
            else:
                full += 1
