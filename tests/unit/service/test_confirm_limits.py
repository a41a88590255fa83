"""Confirm, the limits: in one payment, in a day and in a month, by level and by the service's own calendar."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smsgw.domain.calls import RefusalReason, Refused, Verb
from smsgw.domain.payment import State
from smsgw.service.rules import Allowance
from smsgw.service.subscribers import identify
from tests.house import ANNA, PAY, House, house_rules, soums

NOVEMBER_ENDS_US = 1_796_065_200_000_000  # 2026-12-01 00:00 in Tashkent, 2026-11-30 19:00 UTC
FIRST, SECOND = "SARKOR*n25656*40000*parol1", "SARKOR*n25657*20000.01*parol1"


async def house_of(level: str, allowance: Allowance) -> House:
    rules = house_rules()
    limits = replace(rules.limits, levels={"anonymous": allowance})
    house = House(replace(rules, limits=limits, zone=ZoneInfo("Asia/Tashkent")))
    await house.enrol()
    await identify(house.store, ANNA, level)
    return house


async def paid(house: House, text: str) -> list[str]:
    await house.text(text)
    return await house.text(house.code)


@pytest.mark.proves("A70")
@pytest.mark.parametrize(
    ("day", "month", "second", "events"),
    [
        ("60000", "60000", "20000", ["receipt"]),
        ("60000", "60000", "20000.01", ["over_limit"]),
        ("60000", "60000.01", "20000.01", ["over_limit_day"]),
        ("60000.01", "60000.01", "20000.01", ["receipt"]),
    ],
)
async def test_exactly_the_limit_of_a_level_passes_and_one_tiyin_more_does_not(
    day: str, month: str, second: str, events: list[str]
) -> None:
    house = await house_of("anonymous", Allowance(day=soums(day), month=soums(month)))
    await paid(house, FIRST)

    assert await paid(house, f"SARKOR*n25657*{second}*parol1") == events


async def test_a_level_binds_only_those_who_have_it() -> None:
    house = await house_of("", Allowance(day=soums("1"), month=soums("1")))

    assert await paid(house, PAY) == ["receipt"]


async def test_a_level_that_nobody_knows_any_more_holds_the_strictest_limits() -> None:
    house = await house_of("taken_out", Allowance(day=soums("49999.99"), month=soums("60000")))

    assert await paid(house, PAY) == ["over_limit_day"]


async def test_a_limit_that_was_lowered_after_the_code_was_sent_holds_with_the_code() -> None:
    limit = Allowance(payment=soums("49999.99"), day=soums("60000"), month=soums("60000"))
    house = await house_of("", limit)
    await house.text(PAY)
    await identify(house.store, ANNA, "anonymous")

    assert await house.text(house.code) == ["over_limit_payment"]
    assert (await house.payment()).state is State.NOT_EXECUTED
    assert await house.available() == "1000000"


@pytest.mark.parametrize(("seconds", "events"), [(-1, ["over_limit"]), (0, ["receipt"])])
async def test_the_month_begins_at_midnight_in_tashkent(seconds: int, events: list[str]) -> None:
    """The second payment is confirmed in the last second of November, or with the first of December."""
    house = await house_of("anonymous", Allowance(day=soums("60000"), month=soums("60000")))
    house.clock.time_us = NOVEMBER_ENDS_US - 3600 * 1_000_000
    await paid(house, FIRST)
    house.clock.time_us = NOVEMBER_ENDS_US - 10 * 1_000_000
    await house.text(SECOND)
    house.clock.time_us = NOVEMBER_ENDS_US + seconds * 1_000_000

    assert await house.text(house.code) == events


async def test_what_the_provider_refused_counts_for_nothing() -> None:
    house = await house_of("anonymous", Allowance(day=soums("50000"), month=soums("50000")))
    house.providers["sarkor"].answers[Verb.PAY].append(Refused(RefusalReason.OTHER, "1"))
    await paid(house, PAY)

    assert await paid(house, "SARKOR*n25657*50000*parol1") == ["receipt"]


async def test_the_limit_is_told_before_the_want_of_money() -> None:
    """A source outside our books is asked only for what may be paid."""
    house = await house_of("anonymous", Allowance(day=soums("2000000"), month=soums("2000000")))

    assert await paid(house, "SARKOR*n25656*2000000*parol1") == ["no_money"]
    assert await paid(house, "SARKOR*n25656*2000000.01*parol1") == ["over_limit"]
