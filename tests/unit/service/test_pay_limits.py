"""Pay, the limit for one payment: told before anybody is asked about anything, and by the subscriber's level."""

from dataclasses import replace

import pytest

from smsgw.domain.payment import State
from smsgw.service.rules import Allowance, Rules
from smsgw.service.subscribers import identify
from tests.house import ANNA, PAY, House, house_rules, soums

ANONYMOUS = Allowance(payment=soums("50000"), day=soums("60000"), month=soums("60000"))


def limited(payment: str | None) -> Rules:
    rules = house_rules()
    most = None if payment is None else soums(payment)
    return replace(rules, limits=replace(rules.limits, payment=most, levels={"anonymous": ANONYMOUS}))


async def house_with(payment: str | None) -> House:
    house = House(limited(payment))
    await house.enrol()
    return house


@pytest.mark.parametrize(
    ("limit", "level", "amount", "events"),
    [
        (None, "", "5000000", ["code"]),
        ("50000", "", "50000", ["code"]),  # the fee of 500 does not count
        ("50000", "", "50000.01", ["over_limit_payment"]),
        ("50000", "", "49999.99", ["code"]),
        (None, "anonymous", "50000", ["code"]),
        (None, "anonymous", "50000.01", ["over_limit_payment"]),
        ("70000", "anonymous", "50000.01", ["over_limit_payment"]),
        ("70000", "taken_out", "50000.01", ["over_limit_payment"]),
        ("40000", "taken_out", "40000.01", ["over_limit_payment"]),
    ],
)
async def test_a_payment_above_the_limit_for_one_is_refused_at_once(
    limit: str | None, level: str, amount: str, events: list[str]
) -> None:
    house = await house_with(limit)
    await identify(house.store, ANNA, level)

    assert await house.text(f"SARKOR*n25656*{amount}*parol1") == events
    assert bool(await house.store.reads.payments(ANNA, 1)) is (events == ["code"])


async def test_the_refusal_names_the_limit_and_the_sum() -> None:
    house = await house_with("40000")
    await house.text(PAY)

    assert "one payment: 40000 UZS, you asked 50000. Nothing was charged" in house.last_text


@pytest.mark.proves("A40")
async def test_limits_are_told_to_nobody_without_the_right_password() -> None:
    house = await house_with("40000")

    assert await house.text(PAY.replace("parol1", "parol2")) == ["wrong_password"]
    assert await house.text(PAY) == ["over_limit_payment"]


async def test_what_is_refused_leaves_the_payment_that_waits_for_its_code() -> None:
    house = await house_with("60000")
    await house.text(PAY)

    assert await house.text("SARKOR*n25656*60000.01*parol1") == ["over_limit_payment"]
    assert (await house.payment()).state is State.AWAITING_CODE
    assert await house.text(house.code) == ["receipt"]


async def test_a_repeat_is_told_of_the_first_one_though_the_limit_has_been_lowered_since() -> None:
    """Else it would read "nothing was charged" while the money is on its way."""
    house = await house_with(None)
    await house.text(PAY)
    await house.receive(house.code)
    await identify(house.store, ANNA, "taken_out")
    await house.receive("SARKOR*n25656*50000*parol1")

    assert [sms.event for sms in house.texts] == ["processing"]
