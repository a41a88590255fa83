"""The SMSC without sockets: octets of the gateways in, octets to them out, time as an argument.

Rule 1: the owner calls `run` after anything happened and at `next_due_s`, then writes what each line has to send.
Rule 2: all times are monotonic seconds; `epoch_s` makes Unix time of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.faults.fault import HEALTHY, Fault
from simulator.faults.playing import Playing
from simulator.faults.scenario import Scenario
from simulator.settings import SmscSettings
from simulator.smsc.accounts import judge_bind
from simulator.smsc.agenda import Agenda
from simulator.smsc.centre import MessageCentre
from simulator.smsc.deliveries import DeliveryQueue
from simulator.smsc.journal import Answer, Item, Kind, SessionChange
from simulator.smsc.lines import Line, Lines
from simulator.smsc.memory import Memory
from simulator.smsc.messages import Message
from simulator.smsc.misconduct import break_off, say
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from simulator.smsc.pdus import Way, Where
from simulator.smsc.receipt_desk import Around, ReceiptOrder
from simulator.smsc.reply import Reply
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


class QueueFullError(Exception):
    """Too many texts wait for a gateway."""


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
        self._later: Agenda[Callable[[float], None]] = Agenda()
        self._troubles = Troubles(settings.alphabet, self._later, lambda: self._now_s)
        self.faults = self._troubles.faults
        self._epoch_s = epoch_s
        self._now_s = 0.0
        self.centre = MessageCentre(settings, name, self._around())

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

    def outbind(self, line: Line, system_id: str, password: str, now_s: float) -> None:
        """Ask a gateway that we have connected to for its bind (SMPP 3.4, 4.1.7)."""
        fields: dict[str, FieldValue] = {"system_id": system_id.encode("ascii"), "password": password.encode("ascii")}
        line.session.request(Command.OUTBIND, fields, now_s)

    def receive(self, line: Line, data: bytes, now_s: float) -> None:
        """Octets have come."""
        self._now_s = now_s
        if line.tap is not None:
            line.tap.note(Way.IN, data)
        if not line.muted and not line.cut:
            self._take(line, line.session.receive_data(data, now_s), now_s)

    def wrote(self, line: Line, data: bytes, now_s: float) -> None:
        """Octets have left: a PDU is seen when its last one has."""
        self._now_s = now_s
        if line.tap is not None:
            line.tap.note(Way.OUT, data)

    def tick(self, line: Line, now_s: float) -> None:
        """The time has come that the line's session named. A dead line's texts run out of time, and go elsewhere."""
        if not line.half_open:  # it would miss answers that it gets no questions to
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
        for system_id, waiting in list(self.queue.waiting().items()):
            if waiting:
                self.lines.spread(waiting, system_id, now_s)
            while waiting and self.lines.all_too_old(waiting[0], system_id):
                self.queue.give_up(waiting.popleft())
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
        for place, delivery in enumerate(deliveries):
            delivery.give_up_at_s = now_s + self.settings.ttl_s
            if place and text.gap_s:
                self.queue.put_later(delivery, now_s + place * text.gap_s)
            else:
                self.queue.put(delivery)
        return mo

    def receipt(self, mt: Mt, order: ReceiptOrder, now_s: float) -> list[Message]:
        """Send a receipt by hand for each message of a text; returns them, none where they are forgotten.

        Raises QueueFullError.
        """
        if self.queue.is_full:
            raise QueueFullError
        self._now_s = now_s
        messages = self.centre.of(mt)
        for message in messages:
            self.centre.receipts.send(message, order, now_s)
        return messages

    def unix_s(self, now_s: float) -> float:
        """Make Unix time of monotonic time."""
        return self._epoch_s + now_s

    def _note(self, now_s: float, kind: Kind, number: str, item: Item) -> None:
        self.journal.add(self._epoch_s + now_s, kind, number, item, self.name)

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
                case ResponseReceived():
                    self.queue.answered(line.take(event.request.sequence), event.pdu.status, now_s)
                case RequestReceived() | BindRequested():
                    self._serve(line, event.pdu, now_s)
                case RequestExpired(request):
                    self.queue.expired(line.take(request.sequence), now_s)
                case Unanswered(requests):
                    self.queue.lost([line.take(request.sequence) for request in requests])
                case Closed(reason) if not (line.muted or line.half_open):  # it stays until the gateway hangs up
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
        reply = Reply(fault.status) if fault.status else self._reply(line, pdu, now_s)
        if fault.congestion is not None:
            reply = reply._replace(tlvs=(*reply.tlvs, (Tag.CONGESTION_STATE, bytes([fault.congestion]))))
        if fault.until_unbind:
            line.at_unbind.append(partial(self._answer, line, pdu, reply, fault))
        elif fault.delay_s:
            self._later.put(now_s + fault.delay_s, partial(self._answer, line, pdu, reply, fault))
        else:
            self._answer(line, pdu, reply, fault, now_s)

    def _reply(self, line: Line, pdu: Pdu, now_s: float) -> Reply:
        return self._bind(line, pdu) if pdu.command_id in BINDS else self.centre.answer(line, pdu, now_s)

    def _answer(self, line: Line, pdu: Pdu, reply: Reply, fault: Fault, now_s: float) -> None:
        self._now_s = now_s
        if fault is HEALTHY:
            line.session.respond(pdu.sequence, reply.status, reply.fields, reply.tlvs)
        else:
            self._misbehave(line, pdu, reply, fault)
        if pdu.command_id in BINDS and line.session.is_bound:
            self.lines.bound(line)
            self._note_session(line)
        if fault is not HEALTHY:
            break_off(line, fault, self._later, now_s)

    def _misbehave(self, line: Line, pdu: Pdu, reply: Reply, fault: Fault) -> None:
        response = Pdu(pdu.command_id | RESPONSE_BIT, reply.status, pdu.sequence, reply.fields or {}, reply.tlvs)
        if not say(line, response, fault):
            line.session.forget(pdu.sequence)
            line.abandon(pdu.sequence)

    def _bind(self, line: Line, pdu: Pdu) -> Reply:
        line.system_id = pdu.octets("system_id").decode("latin-1")
        status = judge_bind(self.settings, pdu, self.lines.bound_count)
        if status:
            return Reply(status)
        ours = self.settings.system_id.encode("latin-1")
        version = line.our_version = self.settings.interface_version
        announced: Tlvs = ((int(Tag.SC_INTERFACE_VERSION), bytes([version])),) if version else ()
        return Reply(Status.ESME_ROK, {"system_id": ours}, announced)

    def _around(self) -> Around:
        return Around(
            queue=self.queue,
            agenda=self._later,
            journal=self.journal,
            note=self._note,
            unix_s=self.unix_s,
            fault_of=self._troubles.of,
            spread=self._spread,
        )
