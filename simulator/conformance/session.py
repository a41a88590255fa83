"""One session as the judge sees it: PDUs of both sides go in, the gateway's breaches come out. Pure.

Rule 1: only the gateway is judged. Where we broke SMPP first (faults do), what follows from it is not its fault: after
octets that are no PDU nothing more is judged, and what we garbled may be answered in any way.
Rule 2: times are arguments, in seconds of any clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from simulator.conformance.fields import MESSAGES, judge_message, judge_status
from simulator.conformance.rules import Finding
from simulator.smsc.pdus import is_pdu
from smsgw.smpp.codec import decode
from smsgw.smpp.constants import INTERFACE_VERSION, RESPONSE_BIT, SEQUENCE_LAST, Command, Status, command_name
from smsgw.smpp.events import CloseReason
from smsgw.smpp.frames import HEADER
from smsgw.smpp.pdu import BadPdu, Pdu
from smsgw.smpp.states import BINDS, BOUND, NEXT, NOTIFICATIONS, Role, State, may_pass
from smsgw.smpp.tlv import Tag

ANSWERED_MAX: Final = 1_000
"""Answered requests that are remembered, to know a second answer from one to nothing: many windows full."""

OPEN_MAX: Final = 10_000
"""Requests of the gateway that we have not answered. A whole read is noted before any of it is answered, so a flood
passes even this: the oldest is forgotten then, and our answer to it is ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What was agreed with a gateway: requests in flight, and seconds until an answer is missing."""

    window: int = 10
    response_s: float = 30.0


_WHEN_GIVEN_UP: Final = {
    CloseReason.SESSION_INIT_TIMEOUT: Finding("no_bind", "a connection without a bind"),
    CloseReason.PDU_READ_TIMEOUT: Finding("half_a_pdu", "a PDU began and did not end"),
    CloseReason.ENQUIRE_LINK_TIMEOUT: Finding("unanswered", "enquire_link has no answer"),
    CloseReason.UNBIND_TIMEOUT: Finding("unanswered", "unbind has no answer"),
}
"""What it says of a gateway that our session gave it up."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request of ours. Not `sound` = garbled by us, or a command that nobody knows."""

    command_id: int
    at_s: float
    sound: bool
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Theirs:
    """A request of the gateway that we have not answered."""

    command_id: int
    at_s: float


class SessionJudge:
    """Watches one session from its first octet."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._state = State.OPEN
        self._asked: dict[int, _Asked] = {}
        self._answered: deque[int] = deque(maxlen=ANSWERED_MAX)
        self._excused: deque[int] = deque(maxlen=ANSWERED_MAX)
        self._overdue: deque[int] = deque(maxlen=ANSWERED_MAX)
        self._garbled: deque[int] = deque(maxlen=ANSWERED_MAX)
        self._theirs: dict[int, _Theirs] = {}
        self._last_sequence = self._highest_asked = 0
        self._their_version = self._our_version = 0
        self._unbound_by_them = self._unbound = False
        self._window_told = False
        self._astray = False

    def sent(self, frame: bytes, at_s: float) -> None:
        """We have sent this."""
        if not is_pdu(frame):
            self._astray = True
            return
        pdu = decode(frame)
        if pdu.command_id >= RESPONSE_BIT:
            self._we_answered(pdu, HEADER.unpack_from(frame)[2])
        elif pdu.command_id not in NOTIFICATIONS:
            self._we_asked(pdu, at_s)

    def came(self, frame: bytes, at_s: float) -> list[Finding]:
        """The gateway has sent this."""
        if self._astray:
            return []
        if not is_pdu(frame):
            self._astray = True
            return [Finding("no_smpp", f"{len(frame)} octets that are no PDU")]
        pdu = decode(frame)
        judged = self._answer(pdu, frame) if pdu.command_id >= RESPONSE_BIT else self._request(pdu, frame, at_s)
        return [*self.tick(at_s), *judged]

    def let_go(self, sequence: int) -> None:
        """Count no longer what we shall not answer: it is in flight for us alone. A bind may wait for ever."""
        theirs = self._theirs.get(sequence)
        if theirs is not None and theirs.command_id not in BINDS:
            del self._theirs[sequence]

    def tick(self, now_s: float) -> list[Finding]:
        """What is missing by now."""
        self._let_go_before(now_s - self._limits.response_s)
        overdue = []
        while self._asked and not self._astray:
            sequence, asked = next(iter(self._asked.items()))
            if now_s < asked.at_s + self._limits.response_s:
                break  # they stand in the order in which they were sent
            del self._asked[sequence]
            self._overdue.append(sequence)
            what = f"{command_name(asked.command_id)} {sequence} has no answer after {self._limits.response_s:g} s"
            overdue.append(Finding("unanswered" if asked.known else "unnacked", what))
        return overdue

    def closed(self, now_s: float, reason: CloseReason | None) -> list[Finding]:
        """The connection is gone; *reason* None = we cut it."""
        missing = self.tick(now_s)
        if self._astray:
            return missing
        if reason is CloseReason.CONNECTION_LOST and self._state in BOUND and not self._unbound:
            return [*missing, Finding("no_unbind", f"the connection was closed while {self._state}")]
        return [*missing, *([_WHEN_GIVEN_UP[reason]] if reason in _WHEN_GIVEN_UP else [])]

    # Requests of the gateway.

    def _request(self, pdu: Pdu | BadPdu, frame: bytes, at_s: float) -> Iterator[Finding]:
        status, sequence = HEADER.unpack_from(frame)[2:]
        if status:
            yield Finding("request_status", f"{command_name(pdu.command_id)} with command_status 0x{status:08X}")
        yield from self._judge_sequence(sequence)
        if isinstance(pdu, BadPdu):
            yield _judge_bad(pdu)
        if pdu.status != Status.ESME_RINVCMDID:
            yield from self._judge_state(pdu.command_id)
            yield from self._note_theirs(pdu, at_s)
        if isinstance(pdu, Pdu):
            yield from self._judge_pdu(pdu)

    def _judge_sequence(self, sequence: int) -> Iterator[Finding]:
        wrapped = self._last_sequence == SEQUENCE_LAST
        if not 1 <= sequence <= SEQUENCE_LAST:
            yield Finding("sequence_range", f"sequence_number is 0x{sequence:08X}")
        elif sequence in self._theirs:
            yield Finding("sequence_reused", f"the request {sequence} before it is not answered yet")
        elif sequence <= self._last_sequence and not wrapped:
            yield Finding("sequence_order", f"{sequence} after {self._last_sequence}")
        self._last_sequence = sequence

    def _judge_state(self, command_id: int) -> Iterator[Finding]:
        name = command_name(command_id)
        if self._unbound_by_them:
            yield Finding("after_unbind", f"{name} after unbind")
        elif command_id in BINDS and (
            self._state in BOUND or any(one.command_id in BINDS for one in self._theirs.values())
        ):
            yield Finding("bind_again", f"{name} while {self._state}")
        elif not may_pass(command_id, self._state, Role.ESME):
            yield Finding("wrong_state", f"{name} while {self._state}")

    def _let_go_before(self, at_s: float) -> None:
        """Let go of what we have not answered in time."""
        for sequence, _ in list(takewhile(lambda one: one[1].at_s <= at_s, self._theirs.items())):
            self.let_go(sequence)

    def _note_theirs(self, pdu: Pdu | BadPdu, at_s: float) -> Iterator[Finding]:
        if pdu.command_id in NOTIFICATIONS:
            return
        self._theirs.pop(pdu.sequence, None)  # a number again stands last, in the order of time
        self._theirs[pdu.sequence] = _Theirs(pdu.command_id, at_s)
        if len(self._theirs) > OPEN_MAX:
            del self._theirs[next(iter(self._theirs))]
        full = len(self._theirs) > self._limits.window
        if full and not self._window_told:
            yield Finding("window", f"{len(self._theirs)} requests in flight, of {self._limits.window}")
        self._window_told = full
        self._unbound_by_them = self._unbound_by_them or pdu.command_id == Command.UNBIND
        self._unbound = self._unbound or self._unbound_by_them

    def _judge_pdu(self, pdu: Pdu) -> Iterator[Finding]:
        if pdu.command_id in BINDS:
            self._their_version = pdu.integer("interface_version")
        if pdu.tlvs and min(self._their_version, self._our_version) < INTERFACE_VERSION:
            yield Finding("tlvs_before_34", f"optional parameters in {command_name(pdu.command_id)}: {len(pdu.tlvs)}")
        if pdu.command_id in MESSAGES:
            yield from judge_message(pdu)

    # What we say.

    def _we_asked(self, pdu: Pdu | BadPdu, at_s: float) -> None:
        self._unbound = self._unbound or pdu.command_id == Command.UNBIND
        new = pdu.sequence > self._highest_asked  # mostly so, and then nothing has to be searched
        self._highest_asked = max(self._highest_asked, pdu.sequence)
        if not new and any(pdu.sequence in u for u in (self._asked, self._answered, self._overdue, self._excused)):
            # A number of ours for two requests: nobody can tell which one an answer is for.
            self._asked.pop(pdu.sequence, None)
            self._excused.append(pdu.sequence)
            return
        sound, known = isinstance(pdu, Pdu), pdu.status != Status.ESME_RINVCMDID
        self._asked[pdu.sequence] = _Asked(pdu.command_id, at_s, sound, known)

    def _we_answered(self, pdu: Pdu | BadPdu, status: int) -> None:
        theirs = self._theirs.pop(pdu.sequence, None)
        if theirs is None or isinstance(pdu, BadPdu):
            self._garbled.append(pdu.sequence)
        if theirs is None:
            return
        asked = theirs.command_id
        if asked in BINDS and status == Status.ESME_ROK and self._state is State.OPEN:
            self._state = NEXT[self._state, BINDS[asked]]
            self._our_version = (pdu.tlv_integer(Tag.SC_INTERFACE_VERSION) or 0) if isinstance(pdu, Pdu) else 0

    # Answers of the gateway.

    def _answer(self, pdu: Pdu | BadPdu, frame: bytes) -> Iterator[Finding]:
        status = HEADER.unpack_from(frame)[2]
        asked = self._asked.pop(pdu.sequence, None)
        if pdu.command_id == Command.GENERIC_NACK and pdu.sequence in self._garbled:
            # It may be meant for a bad response of ours, or for a request of ours under that number: nobody can tell.
            self._excused.append(pdu.sequence)
        name = command_name(pdu.command_id)
        if pdu.sequence in self._excused:
            return
        if asked is not None:
            self._answered.append(pdu.sequence)
            yield from _judge_match(asked, pdu)
        elif pdu.sequence in self._overdue:
            self._overdue.remove(pdu.sequence)  # that it comes late has been said
            self._answered.append(pdu.sequence)
        elif pdu.command_id == Command.GENERIC_NACK and status == Status.ESME_RINVCMDLEN:
            self._astray = True  # it cannot cut what we sent into PDUs, and we cannot tell who is right
            return
        elif pdu.sequence in self._answered:
            yield Finding("answered_twice", f"{name} {pdu.sequence} comes after the answer")
        else:
            yield Finding("answer_to_nothing", f"{name} {pdu.sequence} answers no request")
        yield from judge_status(status)
        if isinstance(pdu, BadPdu):
            yield _judge_bad(pdu)
        elif pdu.command_id == Command.DELIVER_SM_RESP:
            yield from _judge_deliver_sm_resp(pdu, frame)


def _judge_match(asked: _Asked, pdu: Pdu | BadPdu) -> Iterator[Finding]:
    name, request = command_name(pdu.command_id), command_name(asked.command_id)
    if pdu.command_id == Command.GENERIC_NACK:
        if asked.sound:
            yield Finding("needless_nack", f"generic_nack in answer to {request}")
    elif not asked.known:
        yield Finding("unnacked", f"{name} in answer to the unknown command {request}")
    elif pdu.command_id != asked.command_id | RESPONSE_BIT:
        yield Finding("wrong_answer", f"{name} in answer to {request}")


def _judge_bad(bad: BadPdu) -> Finding:
    if bad.status == Status.ESME_RINVCMDID:
        return Finding("unknown_command", f"command_id is 0x{bad.command_id:08X}")
    rule = "two_texts" if bad.status == Status.ESME_ROPTPARNOTALLWD else "body"
    return Finding(rule, f"{command_name(bad.command_id)}: {bad.reason}")


def _judge_deliver_sm_resp(pdu: Pdu, frame: bytes) -> Iterator[Finding]:
    if len(frame) == HEADER.size and pdu.status == Status.ESME_ROK:
        yield Finding("deliver_sm_resp_body", "deliver_sm_resp ends with its header")
    elif pdu.octets("message_id"):
        yield Finding("deliver_sm_resp_id", f"message_id has {len(pdu.octets('message_id'))} characters")
