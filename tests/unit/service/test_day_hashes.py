"""Days are hashed once they are over, and what was changed behind the back of the gateway shows."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smsgw.service.day_hashes import MARGIN_S, DayCloser, close_days, compare_days
from smsgw.service.rules import US
from tests.house import PAY, HandClock, House

DAY_S = 24 * 3600


async def a_house_with_days(days: int) -> House:
    """One payment on each of several days."""
    house = House()
    await house.enrol()
    for _ in range(days):
        await house.text(PAY)
        await house.text(house.code)
        house.clock.passes(DAY_S)
    return house


async def transfers(house: House) -> list[int]:
    """How many each closed day has, the oldest first."""
    return [day.transfers for day in reversed(await house.store.reads.day_hashes(100))]


async def changed(house: House) -> list[str]:
    return [each.closed.day for each in await compare_days(house.store.reads, 100) if not each.as_closed]


async def test_every_day_that_is_over_is_hashed_once() -> None:
    house = await a_house_with_days(3)
    assert await close_days(house.store, house.rules) == 3
    assert await close_days(house.store, house.rules) == 0
    # Top-up, hold and post, each with its fee; then holds and posts.
    assert await transfers(house) == [5, 4, 4]
    assert await changed(house) == []


async def test_a_day_is_not_over_before_the_last_transaction_of_it_can_be() -> None:
    house = await a_house_with_days(1)
    house.clock.time_us -= house.clock.time_us % (DAY_S * US)
    house.clock.passes(MARGIN_S - 1)
    assert await close_days(house.store, house.rules) == 0
    house.clock.passes(1)
    assert await close_days(house.store, house.rules) == 1


async def test_days_without_transfers_are_days_too() -> None:
    house = await a_house_with_days(1)
    house.clock.passes(3 * DAY_S)
    await close_days(house.store, house.rules)
    assert await transfers(house) == [5, 0, 0, 0]


async def test_a_house_without_transfers_has_no_days() -> None:
    house = House()
    assert await close_days(house.store, house.rules) == 0
    assert await compare_days(house.store.reads, 7) == []


async def test_only_the_latest_days_are_compared_where_only_they_are_asked_for() -> None:
    house = await a_house_with_days(4)
    await close_days(house.store, house.rules)
    compared = await compare_days(house.store.reads, 2)
    assert [each.closed for each in compared] == list(await house.store.reads.day_hashes(2))
    assert all(each.as_closed for each in compared)


@pytest.mark.parametrize("zone", ["Asia/Tashkent", "America/New_York", "Pacific/Kiritimati"])
async def test_another_time_zone_moves_a_border_and_loses_nothing(zone: str) -> None:
    house = await a_house_with_days(2)
    await close_days(house.store, house.rules)
    await house.text(PAY)
    await house.text(house.code)
    house.clock.passes(2 * DAY_S)
    await close_days(house.store, replace(house.rules, zone=ZoneInfo(zone)))
    assert sum(await transfers(house)) == 13
    assert await changed(house) == []


@pytest.mark.parametrize(("even_s", "closes"), [(0, False), (MARGIN_S - 1, False), (MARGIN_S, True)])
async def test_only_a_clock_that_has_gone_evenly_for_an_hour_closes_a_day(even_s: int, *, closes: bool) -> None:
    """One that was set forward would close the day that is still going on."""
    house, process = await a_house_with_days(1), HandClock()
    closer = DayCloser(house.rules, house.store, process)
    await closer.round()
    house.clock.passes(2 * DAY_S)  # and no second has passed for the process
    assert await closer.round() == 0
    for clock in (house.clock, process):
        clock.passes(even_s)
    assert (await closer.round() > 0) is closes


@pytest.mark.proves("I7")
@pytest.mark.parametrize(
    ("deed", "transfers_now"),
    [
        ("UPDATE transfers SET amount_minor = amount_minor + 1 WHERE id LIKE '%:hold'", 4),
        ("DELETE FROM transfers WHERE id LIKE '%:hold:fee'", 3),
        ("UPDATE transfers SET created_at_us = created_at_us + 1", 4),
    ],
)
async def test_what_was_changed_behind_the_back_of_the_gateway_shows(deed: str, transfers_now: int) -> None:
    """Whoever owns the database can drop its triggers; the hash that the log has told remains."""
    house = await a_house_with_days(3)
    await close_days(house.store, house.rules)
    second = (await house.store.reads.day_hashes(10))[1].day
    of_second = f"date(created_at_us / 1000000, 'unixepoch') = '{second}'"
    database = house.store.database
    database.execute("DROP TRIGGER transfers_no_update")
    database.execute("DROP TRIGGER transfers_no_delete")
    database.execute(f"{deed}{' AND' if ' WHERE ' in deed else ' WHERE'} {of_second}")
    (found,) = (each for each in await compare_days(house.store.reads, 10) if not each.as_closed)
    assert (found.closed.day, found.closed.transfers, found.now.transfers) == (second, 4, transfers_now)
