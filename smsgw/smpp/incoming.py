"""What a deliver_sm (or data_sm) means to the service: a text, a part of one, a delivery receipt, or nothing of ours.

Rule 1: what makes two deliveries equal is what the SMSC repeats: addresses, coding, class, reference and octets, never
the sequence number, which changes (SMPP has no message id on a mobile-originated message).
Rule 2: type of number and numbering plan are hints and are never a reason to refuse.
Rule 3: a plus before the destination is no difference: parts of one text come with it and without.
Rule 4: a receipt is known by its esm_class or by its TLV; one that is known by its words alone is passed over
(smpp.receipts, rule 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from smsgw.domain.sms import Delivery, InboundPart, InboundSms
from smsgw.smpp.constants import MessageState
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.reassembly import Broken, BrokenReason, Part, Whole, concatenation
from smsgw.smpp.receipts import (
    is_receipt,
    is_worded_as_receipt,
    parse_receipt,
    receipted_key,
    receipts_a_message,
)
from smsgw.smpp.text import decode
from smsgw.smpp.tlv import Tag

DELIVERIES: Final[Mapping[MessageState, Delivery]] = {
    MessageState.DELIVERED: Delivery.DELIVERED,
    MessageState.EXPIRED: Delivery.EXPIRED,
    MessageState.DELETED: Delivery.FAILED,
    MessageState.UNDELIVERABLE: Delivery.FAILED,
    MessageState.REJECTED: Delivery.FAILED,
}
"""Only states that no other receipt follows; the others tell nothing that we act upon."""

# protocol_id of a message to the SIM card (3GPP 23.040, 9.2.3.9: (U)SIM data download); no phone puts it into a text.
_SIM_DATA_DOWNLOAD: Final = 0x7F

# Tells apart what else is equal: the sender's own number for the message and the parts' reference.
_IDENTITY_TAGS: Final = (
    Tag.USER_MESSAGE_REFERENCE,
    Tag.SAR_MSG_REF_NUM,
    Tag.SAR_SEGMENT_SEQNUM,
    Tag.SAR_TOTAL_SEGMENTS,
)


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """A delivery receipt: the id in the form that the link's submit_sm_resp used."""

    message_id: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class NothingOfOurs:
    """Acknowledged and otherwise passed over, for the reason named."""

    why: str


Incoming = InboundSms | InboundPart | InboundReceipt | NothingOfOurs


def incoming(pdu: Pdu, settings: LinkSettings) -> Incoming:
    """Read a deliver_sm or data_sm; never fails."""
    if is_receipt(pdu.integer("esm_class")) or receipts_a_message(pdu.tlvs):
        return _receipt(pdu, settings)
    if pdu.fields.get("protocol_id") == _SIM_DATA_DOWNLOAD:
        return NothingOfOurs("not_for_people")
    body = _body(pdu)
    match body:
        case Broken(BrokenReason.NOT_FOR_PEOPLE):
            return NothingOfOurs("not_for_people")
        case Broken():
            # A header that cannot be read leaves no text; the service answers how one is written.
            return _text(pdu, settings, "\N{REPLACEMENT CHARACTER}")
        case Part():
            return _part(pdu, settings, body)
        case Whole(payload):
            text = decode(payload, pdu.integer("data_coding"), settings.alphabet)
            return NothingOfOurs("receipt_unmarked") if is_worded_as_receipt(text) else _text(pdu, settings, text)


def _body(pdu: Pdu) -> Part | Whole | Broken:
    short_message = pdu.fields.get("short_message", b"")
    assert isinstance(short_message, bytes), "the layout says octets"
    return concatenation(pdu.integer("esm_class"), short_message, pdu.tlvs)


def _text(pdu: Pdu, settings: LinkSettings, text: str) -> InboundSms:
    return InboundSms(
        link=settings.name,
        sender=_address(pdu, "source_addr"),
        destination=_address(pdu, "destination_addr").removeprefix("+"),
        text=text,
        identity=_identity(pdu, settings),
        sent_at_us=_sent_at_us(pdu, settings),
    )


def _part(pdu: Pdu, settings: LinkSettings, part: Part) -> InboundPart:
    return InboundPart(
        link=settings.name,
        sender=_address(pdu, "source_addr"),
        destination=_address(pdu, "destination_addr").removeprefix("+"),
        reference=part.reference,
        total=part.total,
        number=part.number,
        payload=part.payload,
        data_coding=pdu.integer("data_coding"),
        identity=_identity(pdu, settings),
    )


def _receipt(pdu: Pdu, settings: LinkSettings) -> InboundReceipt | NothingOfOurs:
    body = _body(pdu)
    # Some SMSCs announce a header that is not there.
    octets = pdu.message_octets() if isinstance(body, Broken) else body.payload
    text = decode(octets, pdu.integer("data_coding"), settings.alphabet)
    receipt = parse_receipt(text, pdu.tlvs, pattern=settings.receipt_pattern)
    if receipt is None:
        return NothingOfOurs("receipt_without_id")
    delivery = DELIVERIES.get(receipt.state)
    if delivery is None:
        return NothingOfOurs("receipt_not_final")
    return InboundReceipt(receipted_key(receipt.message_id, settings.message_id_form), delivery)


def _address(pdu: Pdu, name: str) -> str:
    return pdu.octets(name).decode("latin-1")


def _identity(pdu: Pdu, settings: LinkSettings) -> bytes:
    """See rule 1; every piece carries its length, so that no two deliveries share an encoding."""
    pieces = [
        settings.name.encode(),
        pdu.octets("source_addr"),
        pdu.octets("destination_addr"),
        bytes((pdu.integer("data_coding"), pdu.integer("esm_class"))),
        pdu.message_octets(),
        *(pdu.tlv(tag) or b"" for tag in _IDENTITY_TAGS),
    ]
    return b"".join(len(piece).to_bytes(4) + piece for piece in pieces)


def _sent_at_us(pdu: Pdu, settings: LinkSettings) -> int | None:
    """When the service centre got the text, where the link names the TLV that says so (UTC seconds, or digits)."""
    value = pdu.tlv(settings.timestamp_tlv) if settings.timestamp_tlv is not None else None
    if not value:
        return None
    if len(value) == 4:
        return int.from_bytes(value) * 1_000_000
    try:
        moment = datetime.strptime(value.rstrip(b"\0").decode("ascii")[:12], "%y%m%d%H%M%S").replace(tzinfo=UTC)
    except (UnicodeDecodeError, ValueError):
        return None
    return int(moment.timestamp()) * 1_000_000
