"""One provider that hangs or is down harms no other: the real pump, settlement and breaker over a house."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from smsgw.domain.calls import Answer, Question, Unknown, Verb
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.settings.catalogue import AmountSection, ProviderSection
from smsgw.settlement.breaker import FAILURES_MAX
from smsgw.wiring import calls_pump
from tests.house import PASSWORD, PAY, House, ScriptedProvider

PEOPLE = [Msisdn(f"+9989012345{number:02d}") for number in range(20)]
LAST = Msisdn("+998901234599")


class Hung(ScriptedProvider):
    """Takes requests and answers none until `release`."""

    def __init__(self) -> None:
        super().__init__()
        self.release = asyncio.Event()

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        answer = await super().call(question, may_send)
        await self.release.wait()
        return answer


@pytest.fixture
async def house() -> House:
    built = House()
    for person in (*PEOPLE, LAST):
        await built.enrol(person)
    return built


def section(parallel_max: int) -> ProviderSection:
    plain = AmountSection(min="500", max="5000000")
    return ProviderSection(
        title="X", amount=plain, protocol="x", url="https://billing.example", parallel_max=parallel_max
    )


async def turns(count: int = 200) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_provider_that_hangs_takes_its_own_places_and_no_other_s(house: House) -> None:
    house.providers["sarkor"] = hung = Hung()
    pump = calls_pump(house.store, house.settlement, {"sarkor": section(8), "comnet": section(2)})
    house.store.subscribe(pump.offer, house.texts.append)
    for person in PEOPLE:
        await house.receive(PAY, person)
    await house.receive(f"COMNET*123456*50000*{PASSWORD}", LAST)
    await turns()

    assert len(hung.asked) == 8
    assert house.exchanges.vitals()["sarkor"].in_flight == 8
    assert (await house.payment(LAST)).state is State.AWAITING_CODE
    hung.release.set()
    await turns()
    assert {(await house.payment(person)).state for person in PEOPLE} == {State.AWAITING_CODE}


async def test_while_a_provider_is_paused_its_subscribers_are_told_at_once_and_others_pay(house: House) -> None:
    for _ in range(FAILURES_MAX):
        house.exchanges.begins("sarkor")
        house.exchanges.note("sarkor", Verb.PAY, Unknown("TimeoutError"), 60.0)

    assert await house.text(PAY, PEOPLE[0]) == ["bank_down"]
    assert house.providers["sarkor"].asked == []
    assert await house.text(f"COMNET*123456*50000*{PASSWORD}", LAST) == ["code"]
    house.clock.passes(30)
    assert await house.text(PAY, PEOPLE[1]) == ["code"]
