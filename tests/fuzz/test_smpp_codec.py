"""Hostile and foreign octets.

Whatever a peer sends gives PDUs, faults or an end, and never an exception; how the network cuts it changes nothing;
what we write an independent library reads alike, and the reverse.
"""

import struct
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st
from smpplib import command as smpplib_command, smpp as smpplib_smpp

from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command
from smsgw.smpp.events import Closed, Event, RequestReceived
from smsgw.smpp.frames import HEADER
from smsgw.smpp.layouts import BODILESS_ON_ERROR, LAYOUTS, CString, Field, Int
from smsgw.smpp.pdu import BadPdu, FieldValue, Pdu
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34, Tag, read_tlvs
from tests.fuzz.budget import cases

# Bodies: noise, and noise that looks like fields: short strings, small numbers, TLV heads.
PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"\0", b"998901234567\0", b"1400\0", b"\x01\x01", b"\x04\x24\x00\x01x", b"\xff" * 4, b"\0" * 9]),
)
BODIES = st.lists(PIECES, max_size=12).map(b"".join)
COMMAND_IDS = st.one_of(st.sampled_from(list(Command)).map(int), st.integers(0, 0xFFFFFFFF))
FRAMES = st.builds(
    lambda command_id, status, sequence, body: HEADER.pack(16 + len(body), command_id, status, sequence) + body,
    COMMAND_IDS,
    st.sampled_from([0, 0, 0x58, 0x400, 0xFFFFFFFF]),
    st.one_of(st.integers(0, 5), st.integers(0, 0xFFFFFFFF)),
    BODIES,
)
STREAMS = st.lists(st.one_of(FRAMES, FRAMES, FRAMES, st.binary(max_size=20)), max_size=8).map(b"".join)

BIND: dict[str, FieldValue] = {"system_id": b"smsgw", "password": b"secret", "interface_version": 0x34}
WIDE = SessionSettings(inbound_window=1000)


def session_of(role: Role) -> Session:
    """A bound session with requests in flight, so that answers of all kinds have something to hit."""
    session = Session(role, WIDE, now_s=0.0)
    if role is Role.ESME:
        session.request(Command.BIND_TRANSCEIVER, BIND, 0.0)
        session.receive_data(encode(Pdu(Command.BIND_TRANSCEIVER_RESP, 0, 1, {}, (SC_INTERFACE_VERSION_34,))), 0.0)
    else:
        session.receive_data(encode(Pdu(Command.BIND_TRANSCEIVER, 0, 1, BIND)), 0.0)
        session.respond(1)
    for _ in range(3):
        session.request(Command.DATA_SM, {}, 0.0)
    session.data_to_send()
    return session


def feed(session: Session, *chunks: bytes) -> tuple[list[Event], bytes]:
    events: list[Event] = []
    for chunk in chunks:
        events += session.receive_data(chunk, 1.0)
    return events, session.data_to_send()


@cases(300)
@given(FRAMES)
def test_the_decoder_never_raises(frame: bytes) -> None:
    """Any whole frame is a PDU or a bad one; a PDU that we read we can write, and read again as the same."""
    decoded = decode(frame)
    assert isinstance(decoded, Pdu | BadPdu)
    if isinstance(decoded, Pdu) and not (decoded.status and decoded.command_id in BODILESS_ON_ERROR):
        assert decode(encode(decoded)) == decoded


@pytest.mark.parametrize("role", list(Role))
@cases(150)
@given(STREAMS, st.lists(st.integers(1, 400), max_size=6))
def test_no_octets_raise_and_no_cut_matters(role: Role, stream: bytes, cuts: list[int]) -> None:
    """The same events and the same answers, whole, octet by octet, or in any pieces; an end is the last event."""
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    whole = feed(session_of(role), stream)
    assert feed(session_of(role), *(stream[a:b] for a, b in pairwise(edges))) == whole
    assert feed(session_of(role), *(bytes([octet]) for octet in stream)) == whole
    assert [type(event) for event in whole[0]].count(Closed) <= 1


@cases(100)
@given(STREAMS, st.lists(st.floats(0, 200), max_size=5))
def test_no_time_raises(stream: bytes, times: list[float]) -> None:
    """Ticks at any moments, an unbind, answers to all that was asked: the session ends exactly once."""
    session = session_of(Role.ESME)
    events = session.receive_data(stream, 1.0)
    session.unbind(2.0)
    for now_s in sorted(times):
        events += session.tick(now_s)
    for event in list(events):
        if isinstance(event, RequestReceived):
            session.respond(event.pdu.sequence)
    events += session.connection_lost()
    assert [type(event) for event in events].count(Closed) == 1
    assert isinstance(events[-1], Closed)


# Against smpplib, another author's codec. It trusts its input and cuts what is too long, so both sides are given legal
# values only; it numbers PDUs by a client that we do not have.


class NoClient:
    sequence = 0
    next_sequence = staticmethod(lambda: 0)


SHARED: dict[Command, Any] = {
    Command.BIND_TRANSMITTER: smpplib_command.BindTransmitter,
    Command.BIND_RECEIVER: smpplib_command.BindReceiver,
    Command.BIND_TRANSCEIVER: smpplib_command.BindTransceiver,
    Command.BIND_TRANSCEIVER_RESP: smpplib_command.BindTransceiverResp,
    Command.SUBMIT_SM: smpplib_command.SubmitSM,
    Command.SUBMIT_SM_RESP: smpplib_command.SubmitSMResp,
    Command.DELIVER_SM: smpplib_command.DeliverSM,
    Command.DELIVER_SM_RESP: smpplib_command.DeliverSMResp,
    Command.DATA_SM: smpplib_command.DataSM,
    Command.QUERY_SM: smpplib_command.QuerySM,
    Command.UNBIND: smpplib_command.Unbind,
    Command.ENQUIRE_LINK: smpplib_command.EnquireLink,
}
SHARED_TLVS = {Tag.USER_MESSAGE_REFERENCE: 2, Tag.SAR_MSG_REF_NUM: 2, Tag.SAR_TOTAL_SEGMENTS: 1, Tag.PAYLOAD_TYPE: 1}
MESSAGES = (Command.SUBMIT_SM, Command.DELIVER_SM, Command.DATA_SM)


def legal(field: Field) -> st.SearchStrategy[Any]:
    if isinstance(field, Int):
        return st.integers(0, 255)
    if isinstance(field, CString):
        smallest = 1 if field.name == "message_id" else 0  # smpplib insists on one in query_sm
        longest = 20 if field.name.endswith("_addr") else field.size_max - 1  # and cuts data_sm's 64 octets to 20
        return st.lists(st.integers(1, 255), min_size=smallest, max_size=longest).map(bytes)
    return st.binary(max_size=254)


@st.composite
def shared_pdus(draw: st.DrawFn) -> Pdu:
    """A PDU that both codecs know, with TLVs that smpplib has listed for it."""
    command = draw(st.sampled_from(list(SHARED)))
    fields = {field.name: draw(legal(field)) for field in LAYOUTS[command]}
    tlvs: list[tuple[int, bytes]] = []
    if command in MESSAGES:
        tags = draw(st.sets(st.sampled_from(list(SHARED_TLVS))))
        tlvs += [(tag, draw(st.binary(min_size=SHARED_TLVS[tag], max_size=SHARED_TLVS[tag]))) for tag in tags]
        if not fields.get("short_message") and draw(st.booleans()):
            tlvs.append((Tag.MESSAGE_PAYLOAD, draw(st.binary(min_size=1, max_size=300))))
    return Pdu(command, 0, draw(st.integers(1, 0x7FFFFFFF)), fields, tuple(sorted(tlvs)))


def value_of(pdu: Pdu, tag: int) -> int | bytes | None:
    return pdu.tlv(tag) if tag == Tag.MESSAGE_PAYLOAD else pdu.tlv_integer(tag)


@cases(200)
@given(shared_pdus())
def test_smpplib_reads_what_we_write(pdu: Pdu) -> None:
    """Every field and every TLV, as it was meant."""
    theirs = smpplib_smpp.parse_pdu(encode(pdu), client=NoClient, allow_unknown_opt_params=True)
    assert (theirs.command, theirs.sequence) == (Command(pdu.command_id).wire_name, pdu.sequence)
    read = {name: getattr(theirs, name) for name in pdu.fields}
    assert {name: value or 0 for name, value in read.items()} == {n: value or 0 for n, value in pdu.fields.items()}
    for tag, _ in pdu.tlvs:
        assert getattr(theirs, Tag(tag).name.lower()) == value_of(pdu, tag)


@cases(200)
@given(shared_pdus())
def test_we_read_what_smpplib_writes(pdu: Pdu) -> None:
    """And nothing is left over."""
    values = {name: text(value, name) for name, value in pdu.fields.items()}
    tlvs = {Tag(tag).name.lower(): value_of(pdu, tag) for tag, _ in pdu.tlvs}
    theirs = smpplib_smpp.make_pdu(Command(pdu.command_id).wire_name, client=NoClient, **values, **tlvs)
    theirs.sequence = pdu.sequence
    for name, value in values.items():  # its constructor overwrites interface_version
        setattr(theirs, name, value)
    ours = decode(theirs.generate())
    assert isinstance(ours, Pdu)
    assert ours._replace(tlvs=tuple(sorted(ours.tlvs))) == pdu


def text(value: FieldValue, name: str) -> FieldValue | str:
    """Smpplib takes C strings as str, octet strings as bytes."""
    return value.decode("latin-1") if isinstance(value, bytes) and name != "short_message" else value


def test_a_tlv_stream_is_what_struct_says() -> None:
    """One TLV by hand, so that reader and writer cannot be wrong together."""
    assert read_tlvs(struct.pack(">HH2s", 0x0204, 2, b"ab"), 0) == ((0x0204, b"ab"),)
