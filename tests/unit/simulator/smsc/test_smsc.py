"""The SMSC against a gateway's session, back to back: no sockets, and time set by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.faults.fault import Fault, Form, IdForm
from simulator.faults.utterances import Utterance
from simulator.settings import SmscSettings
from simulator.smsc.journal import Kind
from simulator.smsc.lines import Line
from simulator.smsc.mo import MoState, Text
from simulator.smsc.mt import Mt
from simulator.smsc.smsc import QueueFullError, Smsc
from smsgw.smpp.constants import INTERFACE_VERSION, Command, MessageState, Status
from smsgw.smpp.events import BindRefused, Bound, Event, Fault as Broken, RequestReceived, ResponseReceived
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.receipts import is_receipt, parse_receipt
from smsgw.smpp.session import Session
from smsgw.smpp.states import Role

SETTINGS = SmscSettings(
    credentials={"one": "pass1", "two": "pass2"},
    routes={"1500": "two"},
    response_s=30.0,
    redelivery_delay_s=5.0,
    receipt_delay_s=2.0,
)
HELP = Text("+998901234567", "1400", "HELP")


class Gateway:
    """An ESME's session on a cable to the SMSC."""

    def __init__(self, house: House, who: tuple[str, str], command: Command, version: int) -> None:
        self.house = house
        system_id, password = who
        self.line: Line = house.smsc.connect(f"{system_id}:1", house.now_s)
        self.session = Session(Role.ESME, now_s=house.now_s)
        self.events: list[Event] = []
        credentials = {"system_id": system_id.encode(), "password": password.encode()}
        self.session.request(command, {**credentials, "interface_version": version}, house.now_s)
        house.carry(self)

    def texts(self) -> list[Pdu]:
        return [event.pdu for event in self.events if isinstance(event, RequestReceived)]

    def responses(self) -> list[int]:
        return [event.pdu.status for event in self.events if isinstance(event, ResponseReceived)]

    def answer(self, pdu: Pdu, status: int = Status.ESME_ROK) -> None:
        self.session.respond(pdu.sequence, status)
        self.house.carry(self)

    def submit(self, **fields: Any) -> None:
        addresses = {"source_addr": b"1400", "destination_addr": b"998901234567"}
        self.session.request(Command.SUBMIT_SM, {**addresses, "short_message": b"PAID", **fields}, self.house.now_s)
        self.house.carry(self)

    def vanish(self) -> None:
        self.house.smsc.lost(self.line, self.house.now_s)


class House:
    """One SMSC, its gateways, and a clock."""

    def __init__(self, settings: SmscSettings = SETTINGS) -> None:
        self.smsc = Smsc(settings, epoch_s=1.8e9)
        self.now_s = 0.0
        self.gateways: list[Gateway] = []

    def gateway(
        self,
        system_id: str = "one",
        password: str = "pass1",
        command: Command = Command.BIND_TRANSCEIVER,
        version: int = INTERFACE_VERSION,
    ) -> Gateway:
        gateway = Gateway(self, (system_id, password), command, version)
        self.gateways.append(gateway)
        self.wait(0)
        return gateway

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        for gateway in self.gateways:
            self.smsc.tick(gateway.line, self.now_s)
        self.smsc.run(self.now_s)
        for gateway in self.gateways:
            self.carry(gateway)

    def carry(self, gateway: Gateway) -> None:
        """Carry octets both ways until nobody has anything to say."""
        theirs = gateway.session
        while True:
            to_smsc, to_gateway = theirs.data_to_send(), gateway.line.data_to_send()
            if not to_smsc and not to_gateway:
                return
            self.smsc.receive(gateway.line, to_smsc, self.now_s)
            self.smsc.run(self.now_s)
            gateway.events += theirs.receive_data(to_gateway, self.now_s)

    def send(self, text: Text = HELP) -> Any:
        mo = self.smsc.send(text, self.now_s)
        self.wait(0)
        return mo

    def kinds(self) -> list[Kind]:
        return [entry.kind for entry in self.smsc.journal.since(0)]


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [("one", "pass2", Status.ESME_RINVPASWD), ("three", "pass1", Status.ESME_RINVSYSID)],
)
def test_only_who_is_known_binds(house: House, system_id: str, password: str, status: Status) -> None:
    assert house.gateway(system_id, password).events == [BindRefused(status)]


def test_without_a_list_everybody_binds() -> None:
    (event,) = House(SmscSettings()).gateway("anyone", "x").events
    assert isinstance(event, Bound)


def test_a_text_waits_until_a_gateway_binds(house: House) -> None:
    mo = house.send()
    gateway = house.gateway()
    (pdu,) = gateway.texts()
    assert (pdu.octets("short_message"), mo.state) == (b"HELP", MoState.WAITING)
    house.now_s += 0.25
    gateway.answer(pdu)
    assert (mo.state, mo.status, mo.latency_s) == (MoState.ACKED, 0, 0.25)


def test_a_routed_text_waits_for_its_own_gateway(house: House) -> None:
    one = house.gateway()
    house.send(Text("+998901234567", "1500", "HELP"))
    two = house.gateway("two", "pass2")
    assert (len(one.texts()), len(two.texts())) == (0, 1)


def test_a_text_refused_for_now_comes_again_under_a_new_sequence(house: House) -> None:
    mo, gateway = house.send(), house.gateway()
    gateway.answer(gateway.texts()[0], Status.ESME_RMSGQFUL)
    assert (mo.state, mo.status) == (MoState.RETRYING, Status.ESME_RMSGQFUL)
    house.wait(SETTINGS.redelivery_delay_s)
    first, second = gateway.texts()
    assert first.sequence != second.sequence
    gateway.answer(second)
    assert (mo.state, mo.attempts) == (MoState.ACKED, 2)


def test_a_text_without_an_answer_comes_again(house: House) -> None:
    mo, gateway = house.send(), house.gateway()
    house.wait(SETTINGS.response_s)
    house.wait(SETTINGS.redelivery_delay_s)
    assert (len(gateway.texts()), mo.state, mo.status) == (2, MoState.RETRYING, None)


def test_a_text_in_flight_on_a_dead_line_goes_to_another(house: House) -> None:
    house.send()
    first, second = house.gateway(), house.gateway()
    first.vanish()
    house.wait(0)
    assert (len(first.texts()), len(second.texts()), house.smsc.lines.get(first.line.id)) == (1, 1, None)


def test_too_many_texts_are_refused() -> None:
    house = House(SmscSettings(waiting_max=1))
    house.send()
    with pytest.raises(QueueFullError):
        house.send()


def test_what_is_submitted_is_read_and_acked_with_an_id(house: House) -> None:
    gateway = house.gateway()
    gateway.submit()
    (response,) = [event.pdu for event in gateway.events if isinstance(event, ResponseReceived)]
    (mt,) = [entry.item for entry in house.smsc.journal.since(0) if isinstance(entry.item, Mt)]
    assert (mt.text, mt.to, mt.message_ids) == ("PAID", "998901234567", (response.octets("message_id").decode(),))
    assert house.smsc.journal.get(mt.id) is not None


def test_a_receipt_comes_after_its_delay_to_a_gateway_of_the_same_name(house: House) -> None:
    transmitter = house.gateway("two", "pass2", Command.BIND_TRANSMITTER)
    other, receiver = house.gateway(), house.gateway("two", "pass2", Command.BIND_RECEIVER)
    transmitter.submit(registered_delivery=1)
    house.wait(SETTINGS.receipt_delay_s - 0.1)
    assert receiver.texts() == []
    house.wait(0.1)
    (pdu,) = receiver.texts()
    assert (is_receipt(pdu.integer("esm_class")), other.texts()) == (True, [])
    receipt = parse_receipt(pdu.message_octets().decode(), pdu.tlvs)
    assert receipt is not None
    assert receipt.state is MessageState.DELIVERED
    assert house.kinds()[-1] is Kind.RECEIPT


def test_a_refused_receipt_comes_again(house: House) -> None:
    gateway = house.gateway()
    gateway.submit(registered_delivery=1)
    house.wait(SETTINGS.receipt_delay_s)
    gateway.answer(gateway.texts()[0], Status.ESME_RX_T_APPN)
    house.wait(SETTINGS.redelivery_delay_s)
    assert len(gateway.texts()) == 2


def test_a_faulty_receipt_says_so_or_never_comes(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("receipt", Fault(state=MessageState.EXPIRED, delay_s=10))
    house.smsc.faults.put("receipt", Fault(no_response=True))
    gateway.submit(registered_delivery=1)
    gateway.submit(registered_delivery=1)
    house.wait(SETTINGS.receipt_delay_s)
    assert gateway.texts() == []
    house.wait(10)
    (pdu,) = gateway.texts()
    assert b"stat:EXPIRED" in pdu.octets("short_message")


def test_a_request_may_be_refused_answered_late_or_never(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED))
    house.smsc.faults.put("submit_sm", Fault(no_response=True))
    house.smsc.faults.put("submit_sm", Fault(delay_s=3.0))
    for _ in range(3):
        gateway.submit()
    assert gateway.responses() == [Status.ESME_RTHROTTLED]
    house.wait(3.0)
    assert gateway.responses() == [Status.ESME_RTHROTTLED, Status.ESME_ROK]
    assert house.kinds().count(Kind.MT) == 2, "the refused one was not taken, the unanswered one was"


def test_a_connection_may_be_cut_after_the_answer(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(disconnect_after=True))
    gateway.submit()
    assert (gateway.responses(), gateway.line.cut) == ([Status.ESME_ROK], True)


def test_a_bind_may_be_refused_by_a_fault(house: House) -> None:
    house.smsc.faults.put("bind_transceiver", Fault(status=Status.ESME_RBINDFAIL))
    assert house.gateway().events == [BindRefused(Status.ESME_RBINDFAIL)]


@pytest.mark.parametrize(
    ("command", "field", "octets", "status"),
    [
        (Command.DATA_SM, "source_addr", b"9" * 21, Status.ESME_RINVSRCADR),
        (Command.DATA_SM, "destination_addr", b"9" * 21, Status.ESME_RINVDSTADR),
        (Command.DATA_SM, "destination_addr", b"", Status.ESME_RINVDSTADR),
        (Command.SUBMIT_SM, "destination_addr", b"", Status.ESME_RINVDSTADR),
    ],
)
def test_an_address_that_no_message_or_receipt_could_go_to_is_refused(
    house: House, command: Command, field: str, octets: bytes, status: Status
) -> None:
    gateway = house.gateway()
    fields: dict[str, FieldValue] = {"destination_addr": b"998901234567", "registered_delivery": 1, field: octets}
    gateway.session.request(command, fields, 0.0)
    house.carry(gateway)
    assert gateway.responses() == [status]


def test_a_full_queue_takes_no_receipts() -> None:
    house = House(SmscSettings(waiting_max=1))
    gateway = house.gateway()
    house.send()
    gateway.submit(registered_delivery=1)
    house.wait(SETTINGS.receipt_delay_s)
    assert len(gateway.texts()) == 1


def test_the_journal_tells_all_in_order(house: House) -> None:
    gateway = house.gateway()
    house.send()
    gateway.answer(gateway.texts()[0])
    gateway.submit()
    gateway.vanish()
    assert house.kinds() == [Kind.SESSION, Kind.MO, Kind.ANSWER, Kind.MT, Kind.SESSION]
    assert {entry.number for entry in house.smsc.journal.since(1)} == {"998901234567", ""}


def test_it_says_when_it_has_something_to_do(house: House) -> None:
    gateway = house.gateway()
    gateway.submit(registered_delivery=1)
    assert house.smsc.next_due_s() == SETTINGS.receipt_delay_s


def test_a_request_may_be_answered_with_nonsense(house: House) -> None:
    """What is said instead of the response stands in its place; the text counts as taken."""
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(say=(Utterance.UNKNOWN_COMMAND, Utterance.RESPONSE, Utterance.RESPONSE)))
    gateway.submit()
    assert gateway.responses() == [Status.ESME_ROK]
    faults = gateway.session.faults
    assert (faults[Broken.UNKNOWN_COMMAND], faults[Broken.UNKNOWN_RESPONSE]) == (1, 1)
    assert (gateway.line.session.unanswered, house.kinds().count(Kind.MT)) == (0, 1)


def test_a_refusal_may_be_a_nack(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(say=(Utterance.GENERIC_NACK,), status=Status.ESME_RTHROTTLED))
    gateway.submit()
    assert gateway.responses() == [Status.ESME_RTHROTTLED]
    assert (gateway.line.session.unanswered, house.kinds().count(Kind.MT)) == (0, 0)


def test_what_is_said_keeps_its_place_among_what_the_session_says(house: House) -> None:
    """A text before the bind_resp, and one after it."""
    say = (Utterance.DELIVER_SM, Utterance.RESPONSE, Utterance.DELIVER_SM)
    house.smsc.faults.put("bind_transceiver", Fault(say=say))
    gateway = house.gateway()
    assert [type(event).__name__ for event in gateway.events] == ["ProtocolFault", "Bound", "RequestReceived"]
    assert house.smsc.lines.receiving("one")


def test_a_dead_line_neither_hears_nor_speaks_nor_is_sent_to(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(mute_after=True))
    gateway.submit()
    assert gateway.responses() == [Status.ESME_ROK], "what was said before is heard"
    gateway.submit()
    house.send()
    house.wait(1000.0)
    assert (gateway.responses(), gateway.texts()) == ([Status.ESME_ROK], [])
    gateway.vanish()
    other = house.gateway()
    assert len(other.texts()) == 1, "what waited goes to the next line"


def test_a_connection_may_begin_badly(house: House) -> None:
    """Something is said before the bind; and the next one is dead from the beginning."""
    house.smsc.faults.put("connection", Fault(say=(Utterance.OUTBIND,)))
    house.smsc.faults.put("connection", Fault(mute_after=True))
    first, second = house.gateway(), house.gateway()
    assert [type(event).__name__ for event in first.events] == ["NotificationReceived", "Bound"]
    assert second.events == []


def test_octets_may_be_slowed_down(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("submit_sm", Fault(octet_every_s=0.5))
    gateway.submit()
    gateway.submit()
    assert gateway.line.octet_every_s == 0.5


@pytest.mark.parametrize(
    ("fault", "text", "tlvs"),
    [
        (Fault(), b"id:00000001 ", True),
        (Fault(form=Form.TEXT), b"id:00000001 ", False),
        (Fault(form=Form.TLVS), b"", True),
        (Fault(id=IdForm.DECIMAL), b"id:1 ", True),
        (Fault(id=IdForm.HEX), b"id:1 ", True),
    ],
)
def test_receipts_come_in_other_forms(house: House, fault: Fault, text: bytes, tlvs: bool) -> None:  # noqa: FBT001 -- a column
    gateway = house.gateway()
    house.smsc.faults.put("receipt", fault)
    gateway.submit(registered_delivery=1)
    house.wait(SETTINGS.receipt_delay_s)
    (pdu,) = gateway.texts()
    assert pdu.octets("short_message").startswith(text)
    assert bool(pdu.octets("short_message")) is bool(text)
    assert bool(pdu.tlvs) is tlvs


def test_a_receipt_may_repeat_and_overtake_the_response(house: House) -> None:
    gateway = house.gateway()
    house.smsc.faults.put("receipt", Fault(early=True, copies=2))
    gateway.submit(registered_delivery=1)
    events = [type(event).__name__ for event in gateway.events]
    assert events == ["Bound", "RequestReceived", "RequestReceived", "ResponseReceived"]
    house.wait(SETTINGS.receipt_delay_s)
    assert len(gateway.texts()) == 2


def test_ids_may_be_decimal() -> None:
    house = House(SmscSettings(decimal_ids=True))
    gateway = house.gateway()
    for _ in range(10):
        gateway.submit()
    ids = [event.pdu.octets("message_id") for event in gateway.events if isinstance(event, ResponseReceived)]
    assert (ids[0], ids[9]) == (b"1", b"10")
