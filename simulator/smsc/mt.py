"""Texts of the gateway to subscribers (mobile terminated), read from submit_sm and data_sm as a phone would.

Rule 1: a long text is one message when all its parts are there; each part is answered and receipted by itself.
Rule 2: what is kept of unfinished texts is bounded, in number and in time; the oldest goes.
Rule 3: of a part that comes again the latest counts.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from smsgw.smpp.pdu import Pdu
from smsgw.smpp.reassembly import Broken, Part, StoredPart, Whole, complete, concatenation
from smsgw.smpp.text import Alphabet, decode

UNFINISHED_MAX: Final = 10_000
"""Long texts of which parts are missing; a part is 140 octets, so even this is small."""

UNFINISHED_S: Final = 300.0
"""From the first part of a text; what comes later under its reference is another one's, as gateways count to 255."""

_Kept = tuple[StoredPart, str]
"""A part, and the message_id that it has got."""


class Mt(NamedTuple):
    """A whole text as the subscriber reads it; `id` and `at_s` (Unix time) are the journal's."""

    sender: str
    to: str
    text: str
    data_coding: int
    message_ids: tuple[str, ...]
    registered_delivery: int
    validity_period: str
    system_id: str
    id: int = 0
    at_s: float = 0.0
    operator: str = ""

    def noted(self, id: int, at_s: float, operator: str) -> Mt:  # noqa: A002 -- as the field
        """The same text with what the journal adds."""
        return Mt(*self[:8], id, at_s, operator)

    @property
    def segments(self) -> int:
        """How many submit_sm it came in."""
        return len(self.message_ids)


class _Unfinished(NamedTuple):
    """A long text since its first part: its parts by their number."""

    since_s: float
    parts: dict[int, _Kept]


class MtReader:
    """Reads submitted PDUs into texts, and joins long ones."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._unfinished: dict[tuple[object, ...], _Unfinished] = {}

    def read(self, pdu: Pdu, system_id: str, message_id: str, now_s: float) -> Mt | None:
        """Read one PDU that came at *now_s* of any clock; None while parts of its text are missing.

        What is no text is shown as such.
        """
        fields: dict[str, Any] = pdu.fields
        match concatenation(fields["esm_class"], fields.get("short_message", b""), pdu.tlvs):
            case Whole(payload):
                text = decode(payload, fields["data_coding"], self._alphabet)
                return _mt(pdu, system_id, text, (message_id,))
            case Part() as part:
                key = (system_id, pdu.octets("source_addr"), pdu.octets("destination_addr"), part.reference, part.total)
                stored = StoredPart(part.total, part.number, pdu.integer("data_coding"), part.payload)
                parts = self._join(key, (stored, message_id), now_s)
                return None if parts is None else self._whole(pdu, system_id, parts)
            case Broken(reason):
                return _mt(pdu, system_id, f"[no text: {reason}]", (message_id,))

    def _join(self, key: tuple[object, ...], kept: _Kept, now_s: float) -> list[_Kept] | None:
        """All parts of a text, once *kept* was the last of them."""
        found = self._unfinished.get(key)
        if found is None or now_s - found.since_s > UNFINISHED_S:
            self._unfinished.pop(key, None)  # a new one stands last, in the order of time
            found = self._unfinished[key] = _Unfinished(now_s, {})
        stored, _ = kept
        found.parts[stored.number] = kept
        if len(found.parts) == stored.total:
            del self._unfinished[key]
            return list(found.parts.values())
        self._forget_the_oldest()
        return None

    def _whole(self, pdu: Pdu, system_id: str, parts: list[_Kept]) -> Mt:
        text = complete([stored for stored, _ in parts], self._alphabet)
        assert isinstance(text, str), "the key has the total, and each number was checked"
        return _mt(pdu, system_id, text, tuple(message_id for _, message_id in parts))

    def _forget_the_oldest(self) -> None:
        if len(self._unfinished) > UNFINISHED_MAX:
            del self._unfinished[next(iter(self._unfinished))]


def _mt(pdu: Pdu, system_id: str, text: str, message_ids: tuple[str, ...]) -> Mt:
    # Any, once for all: the layouts say which of the fields are octets and which are integers.
    fields: dict[str, Any] = pdu.fields
    return Mt(
        fields["source_addr"].decode("latin-1"),
        fields["destination_addr"].decode("latin-1"),
        text,
        fields["data_coding"],
        message_ids,
        fields["registered_delivery"],
        fields.get("validity_period", b"").decode("latin-1"),
        system_id,
    )
