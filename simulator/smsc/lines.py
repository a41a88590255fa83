"""The binds of the gateways: each one's session, what it has in flight, and whose turn is next.

Rule 1: a text goes to the receiving binds of its system_id in turn, skipping those whose window is full.
Rule 2: a line only sends and remembers; what an answer means is the queue's business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from simulator.smsc.deliveries import ANY_GATEWAY, Delivery
from simulator.smsc.pdus import Tap
from smsgw.smpp.constants import INTERFACE_VERSION, Command
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role, State

RECEIVING: Final = frozenset({State.BOUND_RX, State.BOUND_TRX})

HELD_OCTETS_MAX: Final = 1 << 20
"""What a stalled or slow line keeps for later: ten thousand answers. Beyond it nothing is read, as TCP has it."""

Outlet = Callable[[bytes], bytes]
"""Takes whole PDUs that a session has written, and gives what is to be said instead."""


class Line:
    """One connection of one gateway. `cut` = it is to be closed once what it has to say is written.

    `octet_every_s` = from now on it writes one octet at a time; `muted` = it neither hears nor speaks any more;
    `late` = so many things are still to be said, even after the session's end; `at_unbind` = what is to be done once
    the gateway leaves; `half_open` = it hears, and takes what it hears, but nothing that it says leaves any more;
    `our_version` = the interface_version that the gateway's bind was answered with.
    """

    def __init__(self, number: int, peer: str, settings: SessionSettings, now_s: float) -> None:
        self.id = number
        self.peer = peer
        self.tap: Tap | None = None
        self.outlet: Outlet | None = None
        self.since_s = now_s
        self.session = Session(Role.SMSC, settings, now_s=now_s)
        self.system_id = ""
        self.our_version = 0
        self.cut = False
        self.octet_every_s = 0.0
        self.muted = False
        self.half_open = False
        self.late = 0
        self.at_unbind: list[Callable[[float], None]] = []
        self._holds = 0
        self._to_send = bytearray()
        self._in_flight: dict[int, Delivery] = {}

    @property
    def receives(self) -> bool:
        """Whether texts may go here at all."""
        return self.session.state in RECEIVING and not (self.cut or self.muted or self.half_open)

    @property
    def over(self) -> bool:
        """Whether the connection is to be closed by us, once everything is written."""
        ended = self.session.state is State.CLOSED and not (self.late or self.muted or self.half_open)
        return not self._holds and (self.cut or ended)

    @property
    def wants_data(self) -> bool:
        """Whether to read on. A line whose session is over is still read, or nobody would see the gateway hang up."""
        if self.muted or self.session.state is State.CLOSED:
            return True
        return self.session.wants_data and len(self._to_send) < HELD_OCTETS_MAX

    def data_to_send(self) -> bytes:
        """Take the octets to write now."""
        self.collect()
        if self._holds or not self._to_send:
            return b""
        data = bytes(self._to_send)
        self._to_send.clear()
        return data

    def collect(self) -> None:
        """Take over what the session has said: it counts as held from now on, and nothing is read beyond the limit."""
        if self.half_open:
            self.session.data_to_send()
        elif not self.muted:
            self._to_send += self._spoken()

    def _spoken(self) -> bytes:
        data = self.session.data_to_send()
        return self.outlet(data) if data and self.outlet is not None else data

    def say(self, octets: bytes) -> None:
        """Write *octets* after what the session has said so far, whatever it thinks of them."""
        if not self.half_open:
            self._to_send += self._spoken() + octets

    def abandon(self, sequence: int) -> None:
        """Let those who watch know that a request of the gateway will never have an answer."""
        if self.tap is not None:
            self.tap.abandon(sequence)

    def mute(self) -> None:
        """Be dead from now on, with the connection still open: as if a cable were pulled."""
        self.say(b"")
        self.muted = True

    def open_half(self) -> None:
        """Go on hearing, but be heard no more: as if only one direction of the network were broken."""
        self.say(b"")
        self.half_open = True

    def hold(self) -> None:
        """Say nothing until `release`; then everything at once."""
        self._holds += 1

    def release(self) -> None:
        """Undo one `hold`."""
        self._holds -= 1

    @property
    def in_flight(self) -> int:
        """How many deliver_sm wait for their answer."""
        return len(self._in_flight)

    def can_carry(self, delivery: Delivery) -> bool:
        """Whether nothing is lost on the way: a gateway older than 3.4 gets no TLVs (SMPP 3.4, 3.4)."""
        return self.session.tlvs_allowed or delivery.spares_tlvs or not delivery.tlvs

    def send(self, delivery: Delivery, now_s: float) -> None:
        """Make one attempt; there must be room in the window, and the line must be able to carry it.

        Where we are the older side TLVs go only if they were asked for: a gateway must bear them, but not every day.
        """
        spared = delivery.spares_tlvs and not (self.session.tlvs_allowed and self.our_version >= INTERFACE_VERSION)
        tlvs = () if spared else delivery.tlvs
        sequence = self.session.request(Command.DELIVER_SM, delivery.fields, now_s, tlvs)
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

    def bound_count(self, system_id: str) -> int:
        """How many binds *system_id* has."""
        return sum(line.system_id == system_id and line.session.is_bound for line in self)

    def receiving(self, system_id: str) -> bool:
        """Whether any bind of *system_id* (`ANY_GATEWAY` for any at all) takes texts now."""
        return any(line.receives for line in self._turns.get(system_id, ()))

    def all_too_old(self, delivery: Delivery, system_id: str) -> bool:
        """Whether *system_id* has binds that receive, and none of them can carry *delivery*."""
        if not delivery.tlvs:
            return False
        receiving = [line for line in self._turns.get(system_id, ()) if line.receives]
        return bool(receiving) and not any(line.can_carry(delivery) for line in receiving)

    def spread(self, waiting: deque[Delivery], system_id: str, now_s: float) -> None:
        """Send what waits, as far as the windows allow, and as far as there is a line that can carry it."""
        turn = self._turns.get(system_id)
        full = 0
        while waiting and turn and full < len(turn):
            line = turn[0]
            turn.rotate(-1)
            if line.receives and line.session.window_free and line.can_carry(waiting[0]):
                line.send(waiting.popleft(), now_s)
                full = 0
            else:
                full += 1
