"""A payment that is taken back, by every protocol that can take one back and tell what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest
from aiohttp import web

from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import Absent, Accepted, Answer, Cancelled, Kind, Question, Unknown, Verb
from smsgw.ports import Provider
from smsgw.settlement.decisions import Accept
from tests.contract.billings import World, order, serving
from tests.contract.settling import settle

CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "osmp": {"dialect": {"status": True, "cancel": True}},
    "payme": {},
    "paynet": {"dialect": {"service_id": 7}},
    "json": {},
}
SETUPS: Final = tuple(
    BillingSetup(name=name, protocol=name, login="" if name == "payme" else "smsgw", password="canary")
    for name in CHANGES
)
ORDER: Final = order()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving(web.Application(), SETUPS) as world:
        yield world


async def of_cancel(provider: Provider, verb: Verb) -> Answer:
    """One exchange about a cancel, with the parameters that are stored with it."""
    parameters = provider.parameters(Kind.CANCEL, ORDER)
    assert parameters is not None
    return await provider.call(Question(verb=verb, parameters=parameters), lambda: True)


@pytest.mark.parametrize("name", CHANGES)
async def test_a_cancel_in_doubt_is_asked_about_and_sent_again(world: World, name: str) -> None:
    """Its request is lost: the payment is still there, and the question about it tells that and nothing else."""
    provider = world.provider(name, **CHANGES[name])
    assert provider.capabilities.status
    assert provider.capabilities.cancels
    assert isinstance((await settle(provider, ORDER)).decision, Accept)
    world.fault(name, "timeout_without_apply", command="cancel")
    assert await of_cancel(provider, Verb.CANCEL) == Unknown("TimeoutError")
    still_there = await of_cancel(provider, Verb.STATUS)
    assert isinstance(still_there, Accepted)
    assert not still_there.alarm
    assert isinstance(await of_cancel(provider, Verb.CANCEL), Cancelled)
    assert isinstance(await of_cancel(provider, Verb.STATUS), Cancelled | Absent)
    assert world.credited(name) == []
