"""The adapters against the simulated billings over loopback HTTP: every answer, every fault, and what was credited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web

from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import (
    Accepted,
    Answer,
    Found,
    Kind,
    NotSent,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.ports import Provider
from smsgw.providers.http import PARALLEL
from tests.contract.billings import DEADLINE_S, World, ask, order, serving
from tests.integration.running_link import until

NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER

SETUPS = (
    BillingSetup(name="osmp", protocol="osmp", login="smsgw", password="canary"),
    BillingSetup(name="open", protocol="osmp", dedupes=False),
    BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password="canary", dedupes=False),
)
DIALECTS: Final[Mapping[str, Mapping[str, object]]] = {
    "sarkor": {"refusals": {"no account": "no_account", "too small": "amount", "too large": "amount"}},
}
PROTOCOLS = pytest.mark.parametrize("name", ["osmp", "sarkor"])


def provider_of(world: World, name: str) -> Provider:
    """The adapter, with the dialect that the simulated billing speaks."""
    return world.provider(name, dialect=DIALECTS.get(name, {}))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving(web.Application(), SETUPS) as world:
        yield world


@PROTOCOLS
async def test_a_payment_is_checked_and_credited_once(world: World, name: str) -> None:
    """What stands in the provider's book is what was ordered."""
    provider = provider_of(world, name)
    assert isinstance(await ask(provider, Verb.CHECK, order()), Found)
    assert world.credited(name) == []
    assert await ask(provider, Verb.PAY, order()) == Accepted("5001")
    assert world.credited(name) == [(900_001, "25656", 5_000_000)]


@pytest.mark.parametrize(
    "dialect",
    [{"method": "POST"}, {"whole_units": True}, {"check_with_txn_id": False}],
)
async def test_dialects_of_osmp_reach_the_same_book(world: World, dialect: Mapping[str, object]) -> None:
    provider = world.provider("osmp", dialect=dialect)
    assert await ask(provider, Verb.CHECK, order()) == Found("Алиев А.")
    assert await ask(provider, Verb.PAY, order()) == Accepted("5001")
    assert world.credited("osmp") == [(900_001, "25656", 5_000_000)]


@PROTOCOLS
@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY])
async def test_an_account_that_does_not_exist_is_refused(world: World, name: str, verb: Verb) -> None:
    answer = await ask(provider_of(world, name), verb, order(account="25000"))
    assert isinstance(answer, Refused)
    assert answer.reason is NO_ACCOUNT
    assert world.credited(name) == []


@PROTOCOLS
async def test_a_sum_above_the_providers_limit_is_refused(world: World, name: str) -> None:
    answer = await ask(provider_of(world, name), Verb.PAY, order(soums=100_000_001))
    assert isinstance(answer, Refused)
    assert answer.reason is AMOUNT


@pytest.mark.proves("F38")
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (4, Refused(NO_ACCOUNT, "4")),
        (5, Refused(NO_ACCOUNT, "5")),
        (7, Refused(OTHER, "7")),
        (8, Refused(OTHER, "8")),
        (79, Refused(OTHER, "79")),
        (241, Refused(AMOUNT, "241")),
        (243, Refused(OTHER, "243")),
        (300, Refused(OTHER, "300")),
        (1, Unknown("result 1")),
        (6, Unknown("result 6", alarm=True)),
        (275, Unknown("result 275", alarm=True)),
    ],
)
async def test_osmp_refusals_by_code(world: World, code: int, answer: Answer) -> None:
    world.fault("osmp", "refuse", code=code)
    assert await ask(world.provider("osmp"), Verb.PAY, order()) == answer
    assert world.credited("osmp") == []


async def test_a_sarkor_status_that_nobody_listed_is_no_refusal(world: World) -> None:
    world.fault("sarkor", "refuse", code=0)
    assert await ask(world.provider("sarkor"), Verb.PAY, order()) == Unknown("status 0", alarm=True)


ANOTHER = Unknown("the answer is about another txn_id", alarm=True)


@pytest.mark.proves("F35", "F37", "F39")
@PROTOCOLS
@pytest.mark.parametrize(
    ("kind", "options", "answer", "credited"),
    [
        ("apply_then_timeout", {}, Unknown("TimeoutError"), True),
        ("timeout_without_apply", {}, Unknown("TimeoutError"), False),
        ("apply_late", {"seconds": 60}, Unknown("TimeoutError"), False),
        ("http_500_after_apply", {}, Unknown("HTTP 500"), True),
        ("http_status", {"code": 503}, Unknown("HTTP 503"), False),
        ("http_status", {"code": 429}, Unknown("HTTP 429"), False),
        ("http_status", {"code": 401}, Unknown("HTTP 401", alarm=True), False),
        ("http_status", {"code": 404}, Unknown("HTTP 404", alarm=True), False),
        ("http_status", {"code": 302}, Unknown("HTTP 302", alarm=True), False),
        ("http_status", {"code": 307}, Unknown("HTTP 307", alarm=True), False),
        ("garbage", {}, None, True),
        ("garbage", {"body": ""}, None, True),
        ("garbage", {"body": "x" * 100_000}, Unknown("the answer is larger than any honest one", alarm=True), True),
        ("drop_after_request", {}, Unknown("ServerDisconnectedError"), True),
        ("slow", {"seconds": 60}, Unknown("TimeoutError"), False),
    ],
)
async def test_a_fault_leaves_a_pay_in_doubt_and_is_met_once(
    world: World, name: str, kind: str, options: Mapping[str, Any], answer: Answer | None, *, credited: bool
) -> None:
    """Nothing is sent a second time, whatever the method: the books and the count of requests say so."""
    provider = provider_of(world, name)
    assert isinstance(await ask(provider, Verb.CHECK, order()), Found)
    world.fault(name, kind, **options)
    met = await ask(provider, Verb.PAY, order())
    assert met == answer or (answer is None and isinstance(met, Unknown))
    assert world.billings[name].requests == {"check": 1, "pay": 1}
    assert len(world.credited(name)) == credited


@pytest.mark.proves("I12", "F40")
async def test_an_answer_about_another_payment_is_an_alarm(world: World) -> None:
    world.fault("osmp", "wrong_echo")
    assert await ask(world.provider("osmp"), Verb.PAY, order()) == ANOTHER


@PROTOCOLS
async def test_a_slow_answer_within_the_deadline_is_an_answer(world: World, name: str) -> None:
    world.fault(name, "slow", seconds=0.05)
    assert await ask(provider_of(world, name), Verb.PAY, order()) == Accepted("5001")


async def test_an_osmp_repeat_answers_as_the_first_did_and_credits_nothing(world: World) -> None:
    """A repeat of pay is the protocol's status question."""
    provider = world.provider("osmp")
    world.fault("osmp", "apply_then_timeout")
    assert await ask(provider, Verb.PAY, order()) == Unknown("TimeoutError")
    assert await ask(provider, Verb.PAY, order()) == Accepted("5001")
    assert len(world.credited("osmp")) == 1
    assert world.billings["osmp"].overlaps == 0


@pytest.mark.parametrize("name", ["open", "sarkor"])
async def test_without_a_look_for_duplicates_a_repeat_credits_twice(world: World, name: str) -> None:
    """Why a provider that does not dedupe is never asked again: the simulated one shows what it would cost."""
    for _ in range(2):
        assert isinstance(await ask(provider_of(world, name), Verb.PAY, order()), Accepted)
    assert len(world.credited(name)) == 2


async def test_a_reference_used_for_another_sum_is_no_answer(world: World) -> None:
    provider = world.provider("osmp")
    await ask(provider, Verb.PAY, order())
    assert await ask(provider, Verb.PAY, order(soums=50_001)) == Unknown("HTTP 500")
    assert len(world.credited("osmp")) == 1


@pytest.mark.proves("F39")
async def test_a_wrong_password_is_a_matter_of_configuration(world: World) -> None:
    assert await ask(world.provider("osmp", secret="wrong"), Verb.PAY, order()) == Unknown("HTTP 401", alarm=True)
    assert await ask(world.provider("sarkor", secret="wrong"), Verb.PAY, order()) == Unknown("status -3", alarm=True)
    assert world.billings["osmp"].requests == world.billings["sarkor"].requests == {"bad": 1}


@PROTOCOLS
async def test_a_call_that_may_not_be_sent_is_not_sent(world: World, name: str) -> None:
    """The question comes once for each call, after connecting, and a no leaves no trace."""
    provider = provider_of(world, name)
    parameters = provider.parameters(Kind.PAY, order())
    assert parameters is not None
    asked: list[bool] = []

    def may_send(*, allowed: bool) -> bool:
        asked.append(allowed)
        return allowed

    for allowed in (False, True, False, False, True):
        question = Question(verb=Verb.PAY, parameters=parameters)
        answer = await provider.call(question, partial(may_send, allowed=allowed))
        assert isinstance(answer, Accepted) if allowed else answer == NotSent("MayNotSend")
    assert asked == [False, True, False, False, True]
    assert world.billings[name].requests == {"pay": 2}


@pytest.mark.proves("I25", "F43")
async def test_at_most_eight_requests_are_in_flight_at_one_provider(world: World) -> None:
    provider = world.provider("osmp")
    world.fault("osmp", "slow", seconds=0.2, count=3 * PARALLEL)
    pays = [ask(provider, Verb.PAY, order(reference)) for reference in range(1, 3 * PARALLEL + 1)]
    assert all(isinstance(answer, Accepted) for answer in await asyncio.gather(*pays))
    assert world.billings["osmp"].in_flight_max == PARALLEL
    assert len(world.credited("osmp")) == 3 * PARALLEL


@pytest.mark.proves("F43")
async def test_a_slow_provider_does_not_hold_up_another(world: World) -> None:
    slow, quick = world.provider("osmp", parallel_max=1), world.provider("sarkor")
    world.fault("osmp", "slow", seconds=DEADLINE_S / 2)
    waiting = asyncio.ensure_future(ask(slow, Verb.PAY, order()))
    await until(lambda: world.billings["osmp"].requests["pay"])
    assert isinstance(await ask(quick, Verb.PAY, order()), Accepted)
    assert not waiting.done()
    world.clock.skip(DEADLINE_S / 2)
    assert await waiting == Accepted("5001")


async def test_a_cancelled_call_gives_its_place_back(world: World) -> None:
    provider = world.provider("osmp", parallel_max=1)
    parameters = provider.parameters(Kind.PAY, order())
    assert parameters is not None
    world.fault("osmp", "slow", seconds=DEADLINE_S / 2)
    sending = asyncio.Event()

    def may_send() -> bool:
        sending.set()
        return True

    waiting = asyncio.ensure_future(provider.call(Question(verb=Verb.PAY, parameters=parameters), may_send))
    await sending.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    world.billings["osmp"].faults.clear()
    assert await ask(provider, Verb.PAY, order()) == Accepted("5001")


async def test_credentials_are_sent_and_never_stored(world: World) -> None:
    for name in ("osmp", "sarkor"):
        for kind in (Kind.CHECK, Kind.PAY):
            parameters = world.provider(name).parameters(kind, order())
            assert parameters is not None
            assert "canary" not in str(parameters)
            assert "smsgw" not in str(parameters)


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_billings_tell_who_they_are(world: World, browser: aiohttp.ClientSession) -> None:
    async with browser.get(world.url("")) as response:
        assert await response.json() == [
            {"name": "osmp", "protocol": "osmp", "path": "/providers/osmp/osmp"},
            {"name": "open", "protocol": "osmp", "path": "/providers/open/osmp"},
            {"name": "sarkor", "protocol": "sarkor", "path": "/providers/sarkor"},
        ]


async def test_a_fault_is_ordered_over_http_for_some_accounts_and_some_requests(
    world: World, browser: aiohttp.ClientSession
) -> None:
    provider = world.provider("osmp")
    fault = {"kind": "refuse", "count": 2, "command": "any", "accounts": "9.*", "code": 79}
    async with browser.post(world.url("/osmp/faults"), json=fault) as response:
        assert response.status == 201
    assert await ask(provider, Verb.PAY, order(account="8")) == Accepted("5001")
    assert await ask(provider, Verb.CHECK, order(account="91")) == Refused(OTHER, "79")
    async with browser.get(world.url("/osmp/faults")) as response:
        assert [(fault["kind"], fault["count"]) for fault in await response.json()] == [("refuse", 1)]
    async with browser.delete(world.url("/osmp/faults")) as response:
        assert response.status == 204
    assert isinstance(await ask(provider, Verb.CHECK, order(account="91")), Found)


async def test_the_ledger_over_http_shows_a_late_credit(world: World, browser: aiohttp.ClientSession) -> None:
    world.fault("osmp", "apply_late", seconds=60)
    assert await ask(world.provider("osmp"), Verb.PAY, order()) == Unknown("TimeoutError")
    assert world.credited("osmp") == []
    world.clock.skip(60)
    await until(lambda: world.credited("osmp"))
    async with browser.get(world.url("/osmp/ledger")) as response:
        ledger = await response.json()
    assert [(line["reference"], line["account"], line["amount_minor"]) for line in ledger["credits"]] == [
        (900_001, "25656", 5_000_000)
    ]
    assert ledger["requests"] == {"pay": 1}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("x", "JSON"),
        ({}, "kind"),
        ({"kind": "explode"}, "kind"),
        ({"kind": "garbage", "times": 3}, "times"),
        ({"kind": "garbage", "count": 0}, "count"),
        ({"kind": "garbage", "count": "3"}, "count"),
        ({"kind": "garbage", "count": True}, "count"),
        ({"kind": "garbage", "accounts": "("}, "accounts"),
        ({"kind": "garbage", "command": "steal"}, "command"),
        ({"kind": "slow", "seconds": 1e9}, "seconds"),
        ({"kind": "http_status", "code": 200}, "code"),
        ({"kind": "garbage", "body": "half \ud83d"}, "body"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(
    world: World, browser: aiohttp.ClientSession, fault: object, reason: str
) -> None:
    async with browser.post(world.url("/osmp/faults"), json=fault) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"
        assert reason in (await response.json())["detail"]
