"""What a broken SMSC says instead of the response, as data: each name is some octets made from the request.

Rule: nothing here asks the session whether it may be said; that is the point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Final

from smsgw.smpp.codec import bodiless, encode
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.frames import HEADER
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.tlv import Tag, Tlvs

SEQUENCE: Final = 900_001
"""Of requests that are said here: far above those of the session, so that the two never meet."""

MISSED_OCTETS: Final = 8
"""By so many a length is wrong."""

VENDOR_COMMAND: Final = 0x0001_0200
"""SMPP 3.4, 5.1.2.1 leaves this range to vendors; nobody else knows what is in it."""

FIRST_SUBMIT: Final = 2
"""What follows the bind has this number on every connection, so an answer that comes a connection late names it too."""

SUBSCRIBER: Final = b"998900000001"
"""Who texts out of turn."""


class Utterance(StrEnum):
    """`response` is the right one; the others are what they are named after."""

    RESPONSE = "response"
    WRONG_SEQUENCE = "wrong_sequence"
    CONGESTED = "congested"
    BROKEN_TLV = "broken_tlv"
    UNKNOWN_TLV = "unknown_tlv"
    LENGTH_SHORT = "length_short"
    LENGTH_LONG = "length_long"
    LENGTH_TINY = "length_tiny"
    LENGTH_HUGE = "length_huge"
    GENERIC_NACK = "generic_nack"
    GENERIC_NACK_0 = "generic_nack_0"
    UNBIND = "unbind"
    OUTBIND = "outbind"
    DELIVER_SM = "deliver_sm"
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_RESPONSE = "unknown_response"
    BIND = "bind"
    STALE_RESPONSE = "stale_response"
    NO_SMPP = "no_smpp"


ANSWERS: Final[Mapping[Utterance, Tlvs]] = {
    Utterance.RESPONSE: (),
    Utterance.CONGESTED: ((Tag.CONGESTION_STATE, bytes([99])),),
    Utterance.UNKNOWN_TLV: ((0x1499, b"vendor's own"),),
}
"""What answers the request as SMPP has it, and the TLVs that it adds to the right response."""


def utter(what: Utterance, response: Pdu) -> bytes:
    """Write *what*; *response* is the right response to the request that is being answered."""
    return _OCTETS[what](response)


def _with_length(pdu: Pdu, length: int) -> bytes:
    return length.to_bytes(4) + encode(pdu)[4:]


def _longer(response: Pdu, by: int) -> bytes:
    return _with_length(response, len(encode(response)) + by)


def _with_tlvs(response: Pdu, tlvs: Tlvs) -> Pdu:
    return response._replace(tlvs=(*response.tlvs, *tlvs))


def _answer(tlvs: Tlvs, response: Pdu) -> bytes:
    return encode(_with_tlvs(response, tlvs))


def _broken_tlv(response: Pdu) -> bytes:
    """A TLV that says it has more octets than the PDU."""
    whole = _with_tlvs(response, ((Tag.ADDITIONAL_STATUS_INFO_TEXT, bytes(MISSED_OCTETS)),))
    return _with_length(whole, len(encode(whole)) - MISSED_OCTETS)[:-MISSED_OCTETS]


def _nack(sequence: int, status: int) -> bytes:
    return encode(bodiless(Command.GENERIC_NACK, status or Status.ESME_RSYSERR, sequence))


def _request(command: Command, fields: Mapping[str, int | bytes] | None = None) -> bytes:
    return encode(Pdu(command, Status.ESME_ROK, SEQUENCE, dict(fields or {})))


def _text(_response: Pdu) -> bytes:
    addresses = {"source_addr": SUBSCRIBER, "destination_addr": b"1400"}
    return _request(Command.DELIVER_SM, {**addresses, "short_message": b"HELP"})


_OCTETS: Final[Mapping[Utterance, Callable[[Pdu], bytes]]] = {
    **{what: partial(_answer, tlvs) for what, tlvs in ANSWERS.items()},
    Utterance.WRONG_SEQUENCE: lambda response: encode(response._replace(sequence=response.sequence + SEQUENCE)),
    Utterance.BROKEN_TLV: _broken_tlv,
    Utterance.LENGTH_SHORT: lambda response: _longer(response, -1),
    Utterance.LENGTH_LONG: lambda response: _longer(response, MISSED_OCTETS),
    Utterance.LENGTH_TINY: lambda response: _with_length(response, HEADER.size - 1),
    Utterance.LENGTH_HUGE: lambda response: _with_length(response, 0xFFFF_FFFF),
    Utterance.GENERIC_NACK: lambda response: _nack(response.sequence, response.status),
    Utterance.GENERIC_NACK_0: lambda response: _nack(0, response.status),
    Utterance.UNBIND: lambda _: _request(Command.UNBIND),
    Utterance.OUTBIND: lambda _: _request(Command.OUTBIND, {"system_id": b"smsc", "password": b"outbind"}),
    Utterance.DELIVER_SM: _text,
    Utterance.UNKNOWN_COMMAND: lambda _: HEADER.pack(HEADER.size, VENDOR_COMMAND, 0, SEQUENCE),
    Utterance.UNKNOWN_RESPONSE: lambda _: HEADER.pack(HEADER.size, VENDOR_COMMAND | 0x8000_0000, 0, SEQUENCE),
    Utterance.BIND: lambda _: _request(Command.BIND_TRANSCEIVER, {"system_id": b"smsc", "interface_version": 0x34}),
    Utterance.STALE_RESPONSE: lambda _: encode(Pdu(Command.SUBMIT_SM_RESP, 0, FIRST_SUBMIT, {"message_id": b"stale"})),
    Utterance.NO_SMPP: lambda _: b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
}
