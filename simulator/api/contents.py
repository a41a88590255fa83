"""One PDU with everything that it says: texts, passwords, whole numbers. Pure; only for who asked for it by name."""

from __future__ import annotations

from typing import Any, Final

from simulator.smsc.pdus import is_pdu
from smsgw.smpp.codec import decode
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.reassembly import Broken, Part, concatenation
from smsgw.smpp.text import Alphabet, decode as decode_text
from smsgw.smpp.tlv import Tag

_MESSAGE: Final = "short_message"
_TAG_NAMES: Final = {tag.value: tag.name.lower() for tag in Tag}


def contents(octets: bytes, alphabet: Alphabet) -> dict[str, Any]:
    """Read a PDU in full, for an SMSC that means *alphabet* by data_coding 0; empty for what cannot be read.

    `text` is what a person reads in it, `part` which part of a long text that is; what is no text is in hexadecimal.
    """
    pdu = decode(octets) if is_pdu(octets) else None
    if not isinstance(pdu, Pdu):
        return {}
    fields = {name: _value(name, value) for name, value in pdu.fields.items()}
    parameters = {_TAG_NAMES.get(tag, f"0x{tag:04X}"): value.hex() for tag, value in pdu.tlvs}
    return {"fields": fields, "parameters": parameters} | _text(pdu, alphabet)


def _value(name: str, value: FieldValue) -> object:
    if isinstance(value, bytes):
        return value.hex() if name == _MESSAGE else value.decode("latin-1")
    if isinstance(value, tuple):
        return [{key: _value(key, inner) for key, inner in entry.items()} for entry in value]
    return value


def _text(pdu: Pdu, alphabet: Alphabet) -> dict[str, Any]:
    if not pdu.message_octets():
        return {}
    short_message = pdu.fields.get(_MESSAGE, b"")
    assert isinstance(short_message, bytes), "the layouts say so"
    found = concatenation(_integer(pdu, "esm_class"), short_message, pdu.tlvs)
    if isinstance(found, Broken):
        return {"text": f"[no text: {found.reason}]"}
    text = {"text": decode_text(found.payload, _integer(pdu, "data_coding"), alphabet)}
    return text | ({"part": f"{found.number} of {found.total}"} if isinstance(found, Part) else {})


def _integer(pdu: Pdu, name: str) -> int:
    """A field that replace_sm, of all that carry a text, does not have."""
    return pdu.integer(name) if name in pdu.fields else 0
