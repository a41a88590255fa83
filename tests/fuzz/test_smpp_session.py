"""Any octets, cut anywhere, at any time, into a session in every state: only documented outcomes.

And into what reads texts out of PDUs. What is documented is in smsgw/smpp/session.py, events.py and incoming.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, get_args

import pytest
from hypothesis import given, strategies as st

from smsgw.domain.secret import Secret
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.events import BindRequested, Closed, Event, RequestReceived
from smsgw.smpp.frames import HEADER, FrameBuffer
from smsgw.smpp.incoming import Incoming, incoming
from smsgw.smpp.layouts import LAYOUTS
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.receipts import MessageIdForm
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import BINDS, NOTIFICATIONS, Role, State
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34, Tag, Tlvs
from tests.fuzz.budget import cases

SETTINGS: Final = SessionSettings(window=3, inbound_window=4, inactivity_s=500.0)
BIND: Final[dict[str, FieldValue]] = {"system_id": b"smsgw", "password": b"secret", "interface_version": 0x34}
OUTCOMES: Final = get_args(Event)


# Sessions, one in each state, with requests in flight both ways where there can be any.


def esme(command: Command) -> Session:
    session = Session(Role.ESME, SETTINGS, now_s=0.0)
    sequence = session.request(command, BIND, 0.0)
    answer = Pdu(command | RESPONSE_BIT, 0, sequence, {"system_id": b"smsc"}, (SC_INTERFACE_VERSION_34,))
    session.receive_data(encode(answer), 0.0)
    session.request(Command.DATA_SM, {}, 0.0)
    session.data_to_send()
    return session


def smsc(command: Command, *, decided: bool = True) -> Session:
    session = Session(Role.SMSC, SETTINGS, now_s=0.0)
    session.receive_data(encode(Pdu(command, 0, 1, BIND)), 0.0)
    if decided:
        session.respond(1, tlvs=(SC_INTERFACE_VERSION_34,))
        session.request(Command.DATA_SM, {}, 0.0)
    session.data_to_send()
    return session


def binding() -> Session:
    session = Session(Role.ESME, SETTINGS, now_s=0.0)
    session.request(Command.BIND_TRANSCEIVER, BIND, 0.0)
    session.data_to_send()
    return session


def draining(session: Session) -> Session:
    session.unbind(0.0)
    return session


def unbinding() -> Session:
    session = draining(esme(Command.BIND_TRANSCEIVER))
    session.tick(SETTINGS.drain_s)
    session.data_to_send()
    return session


def left_by_peer() -> Session:
    session = esme(Command.BIND_TRANSCEIVER)
    unread = encode(Pdu(Command.DELIVER_SM, 0, 1, {})) + encode(Pdu(Command.UNBIND, 0, 2, {}))
    session.receive_data(unread, 0.0)
    return session


def closed() -> Session:
    session = esme(Command.BIND_TRANSCEIVER)
    session.connection_lost()
    return session


STATES: Final[Mapping[str, Callable[[], Session]]] = {
    "esme open": lambda: Session(Role.ESME, SETTINGS, now_s=0.0),
    "esme binding": binding,
    "esme bound_tx": lambda: esme(Command.BIND_TRANSMITTER),
    "esme bound_rx": lambda: esme(Command.BIND_RECEIVER),
    "esme bound_trx": lambda: esme(Command.BIND_TRANSCEIVER),
    "esme draining": lambda: draining(esme(Command.BIND_TRANSCEIVER)),
    "esme unbinding": unbinding,
    "esme left by the peer": left_by_peer,
    "closed": closed,
    "smsc open": lambda: Session(Role.SMSC, SETTINGS, now_s=0.0),
    "smsc deciding": lambda: smsc(Command.BIND_TRANSCEIVER, decided=False),
    "smsc bound_trx": lambda: smsc(Command.BIND_TRANSCEIVER),
    "smsc draining": lambda: draining(smsc(Command.BIND_TRANSCEIVER)),
}


# Octets: frames of every command with bodies that look like fields, wrong lengths, and noise.

PIECES: Final = st.sampled_from(
    [b"\0", b"998901234567\0", b"1400\0", b"\x01\x01", b"\x04\x24\x00\x01x", b"\xff" * 4, b"\0" * 9, b"\x34", b"id:7"]
)
BODIES: Final = st.one_of(st.just(b""), st.lists(PIECES, max_size=10).map(b"".join), st.binary(max_size=40))
FRAMES: Final = st.builds(
    lambda command_id, status, sequence, body, wrong: (
        HEADER.pack(max(0, 16 + len(body) + wrong), command_id, status, sequence) + body
    ),
    st.one_of(st.sampled_from(list(Command)).map(int), st.integers(0, 0xFFFFFFFF)),
    st.sampled_from([0, 0, 0, 8, 0x58, 0x400, 0xFFFFFFFF]),
    st.one_of(st.integers(0, 5), st.integers(0, 0xFFFFFFFF)),
    BODIES,
    st.sampled_from([0] * 12 + [-20, -1, 1, 7, 70_000]),
)
# Whole PDUs of few numbers: these get deep into a session, and collide.
WHOLE: Final = st.builds(
    lambda command, status, sequence: encode(Pdu(command, status, sequence, {})),
    st.sampled_from([*LAYOUTS, Command.DELIVER_SM, Command.DATA_SM]),
    st.sampled_from([0, 0, 0, Status.ESME_RTHROTTLED]),
    st.integers(1, 9),
)
# More texts at once than may be open.
BURSTS: Final = st.integers(2, 9).map(
    lambda count: b"".join(encode(Pdu(Command.DELIVER_SM, 0, sequence, {})) for sequence in range(1, count + 1))
)
NOISE: Final = st.binary(max_size=40)
# What happens to a session: octets come, a part of them comes, time passes, its owner answers, the owner leaves.
SCRIPTS: Final = st.lists(
    st.one_of(
        WHOLE,
        st.lists(WHOLE, max_size=8).map(b"".join),
        BURSTS,
        FRAMES,
        st.tuples(FRAMES, st.integers(0, 60)),
        NOISE,
        st.sampled_from([0.0, 0.1, 5.0, 10.0, 31.0, 61.0]),
        st.sampled_from(["answer", "unbind"]),
    ),
    max_size=10,
)
Step = bytes | tuple[bytes, int] | float | str


class Play:
    """Drives a session as its owner does, and looks after each step whether all is as it is written."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now_s = 10.0
        self.open: list[int] = []
        self.ended = session.state is State.CLOSED
        self.sent: list[Pdu] = []
        self._frames = FrameBuffer()

    def step(self, step: Step) -> None:
        session = self.session
        match step:
            case bytes():
                self.take(session.receive_data(step, self.now_s))
            case (octets, cut):
                self.take(session.receive_data(octets[:cut], self.now_s))
                self.take(session.receive_data(octets[cut:], self.now_s))
            case float():
                self.now_s += step
                self.settle()
            case "unbind" if session.is_bound:
                session.unbind(self.now_s)
            case "answer" if self.open:
                status = Status.ESME_RX_T_APPN if len(self.open) % 2 else Status.ESME_ROK
                assert session.respond(self.open.pop(0), status) is (session.state is not State.CLOSED)
            case _:
                pass
        self.settle()

    def settle(self) -> None:
        """Tick until nothing is due: an owner that is told "now" for ever would turn in circles."""
        for _ in range(8):
            self.take(self.session.tick(self.now_s))
            if self.session.next_deadline_s() > self.now_s:
                return
        raise AssertionError("the session is never satisfied")

    def take(self, events: list[Event]) -> None:
        for event in events:
            assert isinstance(event, OUTCOMES)
            assert not self.ended, f"{event} after the end"
            self.ended = isinstance(event, Closed)
            if isinstance(event, RequestReceived | BindRequested):
                assert event.pdu.sequence not in self.open, "handed out twice"
                self.open.append(event.pdu.sequence)
        self.look()

    def look(self) -> None:
        session = self.session
        assert self.ended is (session.state is State.CLOSED)
        assert 0 <= session.window_free <= SETTINGS.window
        assert session.unanswered <= SETTINGS.inbound_window
        assert not math.isnan(session.next_deadline_s())
        self._frames.feed(session.data_to_send())
        while (frame := self._frames.next_frame()) is not None:
            assert isinstance(frame, bytes)
            pdu = decode(frame)
            assert isinstance(pdu, Pdu), "what we say can be read"
            self.sent.append(pdu)


@pytest.mark.proves("A74")
@pytest.mark.parametrize("state", STATES)
@cases(60)
@given(SCRIPTS)
def test_whatever_comes_in_whatever_state_only_what_is_documented_happens(state: str, script: list[Step]) -> None:
    """No exception, no event after the end, no window exceeded, nothing said that cannot be read, no circle."""
    play = Play(STATES[state]())
    for step in script:
        play.step(step)
    play.take(play.session.connection_lost())
    assert play.ended
    assert play.session.next_deadline_s() == math.inf
    statuses = {pdu.status for pdu in play.sent if pdu.is_response()}
    assert Status.ESME_RX_P_APPN not in statuses, "it would make an SMSC drop all that it has for us"


@pytest.mark.proves("A5")
@pytest.mark.parametrize("state", [name for name in STATES if name != "closed"])
@cases(60)
@given(st.lists(st.one_of(WHOLE, FRAMES), max_size=8).map(b"".join), st.lists(st.integers(1, 200), max_size=8))
def test_how_the_network_cuts_changes_nothing(state: str, stream: bytes, cuts: list[int]) -> None:
    """The same events and answers, whole or in pieces; in each state."""
    whole, pieces = STATES[state](), STATES[state]()
    events = whole.receive_data(stream, 1.0)
    in_pieces: list[Event] = []
    at = 0
    for cut in cuts:
        in_pieces += pieces.receive_data(stream[at : at + cut], 1.0)
        at += cut
    in_pieces += pieces.receive_data(stream[at:], 1.0)
    assert in_pieces == events
    assert pieces.data_to_send() == whole.data_to_send()


ANSWERED: Final = [command for command in Command if not command & RESPONSE_BIT and command not in NOTIFICATIONS]


@pytest.mark.parametrize("state", [name for name in STATES if name != "closed"])
@cases(40)
@given(st.lists(st.tuples(st.sampled_from(ANSWERED), st.integers(100, 200)), max_size=5, unique_by=lambda one: one[1]))
def test_every_request_has_exactly_one_answer_under_its_number(state: str, requests: list[tuple[Command, int]]) -> None:
    """Right or wrong, allowed or not; unless the session is over before, and then it has none."""
    play = Play(STATES[state]())
    play.open = [1] if play.session.unanswered else []
    for command, sequence in requests:
        fields: dict[str, FieldValue] = dict(BIND) if command in BINDS else {}
        play.take(play.session.receive_data(encode(Pdu(command, 0, sequence, fields)), play.now_s))
        while play.open:
            play.step("answer")
    answers = [pdu.sequence for pdu in play.sent if pdu.is_response()]
    assert len(set(answers)) == len(answers)
    unanswered = {sequence for _, sequence in requests} - set(answers)
    assert not unanswered or play.session.state in {State.CLOSED, State.UNBINDING}


# Texts out of PDUs.

LINKS: Final = [
    LinkSettings(
        name="op",
        host="::1",
        port=1,
        system_id="s",
        password=Secret("p"),
        source="1400",
        alphabet=alphabet,
        message_id_form=form,
        timestamp_tlv=0x1400,
    )
    for alphabet, form in zip(list(Alphabet) * 2, MessageIdForm, strict=False)
]
UDHS: Final = st.sampled_from(
    [b"", b"\x05\x00\x03\x07\x02\x01", b"\x06\x08\x04\x00\x07\x02\x02", b"\x05\x00\x03\x07\x02\x00", b"\x20", b"\x00"]
)
TEXTS: Final = st.one_of(
    st.binary(max_size=140),
    st.sampled_from([b"id:7 stat:DELIVRD err:000", b"id: sub: stat:", b"SARKOR*n25656*50000*parol1", b"\x1b\x1b\x1b"]),
)
VALUES: Final = st.one_of(st.binary(max_size=5), st.sampled_from([b"\x00\x07", b"\x02", b"\x01", b"A1\0"]))
TAGS: Final = st.one_of(st.sampled_from(list(Tag)).map(int), st.just(0x1400), st.integers(0, 0xFFFF))
TLVS: Final = st.lists(st.tuples(TAGS, VALUES), max_size=5).map(tuple)


@pytest.mark.proves("A15")
@cases(500)
@given(
    st.sampled_from([Command.DELIVER_SM, Command.DATA_SM]),
    st.builds(bytes.__add__, UDHS, TEXTS),
    st.tuples(st.integers(0, 255), st.integers(0, 255)),
    TLVS,
    st.sampled_from(LINKS),
)
def test_any_deliver_sm_is_a_text_a_part_a_receipt_or_nothing_of_ours(
    command: Command, octets: bytes, classes: tuple[int, int], tlvs: Tlvs, link: LinkSettings
) -> None:
    """Never an exception; a redelivery under another number reads the same; nothing prints a text."""
    fields: dict[str, FieldValue] = {"source_addr": b"\xff9989", "esm_class": classes[0], "data_coding": classes[1]}
    if command is Command.DELIVER_SM:
        fields["short_message"] = octets[:254]
        tlvs = tuple(tlv for tlv in tlvs if tlv[0] != Tag.MESSAGE_PAYLOAD)
    else:
        tlvs = (*tlvs, (Tag.MESSAGE_PAYLOAD, octets))
    first, second = (decode(encode(Pdu(command, 0, sequence, fields, tlvs))) for sequence in (1, 0x7FFFFFFF))
    assert isinstance(first, Pdu)
    assert isinstance(second, Pdu)
    read = incoming(first, link)
    assert isinstance(read, get_args(Incoming))
    assert incoming(second, link) == read
    assert "parol1" not in repr(read)


@cases(500)
@given(st.sampled_from([Command.DELIVER_SM, Command.DATA_SM]), BODIES, st.sampled_from(LINKS))
def test_whatever_can_be_decoded_can_be_read(command: Command, body: bytes, link: LinkSettings) -> None:
    pdu = decode(HEADER.pack(16 + len(body), command, 0, 1) + body)
    if isinstance(pdu, Pdu):
        assert isinstance(incoming(pdu, link), get_args(Incoming))
