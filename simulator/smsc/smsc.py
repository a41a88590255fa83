"""The SMSC without sockets: octets of the gateways in, octets to them out, time as an argument.

Rule 1: the owner calls `run` after anything happened and at `next_due_s`, then writes what each line has to send.
Rule 2: all times are monotonic seconds; `epoch_s` makes Unix time of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from simulator.faults.fault import RECEIPT, Fault, IdForm
from simulator.faults.playing import Playing
from simulator.faults.scenario import Scenario
from simulator.settings import SmscSettings
from simulator.smsc.agenda import Agenda
from simulator.smsc.deliveries import Delivery, DeliveryQueue, Outcome
from simulator.smsc.journal import Answer, Item, Kind, ReceiptSent, SessionChange
from simulator.smsc.lines import Line, Lines
from simulator.smsc.memory import Memory
from simulator.smsc.misconduct import break_off, say
from simulator.smsc.mo import NUMBER_MAX, Mo, Text
from simulator.smsc.mt import MtReader
from simulator.smsc.pdus import Way, Where
from simulator.smsc.receipts import Receipt
from simulator.smsc.troubles import Troubles
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
from smsgw.smpp.states import BINDS, State
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
        self._session_settings = settings.session
        self._reader = MtReader(settings.alphabet)
        self._later: Agenda[Callable[[float], None]] = Agenda()
        self._troubles = Troubles(settings.alphabet, self._later, lambda: self._now_s)
        self.faults = self._troubles.faults
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
        self._troubles.connected(line, now_s)
        return line

    @property
    def playing(self) -> Playing:
        """The scenario, and how far it is."""
        return self._troubles.playing

    def play(self, scenario: Scenario, seed: int, now_s: float) -> None:
        """Begin a scenario, in place of the one that was played."""
        self._troubles.playing = Playing(scenario, seed, now_s)

    def receive(self, line: Line, data: bytes, now_s: float) -> None:
        """Octets have come."""
        self._now_s = now_s
        if line.tap is not None:
            line.tap.note(Way.IN, data)
        if not line.muted and not line.cut:
            self._take(line, line.session.receive_data(data, now_s), now_s)

    def tick(self, line: Line, now_s: float) -> None:
        """The time has come that the line's session named. A dead line's texts run out of time, and go elsewhere."""
        self._take(line, line.session.tick(now_s), now_s)

    def lost(self, line: Line, now_s: float) -> None:
        """The connection is gone, whoever closed it."""
        self._take(line, line.session.connection_lost(), now_s)
        if line in self.lines:
            self._gone(line)

    def run(self, now_s: float) -> None:
        """Do what is due, and fill the windows."""
        self._now_s = now_s
        for action in self._later.take(now_s):
            action(now_s)
        self._troubles.ring(self.lines, now_s)
        self.queue.wake(now_s)
        self._spread(now_s)

    def _spread(self, now_s: float) -> None:
        for system_id, waiting in self.queue.waiting().items():
            if waiting:
                self.lines.spread(waiting, system_id, now_s)

    def next_due_s(self) -> float:
        """When to call `run`, if nothing happens before."""
        return min(self._later.next_due_s(), self.queue.next_due_s(), self.playing.clock_due_s())

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
                case Closed(reason) if not line.muted:  # a dead line stays until the gateway hangs up
                    self._gone(line, None if line.cut else reason)
                case _:
                    pass  # bookkeeping of the session: it counts these itself
        while line.at_unbind and line.session.state is State.UNBINDING:
            line.at_unbind.pop(0)(now_s)

    def _gone(self, line: Line, reason: CloseReason | None = None) -> None:
        self.lines.closed(line)
        self.playing.gone(line.id)
        self._note_session(line, reason)

    def _serve(self, line: Line, pdu: Pdu, now_s: float) -> None:
        fault = self._troubles.of(command_name(pdu.command_id), line, pdu, now_s)
        reply = _Reply(fault.status) if fault.status else self._reply(line, pdu, now_s)
        if fault.congestion is not None:
            reply = reply._replace(tlvs=(*reply.tlvs, (Tag.CONGESTION_STATE, bytes([fault.congestion]))))
        if fault.until_unbind:
            line.at_unbind.append(partial(self._answer, line, pdu, reply, fault))
        elif fault.delay_s:
            self._later.put(now_s + fault.delay_s, partial(self._answer, line, pdu, reply, fault))
        else:
            self._answer(line, pdu, reply, fault, now_s)

    def _reply(self, line: Line, pdu: Pdu, now_s: float) -> _Reply:
        if pdu.command_id in CARRIERS:
            return self._accept(line, pdu, now_s)
        return self._bind(line, pdu) if pdu.command_id in BINDS else _Reply(Status.ESME_RINVCMDID)

    def _answer(self, line: Line, pdu: Pdu, reply: _Reply, fault: Fault, now_s: float) -> None:
        self._now_s = now_s
        response = Pdu(pdu.command_id | RESPONSE_BIT, reply.status, pdu.sequence, reply.fields or {}, reply.tlvs)
        if not say(line, response, fault):
            line.session.forget(pdu.sequence)
        if pdu.command_id in BINDS and line.session.is_bound:
            self.lines.bound(line)
            self._note_session(line)
        break_off(line, fault, self._later, now_s)

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
        fault = self._troubles.of(RECEIPT, line, pdu, now_s)
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
