"""Parts of long texts: sealed into rows, opened only as the rows that they were."""

from __future__ import annotations

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import InboundPart
from smsgw.sessions.keys import Keyring, SealBroken, UnknownKey
from smsgw.store.seal import PART_KEY, key_of_part, place_of, seal, unseal
from smsgw.store.tables import message_parts

KEYRING = Keyring.from_masters({"k1": bytes(range(32))}, "k1")
ALISHER = Msisdn("+998901234567")
PART = InboundPart(
    link="main",
    sender="998901234567",
    destination="1400",
    reference=7,
    total=2,
    number=1,
    payload=b"canary-password",
    data_coding=8,
    identity=b"1400|canary-password",
)
COLUMNS = message_parts.c.keys()


def stored(part: InboundPart = PART) -> dict[str, object]:
    return {"id": 1, **seal(KEYRING, bytes(12), ALISHER, part), "received_at_us": 5}


def opened(row: dict[str, object], keyring: Keyring = KEYRING) -> InboundPart:
    return unseal(keyring, tuple(row[name] for name in COLUMNS))


@pytest.mark.parametrize("payload", [b"canary-password", b"", b"\x00" * 300])
def test_a_part_comes_back(payload: bytes) -> None:
    part = InboundPart(**{**{name: getattr(PART, name) for name in PART.__slots__}, "payload": payload})
    assert opened(stored(part)) == part


def test_nothing_of_the_text_stands_in_the_row() -> None:
    assert b"canary" not in repr(stored()).encode()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("msisdn", "+998907654321"),
        ("link", "backup"),
        ("destination", "1401"),
        ("reference", 8),
        ("total", 3),
        ("number", 2),
        ("sender", "998907654321"),
        ("data_coding", 0),
        ("nonce", b"\x01" * 12),
    ],
)
def test_a_changed_row_does_not_open(column: str, value: object) -> None:
    with pytest.raises(SealBroken):
        opened(stored() | {column: value})


def test_a_row_of_a_lost_key_names_it() -> None:
    with pytest.raises(UnknownKey, match="k1"):
        opened(stored(), Keyring.from_masters({"k2": bytes(32)}, "k2"))


def test_where_a_part_belongs_is_readable_without_the_key() -> None:
    place = place_of(tuple(stored()[name] for name in COLUMNS))
    assert (place.link, place.number, place.payload, place.identity) == ("main", 1, b"", b"")


def test_parts_of_one_text_have_one_key() -> None:
    assert list(key_of_part(ALISHER, PART)) == list(PART_KEY)
