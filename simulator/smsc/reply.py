"""What an SMSC answers to a request, as a value."""

from __future__ import annotations

from typing import NamedTuple

from smsgw.smpp.constants import Status
from smsgw.smpp.pdu import FieldValue
from smsgw.smpp.tlv import Tlvs


class Reply(NamedTuple):
    """The answer to one request."""

    status: int
    fields: dict[str, FieldValue] | None = None
    tlvs: Tlvs = ()


class RefusedError(Exception):
    """A request is refused with *status*."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status
