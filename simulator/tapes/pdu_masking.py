"""What a recording hides in a PDU, with all its lengths and its structure kept: any decoder reads it as before.

Rule 1: what stays is listed here. A parameter that nobody has thought of, and whatever cannot be read, is blotted out.
Rule 2: a text is hidden in the alphabet it is read in; where that would change its length, or what it is read as,
every octet of it is blotted out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from simulator.smsc.pdus import is_pdu
from simulator.tapes.masking import Masks, masked
from smsgw.smpp.codec import bodiless, decode, encode
from smsgw.smpp.constants import Command, EsmClass
from smsgw.smpp.frames import HEADER
from smsgw.smpp.gsm0338 import to_septets
from smsgw.smpp.pdu import BadPdu, FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.receipts import is_receipt
from smsgw.smpp.segments import IE_CONCATENATED_8_BIT, IE_CONCATENATED_16_BIT
from smsgw.smpp.states import BINDS
from smsgw.smpp.text import decode as read_text
from smsgw.smpp.tlv import Tag
from smsgw.smpp.tracing import ADDRESSES, SHORT_CODE_MAX

BLOT: Final = b"x"
"""An octet that is a letter in every alphabet of one octet, and half a character of UCS-2."""

SMALL_OCTETS_MAX: Final = 4
"""A parameter of SMPP with so few octets is a number or a flag: it names nobody."""

_ELEMENTS: Final = {IE_CONCATENATED_8_BIT: 3, IE_CONCATENATED_16_BIT: 4, 0x04: 2, 0x05: 4}
"""Elements of a user data header that name nobody, and their octets: parts and ports (3GPP 23.040, 9.2.3.24)."""

_KNOWN_TAGS: Final = frozenset(tag.value for tag in Tag)
_BINDS: Final = frozenset(BINDS) | {Command.OUTBIND.value}
_NUMBERS: Final = ADDRESSES | {"address_range"}
_LONG_NUMBER: Final = re.compile(rb"\d{%d,}" % (SHORT_CODE_MAX + 1))

# The form of SMPP 3.4, Appendix B, up to the words of the message that it repeats.
_RECEIPT_HEAD: Final = re.compile(
    rb"id:[0-9A-Za-z-]{1,64} sub:\d{3} dlvrd:\d{3} submit date:\d{10,12} done date:\d{10,12} stat:[A-Z]{1,12}"
    rb" err:\w{1,8} text:",
    re.IGNORECASE,
)


def masked_frame(octets: bytes, masks: Masks) -> bytes:
    """The PDU as it may stand in a recording, of the same length; the password of a bind stands in none."""
    if not is_pdu(octets):
        return _blotted(octets, 0) if masks.hides else octets  # no PDU: what it says is not to be known
    pdu = decode(octets)
    if isinstance(pdu, BadPdu):
        return _blotted(octets, HEADER.size) if masks.hides or pdu.command_id in _BINDS else octets
    if masks.hides and any(octets[HEADER.size :]) and pdu == bodiless(pdu.command_id, pdu.status, pdu.sequence):
        return _blotted(octets, HEADER.size)  # a refusal's body that could not be read
    hidden = masked_pdu(pdu, masks)
    if hidden == pdu:
        return octets  # what has nothing to hide stays as it stood, also where our own writer would put it otherwise
    try:
        return encode(hidden)
    except LocalProtocolError:
        return _blotted(octets, HEADER.size)  # our own writer is stricter than our reader


def masked_pdu(pdu: Pdu, masks: Masks) -> Pdu:
    """The same PDU with its texts, numbers and passwords hidden."""
    fields = {name: _field(pdu, name, value, masks) for name, value in pdu.fields.items()}
    tlvs = tuple((tag, _parameter(pdu, tag, value, masks)) for tag, value in pdu.tlvs) if masks.hides else pdu.tlvs
    return pdu._replace(fields=fields, tlvs=tlvs)


def masked_octets(octets: bytes, data_coding: int) -> bytes:
    """Hide what a message without a header says."""
    text = read_text(octets, data_coding)
    hidden = next((write(masked(text)) for write in _WRITERS if write(text) == octets), None)
    if hidden is None or len(hidden) != len(octets) or read_text(hidden, data_coding) != masked(text):
        return _blotted(octets, 0)
    return hidden


def _blotted(octets: bytes, kept: int) -> bytes:
    return octets[:kept] + BLOT * (len(octets) - kept)


def _writer(codec: str) -> Callable[[str], bytes | None]:
    def write(text: str) -> bytes | None:
        try:
            return text.encode(codec)
        except UnicodeEncodeError:
            return None

    return write


_WRITERS: Final = (to_septets, *map(_writer, ("utf-16-be", "utf-16-le", "latin-1", "utf-8", "iso8859_5")))
"""Each writes a text in one alphabet: the one that gives the octets that were read is the one they are in."""


def _message(pdu: Pdu, octets: bytes) -> bytes:
    esm_class, data_coding = pdu.fields.get("esm_class", 0), pdu.fields.get("data_coding", 0)
    assert isinstance(esm_class, int)
    assert isinstance(data_coding, int)
    head = b""
    if is_receipt(esm_class):
        found = _RECEIPT_HEAD.match(octets)
        head = found[0] if found else b""
    elif esm_class & EsmClass.UDHI.value and octets:
        head = _masked_header(octets[: 1 + octets[0]])
        if not head:
            return _blotted(octets, 0)
    return head + masked_octets(octets[len(head) :], data_coding)


def _masked_header(header: bytes) -> bytes:
    """The user data header without what could say something; empty where it is none, whatever esm_class says."""
    shown, rest = header[:1], header[1:]
    if len(rest) != header[0]:
        return b""
    while rest:
        tag, value = rest[0], rest[2 : 2 + rest[1]] if len(rest) > 1 else b""
        if len(rest) < 2 or len(value) != rest[1] or len(value) != _ELEMENTS.get(tag, len(value)):
            return b""
        shown += rest[:2] + (value if tag in _ELEMENTS else _blotted(value, 0))
        rest = rest[2 + len(value) :]
    return shown


def _field(pdu: Pdu, name: str, value: FieldValue, masks: Masks) -> FieldValue:
    if isinstance(value, tuple):
        return tuple({key: _entry(key, part, masks) for key, part in entry.items()} for entry in value)
    if name == "password" and isinstance(value, bytes):
        return _blotted(value, 0)
    if name == "short_message" and isinstance(value, bytes) and masks.texts:
        return _message(pdu, value)
    return _entry(name, value, masks)


def _entry(name: str, value: int | bytes, masks: Masks) -> int | bytes:
    if isinstance(value, int) or name not in _NUMBERS:
        return value
    return _LONG_NUMBER.sub(lambda digits: _number(digits[0], masks), value)


def _number(digits: bytes, masks: Masks) -> bytes:
    return masks.number(digits.decode("ascii")).encode("ascii")


def _parameter(pdu: Pdu, tag: int, value: bytes, masks: Masks) -> bytes:
    if tag == Tag.MESSAGE_PAYLOAD:
        return _message(pdu, value) if masks.texts else value
    if tag == Tag.CALLBACK_NUM:
        return _LONG_NUMBER.sub(lambda digits: _number(digits[0], masks), value)
    if tag == Tag.RECEIPTED_MESSAGE_ID or (tag in _KNOWN_TAGS and len(value) <= SMALL_OCTETS_MAX):
        return value
    return _blotted(value, 0)
