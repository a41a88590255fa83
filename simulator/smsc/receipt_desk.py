"""Where receipts are planned and sent: by the fate of a message, by a fault, or by hand.

Rule 1: a fault of the subject `receipt` goes before a message's own fate; by hand goes always, asked for or not.
Rule 2: a state that is final ends the message when its receipt goes, or at once where nobody asked for one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulator.faults.fault import HEALTHY, RECEIPT, Fault, Form, IdForm
from simulator.smsc.agenda import Agenda
from simulator.smsc.deliveries import Delivery, DeliveryQueue, Outcome
from simulator.smsc.fates import Fates, FateSettings
from simulator.smsc.journal import Item, Journal, Kind, ReceiptSent
from simulator.smsc.lines import Line
from simulator.smsc.messages import Message
from simulator.smsc.receipts import Receipt, is_wanted
from smsgw.smpp.constants import MessageState
from smsgw.smpp.pdu import Pdu

INTERMEDIATE_ASKED: Final = 0x10
"""The bit of registered_delivery that asks for intermediate notification (SMPP 3.4, 5.2.17)."""

ID_FORMATS: Final = {IdForm.HEX: "X", IdForm.DECIMAL: "d"}

NOT_FINAL: Final = frozenset({MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Around:
    """What an operator's parts share. `note` writes into the journal; `spread` sends what waits, as far as it may."""

    queue: DeliveryQueue
    agenda: Agenda[Callable[[float], None]]
    journal: Journal
    note: Callable[[float, Kind, str, Item], None]
    unix_s: Callable[[float], float]
    fault_of: Callable[[str, Line, Pdu, float], Fault]
    spread: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class ReceiptOrder:
    """Which receipt to send: `copies` of it, in which `form`, with which form of the `id`."""

    state: MessageState = MessageState.DELIVERED
    copies: int = 1
    form: Form = Form.BOTH
    id: IdForm = IdForm.SAME


class ReceiptDesk:
    """Plans receipts and sends them. `fates` may be changed at any time: messages to come draw from the new ones."""

    def __init__(self, settings: FateSettings, around: Around) -> None:
        self.fates = Fates(settings)
        self._around = around

    def decide_by(self, settings: FateSettings) -> None:
        """Draw the fates of messages to come by *settings*, from the beginning of their seed."""
        self.fates = Fates(settings)

    def plan(self, message: Message, now_s: float) -> None:
        """A message is with its subscriber: tell what became of it, when it is time."""
        if self.fates.settings.manual:
            return
        asked = message.submit.integer("registered_delivery")
        fault = self._around.fault_of(RECEIPT, message.line, message.submit, now_s) if asked else HEALTHY
        state = message.fate.state if fault is HEALTHY else fault.state
        delay_s = message.fate.delay_s + fault.delay_s
        if asked & INTERMEDIATE_ASKED:
            self._plan_intermediate(message, now_s, delay_s)
        if state is None or fault.no_response or not is_wanted(asked, state):
            message.end(state or MessageState.DELIVERED, now_s)
            return
        order = ReceiptOrder(state, fault.copies, fault.form, fault.id)
        if fault.early:
            self.send(message, order, now_s)
            self._around.spread(now_s)
        else:
            self._around.agenda.put(now_s + delay_s, partial(self.send, message, order))

    def send(self, message: Message, order: ReceiptOrder, now_s: float) -> None:
        """Send a receipt."""
        if order.state not in NOT_FINAL:
            message.end(order.state, now_s)
        self._put(message, self._receipt(message, order), order.copies, now_s)

    def end(self, message: Message, state: MessageState, now_s: float) -> None:
        """A message has ended before it was delivered; its receipt, if one is wanted, goes at once."""
        message.end(state, now_s)
        if is_wanted(message.submit.integer("registered_delivery"), state) and not self.fates.settings.manual:
            self.send(message, ReceiptOrder(state), now_s)

    def _plan_intermediate(self, message: Message, now_s: float, delay_s: float) -> None:
        states = self.fates.settings.intermediate
        for place, state in enumerate(states, start=1):
            due_s = now_s + delay_s * place / (len(states) + 1)
            self._around.agenda.put(due_s, partial(self._send_intermediate, message, state))

    def _send_intermediate(self, message: Message, state: MessageState, now_s: float) -> None:
        receipt = self._receipt(message, ReceiptOrder(state))
        self._put(message, receipt._replace(intermediate=True), 1, now_s)

    def _receipt(self, message: Message, order: ReceiptOrder) -> Receipt:
        written_id = message.id if order.id is IdForm.SAME else f"{message.number:{ID_FORMATS[order.id]}}"
        taken_at_s = self._around.unix_s(message.taken_at_s)
        submit, state = message.submit, order.state
        return Receipt(written_id, message.system_id, submit, taken_at_s, state, _ignore, order.form)

    def _put(self, message: Message, receipt: Receipt, copies: int, now_s: float) -> None:
        around = self._around
        for _ in range(copies):
            if not around.queue.has_room_for_receipt(receipt.system_id):
                return  # a real SMSC loses receipts too before it loses texts
            message.told(receipt.state)
            sent = ReceiptSent(receipt.message_id, receipt.state)
            around.note(now_s, Kind.RECEIPT, receipt.to.removeprefix("+"), sent)
            around.queue.put(receipt.delivery(around.unix_s(now_s)))


def _ignore(_delivery: Delivery, _outcome: Outcome, _status: int | None) -> None:
    """A receipt is delivered until it is acked; nobody waits for the news."""
