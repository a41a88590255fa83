"""Texts of the gateway to subscribers (mobile terminated), read from submit_sm and data_sm as a phone would.

Rule 1: a long text is one message when all its parts are there; each part is answered and receipted by itself.
Rule 2: what is kept of unfinished texts is bounded; the oldest goes.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from smsgw.smpp.pdu import Pdu
from smsgw.smpp.reassembly import Broken, Part, StoredPart, Whole, complete, concatenation
from smsgw.smpp.text import Alphabet, decode

UNFINISHED_MAX: Final = 10_000
"""Long texts of which parts are missing; a part is 140 octets, so even this is small."""


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


class MtReader:
    """Reads submitted PDUs into texts, and joins long ones."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._unfinished: dict[tuple[object, ...], list[tuple[StoredPart, str]]] = {}

    def read(self, pdu: Pdu, system_id: str, message_id: str) -> Mt | None:
        """Read one PDU; None while parts of its text are missing. What is no text is shown as such."""
        fields: dict[str, Any] = pdu.fields
        match concatenation(fields["esm_class"], fields.get("short_message", b""), pdu.tlvs):
            case Whole(payload):
                text = decode(payload, fields["data_coding"], self._alphabet)
                return _mt(pdu, system_id, text, (message_id,))
            case Part() as part:
                return self._join(pdu, part, system_id, message_id)
            case Broken(reason):
                return _mt(pdu, system_id, f"[no text: {reason}]", (message_id,))

    def _join(self, pdu: Pdu, part: Part, system_id: str, message_id: str) -> Mt | None:
        addresses = pdu.octets("source_addr"), pdu.octets("destination_addr")
        key = (system_id, *addresses, part.reference, part.total)
        parts = self._unfinished.setdefault(key, [])
        parts.append((StoredPart(part.total, part.number, pdu.integer("data_coding"), part.payload), message_id))
        text = complete([stored for stored, _ in parts], self._alphabet)
        if text is None:
            self._forget_the_oldest()
            return None
        del self._unfinished[key]
        assert not isinstance(text, Broken), "the key has the total, and each number was checked"
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
