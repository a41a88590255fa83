"""Sessions that face each other, and peers that break the rules."""

import math

import pytest

from smsgw.smpp.codec import bodiless, decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
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
    ProtocolFault,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Unanswered,
    Unbound,
)
from smsgw.smpp.frames import COMMAND_LENGTH_MAX, FrameBuffer
from smsgw.smpp.pdu import BadPdu, FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role, State
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34

BIND: dict[str, FieldValue] = {"system_id": b"smsgw", "password": b"secret", "interface_version": 0x34}
TEXT: dict[str, FieldValue] = {"source_addr": b"998901234567", "destination_addr": b"1400", "short_message": b"PAY"}
SETTINGS = SessionSettings(window=3, inbound_window=2)


def esme(command: Command = Command.BIND_TRANSCEIVER, settings: SessionSettings = SETTINGS) -> Session:
    """Our side, bound at 0; the SMSC's TLVs are announced."""
    session = Session(Role.ESME, settings, now_s=0.0)
    sequence = session.request(command, BIND, 0.0)
    session.data_to_send()
    answer = Pdu(command | 0x80000000, 0, sequence, {"system_id": b"smsc"}, (SC_INTERFACE_VERSION_34,))
    assert session.receive_data(encode(answer), 0.0) == [Bound(answer)]
    return session


def pair() -> tuple[Session, Session]:
    """Two sessions, bound to each other."""
    gateway, smsc = Session(Role.ESME, SETTINGS, now_s=0.0), Session(Role.SMSC, SETTINGS, now_s=0.0)
    gateway.request(Command.BIND_TRANSCEIVER, BIND, 0.0)
    (bind,) = smsc.receive_data(gateway.data_to_send(), 0.0)
    assert isinstance(bind, BindRequested)
    smsc.respond(bind.pdu.sequence, fields={"system_id": b"smsc"}, tlvs=(SC_INTERFACE_VERSION_34,))
    (bound,) = gateway.receive_data(smsc.data_to_send(), 0.0)
    assert isinstance(bound, Bound)
    return gateway, smsc


def sent(session: Session) -> list[Pdu | BadPdu]:
    """What a session has to say, as the peer reads it."""
    frames, pdus = FrameBuffer(), []
    frames.feed(session.data_to_send())
    while isinstance(frame := frames.next_frame(), bytes):
        pdus.append(decode(frame))
    return pdus


def deliver(sequence: int = 1, short_message: bytes | None = None) -> bytes:
    fields = TEXT if short_message is None else {**TEXT, "short_message": short_message}
    return encode(Pdu(Command.DELIVER_SM, 0, sequence, fields))


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


# Two sessions back to back.


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (Command.BIND_TRANSMITTER, State.BOUND_TX),
        (Command.BIND_RECEIVER, State.BOUND_RX),
        (Command.BIND_TRANSCEIVER, State.BOUND_TRX),
    ],
)
def test_both_sides_agree_on_the_bind(command: Command, state: State) -> None:
    """The same table on both sides; the password arrives."""
    gateway, smsc = Session(Role.ESME, now_s=0.0), Session(Role.SMSC, now_s=0.0)
    sequence = gateway.request(command, BIND, 0.0)
    (event,) = smsc.receive_data(gateway.data_to_send(), 0.0)
    assert isinstance(event, BindRequested)
    assert event.pdu.octets("password") == b"secret"
    assert not smsc.is_bound
    assert smsc.respond(sequence, fields={"system_id": b"smsc"})
    assert kinds(gateway.receive_data(smsc.data_to_send(), 0.0)) == [Bound]
    assert gateway.state is smsc.state is state
    assert gateway.is_bound


def test_a_refused_bind_leaves_both_open() -> None:
    """The owner closes, waits and tries again."""
    gateway, smsc = Session(Role.ESME, now_s=0.0), Session(Role.SMSC, now_s=0.0)
    sequence = gateway.request(Command.BIND_TRANSCEIVER, BIND, 0.0)
    smsc.receive_data(gateway.data_to_send(), 0.0)
    smsc.respond(sequence, Status.ESME_RINVPASWD)
    assert gateway.receive_data(smsc.data_to_send(), 0.0) == [BindRefused(Status.ESME_RINVPASWD)]
    assert gateway.state is smsc.state is State.OPEN
    assert gateway.connection_lost() == [Closed(CloseReason.CONNECTION_LOST)]


def test_a_text_goes_in_and_another_out() -> None:
    """deliver_sm and submit_sm, each answered, with the time it took."""
    gateway, smsc = pair()
    sequence = smsc.request(Command.DELIVER_SM, TEXT, 1.0)
    (received,) = gateway.receive_data(smsc.data_to_send(), 1.0)
    assert isinstance(received, RequestReceived)
    assert received.pdu.message_octets() == b"PAY"
    assert gateway.unanswered == 1
    gateway.respond(sequence)
    (answered,) = smsc.receive_data(gateway.data_to_send(), 1.5)
    assert isinstance(answered, ResponseReceived)
    assert (answered.request.sequence, answered.pdu.status, answered.latency_s) == (sequence, 0, 0.5)
    sequence = gateway.request(Command.SUBMIT_SM, TEXT, 2.0)
    smsc.receive_data(gateway.data_to_send(), 2.0)
    smsc.respond(sequence, Status.ESME_RTHROTTLED)
    (throttled,) = gateway.receive_data(smsc.data_to_send(), 2.0)
    assert isinstance(throttled, ResponseReceived)
    assert throttled.pdu.status == Status.ESME_RTHROTTLED


def test_an_unbind_ends_both() -> None:
    """unbind, unbind_resp, closed, on both sides; more of the same does nothing."""
    gateway, smsc = pair()
    gateway.unbind(1.0)
    gateway.unbind(1.0)
    assert gateway.next_deadline_s() == -math.inf
    assert gateway.tick(1.0) == []
    assert smsc.receive_data(gateway.data_to_send(), 1.0) == [Unbound(), Closed(CloseReason.UNBOUND_BY_PEER)]
    assert gateway.receive_data(smsc.data_to_send(), 1.0) == [Unbound(), Closed(CloseReason.UNBOUND_BY_US)]
    assert (gateway.next_deadline_s(), gateway.wants_data) == (math.inf, False)
    assert gateway.tick(999.0) == gateway.receive_data(deliver(), 999.0) == gateway.connection_lost() == []
    gateway.unbind(999.0)
    assert gateway.data_to_send() == b""


def test_both_may_unbind_at_once() -> None:
    """Each answers the other and waits for its own answer."""
    gateway, smsc = pair()
    for session in (gateway, smsc):
        session.unbind(1.0)
        session.tick(1.0)
    to_smsc, to_gateway = gateway.data_to_send(), smsc.data_to_send()
    assert gateway.receive_data(to_gateway, 1.0) == smsc.receive_data(to_smsc, 1.0) == []
    to_smsc, to_gateway = gateway.data_to_send(), smsc.data_to_send()
    ended: list[Event] = [Unbound(), Closed(CloseReason.UNBOUND_BY_US)]
    assert gateway.receive_data(to_gateway, 1.0) == smsc.receive_data(to_smsc, 1.0) == ended


def test_notifications_are_not_answered() -> None:
    """Outbind before the bind, alert_notification after it."""
    gateway, smsc = Session(Role.ESME, now_s=0.0), Session(Role.SMSC, now_s=0.0)
    smsc.request(Command.OUTBIND, {"system_id": b"smsc"}, 0.0)
    assert kinds(gateway.receive_data(smsc.data_to_send(), 0.0)) == [NotificationReceived]
    gateway, smsc = pair()
    smsc.request(Command.ALERT_NOTIFICATION, {}, 0.0)
    assert kinds(gateway.receive_data(smsc.data_to_send(), 0.0)) == [NotificationReceived]
    assert (gateway.unanswered, gateway.data_to_send(), smsc.window_free) == (0, b"", 3)


# Lengths, unknown commands, stray answers.


@pytest.mark.parametrize("length", [0, 15, COMMAND_LENGTH_MAX + 1, 0xFFFFFFFF])
def test_a_bad_length_is_nacked_and_ends_the_session(length: int) -> None:
    """The stream is corrupt: what came before counts, what comes after is not read, all in flight is unknown."""
    session = esme()
    session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.data_to_send()
    events = session.receive_data(deliver() + length.to_bytes(4) + deliver(2), 1.0)
    assert kinds(events) == [RequestReceived, ProtocolFault, Unanswered, Closed]
    assert events[-1] == Closed(CloseReason.BAD_FRAME)
    assert sent(session) == [Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, 0, {})]
    assert not session.respond(1)


def test_a_pdu_that_never_ends_closes_the_session() -> None:
    """Ten seconds from its first octet, however the rest drips in."""
    session = esme()
    for now_s in (1.0, 5.0, 10.0):
        session.receive_data(b"\0", now_s)
    assert session.next_deadline_s() == 11.0
    assert session.tick(10.9) == []
    assert session.tick(11.0) == [Closed(CloseReason.PDU_READ_TIMEOUT)]


def test_an_unknown_request_is_nacked_and_the_session_lives() -> None:
    """generic_nack with its sequence and ESME_RINVCMDID; an unknown response is only counted."""
    session = esme()
    request, response = (bytes.fromhex(f"00000010 {c} 00000000 00000005") for c in ("00000111", "80000111"))
    assert kinds(session.receive_data(request, 1.0)) == [ProtocolFault]
    assert sent(session) == [Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDID, 5, {})]
    assert kinds(session.receive_data(response, 1.0)) == [ProtocolFault]
    assert sent(session) == []
    assert session.faults[Fault.UNKNOWN_COMMAND] == 2
    assert session.is_bound


@pytest.mark.parametrize("status", [Status.ESME_RINVCMDID, Status.ESME_ROK])
def test_a_nack_of_ours_fails_that_request(status: Status) -> None:
    """Even a nack that names no error is one."""
    session = esme()
    sequence = session.request(Command.SUBMIT_SM, TEXT, 1.0)
    (event,) = session.receive_data(encode(Pdu(Command.GENERIC_NACK, status, sequence, {})), 1.0)
    assert isinstance(event, ResponseReceived)
    assert event.request.sequence == sequence
    assert event.pdu.status == (status or Status.ESME_RUNKNOWNERR)
    assert session.window_free == 3


@pytest.mark.parametrize("sequence", [0, 77])
def test_a_nack_of_nothing_is_counted(sequence: int) -> None:
    """Without a sequence, or with an unknown one: no request fails."""
    session = esme()
    session.request(Command.SUBMIT_SM, TEXT, 1.0)
    events = session.receive_data(encode(Pdu(Command.GENERIC_NACK, 3, sequence, {})), 1.0)
    assert kinds(events) == [ProtocolFault]
    assert (session.faults[Fault.UNKNOWN_NACK], session.window_free) == (1, 2)


def test_an_answer_to_nothing_is_counted() -> None:
    """A repeated answer, one to another command, one never asked for."""
    session = esme()
    sequence = session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.data_to_send()
    answer, other = (bodiless(c, 0, sequence) for c in (Command.SUBMIT_SM_RESP, Command.DATA_SM_RESP))
    stray = encode(other) + encode(answer) + encode(answer)
    assert kinds(session.receive_data(stray, 1.0)) == [ProtocolFault, ResponseReceived, ProtocolFault]
    assert session.faults[Fault.UNKNOWN_RESPONSE] == 2
    assert sent(session) == []


@pytest.mark.proves("F29")
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Pdu(Command.SUBMIT_SM_RESP, 0, 2, {"message_id": b"late"}), Status.ESME_ROK),
        (bodiless(Command.SUBMIT_SM_RESP, Status.ESME_RMSGQFUL, 2), Status.ESME_RMSGQFUL),
        (Pdu(Command.GENERIC_NACK, 0, 2, {}), Status.ESME_RUNKNOWNERR),
    ],
)
def test_an_answer_after_its_time_out_is_late_and_once(answer: Pdu, status: Status) -> None:
    """What it answers is remembered for a while; after that, and the second time, it answers nothing."""
    session = esme()
    session.request(Command.SUBMIT_SM, TEXT, 1.0)
    session.receive_data(encode(Pdu(Command.ENQUIRE_LINK, 0, 8, {})), 60.0)
    assert kinds(session.tick(61.0)) == [RequestExpired]
    late, twice = session.receive_data(encode(answer) * 2, 63.5)
    assert isinstance(late, LateResponse)
    assert (late.pdu.status, late.request.sequence, late.latency_s) == (status, 2, 62.5)
    assert isinstance(twice, ProtocolFault)


def test_a_broken_answer_still_answers() -> None:
    """Its status was ESME_ROK: the SMSC has the message, and the id that it can be found by is kept."""
    session = esme()
    sequence = session.request(Command.SUBMIT_SM, TEXT, 1.0)
    broken = bytes.fromhex("00000011 80000004 00000000") + sequence.to_bytes(4) + b"x"
    fault, answer = session.receive_data(broken, 1.0)
    assert isinstance(fault, ProtocolFault)
    assert isinstance(answer, ResponseReceived)
    assert answer.pdu == Pdu(Command.SUBMIT_SM_RESP, 0, sequence, {"message_id": b"x"})


# Every request is answered exactly once.


@pytest.mark.parametrize(
    ("command", "answer", "status"),
    [
        (Command.ENQUIRE_LINK, Command.ENQUIRE_LINK_RESP, Status.ESME_ROK),
        (Command.SUBMIT_SM, Command.SUBMIT_SM_RESP, Status.ESME_RINVBNDSTS),
        (Command.QUERY_SM, Command.QUERY_SM_RESP, Status.ESME_RINVBNDSTS),
        (Command.BIND_RECEIVER, Command.BIND_RECEIVER_RESP, Status.ESME_RINVBNDSTS),
    ],
)
@pytest.mark.parametrize("draining", [False, True])
def test_the_session_answers_by_itself(
    command: Command,
    answer: Command,
    status: Status,
    draining: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """The line test and all that may not pass, with the same sequence, also during a drain."""
    session = esme()
    if draining:
        session.unbind(1.0)
    session.receive_data(encode(Pdu(command, 0, 0x7FFFFFFF, {})), 1.0)
    assert bodiless(answer, status, 0x7FFFFFFF) in sent(session)
    assert session.unanswered == 0


def test_a_broken_request_gets_its_own_response() -> None:
    """With the status that names the field."""
    session = esme()
    session.receive_data(bytes.fromhex("00000012 00000005 00000000 00000009 0001"), 1.0)
    assert sent(session) == [bodiless(Command.DELIVER_SM_RESP, Status.ESME_RINVCMDLEN, 9)]


@pytest.mark.parametrize("role", ["gateway", "smsc"])
@pytest.mark.parametrize("body", [b"\0", b"\0\0\0", b"hello"])
def test_a_question_with_a_body_is_a_question(role: str, body: bytes) -> None:
    """enquire_link and unbind have no fields: what stands behind them is nobody's, and it is told."""
    session = dict(zip(("gateway", "smsc"), pair(), strict=True))[role]
    for command in (Command.ENQUIRE_LINK, Command.UNBIND):
        octets = (16 + len(body)).to_bytes(4) + encode(Pdu(command, 0, 9, {}))[4:] + body
        fault, *_ = session.receive_data(octets, 1.0)
        assert isinstance(fault, ProtocolFault)
        assert fault.fault is Fault.BAD_PDU
        assert sent(session) == [bodiless(command | RESPONSE_BIT, Status.ESME_ROK, 9)]
    assert session.state is State.CLOSED


def test_a_text_in_both_places_is_handed_over_once_and_told() -> None:
    session = esme()
    good = deliver(9)
    octets = (len(good) + 4).to_bytes(4) + good[4:] + bytes.fromhex("04240000")
    fault, request = session.receive_data(octets, 1.0)
    assert isinstance(fault, ProtocolFault)
    assert request == RequestReceived(decode(good))  # type: ignore[arg-type]
    assert sent(session) == []
    assert session.respond(9)
    assert sent(session) == [bodiless(Command.DELIVER_SM_RESP, Status.ESME_ROK, 9)]


def test_the_owner_answers_exactly_once() -> None:
    """A second answer is our bug; a bad one leaves the request open."""
    session = esme()
    session.receive_data(deliver(9), 1.0)
    with pytest.raises(LocalProtocolError):
        session.respond(9, fields={"message_id": b"x" * 65})
    assert session.respond(9, Status.ESME_RX_T_APPN)
    assert sent(session) == [bodiless(Command.DELIVER_SM_RESP, Status.ESME_RX_T_APPN, 9)]
    with pytest.raises(AssertionError):
        session.respond(9)


def test_a_request_again_before_its_answer_shares_the_answer() -> None:
    """The owner sees it once and answers it once; the peer hears that as often as it asked. Afterwards it is new."""
    session = esme()
    assert kinds(session.receive_data(deliver(9) + deliver(9), 1.0)) == [RequestReceived, ProtocolFault]
    assert (sent(session), session.unanswered) == ([], 2)
    session.respond(9)
    assert [(pdu.sequence, pdu.status) for pdu in sent(session)] == [(9, Status.ESME_ROK)] * 2
    assert session.unanswered == 0
    assert kinds(session.receive_data(deliver(9), 1.0)) == [RequestReceived]


def test_another_request_under_an_open_sequence_is_refused_for_now() -> None:
    """A temporary error, and the first is answered as if nothing had been."""
    session = esme()
    assert kinds(session.receive_data(deliver(9) + deliver(9, b"another"), 1.0)) == [RequestReceived, ProtocolFault]
    assert sent(session) == [bodiless(Command.DELIVER_SM_RESP, Status.ESME_RSYSERR, 9)]
    session.respond(9)
    assert [(pdu.sequence, pdu.status) for pdu in sent(session)] == [(9, Status.ESME_ROK)]


def test_a_second_bind_is_refused() -> None:
    """While the first is undecided, and when it is done."""
    smsc = Session(Role.SMSC, now_s=0.0)
    binds = [encode(Pdu(Command.BIND_RECEIVER, 0, sequence, BIND)) for sequence in (1, 2, 3)]
    assert kinds(smsc.receive_data(binds[0] + binds[1], 0.0)) == [BindRequested, ProtocolFault]
    smsc.respond(1)
    smsc.receive_data(binds[2], 0.0)
    statuses = [(pdu.sequence, pdu.status) for pdu in sent(smsc)]
    assert statuses == [(2, Status.ESME_RALYBND), (1, Status.ESME_ROK), (3, Status.ESME_RALYBND)]


def test_a_request_may_be_forgotten() -> None:
    """A simulator plays an SMSC that never answers."""
    session = esme()
    session.receive_data(deliver(9), 1.0)
    session.forget(9)
    assert (session.unanswered, session.data_to_send()) == (0, b"")
    session.connection_lost()
    session.forget(9)
