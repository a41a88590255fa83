"""Follow up: whoever waits hears of it after a quarter of an hour and after a day, once each, parked or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.calls import CallState, Capabilities, Kind, ProviderCall, Unknown, Verb
from smsgw.service.follow_up import follow_up
from tests.house import ANNA, PAY, House, ScriptedProvider

REPEATS = Capabilities(dedupes_by_reference=True, repeat_after_s=3600, lifetime_s=48 * 3600)


async def in_doubt(capabilities: Capabilities) -> House:
    """A payment whose provider has not answered; the subscriber has been told once."""
    house = House()
    await house.enrol()
    provider = house.providers["sarkor"] = ScriptedProvider(capabilities)
    await house.text(PAY)
    provider.answers[Verb.PAY].extend([Unknown("time-out")] * 30)
    assert await house.text(house.code) == ["processing"]
    return house


async def heard(house: House, after_s: float) -> list[str]:
    """What the subscriber reads in a round that long after the last one."""
    house.clock.passes(after_s)
    await follow_up(house.store, house.rules)
    await house.work_off()
    events, house.events = house.events, []
    return events


@pytest.mark.parametrize("capabilities", [REPEATS, Capabilities()])
async def test_two_texts_at_their_ages_and_no_more(capabilities: Capabilities) -> None:
    """The same for a call that is still asked about and for one that is parked."""
    house = await in_doubt(capabilities)
    assert await heard(house, 15 * 60 - 1) == []
    assert await heard(house, 2) == ["still_processing"]
    assert await heard(house, 3600) == []
    assert await heard(house, 24 * 3600 - 3600 - 15 * 60 - 2) == []
    assert await heard(house, 2) == ["processing_day"]
    assert await heard(house, 48 * 3600) == []


async def test_after_a_long_stop_only_the_latest_is_told() -> None:
    """Two texts in one second would say two things about one payment."""
    house = await in_doubt(Capabilities())
    assert await heard(house, 48 * 3600) == ["processing_day"]
    assert await heard(house, 48 * 3600) == []


async def test_a_payment_that_was_answered_is_not_spoken_of_any_more() -> None:
    house = House()
    await house.enrol()
    await house.text(PAY)
    assert await house.text(house.code) == ["receipt"]
    assert await heard(house, 48 * 3600) == []


async def test_a_call_in_somebodys_hands_waits_for_the_next_round() -> None:
    """A node in the middle of an exchange will write its own copy back: nothing may be changed behind it."""
    house = await in_doubt(Capabilities())
    payment = await house.payment()

    async def lease(until_us: int) -> None:
        call = await house.store.reads.call(payment.id, Kind.PAY)
        assert isinstance(call, ProviderCall)
        leased = replace(call, lease_until_us=until_us, state=CallState.DUE)
        await house.store.write(ANNA, lambda tx: tx.calls.save(leased))

    await lease(house.clock.now_us() + 3600 * 1_000_000)
    assert await heard(house, 1800) == []
    assert await heard(house, 1801) == ["still_processing"]
