"""One SMPP session without I/O: octets and time in, events and octets out; ESME and SMSC are the same machine.

Rule 1: the owner does four things after every call: send `data_to_send()`, read on only while `wants_data`, call
`tick` at `next_deadline_s()`, and close the transport once `state` is CLOSED.
Rule 2: no octets from the peer can raise out of here. What raises is our own bug: LocalProtocolError or an assertion.
Rule 3: every request of the peer is answered exactly once, by us or by the owner; how the network cuts the stream
changes neither events nor answers.
Rule 4: enquire_link, unbind, unknown commands, broken PDUs and PDUs in the wrong state are answered here.
"""

import math
from typing import Final

from smsgw.smpp.constants import INTERFACE_VERSION, RESPONSE_BIT, Command, Status
from smsgw.smpp.departure import Departure, Leave
from smsgw.smpp.events import (
    BindRefused,
    BindRequested,
    Bound,
    Closed,
    CloseReason,
    Event,
    Fault,
    LateResponse,
    NotificationReceived,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Unanswered,
    Unbound,
)
from smsgw.smpp.pdu import BadFrame, BadPdu, FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.refusals import Refusals
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import BINDS, BOUND, NOTIFICATIONS, SESSION_COMMANDS, Role, State, Step, may_pass, next_state
from smsgw.smpp.timers import Alarm, Timers
from smsgw.smpp.tlv import Tag, Tlvs
from smsgw.smpp.window import Arrival, InboundWindow, OutboundWindow
from smsgw.smpp.wire import Trace, Wire

RESUME_GRACE_S: Final = 1.0
"""While we do not read, the peer's answers wait unread: nothing it might have said is held against it until we have
read again for this long."""

_OURS: Final = frozenset({Command.UNBIND, Command.ENQUIRE_LINK})
"""Requests that the session sends and answers by itself."""

_CLOSING_ALARMS: Final = {
    Alarm.SESSION_INIT: CloseReason.SESSION_INIT_TIMEOUT,
    Alarm.PDU_READ: CloseReason.PDU_READ_TIMEOUT,
    Alarm.ENQUIRE_LINK_TIMEOUT: CloseReason.ENQUIRE_LINK_TIMEOUT,
}


class Session:
    """The state of one session; `state`, `tlvs_allowed` and `pdus_read` are for the owner to read only."""

    def __init__(
        self, role: Role, settings: SessionSettings | None = None, *, now_s: float, trace: Trace | None = None
    ) -> None:
        self.state = State.OPEN
        self.tlvs_allowed = False
        self.pdus_read = 0
        self._us = role
        self._peer = Role.SMSC if role is Role.ESME else Role.ESME
        self._settings = settings or SessionSettings()
        self._wire = Wire(trace)
        self._outbound = OutboundWindow(self._settings.window, self._settings.response_s)
        self._inbound = InboundWindow(self._settings.inbound_window)
        self._timers = Timers.start(self._settings, now_s)
        self._departure = Departure()
        self._refusals = Refusals(self._wire)
        self._reading_paused = False
        self._judge_from_s = -math.inf

    @property
    def is_bound(self) -> bool:
        """Whether new requests may be sent."""
        return self.state in BOUND

    @property
    def window_free(self) -> int:
        """How many more requests may be sent before an answer must come."""
        return self._outbound.free

    @property
    def unanswered(self) -> int:
        """How many requests of the peer wait for `respond`."""
        return len(self._inbound)

    @property
    def wants_data(self) -> bool:
        """Whether to read on from the transport; False also once the session is over."""
        return not self._inbound.is_full and self.state is not State.CLOSED

    @property
    def counters(self) -> dict[tuple[str, str, str], int]:
        """PDUs by (`received` or `sent`, command name, status name)."""
        return self._wire.counters.as_dict()

    @property
    def faults(self) -> dict[Fault, int]:
        """How often the peer broke SMPP, by kind."""
        return dict(self._refusals.faults)

    def trace_with(self, trace: Trace | None) -> None:
        """Show every PDU to *trace* from now on; None = to nobody, which costs nothing."""
        self._wire.trace_with(trace)

    def data_to_send(self) -> bytes:
        """Take the octets to write to the transport now."""
        return self._wire.data_to_send()

    def receive_data(self, data: bytes, now_s: float) -> list[Event]:
        """Read what came from the peer. Whole PDUs above `inbound_window` wait until earlier ones are answered."""
        if self.state is State.CLOSED:
            return []
        self._wire.feed(data)
        return self._read(now_s)

    def tick(self, now_s: float) -> list[Event]:
        """Do what time has made due, and read on where a full inbound window had stopped us."""
        if self._reading_paused:
            self._judge_from_s = now_s + RESUME_GRACE_S
            self._reading_paused = False
        events = self._read(now_s)
        if now_s >= self._judge_from_s:
            events += self._expire_requests(now_s)
            events += self._run_timers(now_s)
        return events + self._go_on_leaving(now_s)

    def next_deadline_s(self) -> float:
        """When to call `tick` (monotonic seconds): `math.inf` for never, the past for now."""
        if self.state is State.CLOSED:
            return math.inf
        can_read_on = self._reading_paused and self.wants_data
        if can_read_on or self._next_leave(-math.inf) is not None:
            return -math.inf
        leave_s = self._departure.next_deadline_s(unanswered=self.unanswered)
        deadlines = self._outbound.next_deadline_s(), self._timers.next_deadline_s(), leave_s
        return max(min(deadlines), self._judge_from_s)

    def request(self, command: Command, fields: dict[str, FieldValue], now_s: float, tlvs: Tlvs = ()) -> int:
        """Send a request and return its sequence_number, by which its events name it.

        Raises LocalProtocolError when *command* may not pass now (`is_bound`), the window is full (`window_free`), the
        peer takes no TLVs (`tlvs_allowed`), or the fields break the layout. unbind and enquire_link are the session's.
        """
        if self.state is State.UNBINDING or command in _OURS:
            raise LocalProtocolError(f"{command.wire_name} is not the owner's to send while {self.state}")
        if not may_pass(command, self.state, self._us):
            raise LocalProtocolError(f"an {self._us} may not send {command.wire_name} while {self.state}")
        if not self._outbound.free or (command in BINDS and len(self._outbound)):
            raise LocalProtocolError(f"no room in the window for {command.wire_name}")
        if tlvs and not self.tlvs_allowed:
            raise LocalProtocolError("the peer has not announced that it takes TLVs")
        self._timers.message(now_s)
        return self._send_request(command, fields, now_s, tlvs)

    def respond(
        self,
        sequence: int,
        status: int = Status.ESME_ROK,
        fields: dict[str, FieldValue] | None = None,
        tlvs: Tlvs = (),
    ) -> bool:
        """Answer a request of the peer, exactly once; TLVs are left out where the peer takes none.

        Returns False, and sends nothing, when the session has ended meanwhile: the peer assumes then that its request
        was not received (SMPP 3.4, 2.8). A second answer is an assertion; bad fields raise LocalProtocolError, and the
        request stays open.
        """
        if self.state is State.CLOSED:
            return False
        command_id = self._inbound.command_of(sequence)
        for _ in range(self._inbound.answers_due(sequence)):
            self._wire.answer(command_id, sequence, status, fields, tlvs if self.tlvs_allowed else ())
        self._inbound.remove(sequence)
        if command_id in BINDS and status == Status.ESME_ROK:
            self._become_bound(BINDS[command_id])
        return True

    def forget(self, sequence: int) -> None:
        """Close a request of the peer without an answer (a simulator that plays a mute SMSC)."""
        if self.state is not State.CLOSED:
            self._inbound.remove(sequence)

    def unbind(self, now_s: float) -> None:
        """Leave gracefully: no new requests, wait for what is in flight both ways, unbind, close.

        Does nothing when the session is leaving or over; LocalProtocolError when it was never bound.
        """
        if self.state is State.OPEN:
            raise LocalProtocolError("there is no bind to undo: close the transport")
        if self.is_bound:
            self._start_leaving(now_s)

    def connection_lost(self) -> list[Event]:
        """Tell that the transport is gone, whoever closed it."""
        return self._close(CloseReason.CONNECTION_LOST)

    # What comes in.

    def _read(self, now_s: float) -> list[Event]:
        events: list[Event] = []
        before = self.pdus_read
        while self.wants_data:
            pdu = self._wire.next_pdu()
            if pdu is None:
                break
            self.pdus_read += 1
            events += self._receive(pdu, now_s)
        if self.pdus_read > before:
            self._timers.heard(now_s)
        if self._inbound.is_full:
            self._reading_paused = True
        elif self._wire.has_started_frame():
            self._timers.pdu_waits(now_s)
        return events

    def _receive(self, pdu: Pdu | BadPdu | BadFrame, now_s: float) -> list[Event]:
        if isinstance(pdu, BadFrame):
            return [self._refusals.bad_frame(pdu), *self._close(CloseReason.BAD_FRAME)]
        if isinstance(pdu, BadPdu):
            events = [self._refusals.bad_pdu(pdu), *(self._receive_pdu(pdu.read, now_s) if pdu.read else ())]
        else:
            events = self._receive_pdu(pdu, now_s)
        # After each PDU, not after each chunk: how the stream is cut must not show in what we send.
        return events if self.state is not State.UNBINDING else events + self._go_on_leaving(now_s)

    def _receive_pdu(self, pdu: Pdu, now_s: float) -> list[Event]:
        is_response = pdu.command_id >= RESPONSE_BIT
        return self._receive_response(pdu, now_s) if is_response else self._receive_request(pdu, now_s)

    def _receive_request(self, pdu: Pdu, now_s: float) -> list[Event]:
        command_id = pdu.command_id
        if not may_pass(command_id, self.state, self._peer) or (command_id in BINDS and self.unanswered):
            return [self._refusals.wrong_state(pdu, self.state, self._peer)]
        if command_id in _OURS:
            return self._serve(pdu, now_s)
        self._timers.message(now_s)
        if command_id in NOTIFICATIONS:
            return [NotificationReceived(pdu)]
        return self._hand_over(pdu)

    def _serve(self, pdu: Pdu, now_s: float) -> list[Event]:
        if pdu.command_id == Command.UNBIND:
            return self._receive_unbind(pdu, now_s)
        self._wire.answer(pdu.command_id, pdu.sequence, Status.ESME_ROK)
        return []

    def _hand_over(self, pdu: Pdu) -> list[Event]:
        arrival = self._inbound.add(pdu)
        if arrival is not Arrival.NEW:
            return [self._refusals.repeated_sequence(pdu, arrival)]
        if pdu.command_id in BINDS:
            self.tlvs_allowed = pdu.integer("interface_version") >= INTERFACE_VERSION
            return [BindRequested(pdu)]
        return [RequestReceived(pdu)]

    def _receive_response(self, pdu: Pdu, now_s: float) -> list[Event]:
        if not pdu.status and pdu.command_id == Command.GENERIC_NACK:
            # A nack that names no error must never pass for success.
            pdu = pdu._replace(status=Status.ESME_RUNKNOWNERR)
        in_flight = self._outbound.take(pdu)
        if in_flight is None:
            return self._receive_late_response(pdu, now_s)
        request = in_flight.request
        if request.command_id in SESSION_COMMANDS:
            return self._receive_session_answer(pdu, request.command_id)
        self._timers.message(now_s)
        return [ResponseReceived(pdu, request, now_s - in_flight.sent_at_s)]

    def _receive_late_response(self, pdu: Pdu, now_s: float) -> list[Event]:
        expired = self._outbound.take_late(pdu, now_s)
        if expired is None:
            return [self._refusals.unknown_response(pdu)]
        self._timers.message(now_s)
        return [LateResponse(pdu, expired.request, now_s - expired.sent_at_s)]

    def _receive_session_answer(self, pdu: Pdu, asked: int) -> list[Event]:
        if asked in BINDS:
            return self._receive_bind_answer(pdu, BINDS[asked])
        return self._part(CloseReason.UNBOUND_BY_US) if asked == Command.UNBIND else []

    def _receive_bind_answer(self, pdu: Pdu, step: Step) -> list[Event]:
        if pdu.status != Status.ESME_ROK:
            return [BindRefused(pdu.status)]
        # SMPP 3.4, 3.4: an SMSC that does not announce its version takes no TLVs.
        self.tlvs_allowed = (pdu.tlv_integer(Tag.SC_INTERFACE_VERSION) or 0) >= INTERFACE_VERSION
        self._become_bound(step)
        return [Bound(pdu)]

    def _receive_unbind(self, pdu: Pdu, now_s: float) -> list[Event]:
        departure = self._departure
        if departure.unbind_sent or departure.peer_sequence is not None:
            # Both said it at once, or the peer repeats itself: an answer now, and the departure goes on as it was.
            self._wire.answer(pdu.command_id, pdu.sequence, Status.ESME_ROK)
            return []
        if self.is_bound:
            self._start_leaving(now_s)
        departure.peer_sequence = pdu.sequence
        departure.answers_by_s = now_s + self._settings.last_answers_s
        return []

    # What goes out.

    def _send_request(self, command: Command, fields: dict[str, FieldValue], now_s: float, tlvs: Tlvs = ()) -> int:
        pdu = Pdu(command, Status.ESME_ROK, self._outbound.next_sequence(), fields, tlvs)
        self._wire.send(pdu)
        if command not in NOTIFICATIONS:
            self._outbound.add(pdu, now_s)
        return pdu.sequence

    # What time does.

    def _expire_requests(self, now_s: float) -> list[Event]:
        return [RequestExpired(request) for request in self._outbound.take_expired(now_s)]

    def _run_timers(self, now_s: float) -> list[Event]:
        alarm = None if self.state is State.CLOSED else self._timers.due(now_s)
        if alarm in _CLOSING_ALARMS:
            return self._close(_CLOSING_ALARMS[alarm])
        if alarm is Alarm.ENQUIRE_LINK:
            self._send_request(Command.ENQUIRE_LINK, {}, now_s)
            self._timers.asked(now_s)
        if alarm is Alarm.INACTIVITY:
            self._timers.message(now_s)
            self.unbind(now_s)
        return []

    # How it begins and ends.

    def _become_bound(self, step: Step) -> None:
        self.state = next_state(self.state, step)
        self._timers.bound()

    def _start_leaving(self, now_s: float) -> None:
        self.state = next_state(self.state, Step.UNBIND)
        self._departure.by_s = now_s + self._settings.drain_s

    def _next_leave(self, now_s: float) -> Leave | None:
        if self.state is not State.UNBINDING:
            return None
        return self._departure.due(now_s, in_flight=len(self._outbound), unanswered=self.unanswered)

    def _go_on_leaving(self, now_s: float) -> list[Event]:
        match self._next_leave(now_s):
            case Leave.ANSWER_UNBIND:
                assert self._departure.peer_sequence is not None
                self._wire.answer(Command.UNBIND, self._departure.peer_sequence, Status.ESME_ROK)
                return self._part(CloseReason.UNBOUND_BY_PEER)
            case Leave.SEND_UNBIND:
                self._send_request(Command.UNBIND, {}, now_s)
                self._departure.unbind_sent = True
                self._departure.by_s = now_s + self._settings.unbind_s
            case Leave.GIVE_UP:
                return self._close(CloseReason.UNBIND_TIMEOUT)
        return []

    def _part(self, reason: CloseReason) -> list[Event]:
        return [Unbound(), *self._close(reason)]

    def _close(self, reason: CloseReason) -> list[Event]:
        if self.state is State.CLOSED:
            return []
        self.state = next_state(self.state, Step.CLOSE)
        self._inbound.clear()
        requests = tuple(r for r in self._outbound.take_all() if r.command_id not in SESSION_COMMANDS)
        lost: list[Event] = [Unanswered(requests)] if requests else []
        return [*lost, Closed(reason)]
