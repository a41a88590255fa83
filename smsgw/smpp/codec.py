"""Octets to PDU and back.

Rule 1: `decode` takes any octets that `frames` cut out and answers a value, Pdu or BadPdu; it never raises.
Rule 2: be liberal with what costs nobody anything (a response without a body, unknown TLVs and statuses), strict with
what could mean a wrong message (a field without its end, a length past the end, two texts in one PDU).
Rule 3: `encode` refuses with LocalProtocolError what no peer could read; it cuts nothing to make it fit.
"""

import struct
from typing import Final, NamedTuple

from smsgw.smpp.compiler import Broken, Fields, Reader, Writer, make_reader, make_writer
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
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
        return _unreadable(codec.command, status, sequence, body)
    fields, at = body
    if at == len(frame):
        return Pdu(codec.command, status, sequence, fields)
    tlvs = _read_tlvs(frame, fields, at)
    if isinstance(tlvs, Broken):
        return _unreadable(codec.command, status, sequence, tlvs)
    return Pdu(codec.command, status, sequence, fields, tlvs)


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
    """SMPP 3.4, 5.3.2.32: sm_length must be 0 with message_payload. Which text was meant? We must not guess."""
    return bool(fields.get("short_message")) and any(tag == Tag.MESSAGE_PAYLOAD for tag, _ in tlvs)


def _unreadable(command: Command, status: int, sequence: int, body: Broken) -> Pdu | BadPdu:
    if status and command >= RESPONSE_BIT:  # the status says all: a body that should not be there is not read
        return bodiless(command, status, sequence)
    return BadPdu(command, sequence, body.status, body.reason)


def _read_tlvs(frame: bytes, fields: Fields, at: int) -> Tlvs | Broken:
    tlvs = read_tlvs(frame, at)
    if tlvs is None:
        return _BROKEN_TLVS
    return _TWO_TEXTS if _has_two_texts(fields, tlvs) else tlvs
