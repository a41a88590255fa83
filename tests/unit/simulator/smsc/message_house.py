"""A message centre without sockets, for tests: its queue, its journal, and a clock set by hand."""

from __future__ import annotations

from typing import Any

from simulator.faults.fault import FaultTable
from simulator.settings import SmscSettings
from simulator.smsc.agenda import Agenda
from simulator.smsc.centre import MessageCentre
from simulator.smsc.deliveries import DeliveryQueue
from simulator.smsc.journal import Journal
from simulator.smsc.lines import Line
from simulator.smsc.mt import Mt
from simulator.smsc.receipt_desk import Around
from simulator.smsc.reply import Reply
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command, MessageState, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.receipts import parse_receipt
from smsgw.smpp.session_settings import SessionSettings

EPOCH_S = 1_795_000_000.0
"""2026-11-18 11:06:40 UTC."""
SLOW = SmscSettings(delivery_s=5.0, receipt_delay_s=2.0)
TO_ANNA: dict[str, Any] = {"source_addr": b"1400", "destination_addr": b"998901234567"}


def line_of(system_id: str) -> Line:
    """A session of a gateway."""
    line = Line(1, "127.0.0.1:1", SessionSettings(), 0.0)
    line.system_id = system_id
    return line


class House:
    """A message centre, its queue, and a clock."""

    def __init__(self, settings: SmscSettings = SLOW) -> None:
        self.now_s = 0.0
        self.faults = FaultTable()
        self.queue = DeliveryQueue(settings)
        self.journal = Journal(1_000)
        self.agenda: Agenda[Any] = Agenda()
        around = Around(
            queue=self.queue,
            agenda=self.agenda,
            journal=self.journal,
            note=self.journal.add,
            unix_s=lambda now_s: EPOCH_S + now_s,
            fault_of=lambda subject, _line, _pdu, now_s: self.faults.take(subject, now_s),
            spread=lambda _: None,
        )
        self.centre = MessageCentre(settings, "operator", around)
        self._lines = {name: line_of(name) for name in ("one", "two")}

    def ask(self, command: Command, system_id: str = "one", tlvs: Any = (), **fields: Any) -> Reply:
        """Ask as it would stand on the wire, and prove that the answer can stand there."""
        pdu = decode(encode(Pdu(command, 0, 1, fields, tlvs)))
        assert isinstance(pdu, Pdu), pdu
        line = self._lines[system_id]
        reply = self.centre.answer(line, pdu, self.now_s)
        encode(Pdu(command | 0x8000_0000, reply.status, 1, reply.fields or {}, reply.tlvs))
        return reply

    def submit(self, **fields: Any) -> bytes:
        reply = self.ask(Command.SUBMIT_SM, **{**TO_ANNA, "short_message": b"PAID", **fields})
        assert reply.status == Status.ESME_ROK
        assert reply.fields is not None
        message_id = reply.fields["message_id"]
        assert isinstance(message_id, bytes)
        return message_id

    def query(self, message_id: bytes, source: bytes = b"1400") -> MessageState:
        reply = self.ask(Command.QUERY_SM, message_id=message_id, source_addr=source)
        assert reply.fields is not None
        state = reply.fields["message_state"]
        assert isinstance(state, int)
        return MessageState(state)

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        for action in self.agenda.take(self.now_s):
            action(self.now_s)

    @property
    def inbox(self) -> list[str]:
        return [entry.item.text for entry in self.journal.since(0) if isinstance(entry.item, Mt)]

    @property
    def receipts(self) -> list[tuple[MessageState, int]]:
        """The state and the esm_class of each receipt that went into the queue."""
        told = []
        for delivery in self.queue.waiting().get("one", ()):
            text, esm_class = delivery.fields["short_message"], delivery.fields["esm_class"]
            assert isinstance(text, bytes)
            assert isinstance(esm_class, int)
            receipt = parse_receipt(text.decode(), delivery.tlvs)
            assert receipt is not None
            told.append((receipt.state, esm_class))
        return told

    @property
    def states(self) -> list[MessageState]:
        return [state for state, _ in self.receipts]
