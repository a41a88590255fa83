"""Registries: the file that a provider gets for a day, made again and corrected."""

from __future__ import annotations

from typing import Final

from smsgw.domain.calls import Accepted, Capabilities, RefusalReason, Refused, Unknown, Verb
from smsgw.domain.payment import State
from smsgw.service.registries import Registries
from tests.house import ANNA, BORIS, PAY, House, ScriptedProvider

DAY: Final = "2026-11-18"
WANTS: Final = Capabilities(registry=True, dedupes_by_reference=True, repeat_after_s=60)


class MemoryShelf:
    """Implements `ports.Shelf`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, name: str, octets: bytes) -> None:
        self.files[name] = octets


async def a_house() -> tuple[House, Registries, MemoryShelf]:
    house = House()
    await house.enrol()
    await house.enrol(BORIS)
    house.providers["sarkor"] = ScriptedProvider(WANTS)
    shelf = MemoryShelf()
    return house, Registries(house.rules, house.parties, house.store, shelf), shelf


async def test_a_registry_holds_what_was_executed_that_day_and_nothing_else() -> None:
    house, registries, shelf = await a_house()
    answers = house.providers["sarkor"].answers[Verb.PAY]
    answers.extend([Accepted("P-1"), Refused(RefusalReason.OTHER, "7")])
    for sender in (ANNA, BORIS):
        await house.text(PAY, sender)
        await house.text(house.code, sender)
    made = await registries.make("sarkor", DAY)
    assert made is not None
    payment = await house.payment()
    expected = f"{payment.id}\t2026-11-18\t16:06:40\tn25656\t50000.00\r\nTotal: 1 50000.00\r\n"
    assert shelf.files == {"SMSGW_sarkor_202611181.csv": expected.encode()}
    assert (made.payments, made.sum_minor) == (1, 5_000_000)


async def test_made_again_it_is_the_same_file_and_the_same_row() -> None:
    house, registries, shelf = await a_house()
    first = await registries.make("sarkor", DAY)
    shelf.files.clear()
    house.clock.passes(3600)
    assert await registries.make("sarkor", DAY) == first
    assert shelf.files == {"SMSGW_sarkor_202611181.csv": b"Total: 0 0.00\r\n"}


async def test_a_payment_that_was_resolved_later_makes_a_corrected_one() -> None:
    house, registries, shelf = await a_house()
    house.providers["sarkor"].answers[Verb.PAY].append(Unknown("time-out"))
    await house.text(PAY)
    await house.text(house.code)
    await registries.make("sarkor", DAY)
    for _ in range(5):
        house.clock.passes(60)
        await house.claim()
    assert (await house.payment()).state is State.EXECUTED
    corrected = await registries.make("sarkor", DAY)
    assert corrected is not None
    assert (corrected.serial, corrected.payments) == (2, 1)
    assert set(shelf.files) == {"SMSGW_sarkor_202611181.csv", "SMSGW_sarkor_202611182.csv"}


async def test_a_provider_that_wants_none_gets_none() -> None:
    house, registries, shelf = await a_house()
    house.providers["sarkor"] = ScriptedProvider(Capabilities())
    assert await registries.make("sarkor", DAY) is None
    assert await registries.make("nobody", DAY) is None
    assert shelf.files == {}
