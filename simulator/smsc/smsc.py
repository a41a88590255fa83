"""The SMSC without sockets: octets of the gateways in, octets to them out, time as an argument.

Rule 1: the owner calls `run` after anything happened and at `next_due_s`, then writes what each line has to send.
Rule 2: all times are monotonic seconds; `epoch_s` makes Unix time of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from simulator.faults.fault import CONNECTION, HEALTHY, RECEIPT, Fault, FaultTable, IdForm
from simulator.faults.utterances import SEQUENCE, Utterance, utter
from simulator.settings import SmscSettings
from simulator.smsc.agenda import Agenda
from simulator.smsc.deliveries import Delivery, DeliveryQueue, Outcome
from simulator.smsc.journal import Answer, Item, Kind, ReceiptSent, SessionChange
from simulator.smsc.lines import Line, Lines
from simulator.smsc.memory import Memory
from simulator.smsc.mo import NUMBER_MAX, Mo, Text
from simulator.smsc.mt import MtReader
from simulator.smsc.pdus import Way, Where
from simulator.smsc.receipts import Receipt
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status, command_name
from smsgw.smpp.events import (
    BindRequested,
    Closed,
    CloseReason,
    Event,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Unanswered,
)
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.states import BINDS
from smsgw.smpp.tlv import Tag, Tlvs

CARRIERS: Final = frozenset({Command.SUBMIT_SM, Command.DATA_SM})
"""Requests that carry a text; the others of SMPP are not offered."""


class QueueFullError(Exception):
    """Too many texts wait for a gateway."""


class _Reply(NamedTuple):
    """What is to be answered to a request."""

    status: int
    fields: dict[str, FieldValue] | None = None
    tlvs: Tlvs = ()


class Smsc:
    """Sessions, the queue towards them, and the book of what passed."""

    def __init__(
        self, settings: SmscSettings, epoch_s: float, name: str = "operator", memory: Memory | None = None
    ) -> None:
        self.settings = settings
        self.name = name
        self.lines = Lines()
        self.queue = DeliveryQueue(settings)
        self._memory = memory or Memory()
        self.journal = self._memory.journal
        self.faults = FaultTable()
        self._session_settings = settings.session
        self._reader = MtReader(settings.alphabet)
        self._later: Agenda[Callable[[float], None]] = Agenda()
        self._epoch_s = epoch_s
        self._now_s = 0.0
        self._message_ids = settings.first_id - 1

    # The gateways' side.

    def connect(self, peer: str, now_s: float) -> Line:
        """A gateway has connected from *peer*."""
        self._now_s = now_s
        line = Line(self._memory.next_line_id(), peer, self._session_settings, now_s)
        line.tap = self._memory.tap(Where(self.name, line.id, peer), lambda: self.unix_s(self._now_s))
        self.lines.opened(line)
        fault = self.faults.take(CONNECTION, now_s)
        if fault is not HEALTHY:
            nothing_asked = Pdu(Command.ENQUIRE_LINK, Status.ESME_ROK, SEQUENCE, {})
            self._say(line, nothing_asked, _Reply(fault.status), fault)
            self._break(line, fault)
        return line

    def receive(self, line: Line, data: bytes, now_s: float) -> None:
        """Octets have come."""
        self._now_s = now_s
        if line.tap is not None:
            line.tap.note(Way.IN, data)
        if not line.muted and not line.cut:
            self._take(line, line.session.receive_data(data, now_s), now_s)

    def tick(self, line: Line, now_s: float) -> None:
        """The time has come that the line's session named."""
        if line.muted:
            return
        self._take(line, line.session.tick(now_s), now_s)

    def lost(self, line: Line, now_s: float) -> None:
        """The connection is gone, whoever closed it."""
        self._take(line, line.session.connection_lost(), now_s)

    def run(self, now_s: float) -> None:
        """Do what is due, and fill the windows."""
        self._now_s = now_s
        for action in self._later.take(now_s):
            action(now_s)
        self.queue.wake(now_s)
        self._spread(now_s)

    def _spread(self, now_s: float) -> None:
        for system_id, waiting in self.queue.waiting().items():
            if waiting:
                self.lines.spread(waiting, system_id, now_s)

    def next_due_s(self) -> float:
        """When to call `run`, if nothing happens before."""
        return min(self._later.next_due_s(), self.queue.next_due_s())

    # The subscribers' side.

    def send(self, text: Text, now_s: float) -> Mo:
        """Send a subscriber's text; it waits until a gateway takes it.

        Raises:
            QueueFullError: too many wait already.
            ValueError: the text is too long for its method.
        """
        if self.queue.is_full:
            raise QueueFullError
        self._now_s = now_s
        if not text.system_id and text.recipient in self.settings.routes:
            text = text.to_system(self.settings.routes[text.recipient])
        mo = Mo(self.journal.next_id, text, now_s, self._note_answer)
        deliveries = mo.deliveries(self.settings.alphabet)
        self._note(now_s, Kind.MO, mo.number, mo)
        for delivery in deliveries:
            self.queue.put(delivery)
        return mo

    def unix_s(self, now_s: float) -> float:
        """Make Unix time of monotonic time."""
        return self._epoch_s + now_s

    def _note(self, now_s: float, kind: Kind, number: str, item: Item) -> None:
        self.journal.add(self.unix_s(now_s), kind, number, item, self.name)

    def _note_answer(self, mo: Mo) -> None:
        mo.latency_s = self._now_s - mo.sent_at_s
        answer = Answer(mo.id, mo.state, mo.status, mo.attempts)
        self._note(self._now_s, Kind.ANSWER, mo.number, answer)

    def _note_session(self, line: Line, reason: CloseReason | None = None) -> None:
        change = SessionChange(line.id, line.system_id, line.session.state, reason)
        self._note(self._now_s, Kind.SESSION, "", change)

    # What the gateways say.

    def _take(self, line: Line, events: list[Event], now_s: float) -> None:
        self._now_s = now_s
        for event in events:
            match event:
                case ResponseReceived(pdu=pdu, request=request):
                    self.queue.answered(line.take(request.sequence), pdu.status, now_s)
                case RequestReceived(pdu) | BindRequested(pdu):
                    self._serve(line, pdu, now_s)
                case RequestExpired(request):
                    self.queue.expired(line.take(request.sequence), now_s)
                case Unanswered(requests):
                    self.queue.lost([line.take(request.sequence) for request in requests])
                case Closed(reason):
                    self.lines.closed(line)
                    self._note_session(line, None if line.cut or line.muted else reason)
                case _:
                    pass  # bookkeeping of the session: it counts these itself

    def _serve(self, line: Line, pdu: Pdu, now_s: float) -> None:
        fault = self.faults.take(command_name(pdu.command_id), now_s)
        reply = _Reply(fault.status) if fault.status else self._reply(line, pdu, now_s)
        if fault.delay_s:
            self._later.put(now_s + fault.delay_s, partial(self._answer, line, pdu, reply, fault))
        else:
            self._answer(line, pdu, reply, fault, now_s)

    def _reply(self, line: Line, pdu: Pdu, now_s: float) -> _Reply:
        if pdu.command_id in CARRIERS:
            return self._accept(line, pdu, now_s)
        return self._bind(line, pdu) if pdu.command_id in BINDS else _Reply(Status.ESME_RINVCMDID)

    def _answer(self, line: Line, pdu: Pdu, reply: _Reply, fault: Fault, now_s: float) -> None:
        self._now_s = now_s
        if fault.say:
            self._say(line, pdu, reply, fault)
        elif not fault.no_response:
            line.session.respond(pdu.sequence, reply.status, reply.fields, reply.tlvs)
        if fault.no_response or (fault.say and Utterance.RESPONSE not in fault.say):
            line.session.forget(pdu.sequence)
        if pdu.command_id in BINDS and line.session.is_bound:
            self.lines.bound(line)
            self._note_session(line)
        self._break(line, fault)

    def _say(self, line: Line, pdu: Pdu, reply: _Reply, fault: Fault) -> None:
        """Say what the fault lists; the first right response goes through the session, which is bound by it."""
        response = Pdu(pdu.command_id | RESPONSE_BIT, reply.status, pdu.sequence, reply.fields or {}, reply.tlvs)
        answered = False
        for what in fault.say:
            if what is Utterance.RESPONSE and not answered and pdu.sequence != SEQUENCE:
                line.session.respond(pdu.sequence, reply.status, reply.fields, reply.tlvs)
                answered = True
            else:
                line.say(utter(what, response))

    def _break(self, line: Line, fault: Fault) -> None:
        """Do to the connection what the fault says comes after the answer."""
        line.cut = line.cut or fault.disconnect_after
        line.octet_every_s = fault.octet_every_s or line.octet_every_s
        if fault.mute_after:
            line.mute()

    def _bind(self, line: Line, pdu: Pdu) -> _Reply:
        line.system_id = pdu.octets("system_id").decode("latin-1")
        credentials = self.settings.credentials
        if credentials and line.system_id not in credentials:
            return _Reply(Status.ESME_RINVSYSID)
        if credentials and pdu.octets("password").decode("latin-1") != credentials[line.system_id]:
            return _Reply(Status.ESME_RINVPASWD)
        ours = self.settings.system_id.encode("latin-1")
        version = self.settings.interface_version
        announced: Tlvs = ((int(Tag.SC_INTERFACE_VERSION), bytes([version])),) if version else ()
        return _Reply(Status.ESME_ROK, {"system_id": ours}, announced)

    def _accept(self, line: Line, pdu: Pdu, now_s: float) -> _Reply:
        # The addresses of a data_sm may be longer than those of the deliver_sm that a receipt would travel in.
        if len(pdu.octets("destination_addr")) > NUMBER_MAX:
            return _Reply(Status.ESME_RINVDSTADR)
        if len(pdu.octets("source_addr")) > NUMBER_MAX:
            return _Reply(Status.ESME_RINVSRCADR)
        self._message_ids += 1
        message_id = f"{self._message_ids}" if self.settings.decimal_ids else f"{self._message_ids:08X}"
        mt = self._reader.read(pdu, line.system_id, message_id)
        if mt is not None:
            mt = mt._replace(id=self.journal.next_id, at_s=self.unix_s(now_s), operator=self.name)
            self._note(now_s, Kind.MT, mt.to.removeprefix("+"), mt)
        if pdu.fields["registered_delivery"]:
            self._plan_receipt(line, pdu, message_id, now_s)
        return _Reply(Status.ESME_ROK, {"message_id": message_id.encode("ascii")})

    def _plan_receipt(self, line: Line, pdu: Pdu, message_id: str, now_s: float) -> None:
        fault = self.faults.take(RECEIPT, now_s)
        receipted_id = {IdForm.HEX: f"{self._message_ids:X}", IdForm.DECIMAL: f"{self._message_ids}"}
        written_id = receipted_id.get(fault.id, message_id)
        receipt = Receipt(written_id, line.system_id, pdu, self.unix_s(now_s), fault.state, _ignore, fault.form)
        if not receipt.wanted or fault.no_response:
            return
        if fault.early:
            self._send_receipt(receipt, fault.copies, now_s)
            self._spread(now_s)
        else:
            due_s = now_s + self.settings.receipt_delay_s + fault.delay_s
            self._later.put(due_s, partial(self._send_receipt, receipt, fault.copies))

    def _send_receipt(self, receipt: Receipt, copies: int, now_s: float) -> None:
        for _ in range(copies):
            if self.queue.is_full:
                return  # a real SMSC loses receipts too before it loses texts
            sent = ReceiptSent(receipt.message_id, receipt.state)
            self._note(now_s, Kind.RECEIPT, receipt.to.removeprefix("+"), sent)
            self.queue.put(receipt.delivery(self.unix_s(now_s)))


def _ignore(_delivery: Delivery, _outcome: Outcome, _status: int | None) -> None:
    """A receipt is delivered until it is acked; nobody waits for the news."""
