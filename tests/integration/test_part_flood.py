"""Parts of long texts from everybody at once: they lie in the database, encrypted, for five minutes at most."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from smsgw.domain.phones import subscriber_number
from smsgw.domain.sms import Ack, InboundPart
from smsgw.service.intake import Intake
from smsgw.service.parts import Parts
from smsgw.service.rules import PARTS_WAIT_S
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from smsgw.store.unit import Surroundings
from tests.house import House

SENDERS: Final = int(os.environ.get("SMSGW_FLOOD_SENDERS", "1500"))
# As many as a link hands over before one of them is committed.
AT_ONCE: Final = 200
# What is remembered of a sender's number, of at most 100,000 of them; and what the database's driver keeps.
REMEMBERED_OCTETS: Final = 400
AROUND_OCTETS: Final = 1_000_000
CANARY: Final = b"Canary4Pw"


@pytest.fixture
async def store(house: House, tmp_path: Path) -> AsyncIterator[SqlStore]:
    around = Surroundings(house.clock, house.chance, house.rules.keyring)
    opened = await open_store(f"sqlite:///{tmp_path}/smsgw.sqlite", around)
    yield opened
    await opened.close()


@pytest.fixture
def house() -> House:
    return House()


def first_part(number: int) -> InboundPart:
    """The first part of two, of a subscriber of its own, at the length of a radio network's part."""
    sender = f"99890{number:07d}"
    place = {"link": "operator", "sender": sender, "destination": "1400", "reference": 7, "total": 2, "number": 1}
    payload = CANARY + b"x" * (134 - len(CANARY))
    return InboundPart(**place, payload=payload, data_coding=0, identity=sender.encode() + payload)  # type: ignore[arg-type]


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.proves("A20")
async def test_parts_of_everybody_fill_no_memory_and_are_swept_away(
    house: House, store: SqlStore, tmp_path: Path
) -> None:
    """1,500 senders here, 100,000 with SMSGW_FLOOD_SENDERS: all are taken, none is kept in the process."""
    intake = Intake(house.intake._desk, store, house.intake._passwords, house.clock, house.chance)
    parts = Parts(house.rules, store, intake, {})
    subscriber_number.cache_clear()
    assert await parts.receive(first_part(SENDERS)) is Ack.DONE
    tracemalloc.start()
    for batch in range(0, SENDERS, AT_ONCE):
        taken = (parts.receive(first_part(number)) for number in range(batch, min(batch + AT_ONCE, SENDERS)))
        assert set(await asyncio.gather(*taken)) == {Ack.DONE}
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < AROUND_OCTETS + SENDERS * REMEMBERED_OCTETS
    assert CANARY not in written(tmp_path)
    house.clock.passes(PARTS_WAIT_S + 1)
    swept = 0
    while found := await parts.sweep():
        swept += found
    assert swept == SENDERS + 1
