"""Every request has exactly one answer, under its own number, in every state and also while a session leaves.

SMPP 3.4, table 2-1 says who may ask what, and when; here all of it is asked by everybody at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from smsgw.smpp.codec import bodiless, decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.events import BindRequested, Event, RequestReceived
from smsgw.smpp.frames import FrameBuffer
from smsgw.smpp.pdu import BadPdu, FieldValue, Pdu
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import NOTIFICATIONS, Role, State
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34

BIND: Final[dict[str, FieldValue]] = {"system_id": b"smsgw", "password": b"secret", "interface_version": 0x34}
REQUESTS: Final = [command for command in Command if not command & RESPONSE_BIT]
ANSWERED: Final = [command for command in REQUESTS if command not in NOTIFICATIONS]
SEQUENCE: Final = 0x7FFFFFFF


def esme(command: Command) -> Session:
    session = Session(Role.ESME, now_s=0.0)
    sequence = session.request(command, BIND, 0.0)
    answer = Pdu(command | RESPONSE_BIT, 0, sequence, {"system_id": b"smsc"}, (SC_INTERFACE_VERSION_34,))
    session.receive_data(encode(answer), 0.0)
    session.data_to_send()
    return session


def smsc(command: Command) -> Session:
    session = Session(Role.SMSC, now_s=0.0)
    session.receive_data(encode(Pdu(command, 0, 1, BIND)), 0.0)
    session.respond(1)
    session.data_to_send()
    return session


def draining(session: Session) -> Session:
    """It has asked something, and waits for that before it goes."""
    session.request(Command.DATA_SM, {}, 0.0)
    session.unbind(0.0)
    session.data_to_send()
    return session


def unbinding(session: Session) -> Session:
    """It has said unbind, and the other side has not seen it yet."""
    session.unbind(0.0)
    session.tick(0.0)
    session.data_to_send()
    return session


STATES: Final[Mapping[str, Callable[[], Session]]] = {
    "esme open": lambda: Session(Role.ESME, now_s=0.0),
    "esme bound_tx": lambda: esme(Command.BIND_TRANSMITTER),
    "esme bound_rx": lambda: esme(Command.BIND_RECEIVER),
    "esme bound_trx": lambda: esme(Command.BIND_TRANSCEIVER),
    "esme draining": lambda: draining(esme(Command.BIND_TRANSCEIVER)),
    "esme unbinding": lambda: unbinding(esme(Command.BIND_TRANSCEIVER)),
    "smsc open": lambda: Session(Role.SMSC, now_s=0.0),
    "smsc bound_tx": lambda: smsc(Command.BIND_TRANSMITTER),
    "smsc bound_rx": lambda: smsc(Command.BIND_RECEIVER),
    "smsc bound_trx": lambda: smsc(Command.BIND_TRANSCEIVER),
    "smsc draining": lambda: draining(smsc(Command.BIND_TRANSCEIVER)),
    "smsc unbinding": lambda: unbinding(smsc(Command.BIND_TRANSCEIVER)),
}


def answers(session: Session, events: list[Event]) -> list[Pdu | BadPdu]:
    """Answer what the owner was asked, and return every response that the peer reads."""
    for event in events:
        if isinstance(event, RequestReceived | BindRequested):
            session.respond(event.pdu.sequence)
    session.tick(SessionSettings().last_answers_s)
    frames, said = FrameBuffer(), []
    frames.feed(session.data_to_send())
    while isinstance(frame := frames.next_frame(), bytes):
        said.append(decode(frame))
    return [pdu for pdu in said if pdu.is_response()]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", ANSWERED)
def test_a_request_has_exactly_one_answer_under_its_own_number(state: str, command: Command) -> None:
    """Its own response, whether it may pass or not; and nobody has to ask twice."""
    session = STATES[state]()
    (answer,) = answers(session, session.receive_data(encode(Pdu(command, 0, SEQUENCE, {})), 0.0))
    assert (answer.command_id, answer.sequence) == (command | RESPONSE_BIT, SEQUENCE)
    assert session.unanswered == 0
    assert session.tick(0.0) == []
    assert session.data_to_send() == b""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", sorted(NOTIFICATIONS))
def test_a_notification_has_none(state: str, command: Command) -> None:
    """Outbind and alert_notification have no response, wherever they come (SMPP 3.4, 4.1.7 and 4.12)."""
    session = STATES[state]()
    assert answers(session, session.receive_data(encode(Pdu(command, 0, SEQUENCE, {})), 0.0)) == []


@pytest.mark.parametrize("state", STATES)
def test_a_response_is_never_answered(state: str) -> None:
    """Or two sides would talk without end."""
    session = STATES[state]()
    for command in Command:
        if command & RESPONSE_BIT:
            assert answers(session, session.receive_data(encode(bodiless(command, 0, SEQUENCE)), 0.0)) == []


@pytest.mark.parametrize("state", STATES)
def test_an_unknown_request_is_nacked_under_its_own_number_in_every_state(state: str) -> None:
    session = STATES[state]()
    was = session.state
    answer = answers(session, session.receive_data(bytes.fromhex("00000010 00010200 00000000 7fffffff"), 0.0))
    assert answer == [Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDID, SEQUENCE, {})]
    assert session.state is was


def test_texts_that_come_while_we_leave_are_acknowledged() -> None:
    """The SMSC has not seen our unbind yet: what it sends meanwhile must not come a second time."""
    session = unbinding(esme(Command.BIND_TRANSCEIVER))
    stream = b"".join(encode(Pdu(Command.DELIVER_SM, 0, sequence, {})) for sequence in (11, 12))
    said = answers(session, session.receive_data(stream, 0.0))
    assert said == [bodiless(Command.DELIVER_SM_RESP, Status.ESME_ROK, sequence) for sequence in (11, 12)]
    assert session.state is State.UNBINDING
