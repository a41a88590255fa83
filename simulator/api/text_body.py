"""The body of POST /mo, read and written: a text as people say it, or its octets, whole or in parts. Pure.

Rule: whatever cannot be read is a ValueError whose message names the key and what may stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from simulator.api.objects import Reader, numbers, octets, read_object, seconds, tlvs, whole, write_tlvs
from simulator.faults.reading import one_of
from simulator.smsc.deliveries import ANY_GATEWAY
from simulator.smsc.mo import GAP_S_MAX, OCTET_FIELDS, Text
from smsgw.smpp.constants import EsmClass
from smsgw.smpp.segments import Method
from smsgw.smpp.text import Alphabet, decode


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is needed")  # noqa: TRY004 -- the caller answers every bad request alike
    return value


_OCTET: Final = whole(0, 255)
KEYS: Final[Mapping[str, Reader]] = {
    "from": _text,
    "to": _text,
    "text": _text,
    "hex": octets,
    "long": one_of(Method),
    "parts": numbers,
    "gap_s": seconds(GAP_S_MAX),
    "alphabet": one_of(Alphabet),
    "data_coding": _OCTET,
    "tlvs": tlvs,
    "system_id": _text,
    "operator": _text,
    **dict.fromkeys(sorted(OCTET_FIELDS), _OCTET),
}

TEXT_KEYS: Final = frozenset(KEYS) - {"system_id", "operator"}
"""What says the text itself, and not where it goes out."""


def read_text(value: object) -> Text:
    """Read the body of POST /mo."""
    if not isinstance(value, Mapping):
        raise ValueError('an object is needed: {"from": "+998901234567", "to": "1400", "text": "HELP"}')  # noqa: TRY004 -- as above
    if "text" in value and "hex" in value:
        raise ValueError("text, hex: give one of them, not both")
    read = read_object(value, KEYS, ("from", "to", *(() if "hex" in value else ("text",))))
    return Text(
        sender=read["from"],
        recipient=read["to"],
        text=read.get("text", "") or _as_read(read),
        method=read.get("long", Method.UDH8),
        alphabet=read.get("alphabet"),
        data_coding=read.get("data_coding"),
        system_id=read.get("system_id", ANY_GATEWAY),
        operator=read.get("operator", ""),
        octets=read.get("hex"),
        fields=tuple((name, one) for name, one in read.items() if name in OCTET_FIELDS),
        tlvs=read.get("tlvs", ()),
        parts=read.get("parts", ()),
        gap_s=read.get("gap_s", 0.0),
    )


def write_text(text: Text) -> dict[str, Any]:
    """Write a text as `read_text` reads it, with those of TEXT_KEYS that say something."""
    said = {"text": text.text} if text.octets is None else {"hex": text.octets.hex()}
    body = {"from": text.sender, "to": text.recipient, **said, "long": text.method, **dict(text.fields)}
    if text.alphabet is not None:
        body["alphabet"] = text.alphabet
    if text.data_coding is not None:
        body["data_coding"] = text.data_coding
    if text.tlvs:
        body["tlvs"] = write_tlvs(text.tlvs)
    if text.parts:
        body["parts"] = text.parts
    if text.gap_s:
        body["gap_s"] = text.gap_s
    return body


def _as_read(read: Mapping[str, Any]) -> str:
    """What people see of octets: the text behind the user data header that they may begin with."""
    data: bytes = read.get("hex", b"")
    if data and read.get("esm_class", 0) & EsmClass.UDHI:
        data = data[1 + data[0] :]
    return decode(data, read.get("data_coding", 0), read.get("alphabet") or Alphabet.GSM0338)
