"""Texts out of the PDUs of a capture: long ones joined, answers and replies tied to them, repeats known as such.

Rule 1: deliver_sm that is no receipt is a subscriber's text; submit_sm is a text of the gateway. data_sm is either,
by who of the two has bound.
Rule 2: a text that comes again after a refusal was delivered again by the SMSC: it was sent once. So was one that comes
again without an answer, unless it comes so soon and on the same connection that a person must have sent it twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from simulator.smsc.mo import MoState, Text
from simulator.smsc.mt import Mt, MtReader
from simulator.tapes.capture import CapturedPdu, EndPoint
from simulator.tapes.masking import masked
from simulator.tapes.tape import Answered, Event, Replied, Sent, Taped, gathered
from smsgw.smpp.codec import decode
from smsgw.smpp.constants import Command, EsmClass, Status, Ton
from smsgw.smpp.pdu import BadPdu, Pdu
from smsgw.smpp.reassembly import Broken, concatenation
from smsgw.smpp.receipts import is_receipt
from smsgw.smpp.segments import IE_CONCATENATED_16_BIT, Method
from smsgw.smpp.states import BINDS
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tag

_DELIVERIES: Final = frozenset({Command.DELIVER_SM.value, Command.DATA_SM.value})
_DELIVERY_RESPONSES: Final = frozenset({Command.DELIVER_SM_RESP.value, Command.DATA_SM_RESP.value})
_SUBMISSIONS: Final = frozenset({Command.SUBMIT_SM.value, Command.DATA_SM.value})


AGAIN_S: Final = 5.0
"""No SMSC is so impatient; a person is."""


class CapturedTexts(NamedTuple):
    """The texts of a capture, and what was left out of it, in words."""

    texts: list[Taped]
    notes: list[str]


@dataclass(slots=True)
class _Part:
    """A deliver_sm that was sent, perhaps more than once: where and when last, and the latest answer to it."""

    ends: tuple[EndPoint, EndPoint]
    sent_s: float
    status: int | None = None
    answered_s: float = 0.0


@dataclass(slots=True)
class _Reader:
    texts: MtReader
    replies: MtReader
    hears_answers: bool
    events: list[Event] = field(default_factory=list)
    gateways: set[EndPoint] = field(default_factory=set)
    parts: list[_Part] = field(default_factory=list)
    by_content: dict[object, int] = field(default_factory=dict)
    in_flight: dict[object, int] = field(default_factory=dict)
    composed: dict[int, tuple[int, ...]] = field(default_factory=dict)
    unplayable: list[str] = field(default_factory=list)

    def take(self, seen: CapturedPdu, pdu: Pdu) -> None:
        """Learn what one PDU says."""
        if pdu.command_id in BINDS:
            self.gateways.add(seen.source)
        elif pdu.command_id in _DELIVERY_RESPONSES:
            self._answer(seen, pdu)
        elif pdu.command_id in _DELIVERIES and self._comes_from_smsc(seen, pdu):
            if not is_receipt(pdu.integer("esm_class")):
                self._deliver(seen, pdu)
        elif pdu.command_id in _SUBMISSIONS:
            reply = self.replies.read(pdu, "", "", seen.at_s)
            if reply is not None:
                self.events.append(Replied(seen.at_s, reply.to.removeprefix("+"), reply.text))

    def _comes_from_smsc(self, seen: CapturedPdu, pdu: Pdu) -> bool:
        return pdu.command_id == Command.DELIVER_SM or seen.target in self.gateways

    def _deliver(self, seen: CapturedPdu, pdu: Pdu) -> None:
        content = tuple(pdu.fields.items()), pdu.tlvs
        ends = seen.source, seen.target
        number = self.by_content.get(content)
        is_new = number is None or not self._is_again(self.parts[number], seen)
        if number is None or is_new:
            number = self.by_content[content] = len(self.parts)
            self.parts.append(_Part(ends, seen.at_s))
        self.parts[number].ends, self.parts[number].sent_s = ends, seen.at_s
        self.in_flight[*ends, pdu.sequence] = number
        if is_new:
            self._read(seen, pdu, number)

    def _is_again(self, part: _Part, seen: CapturedPdu) -> bool:
        if part.status is not None:
            return part.status != Status.ESME_ROK
        same_line = part.ends == (seen.source, seen.target)
        return self.hears_answers and (not same_line or seen.at_s - part.sent_s >= AGAIN_S)

    def _read(self, seen: CapturedPdu, pdu: Pdu, number: int) -> None:
        short_message = pdu.fields.get("short_message", b"")
        assert isinstance(short_message, bytes)
        carried = concatenation(pdu.integer("esm_class"), short_message, pdu.tlvs)
        if isinstance(carried, Broken):
            self.unplayable.append(f"packet {seen.packet}: no text: {carried.reason}")
            return
        text = self.texts.read(pdu, "", str(number), seen.at_s)
        if text is not None:
            self._note(seen, pdu, text)

    def _note(self, seen: CapturedPdu, pdu: Pdu, text: Mt) -> None:
        where = f"packet {seen.packet}"
        numbers = tuple(int(number) for number in text.message_ids)
        try:
            sender = _international(text.sender, pdu.integer("source_addr_ton"))
            words = Text(sender, text.to, text.text, _method(pdu))
        except ValueError as error:
            self.unplayable.append(f"{where}: {error}")
            return
        self.events.append(Sent(seen.at_s, numbers[-1], words, where))
        self.composed[numbers[-1]] = numbers

    def _answer(self, seen: CapturedPdu, pdu: Pdu) -> None:
        number = self.in_flight.pop((seen.target, seen.source, pdu.sequence), None)
        if number is not None:
            part = self.parts[number]
            part.status, part.answered_s = pdu.status, seen.at_s

    def answers(self) -> Iterable[Answered]:
        """What became of each text in the end."""
        for last, numbers in self.composed.items():
            parts = [self.parts[number] for number in numbers]
            refusals = [part.status for part in parts if part.status]
            at_s = max(part.answered_s for part in parts)
            if refusals:
                yield Answered(at_s, last, MoState.REFUSED, refusals[-1])
            elif all(part.status == 0 for part in parts):
                yield Answered(at_s, last, MoState.ACKED, 0)


def texts(captured: Iterable[CapturedPdu], alphabet: Alphabet) -> CapturedTexts:
    """Read the texts of a capture whose SMSC means *alphabet* by data_coding 0."""
    captured = list(captured)
    hears_answers = any(_command(seen) in _DELIVERY_RESPONSES for seen in captured)
    reader = _Reader(MtReader(alphabet), MtReader(alphabet), hears_answers)
    for seen in captured:
        pdu = decode(seen.octets)
        if not isinstance(pdu, BadPdu):
            reader.take(seen, pdu)
    tells_replies = any(isinstance(event, Replied) for event in reader.events)
    events = [*_marked(reader.events), *reader.answers()]
    notes = [f"left out, {reason}" for reason in reader.unplayable]
    return CapturedTexts(gathered(events, tells_replies=tells_replies), notes)


def _marked(events: list[Event]) -> list[Event]:
    """The events, with texts marked as masked if all of them look so: a capture has no place to say it."""
    sent = [event.text.text for event in events if isinstance(event, Sent)]
    replied = [event.text for event in events if isinstance(event, Replied)]
    if any(masked(text) != text for text in sent + replied):
        return events
    return [event._replace(masked=True) if isinstance(event, Sent) else event for event in events]


def _command(seen: CapturedPdu) -> int:
    return int.from_bytes(seen.octets[4:8])


def _method(part: Pdu) -> Method:
    """How the long text of which this is a part, or all, was cut."""
    if part.tlv(Tag.MESSAGE_PAYLOAD) is not None:
        return Method.PAYLOAD
    if part.tlv(Tag.SAR_MSG_REF_NUM) is not None:
        return Method.SAR
    has_header = part.integer("esm_class") & EsmClass.UDHI.value
    is_long_reference = has_header and part.message_octets()[1:2] == bytes([IE_CONCATENATED_16_BIT])
    return Method.UDH16 if is_long_reference else Method.UDH8


def _international(number: str, type_of_number: int) -> str:
    plus = "+" if type_of_number == Ton.INTERNATIONAL and not number.startswith("+") else ""
    return plus + number
