"""Texts of subscribers to the gateway (mobile originated): as people say them, and as deliver_sm."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from simulator.smsc.deliveries import ANY_GATEWAY, Delivery, Outcome
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command, EsmClass, Npi, Status, Ton
from smsgw.smpp.layouts import SHORT_MESSAGE_OCTETS_MAX
from smsgw.smpp.pdu import FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.segments import IE_CONCATENATED_8_BIT, IE_CONCATENATED_16_BIT, Method, Segment, split
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tag, Tlvs

NUMBER_MAX: Final = 20
"""Characters of an address (SMPP 3.4, 5.2.8)."""

# Possessive: a plus alone is no number.
_NUMBER: Final = re.compile(rf"\+?+[ -~]{{1,{NUMBER_MAX}}}")

INTERNATIONAL_DIGITS_MIN: Final = 8
"""Shorter numbers are short codes: they have no country code to be international with."""

ADDRESSES_MAX: Final = 4_096
"""Numbers of which it is remembered how they are written: short codes, and who texts twice in a dialogue. 1 MB."""

TEXT_MAX: Final = 65_535
"""No message_payload holds more (SMPP 3.4, 3.2.4.1)."""


PARTS_MAX: Final = 255
"""Parts of one text that are sent: as many as it can have."""

GAP_S_MAX: Final = 3_600.0
"""Between two parts: longer than any gateway waits for one."""

OCTETS_MAX: Final = {Method.UDH8: 134, Method.UDH16: 133, Method.SAR: 133}
"""Of a part that is given as octets: 140 without the header (3GPP 23.040, 9.2.3.24.1)."""

OCTET_FIELDS: Final = frozenset(
    {
        "esm_class",
        "protocol_id",
        "priority_flag",
        "source_addr_ton",
        "source_addr_npi",
        "dest_addr_ton",
        "dest_addr_npi",
    }
)
"""Fields of a deliver_sm that a text may set otherwise than it would be told by its contents."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to send. `alphabet` None = the SMSC's; `data_coding` None = the one that tells the truth.

    With `octets` they are what is sent, and `text` is only how people read them. `fields` (of OCTET_FIELDS) and `tlvs`
    go into each deliver_sm as they are. `parts` are the numbers of the parts to send, in that order, `gap_s` apart;
    empty = each once.

    It goes out at `operator`, or where that is empty at the subscriber's own, to any gateway or to `system_id` only.

    Raises:
        ValueError: the message names the field as the API does.
    """

    sender: str
    recipient: str
    text: str
    method: Method = Method.UDH8
    alphabet: Alphabet | None = None
    data_coding: int | None = None
    system_id: str = ANY_GATEWAY
    operator: str = ""
    octets: bytes | None = None
    fields: tuple[tuple[str, int], ...] = ()
    tlvs: Tlvs = ()
    parts: tuple[int, ...] = ()
    gap_s: float = 0.0

    def __post_init__(self) -> None:
        for name, number in (("from", self.sender), ("to", self.recipient)):
            if not _NUMBER.fullmatch(number):
                raise ValueError(f"{name}: 1 to {NUMBER_MAX} ASCII characters, such as +998901234567")
        if self.octets is None and not 1 <= len(self.text) <= TEXT_MAX:
            raise ValueError(f"text: 1 to {TEXT_MAX} characters")
        if not (self.text.isascii() or _is_unicode(self.text)):
            raise ValueError("text: half a surrogate pair is no character; leave it out, or send both halves")
        if self.octets is not None and len(self.octets) > TEXT_MAX:
            raise ValueError(f"hex: at most {TEXT_MAX} octets")
        if self.data_coding is not None or self.fields:
            for name, value in (("data_coding", self.data_coding or 0), *self.fields):
                if not 0 <= value <= 255:
                    raise ValueError(f"{name}: 0 to 255")
        if len(self.parts) > PARTS_MAX or not 0 <= self.gap_s <= GAP_S_MAX:
            raise ValueError(f"parts: at most {PARTS_MAX}; gap_s: 0 to {GAP_S_MAX:.0f}")

    def to_system(self, system_id: str) -> Text:
        """The same text, for the binds of *system_id* only."""
        return replace(self, system_id=system_id)


class MoState(StrEnum):
    """How far a text has come."""

    WAITING = "waiting"
    RETRYING = "retrying"
    ACKED = "acked"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


OVER: Final = frozenset({MoState.ACKED, MoState.REFUSED, MoState.GIVEN_UP})

_STATES: Final = {
    Outcome.RETRYING: MoState.RETRYING,
    Outcome.REFUSED: MoState.REFUSED,
    Outcome.GIVEN_UP: MoState.GIVEN_UP,
}


@dataclass(slots=True, eq=False)
class Mo:
    """A text on its way, in one or more segments: those `parts` of its `parts_total`, in the order of sending.

    `status` is the latest refusal of a segment, ESME_ROK (0) once all are acked, None before. `answers` counts the
    segments whose first attempt came to something, time-outs too; `attempts` the deliver_sm sent for the segment that
    needed most; `latency_s` is the time from sending to the latest answer.
    """

    id: int
    text: Text
    sent_at_s: float
    on_answer: Callable[[Mo], None]
    segments: int = 1
    parts: tuple[int, ...] = (1,)
    parts_total: int = 1
    state: MoState = MoState.WAITING
    status: int | None = None
    attempts: int = 0
    answers: int = 0
    latency_s: float | None = None
    _acked: int = field(default=0, repr=False)

    @property
    def number(self) -> str:
        """The subscriber's number without its plus."""
        return self.text.sender.removeprefix("+")

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in OVER

    @property
    def answered(self) -> bool:
        """Whether each segment was answered once, or all is over."""
        return self.over or self.answers >= self.segments

    def deliveries(self, alphabet: Alphabet) -> list[Delivery]:
        """Write the text as deliver_sm, for an SMSC that means *alphabet* by data_coding 0.

        Raises:
            ValueError: the text needs more segments than a message can have, lacks a part that is asked for, or cannot
                be written so.
        """
        text = self.text
        if text.octets is None:
            segments = split(text.text, text.alphabet or alphabet, text.method, self.id)
        else:
            segments = cut_octets(text.octets, text.method, self.id)
        self.parts_total = len(segments)
        self.parts = text.parts or tuple(range(1, len(segments) + 1))
        self.segments = len(self.parts)
        if not 1 <= min(self.parts) <= max(self.parts) <= self.parts_total:
            raise ValueError(f"parts: this text has the parts 1 to {self.parts_total}")
        head = {**address("source_addr", text.sender), **address("dest_addr", text.recipient)}
        return [self._delivery(head, segments[number - 1]) for number in self.parts]

    def _delivery(self, head: dict[str, FieldValue], segment: Segment) -> Delivery:
        text = self.text
        coding = segment.data_coding if text.data_coding is None else text.data_coding
        fields = head | {
            "esm_class": int(segment.esm_class),
            "data_coding": coding,
            "short_message": segment.short_message,
        }
        tlvs = segment.tlvs
        if text.fields or text.tlvs:
            fields, tlvs = fields | dict(text.fields), (*tlvs, *text.tlvs)
            _judge(fields, tlvs)
        return Delivery(text.system_id, fields, tlvs, self._take_answer)

    def _take_answer(self, delivery: Delivery, outcome: Outcome, status: int | None) -> None:
        self.answers += delivery.attempts == 1
        self.attempts = max(self.attempts, delivery.attempts)
        if outcome is Outcome.ACKED:
            self._acked += 1
            if self._acked == self.segments:
                self.state, self.status = MoState.ACKED, status
        elif not self.over:
            self.state = _STATES[outcome]
            self.status = self.status if status is None else status
        self.on_answer(self)


def _is_unicode(text: str) -> bool:
    """Whether any file or request could carry *text*."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cut_octets(octets: bytes, method: Method, reference: int) -> tuple[Segment, ...]:
    """Make segments of octets, whatever they mean: one as they are, or where that is too long as *method* says.

    Raises:
        ValueError: they need more parts than a message can have.
    """
    if len(octets) <= SHORT_MESSAGE_OCTETS_MAX:
        return (Segment(octets, EsmClass.DEFAULT, 0, ()),)
    if method is Method.PAYLOAD:
        return (Segment(b"", EsmClass.DEFAULT, 0, ((Tag.MESSAGE_PAYLOAD, octets),)),)
    size = OCTETS_MAX[method]
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    if len(pieces) > PARTS_MAX:
        raise ValueError(f"hex: {len(octets)} octets need {len(pieces)} parts; {PARTS_MAX} are the most")
    return tuple(_part(piece, method, (reference, len(pieces), number)) for number, piece in enumerate(pieces, 1))


def _part(octets: bytes, method: Method, place: tuple[int, int, int]) -> Segment:
    """One of several parts: *place* is the message's reference, how many there are, and which it is."""
    reference, total, number = place
    wide = (reference & 0xFFFF).to_bytes(2)
    if method is Method.SAR:
        values = (Tag.SAR_MSG_REF_NUM, wide), (Tag.SAR_TOTAL_SEGMENTS, bytes([total]))
        return Segment(octets, EsmClass.DEFAULT, 0, (*values, (Tag.SAR_SEGMENT_SEQNUM, bytes([number]))))
    narrow = bytes((5, IE_CONCATENATED_8_BIT, 3, reference & 0xFF, total, number))
    header = narrow if method is Method.UDH8 else bytes((6, IE_CONCATENATED_16_BIT, 4, *wide, total, number))
    return Segment(header + octets, EsmClass.UDHI, 0, ())


def _judge(fields: dict[str, FieldValue], tlvs: Tlvs) -> None:
    try:
        encode(Pdu(Command.DELIVER_SM, Status.ESME_ROK, 1, fields, tlvs))
    except LocalProtocolError as error:
        raise ValueError(f"this is no deliver_sm: {error}; POST /sessions/ID/raw sends what is none") from None


@lru_cache(maxsize=ADDRESSES_MAX)
def _address(number: str) -> tuple[int, int, bytes]:
    digits = number.removeprefix("+")
    ton, npi = Ton.UNKNOWN, Npi.ISDN
    if not digits.isdecimal():
        ton, npi = Ton.ALPHANUMERIC, Npi.UNKNOWN
    elif len(digits) >= INTERNATIONAL_DIGITS_MIN:
        ton = Ton.INTERNATIONAL
    return int(ton), int(npi), digits.encode("ascii")


def address(prefix: str, number: str) -> dict[str, FieldValue]:
    """Write a number as the three fields of an address; *prefix* is source_addr or dest_addr."""
    ton, npi, octets = _address(number)
    name = "source_addr" if prefix == "source_addr" else "destination_addr"
    return {f"{prefix}_ton": ton, f"{prefix}_npi": npi, name: octets}
