"""Octets to PDU and back.

Rule 1: `decode` takes any octets that `frames` cut out and answers a value, Pdu or BadPdu; it never raises.
Rule 2: be liberal with what costs nobody anything (a response without a body, unknown TLVs and statuses), strict with
what could mean a wrong message (a field without its end, a length past the end, two texts in one PDU).
Rule 3: a fault is told, and costs no more than it must: BadPdu carries what can be read without guessing (`read`).
Rule 4: `encode` refuses with LocalProtocolError what no peer could read; it cuts nothing to make it fit.
"""

import struct
from typing import Final, NamedTuple

from smsgw.smpp.compiler import NUL, Broken, Fields, Reader, Writer, make_reader, make_writer
from smsgw.smpp.constants import RESPONSE_BIT, Command, EsmClass, Status
from smsgw.smpp.frames import COMMAND_LENGTH_MAX, HEADER
from smsgw.smpp.layouts import BODILESS_ON_ERROR, LAYOUTS, Int, Layout, Repeated
from smsgw.smpp.pdu import BadPdu, FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.tlv import Tag, Tlvs, read_tlvs, write_tlvs


class _Codec(NamedTuple):
    command: Command
    read: Reader
    write: Writer
    empty: Fields


def _empty(layout: Layout) -> Fields:
    return {field.name: _empty_value(field) for field in layout}


def _empty_value(field: object) -> FieldValue:
    if isinstance(field, Int):
        return 0
    return () if isinstance(field, Repeated) else b""


_CODECS: Final[dict[int, _Codec]] = {
    command: _Codec(command, make_reader(layout), make_writer(layout), _empty(layout))
    for command, layout in LAYOUTS.items()
}


def decode(frame: bytes) -> Pdu | BadPdu:
    """Read one whole frame (header included, its command_length equal to its length).

    The fields of a response without a body are 0 and empty. An unknown command_id is BadPdu with ESME_RINVCMDID.
    """
    _, command_id, status, sequence = HEADER.unpack_from(frame)
    codec = _CODECS.get(command_id)
    if codec is None:
        return BadPdu(command_id, sequence, Status.ESME_RINVCMDID, "no command of SMPP 3.4")
    if len(frame) == HEADER.size and command_id >= RESPONSE_BIT:
        return bodiless(codec.command, status, sequence)
    body = codec.read(frame, HEADER.size)
    if isinstance(body, Broken):
        return _unreadable(codec, frame, body)
    fields, at = body
    if at == len(frame):
        return Pdu(codec.command, status, sequence, fields)
    tlvs = read_tlvs(frame, at)
    if tlvs is None:
        padded = Pdu(codec.command, status, sequence, fields) if not frame[at:].strip(NUL) else None
        return _unreadable(codec, frame, _BROKEN_TLVS, padded)
    pdu = Pdu(codec.command, status, sequence, fields, tlvs)
    two_texts = _has_two_texts(fields, tlvs)
    return BadPdu(codec.command, sequence, *_TWO_TEXTS, _with_one_text(pdu)) if two_texts else pdu


def bodiless(command: int, status: int, sequence: int) -> Pdu:
    """The PDU of a known command that came without a (readable) body: all its fields are 0 and empty."""
    return Pdu(command, status, sequence, dict(_CODECS[command].empty))


def encode(pdu: Pdu) -> bytes:
    """Write a PDU; fields that are not given are 0 or empty, lengths and counts follow from their values.

    Raises LocalProtocolError: unknown command or field, a value of the wrong type, too long or out of its range, a NUL
    in a C string, short_message together with message_payload.
    """
    codec = _CODECS.get(pdu.command_id)
    if codec is None or not pdu.fields.keys() <= codec.empty.keys():
        raise LocalProtocolError(f"no such command, or no such field in it: {pdu!r}")
    if pdu.tlvs and _has_two_texts(pdu.fields, pdu.tlvs):
        raise LocalProtocolError(_TWO_TEXTS.reason)
    try:
        if pdu.tlvs:
            body = codec.write(pdu.fields) + write_tlvs(pdu.tlvs)
        else:
            body = b"" if pdu.status and codec.command in BODILESS_ON_ERROR else codec.write(pdu.fields)
        length = HEADER.size + len(body)
        header = HEADER.pack(length, pdu.command_id, pdu.status, pdu.sequence)
    except (struct.error, TypeError) as error:
        raise LocalProtocolError(f"{codec.command.wire_name}: {error}") from error
    if length > COMMAND_LENGTH_MAX:
        raise LocalProtocolError(f"{codec.command.wire_name} of {length} octets is longer than {COMMAND_LENGTH_MAX}")
    return header + body


_BROKEN_TLVS: Final = Broken(Status.ESME_RINVOPTPARSTREAM, "the octets after the mandatory fields are no TLVs")
_TWO_TEXTS: Final = Broken(Status.ESME_ROPTPARNOTALLWD, "short_message and message_payload exclude each other")


def _has_two_texts(fields: Fields, tlvs: Tlvs) -> bool:
    """SMPP 3.4, 5.3.2.32: sm_length must be 0 with message_payload."""
    return bool(fields.get("short_message")) and any(tag == Tag.MESSAGE_PAYLOAD for tag, _ in tlvs)


def _with_one_text(pdu: Pdu) -> Pdu | None:
    """Put the text of a PDU that fills both places into one, where it is one text; None = two: we must not guess.

    It is one where the payload is empty or repeats short_message, and where short_message is nothing but the user data
    header of the payload.
    """
    short_message, payload = pdu.octets("short_message"), pdu.tlv(Tag.MESSAGE_PAYLOAD)
    assert payload is not None, "there are two"
    others = tuple(tlv for tlv in pdu.tlvs if tlv[0] != Tag.MESSAGE_PAYLOAD)
    if payload in (b"", short_message):
        return pdu._replace(tlvs=others)
    has_header = "esm_class" in pdu.fields and pdu.integer("esm_class") & EsmClass.UDHI
    if has_header and len(short_message) == 1 + short_message[0]:
        whole = int(Tag.MESSAGE_PAYLOAD), short_message + payload
        return pdu._replace(fields=pdu.fields | {"short_message": b""}, tlvs=(*others, whole))
    return None


def _unreadable(codec: _Codec, frame: bytes, body: Broken, read: Pdu | None = None) -> Pdu | BadPdu:
    _, _, status, sequence = HEADER.unpack_from(frame)
    if status and codec.command >= RESPONSE_BIT:  # the status says all: a body that should not be there is not read
        return bodiless(codec.command, status, sequence)
    return BadPdu(codec.command, sequence, body.status, body.reason, read or _readable(codec, frame, status, sequence))


def _readable(codec: _Codec, frame: bytes, status: int, sequence: int) -> Pdu | None:
    """What stands before the fault: all of a PDU that has no fields, and the first field of a response.

    That is a string in every response, an id that somebody will name again; it ends with the PDU where no NUL ends it.
    """
    if codec.empty and codec.command < RESPONSE_BIT:
        return None
    pdu = bodiless(codec.command, status, sequence)
    for name in [*codec.empty][:1]:
        pdu.fields[name] = frame[HEADER.size :].partition(NUL)[0]
    return pdu
