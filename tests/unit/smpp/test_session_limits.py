"""A session's limits: time, windows, leaving, and what a peer may be sent."""

import math
from dataclasses import replace

import pytest

from smsgw.smpp.codec import bodiless, decode, encode
from smsgw.smpp.constants import SEQUENCE_LAST, Command, Status
from smsgw.smpp.events import (
    BindRequested,
    Bound,
    Closed,
    CloseReason,
    Event,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Unanswered,
    Unbound,
)
from smsgw.smpp.frames import FrameBuffer
from smsgw.smpp.pdu import BadPdu, FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.session import RESUME_GRACE_S, Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role, State
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34, Tag, Tlvs

BIND: dict[str, FieldValue] = {"system_id": b"smsgw", "password": b"secret", "interface_version": 0x34}
TEXT: dict[str, FieldValue] = {"source_addr": b"998901234567", "destination_addr": b"1400", "short_message": b"PAY"}
SETTINGS = SessionSettings(window=3, inbound_window=2)
VERSION_34: Tlvs = (SC_INTERFACE_VERSION_34,)
VERSION_33: Tlvs = ((Tag.SC_INTERFACE_VERSION, b"\x33"),)
REFERENCE: Tlvs = ((Tag.USER_MESSAGE_REFERENCE, b"\x00\x01"),)


def esme(settings: SessionSettings = SETTINGS, tlvs: Tlvs = VERSION_34) -> Session:
    """Our side, bound as transceiver at 0."""
    session = Session(Role.ESME, settings, now_s=0.0)
    sequence = session.request(Command.BIND_TRANSCEIVER, BIND, 0.0)
    session.data_to_send()
    answer = Pdu(Command.BIND_TRANSCEIVER_RESP, 0, sequence, {"system_id": b"smsc"}, tlvs)
    assert session.receive_data(encode(answer), 0.0) == [Bound(answer)]
    return session


def sent(session: Session) -> list[Pdu | BadPdu]:
    """What a session has to say, as the peer reads it."""
    frames, pdus = FrameBuffer(), []
    frames.feed(session.data_to_send())
    while isinstance(frame := frames.next_frame(), bytes):
        pdus.append(decode(frame))
    return pdus


def deliver(sequence: int = 1) -> bytes:
    return encode(Pdu(Command.DELIVER_SM, 0, sequence, TEXT))


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


# Leaving.


@pytest.mark.proves("F30")
def test_an_unbind_of_the_peer_is_answered_at_once() -> None:
    session = esme()
    events = session.receive_data(encode(Pdu(Command.UNBIND, 0, 5, {})), 2.0)
    assert events == [Unbound(), Closed(CloseReason.UNBOUND_BY_PEER)]
    assert sent(session) == [bodiless(Command.UNBIND_RESP, 0, 5)]


@pytest.mark.proves("F30")
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_behind_the_peers_unbind_is_read(size: int) -> None:
    """In one write with it or a little later, and however the network cuts it: the text is not sent again."""
    session = esme()
    submit = session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.data_to_send()
    octets = encode(Pdu(Command.UNBIND, 0, 5, {})) + encode(bodiless(Command.SUBMIT_SM_RESP, 0, submit))
    events: list[Event] = []
    for at in range(0, len(octets), size):
        events += session.receive_data(octets[at : at + size], 2.0)
    assert kinds(events) == [ResponseReceived, Unbound, Closed]
    assert sent(session) == [bodiless(Command.UNBIND_RESP, 0, 5)]


@pytest.mark.proves("F30")
def test_an_unbind_of_the_peer_waits_for_its_answers_only_a_moment() -> None:
    """Then our requests in flight have an unknown outcome; the owner connects anew."""
    session = esme()
    session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.data_to_send()
    assert session.receive_data(encode(Pdu(Command.UNBIND, 0, 5, {})), 2.0) == []
    assert session.next_deadline_s() == 2.0 + SETTINGS.last_answers_s
    events = session.tick(2.0 + SETTINGS.last_answers_s)
    assert kinds(events) == [Unbound, Unanswered, Closed]
    assert isinstance(events[1], Unanswered)
    assert [request.sequence for request in events[1].requests] == [2]
    assert sent(session) == [bodiless(Command.UNBIND_RESP, 0, 5)]


def test_requests_of_the_peer_are_answered_before_its_unbind() -> None:
    """No committed text goes unacknowledged because the SMSC was in a hurry."""
    session = esme()
    session.receive_data(deliver(4) + encode(Pdu(Command.UNBIND, 0, 5, {})), 1.0)
    assert session.state is State.UNBINDING
    assert not session.is_bound
    session.respond(4)
    assert session.next_deadline_s() == -math.inf
    assert session.tick(1.5) == [Unbound(), Closed(CloseReason.UNBOUND_BY_PEER)]
    assert sent(session) == [bodiless(Command.DELIVER_SM_RESP, 0, 4), bodiless(Command.UNBIND_RESP, 0, 5)]


def test_an_unbind_waits_for_our_answers_only_so_long() -> None:
    """After drain_s it is answered all the same; a repeated unbind is answered too."""
    session = esme()
    unbinds = [encode(Pdu(Command.UNBIND, 0, sequence, {})) for sequence in (5, 6)]
    session.receive_data(deliver(4) + unbinds[0] + unbinds[1], 1.0)
    assert session.next_deadline_s() == 1.0 + SETTINGS.drain_s
    assert session.tick(10.9) == []
    assert session.tick(11.0) == [Unbound(), Closed(CloseReason.UNBOUND_BY_PEER)]
    assert sent(session) == [bodiless(Command.UNBIND_RESP, 0, 6), bodiless(Command.UNBIND_RESP, 0, 5)]


def test_our_own_stop_waits_for_what_is_in_flight() -> None:
    """No new requests; texts that still arrive are acknowledged; then unbind, unbind_resp, closed."""
    session = esme()
    submit = session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.unbind(2.0)
    with pytest.raises(LocalProtocolError):
        session.request(Command.SUBMIT_SM, TEXT, 2.0)
    assert kinds(session.receive_data(deliver(4), 3.0)) == [RequestReceived]
    session.respond(4)
    assert [pdu.command_id for pdu in sent(session)] == [Command.SUBMIT_SM, Command.DELIVER_SM_RESP]
    assert kinds(session.receive_data(encode(bodiless(Command.SUBMIT_SM_RESP, 0, submit)), 4.0)) == [ResponseReceived]
    (unbind,) = sent(session)
    assert unbind.command_id == Command.UNBIND
    assert kinds(session.receive_data(deliver(5), 4.5)) == [RequestReceived]
    session.respond(5)
    answer = encode(bodiless(Command.UNBIND_RESP, 0, unbind.sequence))
    assert session.receive_data(answer, 5.0) == [Unbound(), Closed(CloseReason.UNBOUND_BY_US)]


def test_a_stop_does_not_wait_for_ever() -> None:
    """drain_s for the answers, then unbind_s for unbind_resp."""
    session = esme()
    session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.unbind(2.0)
    sent(session)
    assert session.tick(11.9) == []
    assert session.tick(12.0) == []
    assert [pdu.command_id for pdu in sent(session)] == [Command.UNBIND]
    assert session.next_deadline_s() == 17.0
    assert session.tick(16.9) == []
    assert kinds(session.tick(17.0)) == [Unanswered, Closed]


def test_a_session_never_bound_has_nothing_to_undo() -> None:
    """Its owner closes the transport."""
    with pytest.raises(LocalProtocolError):
        Session(Role.ESME, now_s=0.0).unbind(0.0)


# Time.


def test_a_mute_peer_is_questioned_and_left() -> None:
    """enquire_link after thirty seconds of silence, closed after thirty more."""
    session = esme()
    assert session.next_deadline_s() == 30.0
    assert session.tick(30.0) == []
    assert [pdu.command_id for pdu in sent(session)] == [Command.ENQUIRE_LINK]
    assert session.next_deadline_s() == 60.0
    assert session.tick(59.9) == []
    assert session.tick(60.0) == [Closed(CloseReason.ENQUIRE_LINK_TIMEOUT)]


@pytest.mark.parametrize(
    ("life", "end"),
    [
        (encode(bodiless(Command.ENQUIRE_LINK_RESP, 0, 2)), []),
        (deliver(), []),
        (deliver()[:-1], [Closed(CloseReason.ENQUIRE_LINK_TIMEOUT)]),
    ],
)
def test_any_pdu_counts_as_life(life: bytes, end: list[Event]) -> None:
    """The answer to the question or anything else; half a PDU does not."""
    session = esme(replace(SETTINGS, pdu_read_s=999.0))
    session.tick(30.0)
    session.receive_data(life, 31.0)
    assert session.tick(60.0) == end


def test_an_ignored_question_is_the_sessions_own_business() -> None:
    """Its response timer runs out without an event: other PDUs have shown life meanwhile."""
    session = esme()
    session.tick(30.0)
    session.receive_data(encode(Pdu(Command.ENQUIRE_LINK, 0, 8, {})), 50.0)
    session.receive_data(encode(Pdu(Command.ENQUIRE_LINK, 0, 9, {})), 75.0)
    assert session.tick(90.0) == []
    assert session.next_deadline_s() == 105.0


def test_a_bind_must_be_answered_in_time() -> None:
    """session_init, on both sides."""
    for session in (Session(Role.ESME, now_s=0.0), Session(Role.SMSC, now_s=0.0)):
        assert session.next_deadline_s() == 30.0
        assert session.tick(29.9) == []
        assert session.tick(30.0) == [Closed(CloseReason.SESSION_INIT_TIMEOUT)]


def test_an_idle_session_unbinds_where_that_is_asked_for() -> None:
    """enquire_link does not keep it; a message does."""
    session = esme(replace(SETTINGS, inactivity_s=40.0))
    session.request(Command.SUBMIT_SM, TEXT, 10.0)
    session.receive_data(encode(bodiless(Command.SUBMIT_SM_RESP, 0, 2)), 11.0)
    session.receive_data(encode(Pdu(Command.ENQUIRE_LINK, 0, 8, {})), 50.0)
    sent(session)
    session.tick(50.9)
    assert session.is_bound
    session.tick(51.0)
    assert [pdu.command_id for pdu in sent(session)] == [Command.UNBIND]
    assert session.next_deadline_s() == 51.0 + SETTINGS.unbind_s


# Windows.


def test_the_window_is_never_exceeded_and_a_time_out_frees_it() -> None:
    """The fourth request of three is our bug; sixty seconds later there is room."""
    session = esme()
    for now_s in (1.0, 2.0, 3.0):
        session.request(Command.SUBMIT_SM, TEXT, now_s)
    assert session.window_free == 0
    with pytest.raises(LocalProtocolError):
        session.request(Command.SUBMIT_SM, TEXT, 3.0)
    session.receive_data(encode(Pdu(Command.ENQUIRE_LINK, 0, 8, {})), 59.0)
    assert session.tick(60.9) == []
    (expired,) = session.tick(61.0)
    assert isinstance(expired, RequestExpired)
    assert (expired.request.sequence, session.window_free) == (2, 1)


@pytest.mark.proves("A11")
def test_sequences_wrap_and_skip_what_is_in_flight() -> None:
    """After 0x7FFFFFFF comes 1, unless 1 is still open."""
    session = esme()
    session._outbound._last_sequence = 0
    session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session._outbound._last_sequence = SEQUENCE_LAST - 1
    assert [session.request(Command.SUBMIT_SM, TEXT, 1.0) for _ in range(2)] == [SEQUENCE_LAST, 2]


def test_reading_stops_while_too_much_is_unanswered() -> None:
    """Two are handed out, the third waits here, unread, until one is answered."""
    session = esme()
    assert len(session.receive_data(deliver(1) + deliver(2) + deliver(3), 1.0)) == 2
    paused = session.wants_data
    assert session.next_deadline_s() == 31.0
    session.respond(1)
    assert (paused, session.wants_data) == (False, True)
    assert session.next_deadline_s() == -math.inf
    (third,) = session.tick(2.0)
    assert isinstance(third, RequestReceived)
    assert third.pdu.sequence == 3


def test_silence_is_not_held_against_a_peer_we_do_not_read() -> None:
    """Answers may wait unread: time-outs wait too, and a little longer, until we have read them."""
    session = esme()
    submit = session.request(Command.SUBMIT_SM, TEXT, 1.0)
    answer = encode(bodiless(Command.SUBMIT_SM_RESP, 0, submit))
    session.receive_data(deliver(1) + deliver(2) + answer, 2.0)
    assert session.tick(500.0) == []
    assert session.next_deadline_s() == 500.0 + RESUME_GRACE_S
    session.respond(1)
    assert kinds(session.tick(600.0)) == [ResponseReceived]
    assert session.is_bound


# What may be sent.


@pytest.mark.parametrize(("announced", "allowed"), [(VERSION_34, True), (VERSION_33, False), ((), False)])
def test_tlvs_go_only_to_an_smsc_that_takes_them(announced: Tlvs, allowed: bool) -> None:  # noqa: FBT001 - a column
    """No sc_interface_version, no TLVs: requests are refused, answers go without."""
    session = esme(tlvs=announced)
    assert session.tlvs_allowed is allowed
    if allowed:
        session.request(Command.SUBMIT_SM, TEXT, 1.0, REFERENCE)
    else:
        with pytest.raises(LocalProtocolError):
            session.request(Command.SUBMIT_SM, TEXT, 1.0, REFERENCE)
    sent(session)
    session.receive_data(deliver(1), 1.0)
    session.respond(1, tlvs=REFERENCE)
    (answer,) = sent(session)
    assert isinstance(answer, Pdu)
    assert answer.tlvs == (REFERENCE if allowed else ())


@pytest.mark.parametrize(("version", "tlvs"), [(0x34, VERSION_34), (0x50, VERSION_34), (0x33, ()), (0x00, ())])
def test_tlvs_go_only_to_an_esme_that_takes_them(version: int, tlvs: Tlvs) -> None:
    """Its interface_version says so, from the bind_resp on."""
    smsc = Session(Role.SMSC, now_s=0.0)
    bind = Pdu(Command.BIND_RECEIVER, 0, 1, {**BIND, "interface_version": version})
    assert kinds(smsc.receive_data(encode(bind), 0.0)) == [BindRequested]
    smsc.respond(1, tlvs=VERSION_34)
    (answer,) = sent(smsc)
    assert isinstance(answer, Pdu)
    assert answer.tlvs == tlvs


@pytest.mark.parametrize(
    ("session", "command"),
    [
        (Session(Role.ESME, now_s=0.0), Command.SUBMIT_SM),
        (Session(Role.SMSC, now_s=0.0), Command.BIND_RECEIVER),
        (esme(), Command.DELIVER_SM),
        (esme(), Command.BIND_RECEIVER),
        (esme(), Command.UNBIND),
        (esme(), Command.ENQUIRE_LINK),
    ],
)
def test_what_may_not_pass_is_our_bug(session: Session, command: Command) -> None:
    """Wrong state, wrong side, or the session's own business; nothing is sent."""
    with pytest.raises(LocalProtocolError):
        session.request(command, {}, 1.0)
    assert session.data_to_send() == b""


def test_a_second_bind_is_not_sent() -> None:
    """One at a time."""
    session = Session(Role.ESME, now_s=0.0)
    session.request(Command.BIND_RECEIVER, BIND, 0.0)
    with pytest.raises(LocalProtocolError):
        session.request(Command.BIND_TRANSMITTER, BIND, 0.0)


def test_every_pdu_is_counted() -> None:
    """By direction, command and status, for the metrics."""
    session = esme()
    session.receive_data(deliver(1), 1.0)
    session.respond(1, Status.ESME_RX_T_APPN)
    assert session.counters == {
        ("sent", "bind_transceiver", "ESME_ROK"): 1,
        ("received", "bind_transceiver_resp", "ESME_ROK"): 1,
        ("received", "deliver_sm", "ESME_ROK"): 1,
        ("sent", "deliver_sm_resp", "ESME_RX_T_APPN"): 1,
    }


def test_pdus_read_counts_whatever_came_in_whole() -> None:
    """The owner bounds by it what costs no commit: questions, answers, and what cannot be read."""
    session = esme()
    before = session.pdus_read
    question = encode(Pdu(Command.ENQUIRE_LINK, 0, 9, {}))
    session.receive_data(deliver(1) + question + question[:7], 1.0)
    assert session.pdus_read == before + 2
    session.receive_data(question[7:], 1.0)
    assert session.pdus_read == before + 3
