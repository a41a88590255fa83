"""Texts of subscribers to the gateway (mobile originated): as people say them, and as deliver_sm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from simulator.smsc.deliveries import ANY_GATEWAY, Delivery, Outcome
from smsgw.smpp.constants import Npi, Ton
from smsgw.smpp.pdu import FieldValue
from smsgw.smpp.segments import Method, Segment, split
from smsgw.smpp.text import Alphabet

NUMBER_MAX: Final = 20
"""Characters of an address (SMPP 3.4, 5.2.8)."""

INTERNATIONAL_DIGITS_MIN: Final = 8
"""Shorter numbers are short codes: they have no country code to be international with."""

TEXT_MAX: Final = 65_535
"""No message_payload holds more (SMPP 3.4, 3.2.4.1)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to send. `alphabet` None = the SMSC's; `data_coding` None = the one that tells the truth.

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

    def __post_init__(self) -> None:
        for name, number in (("from", self.sender), ("to", self.recipient)):
            if not (number.isascii() and number.isprintable() and 1 <= len(number.removeprefix("+")) <= NUMBER_MAX):
                raise ValueError(f"{name}: 1 to {NUMBER_MAX} ASCII characters, such as +998901234567")
        if not 1 <= len(self.text) <= TEXT_MAX:
            raise ValueError(f"text: 1 to {TEXT_MAX} characters")
        if self.data_coding is not None and not 0 <= self.data_coding <= 255:
            raise ValueError("data_coding: 0 to 255")

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
    """A text on its way, in one or more segments.

    `status` is the latest refusal of a segment, ESME_ROK (0) once all are acked, None before. `answers` counts what
    came of attempts, time-outs too; `attempts` the deliver_sm sent for the segment that needed most;
    `latency_s` is the time from sending to the latest answer.
    """

    id: int
    text: Text
    sent_at_s: float
    on_answer: Callable[[Mo], None]
    segments: int = 1
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
            ValueError: the text needs more segments than a message can have.
        """
        text = self.text
        segments = split(text.text, text.alphabet or alphabet, text.method, self.id)
        self.segments = len(segments)
        head = {**address("source_addr", text.sender), **address("dest_addr", text.recipient)}
        return [self._delivery(head, segment) for segment in segments]

    def _delivery(self, head: dict[str, FieldValue], segment: Segment) -> Delivery:
        coding = segment.data_coding if self.text.data_coding is None else self.text.data_coding
        fields = head | {
            "esm_class": int(segment.esm_class),
            "data_coding": coding,
            "short_message": segment.short_message,
        }
        return Delivery(self.text.system_id, fields, segment.tlvs, self._take_answer)

    def _take_answer(self, delivery: Delivery, outcome: Outcome, status: int | None) -> None:
        self.answers += 1
        self.attempts = max(self.attempts, delivery.attempts)
        if outcome is Outcome.ACKED:
            self._acked += 1
            if self._acked == self.segments:
                self.state, self.status = MoState.ACKED, status
        elif not self.over:
            self.state = _STATES[outcome]
            self.status = self.status if status is None else status
        self.on_answer(self)


def address(prefix: str, number: str) -> dict[str, FieldValue]:
    """Write a number as the three fields of an address; *prefix* is source_addr or dest_addr."""
    digits = number.removeprefix("+")
    ton, npi = Ton.UNKNOWN, Npi.ISDN
    if not digits.isdecimal():
        ton, npi = Ton.ALPHANUMERIC, Npi.UNKNOWN
    elif len(digits) >= INTERNATIONAL_DIGITS_MIN:
        ton = Ton.INTERNATIONAL
    name = "source_addr" if prefix == "source_addr" else "destination_addr"
    return {f"{prefix}_ton": int(ton), f"{prefix}_npi": int(npi), name: digits.encode("ascii")}
