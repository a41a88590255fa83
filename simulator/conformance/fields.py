"""What a single PDU of a gateway breaks, whatever came before it. Pure: a PDU in, findings out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from simulator.conformance.rules import Finding
from smsgw.smpp.constants import VENDOR_STATUSES, Command, EsmClass, Npi, Status, Ton
from smsgw.smpp.layouts import SHORT_MESSAGE_OCTETS_MAX
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.reassembly import Broken, BrokenReason, concatenation
from smsgw.smpp.tlv import Tag

MESSAGES: Final = frozenset({Command.SUBMIT_SM, Command.SUBMIT_MULTI, Command.DATA_SM})

# Message types that an ESME may give its messages; the others are the SMSC's (SMPP 3.4, 5.2.12).
_TYPES: Final = frozenset({0, EsmClass.SME_DELIVERY_ACKNOWLEDGEMENT, EsmClass.SME_MANUAL_ACKNOWLEDGEMENT})
# Bits 4 and 5 are both left alone: the text puts the intermediate notification in one, the table in the other.
_REGISTERED_RESERVED: Final = 0xC0
_PRIORITY_MAX: Final = 3
_CODINGS_RESERVED: Final = frozenset({11, 12, *range(15, 0xC0), *range(0xE0, 0xF0)})
_UCS2: Final = 8
# Absolute times have a quarter-hour offset of up to 48 and a sign; relative ones end in 000R (SMPP 3.4, 7.1.1).
_TIME: Final = re.compile(rb"\d{12}(?:\d(?:[0-3]\d|4[0-8])[+-]|000R)")
_CALENDAR: Final = re.compile(rb"..(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])(?:[0-5]\d){2}.{4}")
_TIMES: Final = ("schedule_delivery_time", "validity_period")
_NUMBERS: Final = (("source_addr_ton", "source_addr_npi"), ("dest_addr_ton", "dest_addr_npi"))
_TONS: Final = frozenset(Ton)
_NPIS: Final = frozenset(Npi)
_STATUSES: Final = frozenset(Status)
_SAR: Final = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
_TLV_OCTETS: Final = {
    Tag.SAR_MSG_REF_NUM: 2,
    Tag.SAR_TOTAL_SEGMENTS: 1,
    Tag.SAR_SEGMENT_SEQNUM: 1,
    Tag.USER_MESSAGE_REFERENCE: 2,
    Tag.SOURCE_PORT: 2,
    Tag.DESTINATION_PORT: 2,
    Tag.MORE_MESSAGES_TO_SEND: 1,
    Tag.PAYLOAD_TYPE: 1,
    Tag.PRIVACY_INDICATOR: 1,
    Tag.QOS_TIME_TO_LIVE: 4,
    Tag.LANGUAGE_INDICATOR: 1,
    Tag.USER_RESPONSE_CODE: 1,
    Tag.ALERT_ON_MESSAGE_DELIVERY: 0,
    Tag.DELIVERY_FAILURE_REASON: 1,
}

Check = Callable[[Pdu], str | None]
"""What a PDU breaks, in words; None = nothing."""


def judge_message(pdu: Pdu) -> Iterator[Finding]:
    """What a submit_sm, submit_multi or data_sm breaks by itself."""
    for name, check in _MESSAGE_CHECKS.items():
        detail = check(pdu)
        if detail is not None:
            yield Finding(name, detail)


def judge_status(status: int) -> Iterator[Finding]:
    """What is wrong with the status of an answer."""
    if status not in _STATUSES and status not in VENDOR_STATUSES:
        yield Finding("reserved_status", f"command_status 0x{status:08X} is reserved")
    if status == Status.ESME_RX_P_APPN:
        yield Finding("rx_p_appn", "a message was refused with ESME_RX_P_APPN")


def _integer(pdu: Pdu, name: str) -> int:
    value = pdu.fields.get(name, 0)
    assert isinstance(value, int), name
    return value


def _short_message(pdu: Pdu) -> str | None:
    octets = len(pdu.octets("short_message")) if "short_message" in pdu.fields else 0
    return f"short_message has {octets} octets" if octets > SHORT_MESSAGE_OCTETS_MAX else None


def _destination(pdu: Pdu) -> str | None:
    named = pdu.fields.get("destination_addr", pdu.fields.get("dest_addresses"))
    return None if named else "the destination is empty"


def _time_format(pdu: Pdu) -> str | None:
    for name in _TIMES:
        value = pdu.fields.get(name, b"")
        assert isinstance(value, bytes), name
        relative = value.endswith(b"R")
        if value and not (_TIME.fullmatch(value) and (relative or _CALENDAR.fullmatch(value))):
            return f"{name} is {value.decode('latin-1')!r}"
    return None


def _esm_class(pdu: Pdu) -> str | None:
    kind = _integer(pdu, "esm_class") & EsmClass.MESSAGE_TYPE
    return None if kind in _TYPES else f"esm_class 0x{_integer(pdu, 'esm_class'):02X} has a message type of the SMSC's"


def _registered_delivery(pdu: Pdu) -> str | None:
    value = _integer(pdu, "registered_delivery")
    reserved = value & _REGISTERED_RESERVED or value & 0x03 == 0x03
    return f"registered_delivery is 0x{value:02X}" if reserved else None


def _priority_flag(pdu: Pdu) -> str | None:
    value = _integer(pdu, "priority_flag")
    return f"priority_flag is {value}" if value > _PRIORITY_MAX else None


def _replace_flag(pdu: Pdu) -> str | None:
    value = _integer(pdu, "replace_if_present_flag")
    return f"replace_if_present_flag is {value}" if value > 1 else None


def _ton_npi(pdu: Pdu) -> str | None:
    for ton, npi in _NUMBERS:
        if _integer(pdu, ton) not in _TONS:
            return f"{ton} is {_integer(pdu, ton)}"
        if _integer(pdu, npi) not in _NPIS:
            return f"{npi} is {_integer(pdu, npi)}"
    return None


def _data_coding(pdu: Pdu) -> str | None:
    value = _integer(pdu, "data_coding")
    return f"data_coding is 0x{value:02X}" if value in _CODINGS_RESERVED else None


def _ucs2_octets(pdu: Pdu) -> str | None:
    octets = pdu.message_octets()
    if _integer(pdu, "data_coding") != _UCS2 or not octets:
        return None
    if _integer(pdu, "esm_class") & EsmClass.UDHI:
        octets = octets[octets[0] + 1 :]
    return f"UCS2 text of {len(octets)} octets" if len(octets) % 2 else None


def _udh(pdu: Pdu) -> str | None:
    if not _integer(pdu, "esm_class") & EsmClass.UDHI:
        return None
    octets = pdu.message_octets()
    if not octets:
        return "a user data header is announced, and there is no text"
    read = concatenation(int(EsmClass.UDHI), octets, ())
    broken = isinstance(read, Broken) and read.reason is not BrokenReason.NOT_FOR_PEOPLE
    return "the user data header cannot be read" if broken else None


def _udh_with_sar(pdu: Pdu) -> str | None:
    both = _integer(pdu, "esm_class") & EsmClass.UDHI and any(pdu.tlv(tag) is not None for tag in _SAR)
    return "esm_class announces a user data header, and there are SAR parameters" if both else None


def _sar(pdu: Pdu) -> str | None:
    reference, total, number = (pdu.tlv_integer(tag) for tag in _SAR)
    if reference is total is number is None:
        return None
    if reference is None or total is None or number is None:
        return "some SAR parameters are missing"
    return None if 1 <= number <= total else f"segment {number} of {total}"


def _tlv_length(pdu: Pdu) -> str | None:
    for tag, value in pdu.tlvs:
        if len(value) != _TLV_OCTETS.get(tag, len(value)):  # type: ignore[call-overload]  # tags are numbers
            return f"{Tag(tag).name.lower()} has {len(value)} octets"
    return None


_MESSAGE_CHECKS: Final[dict[str, Check]] = {
    "body": _short_message,
    "destination": _destination,
    "time_format": _time_format,
    "esm_class": _esm_class,
    "registered_delivery": _registered_delivery,
    "priority_flag": _priority_flag,
    "replace_flag": _replace_flag,
    "ton_npi": _ton_npi,
    "data_coding": _data_coding,
    "ucs2_octets": _ucs2_octets,
    "udh": _udh,
    "udh_with_sar": _udh_with_sar,
    "sar": _sar,
    "tlv_length": _tlv_length,
}
