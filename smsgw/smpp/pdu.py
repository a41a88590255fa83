"""A protocol data unit as a value, and what reading one may answer instead.

Rule 1: nothing here prints a message or a password: a short message may hold a payment password, a bind holds the
operator's. `repr` shows their length only, and so does every event and trace built from it.
"""

from typing import Final, NamedTuple

from smsgw.smpp.constants import RESPONSE_BIT, Status, command_name
from smsgw.smpp.tlv import Tag, Tlvs

FieldValue = int | bytes | tuple[dict[str, int | bytes], ...]
"""Integers; octets (C strings without their NUL); the address lists of submit_multi, one dict an entry."""

SECRET_FIELDS: Final = frozenset({"short_message", "password"})
SECRET_TAGS: Final = frozenset({int(Tag.MESSAGE_PAYLOAD)})


class LocalProtocolError(Exception):
    """We tried to break SMPP: a bug of ours, never the peer's."""


class Pdu(NamedTuple):
    """One PDU. *command_id* and *status* are plain ints when they are none of ours; *fields* as in `layouts`."""

    command_id: int
    status: int
    sequence: int
    fields: dict[str, FieldValue]
    tlvs: Tlvs = ()

    def integer(self, name: str) -> int:
        """The integer field *name*; KeyError when this PDU has no such field."""
        value = self.fields[name]
        assert isinstance(value, int), name
        return value

    def octets(self, name: str) -> bytes:
        """The octets of field *name*, a C string without its NUL; KeyError when this PDU has no such field."""
        value = self.fields[name]
        assert isinstance(value, bytes), name
        return value

    def tlv(self, tag: int) -> bytes | None:
        """The value of the first TLV *tag*, None when there is none."""
        for found, value in self.tlvs:
            if found == tag:
                return value
        return None

    def tlv_integer(self, tag: int) -> int | None:
        """The first TLV *tag* as an integer of whatever length it has (operators differ), None when there is none."""
        value = self.tlv(tag)
        return None if value is None else int.from_bytes(value)

    def message_octets(self) -> bytes:
        """The user data, from short_message or message_payload, whichever carries it (SMPP 3.4, 5.3.2.32)."""
        short_message = self.fields.get("short_message", b"")
        assert isinstance(short_message, bytes)
        return short_message or self.tlv(Tag.MESSAGE_PAYLOAD) or b""

    def is_response(self) -> bool:
        """Whether this answers a request (generic_nack included)."""
        return self.command_id >= RESPONSE_BIT

    def __repr__(self) -> str:
        parts = [command_name(self.command_id), f"#{self.sequence}", _status_name(self.status)]
        parts += [f"{name}={_show(value, name in SECRET_FIELDS)}" for name, value in self.fields.items() if value]
        parts += [f"0x{tag:04X}={_show(value, tag in SECRET_TAGS)}" for tag, value in self.tlvs]
        return f"<{' '.join(parts)}>"


class BadPdu(NamedTuple):
    """A well-framed PDU with a broken body; the stream itself is sound.

    *read* is what it says all the same, and what to act upon; None = nothing: answer its *sequence* with *status*.
    """

    command_id: int
    sequence: int
    status: Status
    reason: str
    read: Pdu | None = None

    def is_response(self) -> bool:
        """Whether this would have answered a request."""
        return self.command_id >= RESPONSE_BIT


class BadFrame(NamedTuple):
    """A command_length that cannot be: the stream has lost its cutting, nothing after it can be read."""

    command_length: int


def _status_name(status: int) -> str:
    return Status(status).name if status in _STATUSES else f"0x{status:08X}"


def _show(value: FieldValue, secret: bool) -> str:  # noqa: FBT001 - private, and its two calls read plainly
    if secret and isinstance(value, bytes):
        return f"({len(value)} octets)"
    return repr(value)


_STATUSES: Final = frozenset(Status)
