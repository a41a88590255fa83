"""Expire: only codes whose time is over, and only after the grace for those on their way."""

import pytest

from smsgw.domain.payment import State
from smsgw.service.expire import expire
from tests.house import BORIS, PAY, House


@pytest.mark.parametrize(
    ("after_s", "state"),
    [(310, State.AWAITING_CODE), (310.000_001, State.EXPIRED)],
)
async def test_a_payment_expires_ten_seconds_after_its_code(house: House, after_s: float, state: State) -> None:
    await house.text(PAY)
    house.clock.passes(after_s)
    await expire(house.store, house.rules)

    assert (await house.payment()).state is state


async def test_what_is_being_paid_never_expires(house: House) -> None:
    await house.text(PAY)
    await house.receive(house.code)
    house.clock.passes(10 * 24 * 3600)

    assert await expire(house.store, house.rules) == 0
    assert (await house.payment()).state is State.PROCESSING


async def test_a_payment_that_cannot_be_ended_does_not_stop_the_others(house: House) -> None:
    """The oldest row is damaged: it would come first in every round."""
    await house.enrol(BORIS)
    await house.text(PAY)
    house.store._database.execute("UPDATE payments SET currency = 'XXX'")
    await house.text(PAY, BORIS)
    house.clock.passes(311)

    assert await expire(house.store, house.rules) == 1
    assert (await house.payment(BORIS)).state is State.EXPIRED
