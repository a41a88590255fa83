"""Days are hashed once they are over, and what was changed behind the back of the gateway shows."""

from __future__ import annotations

import pytest

from smsgw.service.day_hashes import MARGIN_S, changed_days, hash_days
from smsgw.service.rules import US
from tests.house import PAY, House

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


async def test_every_day_that_is_over_is_hashed_once() -> None:
    house = await a_house_with_days(3)
    assert await hash_days(house.store, house.rules) == 3
    assert await hash_days(house.store, house.rules) == 0
    days = await house.store.reads.day_hashes("", 10)
    # Top-up, hold and post, each with its fee; then holds and posts.
    assert [day.transfers for day in days] == [5, 4, 4]
    assert await changed_days(house.store.reads, house.rules) == []


async def test_a_day_is_not_over_before_the_last_transaction_of_it_can_be() -> None:
    house = await a_house_with_days(1)
    house.clock.time_us -= house.clock.time_us % (DAY_S * US)
    house.clock.passes(MARGIN_S - 1)
    assert await hash_days(house.store, house.rules) == 0
    house.clock.passes(1)
    assert await hash_days(house.store, house.rules) == 1


async def test_days_without_transfers_are_days_too() -> None:
    house = await a_house_with_days(1)
    house.clock.passes(3 * DAY_S)
    await hash_days(house.store, house.rules)
    assert [day.transfers for day in await house.store.reads.day_hashes("", 10)] == [5, 0, 0, 0]


async def test_a_house_without_transfers_has_no_days() -> None:
    house = House()
    assert await hash_days(house.store, house.rules) == 0
    assert await changed_days(house.store.reads, house.rules) == []


@pytest.mark.proves("I7")
@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("UPDATE transfers SET amount_minor = amount_minor + 1 WHERE id LIKE '%:hold'", "others than the 4"),
        ("DELETE FROM transfers WHERE id LIKE '%:hold:fee'", "3 instead of the 4"),
        ("UPDATE transfers SET created_at_us = created_at_us + 1", "others than the 4"),
    ],
)
async def test_what_was_changed_behind_the_back_of_the_gateway_shows(deed: str, found: str) -> None:
    """Whoever owns the database can drop its triggers; the hash that the log has told remains."""
    house = await a_house_with_days(3)
    await hash_days(house.store, house.rules)
    second = (await house.store.reads.day_hashes("", 10))[1].day
    of_second = f"date(created_at_us / 1000000, 'unixepoch') = '{second}'"
    database = house.store.database
    database.execute("DROP TRIGGER transfers_no_update")
    database.execute("DROP TRIGGER transfers_no_delete")
    database.execute(f"{deed}{' AND' if ' WHERE ' in deed else ' WHERE'} {of_second}")
    (line,) = await changed_days(house.store.reads, house.rules)
    assert line.startswith(f"day {second}: ")
    assert found in line
