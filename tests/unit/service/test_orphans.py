"""Orphans: a payment whose provider left the configuration is found, once, and never asked for by any pump."""

from __future__ import annotations

import pytest

from smsgw.domain.calls import ProviderCall
from smsgw.domain.payment import State
from smsgw.service import orphans as module
from smsgw.service.orphans import orphans
from tests.house import ANNA, BORIS, PAY, House


@pytest.fixture
async def unfinished(house: House) -> House:
    """Two payments to sarkor that nobody has carried on; the node that had them has died."""
    await house.enrol(BORIS)
    for sender in (ANNA, BORIS):
        await house.receive(PAY, sender)
    house.calls.clear()
    house.clock.passes(60)
    return house


async def test_what_has_a_provider_is_left_to_the_pump(unfinished: House) -> None:
    async def never(call: ProviderCall) -> None:
        raise AssertionError(call)

    assert await orphans(unfinished.store, {"sarkor", "comnet"}, never) == 0


@pytest.mark.proves("F59")
async def test_every_call_of_a_stranger_is_given_on_once(unfinished: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In as many batches as it takes."""
    monkeypatch.setattr(module, "BATCH_MAX", 1)
    given: list[ProviderCall] = []

    async def exchange(call: ProviderCall) -> None:
        given.append(call)

    assert await orphans(unfinished.store, {"comnet"}, exchange) == 2
    assert {call.provider for call in given} == {"sarkor"}
    assert await orphans(unfinished.store, {"comnet"}, exchange) == 0


@pytest.mark.proves("F59")
async def test_the_settlement_ends_a_stranger_s_check(unfinished: House) -> None:
    """Nothing was charged, so its subscriber is told to try later."""
    provider = unfinished.providers.pop("sarkor")
    assert await orphans(unfinished.store, unfinished.providers, unfinished.settlement.exchange) == 2

    assert provider.asked == []
    assert (await unfinished.payment()).state is not State.CHECKING
    assert await orphans(unfinished.store, unfinished.providers, unfinished.settlement.exchange) == 0
