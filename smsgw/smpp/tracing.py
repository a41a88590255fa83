"""One PDU as whoever follows a link may see it: commands, numbers and lengths; never a text, a password or a number.

Rule: what is shown is listed here. A field or parameter that nobody has thought of yet shows its length only.
"""

from __future__ import annotations

from typing import Final

from smsgw.domain.phones import masked
from smsgw.smpp.constants import Status, command_name
from smsgw.smpp.pdu import BadPdu, FieldValue, Pdu
from smsgw.smpp.tlv import Tag

ADDRESSES: Final = frozenset({"source_addr", "destination_addr", "esme_addr"})
# Nobody's telephone has so few digits: this is a service.
SHORT_CODE_MAX: Final = 6
# No parameter of these has more; whatever has is no number.
NUMBER_OCTETS_MAX: Final = 2

OCTETS: Final = frozenset(
    {"system_id", "system_type", "service_type", "message_id", "validity_period", "schedule_delivery_time"}
)
"""Octets that say nothing about a subscriber; integers never do."""

NUMBERS: Final = frozenset(
    {
        Tag.SC_INTERFACE_VERSION,
        Tag.CONGESTION_STATE,
        Tag.MESSAGE_STATE,
        Tag.USER_MESSAGE_REFERENCE,
        Tag.SAR_MSG_REF_NUM,
        Tag.SAR_TOTAL_SEGMENTS,
        Tag.SAR_SEGMENT_SEQNUM,
    }
)
WORDS: Final = frozenset({Tag.RECEIPTED_MESSAGE_ID})

SHOWN: Final = OCTETS | ADDRESSES

_STATUS_NAMES: Final = {status.value: status.name for status in Status}
_TAG_NAMES: Final = {tag.value: tag.name.lower() for tag in Tag}


def traced(direction: str, pdu: Pdu | BadPdu) -> dict[str, object]:
    """Make a document of a PDU; *direction* is `<` for one that came and `>` for one that goes."""
    head: dict[str, object] = {
        "direction": direction,
        "command": command_name(pdu.command_id),
        "status": _STATUS_NAMES.get(pdu.status, f"0x{pdu.status:08X}"),
        "sequence": pdu.sequence,
    }
    if isinstance(pdu, BadPdu):
        head |= {"fault": pdu.reason}
        if pdu.read is None:
            return head
        pdu = pdu.read
    fields: dict[str, object] = {name: _field(name, value) for name, value in pdu.fields.items() if value}
    return head | fields | {_TAG_NAMES.get(tag, f"0x{tag:04X}"): _parameter(tag, value) for tag, value in pdu.tlvs}


def _field(name: str, value: FieldValue) -> object:
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return f"({len(value)} entries)"
    if name in ADDRESSES and len(value) > SHORT_CODE_MAX:
        return masked("+" + value.decode("latin-1").removeprefix("+"))
    return value.decode("latin-1") if name in SHOWN else _length(value)


def _parameter(tag: int, value: bytes) -> object:
    if tag in NUMBERS and len(value) <= NUMBER_OCTETS_MAX:
        return int.from_bytes(value)
    return value.rstrip(b"\0").decode("latin-1") if tag in WORDS else _length(value)


def _length(value: bytes) -> str:
    return f"({len(value)} octets)"
