"""What faults and scenarios do to sessions: a gateway's session on the other end, and time set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from simulator.faults.fault import Fault
from simulator.faults.scenario import NO_TROUBLE
from simulator.faults.scenario_reading import read_scenario
from simulator.faults.utterances import ANSWERS, Utterance
from simulator.smsc.mo import MoState, Text
from simulator.smsc.smsc import Smsc
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import INTERFACE_VERSION, Command, Status
from smsgw.smpp.events import Bound, Closed, CloseReason, Fault as Broken, ResponseReceived, Unbound
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.states import State
from smsgw.smpp.tlv import Tag
from tests.unit.simulator.smsc.test_smsc import SETTINGS, Gateway, House

OK, THROTTLED = int(Status.ESME_ROK), int(Status.ESME_RTHROTTLED)


@pytest.fixture
def house() -> House:
    return House()


def play(house: House, rules: str, seed: int = 1) -> None:
    house.smsc.play(read_scenario(f"title = 'Test'\n{rules}", "test"), seed, house.now_s)


def congestion(gateway: Gateway) -> list[int | None]:
    pdus = (event.pdu for event in gateway.events if isinstance(event, ResponseReceived))
    return [pdu.tlv_integer(Tag.CONGESTION_STATE) for pdu in pdus]


def leave(gateway: Gateway) -> None:
    gateway.session.unbind(gateway.house.now_s)
    turn(gateway)


def turn(gateway: Gateway) -> None:
    """Let both sessions go on."""
    house = gateway.house
    gateway.events += gateway.session.tick(house.now_s)
    house.carry(gateway)
    house.wait(0)
    gateway.events += gateway.session.tick(house.now_s)
    house.carry(gateway)


def test_a_fault_that_was_asked_for_comes_before_the_scenario(house: House) -> None:
    gateway = house.gateway()
    play(house, "[[rules]]\npdu = 'submit_sm'\nstatus = 'ESME_RTHROTTLED'")
    house.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RMSGQFUL))
    for _ in range(2):
        gateway.submit()
    assert gateway.responses() == [Status.ESME_RMSGQFUL, THROTTLED]
    house.smsc.play(NO_TROUBLE, 1, house.now_s)
    gateway.submit()
    assert gateway.responses()[2:] == [OK]


def test_a_rule_about_binds_sees_who_binds(house: House) -> None:
    play(house, "[[rules]]\npdu = 'bind'\nwhen = { system_id = 'two' }\nstatus = 'ESME_RBINDFAIL'")
    assert house.gateway().session.is_bound
    assert not house.gateway("two", "pass2").session.is_bound


@pytest.mark.parametrize("what", [Utterance.CONGESTED, Utterance.UNKNOWN_TLV])
def test_a_right_answer_with_more_in_it_binds_as_well(house: House, what: Utterance) -> None:
    house.smsc.faults.put("bind_transceiver", Fault(say=(what,)))
    (event,) = house.gateway().events
    assert isinstance(event, Bound)
    assert [tag for tag, _ in event.pdu.tlvs][1:] == [tag for tag, _ in ANSWERS[what]]
    assert house.smsc.lines.receiving("one")


def test_a_congested_smsc_says_so_beside_its_answer(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(congestion=80))
    house.smsc.faults.put("submit_sm", Fault(congestion=100, status=THROTTLED))
    for _ in range(3):
        gateway.submit()
    assert congestion(gateway) == [80, 100, None]
    assert gateway.responses() == [OK, THROTTLED, OK]


def test_a_connection_may_be_cut_before_the_answer(house: House) -> None:
    """The text was taken, and the gateway cannot know it."""
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(disconnect_before=True))
    gateway.submit()
    assert (gateway.responses(), gateway.line.over) == ([], True)
    assert len(house.smsc.journal.since(0)) == 2, "the session and the text"


def test_a_stalled_line_says_nothing_and_then_everything(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(stall_s=5.0))
    for _ in range(3):
        gateway.submit()
    mo = house.send()
    house.wait(4.9)
    assert (gateway.responses(), gateway.texts(), mo.state) == ([], [], MoState.WAITING)
    house.wait(0.1)
    assert (gateway.responses(), len(gateway.texts())) == ([OK] * 3, 1)


def test_a_stalled_line_that_is_to_be_cut_is_cut_once_everything_is_said(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(stall_s=5.0, disconnect_after=True))
    gateway.submit()
    assert not gateway.line.over
    house.wait(5.0)
    assert (gateway.responses(), gateway.line.over) == ([OK], True)


def test_answers_may_wait_until_the_gateway_leaves(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(until_unbind=True, count=2))
    for _ in range(3):
        gateway.submit()
    assert gateway.responses() == [OK], "only the third"
    # A gateway of ours would wait for its answers before it unbinds; many do not.
    unbind = encode(Pdu(Command.UNBIND, OK, 99, {}))
    house.smsc.receive(gateway.line, unbind, house.now_s)
    house.wait(0)
    assert gateway.responses() == [OK] * 3
    house.wait(0)
    assert gateway.line.session.state is State.CLOSED


@pytest.mark.parametrize("how", [{"unbind_after": True}, {"say": (Utterance.RESPONSE,), "unbind_after": True}])
def test_a_session_may_be_unbound_in_order_after_an_answer(house: House, how: dict[str, Any]) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(**how))
    gateway.submit()
    turn(gateway)
    assert gateway.responses() == [OK]
    assert gateway.events[-2:] == [Unbound(), Closed(CloseReason.UNBOUND_BY_PEER)]


# What the session answers, and sends, by itself.


def enquire(house: House, gateway: Gateway, sequence: int = 50) -> None:
    house.smsc.receive(gateway.line, encode(Pdu(Command.ENQUIRE_LINK, OK, sequence, {})), house.now_s)


def answer_to(*, sequence: int = 50, status: int = OK) -> bytes:
    return encode(Pdu(Command.ENQUIRE_LINK_RESP, status, sequence, {}))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(), answer_to()),
        (Fault(no_response=True), b""),
        (Fault(status=Status.ESME_RSYSERR), answer_to(status=Status.ESME_RSYSERR)),
        (Fault(copies=2), answer_to() * 2),
        (Fault(say=(Utterance.WRONG_SEQUENCE,)), answer_to(sequence=50 + 900_001)),
        (Fault(say=(Utterance.GENERIC_NACK_0,)), encode(Pdu(Command.GENERIC_NACK, Status.ESME_RSYSERR, 0, {}))),
        (Fault(disconnect_before=True), b""),
    ],
)
def test_an_enquire_link_may_be_answered_wrongly_or_not_at_all(house: House, fault: Fault, said: bytes) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("enquire_link", fault)
    enquire(house, gateway)
    assert gateway.line.data_to_send() == said
    assert gateway.line.over is fault.disconnect_before
    enquire(house, gateway)
    assert gateway.line.data_to_send() == (b"" if fault.disconnect_before else answer_to()), "the next one is answered"


def test_an_enquire_link_may_be_answered_late(house: House) -> None:
    gateway = house.gateway()
    play(house, "[[rules]]\npdu = 'enquire_link'\nnth = 1\ndelay_s = 2")
    for sequence in (50, 51):
        enquire(house, gateway, sequence)
    assert gateway.line.data_to_send() == answer_to(sequence=51), "the second overtakes it"
    house.now_s += 2.0
    house.smsc.run(house.now_s)
    assert gateway.line.data_to_send() == answer_to(sequence=50)


def test_an_unbind_without_an_answer_leaves_the_connection_open(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("unbind", Fault(no_response=True))
    leave(gateway)
    house.wait(1_000.0)
    assert (gateway.line.session.state, gateway.line.over) == (State.CLOSED, False)
    assert gateway.line.wants_data, "or nobody would see that the gateway hangs up"
    assert Unbound() not in gateway.events


def test_an_unbind_may_be_answered_late(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("unbind", Fault(delay_s=2.0))
    leave(gateway)
    assert (gateway.line.over, gateway.events[-1:]) == (False, [gateway.events[0]])
    house.wait(2.0)
    assert (gateway.line.over, gateway.events[-2:]) == (True, [Unbound(), Closed(CloseReason.UNBOUND_BY_US)])


@pytest.mark.parametrize(
    ("fault", "texts", "broken"),
    [
        (Fault(copies=2), 1, {Broken.REPEATED_SEQUENCE: 1}),
        (Fault(say=(Utterance.UNKNOWN_COMMAND, Utterance.RESPONSE)), 1, {Broken.UNKNOWN_COMMAND: 1}),
        (Fault(no_response=True), 0, {}),
    ],
)
def test_a_text_may_leave_twice_garbled_or_not_at_all(
    house: House, fault: Fault, texts: int, broken: dict[Broken, int]
) -> None:
    """What is lost on the way is delivered again, as after any silence."""
    gateway = house.gateway()
    house.smsc.faults.put("deliver_sm", fault)
    house.send()
    assert len(gateway.texts()) == texts
    assert {kind: count for kind, count in gateway.session.faults.items() if count} == broken
    house.wait(SETTINGS.response_s)
    house.wait(SETTINGS.redelivery_delay_s)
    assert len(gateway.texts()) == texts + 1


def test_a_text_may_leave_late(house: House) -> None:
    gateway = house.gateway()
    play(house, "[[rules]]\npdu = 'deliver_sm'\nwhen = { text = 'HE.*' }\ndelay_s = 3")
    house.send()
    assert gateway.texts() == []
    house.wait(3.0)
    (pdu,) = gateway.texts()
    gateway.answer(pdu)
    assert house.smsc.queue.open == 0


def test_a_text_of_the_wrong_length_breaks_the_stream(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("deliver_sm", Fault(say=(Utterance.LENGTH_TINY,)))
    house.send()
    assert gateway.events[-1] == Closed(CloseReason.BAD_FRAME)


# What nobody asked for.


def test_the_clock_unbinds_everyone_who_is_bound(house: House) -> None:
    first, second = house.gateway(), house.gateway("two", "pass2")
    play(house, "[[rules]]\npdu = 'clock'\nfrom_s = 60\nwhen = { system_id = 'two' }\nunbind_after = true")
    assert house.smsc.next_due_s() == 60.0
    house.wait(60.0)
    turn(second)
    assert (first.session.is_bound, second.session.state) == (True, State.CLOSED)


def test_the_clock_may_speak_and_be_late(house: House) -> None:
    gateway = house.gateway()
    play(house, "[[rules]]\npdu = 'clock'\nfrom_s = 10\ndelay_s = 5\nsay = 'deliver_sm'\ndisconnect_after = true")
    house.wait(10.0)
    assert gateway.texts() == []
    house.wait(5.0)
    assert (len(gateway.texts()), gateway.line.over) == (1, True)


# A dead line.


def test_texts_in_flight_on_a_dead_line_go_to_another_bind_of_the_same_account(house: House) -> None:
    """Nobody answers on it, so that time runs out as it would for any SMSC; the connection stays as it is."""
    dead, other = house.gateway(), house.gateway()
    mo = house.send()
    sender, receiver = (dead, other) if dead.texts() else (other, dead)
    sender.line.mute()
    house.wait(SETTINGS.response_s)
    assert (mo.state, receiver.texts()) == (MoState.RETRYING, [])
    house.wait(SETTINGS.redelivery_delay_s)
    (pdu,) = receiver.texts()
    receiver.answer(pdu)
    assert (mo.state, mo.attempts, sender.line.over) == (MoState.ACKED, 2, False)


def test_texts_of_a_dead_line_wait_while_its_account_has_no_other(house: House) -> None:
    dead, other = house.gateway("two", "pass2"), house.gateway()
    mo = house.send(Text("+998901234567", "1500", "HELP"))
    dead.line.mute()
    house.wait(SETTINGS.response_s + SETTINGS.redelivery_delay_s)
    house.wait(SETTINGS.redelivery_delay_s)
    assert (other.texts(), mo.state) == ([], MoState.RETRYING)
    again = house.gateway("two", "pass2")
    assert len(again.texts()) == 1


def test_a_dead_line_stays_open_until_the_gateway_hangs_up(house: House) -> None:
    """Our own timers may find it dead: the gateway sees nothing of that, and the session is listed to the end."""
    gateway = house.gateway()
    gateway.line.mute()
    for _ in range(10):
        house.wait(60.0)
    line = gateway.line
    assert (line.session.state, line.over, line.wants_data, line.data_to_send()) == (State.CLOSED, False, True, b"")
    assert house.smsc.lines.get(line.id) is line
    gateway.vanish()
    assert house.smsc.lines.get(line.id) is None


# The same again.

TROUBLE = """
[[rules]]
pdu = "submit_sm"
share = 0.2
status = "ESME_RTHROTTLED"
[[rules]]
pdu = "submit_sm"
share = 0.1
no_response = true
[[rules]]
pdu = "submit_sm"
every = 5
say = ["unknown_command", "response", "wrong_sequence"]
congestion = 50
[[rules]]
pdu = "enquire_link"
share = 0.5
copies = 3
"""


def spoken(seed: int, pauses_s: Sequence[float]) -> bytes:
    """All octets that a bind hears under a scenario, at these times."""
    smsc = Smsc(SETTINGS, epoch_s=1.8e9)
    smsc.play(read_scenario(f"title = 'Test'\n{TROUBLE}", "test"), seed, 0.0)
    line, now_s, said = smsc.connect("gateway:1", 0.0), 0.0, b""
    who: dict[str, FieldValue] = {"system_id": b"one", "password": b"pass1", "interface_version": INTERFACE_VERSION}
    requests = [Pdu(Command.BIND_TRANSCEIVER, 0, 1, who)]
    for sequence, pause_s in enumerate(pauses_s, 2):
        command = Command.ENQUIRE_LINK if sequence % 3 == 0 else Command.SUBMIT_SM
        requests.append(Pdu(command, 0, sequence, {"source_addr": b"1400"} if command is Command.SUBMIT_SM else {}))
        now_s += pause_s
        smsc.receive(line, b"".join(map(encode, requests)), now_s)
        smsc.run(now_s)
        said += line.data_to_send()
        requests.clear()
    return said


# Short enough for no timer of the session to say something of its own.
PAUSES = st.lists(st.floats(0.0, 0.4), min_size=60, max_size=60)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**64), pauses_s=PAUSES)
def test_the_same_seed_says_the_same_octets_whatever_the_clock(seed: int, pauses_s: list[float]) -> None:
    assert spoken(seed, pauses_s) == spoken(seed, [0.0] * 60)


def test_another_seed_says_others() -> None:
    assert spoken(1, [0.0] * 60) != spoken(2, [0.0] * 60)
