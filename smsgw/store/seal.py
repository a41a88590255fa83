"""Parts of long texts on their way into a row and out of it: what may hold a password is encrypted.

The payload and the identity (which contains the payload's octets) are sealed together; what the row is found by stays
readable, and is bound to the sealed octets, so that nothing can be moved to another row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import InboundPart
from smsgw.sessions.keys import Keyring
from smsgw.store.sql import Row

# The length of a payload in front of it; an SMPP payload has at most 64 KiB.
LENGTH_OCTETS: Final = 2


PART_KEY: Final = ("msisdn", "link", "destination", "reference", "total")
"""What all parts of one text have in common: a reference is unique only between one sender and one recipient."""


def key_of_part(msisdn: Msisdn, part: InboundPart) -> dict[str, Any]:
    """The columns of `PART_KEY`."""
    return dict(zip(PART_KEY, (msisdn, part.link, part.destination, part.reference, part.total), strict=True))


def seal(keyring: Keyring, nonce: bytes, msisdn: Msisdn, part: InboundPart) -> dict[str, Any]:
    """The columns of a part but its time, sealed with the current key."""
    plain = len(part.payload).to_bytes(LENGTH_OCTETS) + part.payload + part.identity
    row = key_of_part(msisdn, part) | {"number": part.number, "sender": part.sender, "data_coding": part.data_coding}
    sealed = keyring.seal_part(plain, nonce, _bound(row.values()))
    return row | {"key_id": keyring.current, "nonce": nonce, "sealed": sealed}


def place_of(row: Row) -> InboundPart:
    """Which part a whole row holds, unopened: without payload and identity."""
    _, _, link, destination, reference, total, number, sender, data_coding, *_ = row
    return InboundPart(
        link=link,
        sender=sender,
        destination=destination,
        reference=reference,
        total=total,
        number=number,
        payload=b"",
        data_coding=data_coding,
        identity=b"",
    )


def unseal(keyring: Keyring, row: Row) -> InboundPart:
    """A part from a whole row.

    Raises:
        SealBroken: the row was changed.
        UnknownKey: its key is no longer in the ring.
    """
    key_id, nonce, sealed = row[9:12]
    plain = keyring.open_part(key_id, sealed, nonce, _bound(row[1:9]))
    end = LENGTH_OCTETS + int.from_bytes(plain[:LENGTH_OCTETS])
    return replace(place_of(row), payload=plain[LENGTH_OCTETS:end], identity=plain[end:])


def _bound(columns: Iterable[object]) -> bytes:
    return repr(tuple(columns)).encode()
