"""Every request has exactly one answer, whoever asks what and when; answers find their requests in any order."""

from __future__ import annotations

import pytest

from smsgw.smpp.codec import bodiless, decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.events import Event, Fault, ProtocolFault, RequestReceived, ResponseReceived, Unanswered
from smsgw.smpp.frames import FrameBuffer
from smsgw.smpp.layouts import LAYOUTS
from smsgw.smpp.pdu import BadPdu, Pdu
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import BINDS, NOTIFICATIONS, Role
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34

SETTINGS = SessionSettings(window=3)
SEQUENCE = 0x7FFFFFFF
REQUESTS = [command for command in LAYOUTS if command < RESPONSE_BIT and command not in NOTIFICATIONS]


def sent(session: Session) -> list[Pdu | BadPdu]:
    """What a session has to say, as the peer reads it."""
    frames, pdus = FrameBuffer(), []
    frames.feed(session.data_to_send())
    while isinstance(frame := frames.next_frame(), bytes):
        pdus.append(decode(frame))
    return pdus


def bound(role: Role, bind: Command) -> Session:
    """A session that is bound at 0, on either side."""
    session = Session(role, SETTINGS, now_s=0.0)
    if role is Role.ESME:
        sequence = session.request(bind, {"interface_version": 0x34}, 0.0)
        session.receive_data(encode(Pdu(bind | RESPONSE_BIT, 0, sequence, {}, (SC_INTERFACE_VERSION_34,))), 0.0)
    else:
        session.receive_data(encode(Pdu(bind, 0, 1, {"interface_version": 0x34})), 0.0)
        session.respond(1)
    session.data_to_send()
    assert session.is_bound
    return session


def answered(session: Session, events: list[Event]) -> list[Pdu | BadPdu]:
    """All that a session says, once its owner has answered what it was handed, and time has passed."""
    for event in events:
        if isinstance(event, RequestReceived):
            session.respond(event.pdu.sequence)
    session.tick(1.0)
    return [pdu for pdu in sent(session) if pdu.is_response()]


@pytest.mark.parametrize("command", REQUESTS)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("bind", list(BINDS))
@pytest.mark.parametrize("leaving", [False, True])
def test_every_request_is_answered_once_under_its_sequence(
    command: Command,
    role: Role,
    bind: Command,
    leaving: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    """SMPP 3.4, table 2-1 and 2.8: with its own response, also while the session leaves."""
    session = bound(role, bind)
    if leaving:
        session.unbind(1.0)
    events = session.receive_data(encode(Pdu(command, 0, SEQUENCE, {})), 1.0)
    answers = answered(session, events)
    assert [(pdu.command_id, pdu.sequence) for pdu in answers] == [(command | RESPONSE_BIT, SEQUENCE)]
    assert session.unanswered == 0


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("command", [command for command in REQUESTS if command not in BINDS])
def test_every_request_before_the_bind_is_answered_too(role: Role, command: Command) -> None:
    """With what is wrong, but for the question whether we live."""
    session = Session(role, SETTINGS, now_s=0.0)
    session.receive_data(encode(Pdu(command, 0, SEQUENCE, {})), 0.0)
    (answer,) = sent(session)
    status = Status.ESME_ROK if command == Command.ENQUIRE_LINK else Status.ESME_RINVBNDSTS
    assert answer == bodiless(command | RESPONSE_BIT, status, SEQUENCE)


def test_answers_find_their_requests_in_any_order() -> None:
    """SMPP 3.4, 2.5.1: the order of requests is only recommended for their answers."""
    session = bound(Role.ESME, Command.BIND_TRANSCEIVER)
    texts = {session.request(Command.SUBMIT_SM, {"short_message": b"%d" % n}, 1.0): b"%d" % n for n in range(3)}
    for sequence in sorted(texts, reverse=True):
        (event,) = session.receive_data(encode(Pdu(Command.SUBMIT_SM_RESP, 0, sequence, {"message_id": b"A"})), 2.0)
        assert isinstance(event, ResponseReceived)
        assert event.request.octets("short_message") == texts[sequence]
    assert session.window_free == SETTINGS.window


def test_a_new_session_owes_and_expects_nothing_of_the_last() -> None:
    """SMPP 5.0, 2.6.3: numbers begin anew, and what was open is answered no more."""
    last = bound(Role.ESME, Command.BIND_TRANSCEIVER)
    sequence = last.request(Command.SUBMIT_SM, {}, 1.0)
    last.receive_data(encode(Pdu(Command.DELIVER_SM, 0, 9, {})), 1.0)
    assert isinstance(last.connection_lost()[0], Unanswered)
    assert not last.respond(9)

    session = Session(Role.ESME, SETTINGS, now_s=2.0)
    assert session.request(Command.BIND_TRANSCEIVER, {}, 2.0) == 1
    late = session.receive_data(encode(Pdu(Command.SUBMIT_SM_RESP, 0, sequence, {"message_id": b"A"})), 3.0)
    assert [event.fault for event in late if isinstance(event, ProtocolFault)] == [Fault.UNKNOWN_RESPONSE]
