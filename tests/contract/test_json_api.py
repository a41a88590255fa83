"""The gateway's own protocol: the adapter against the simulated billing, both judged by the document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from simulator.billing.book import Credit
from simulator.billing.faults import FaultKind
from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Found,
    Kind,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.secret import Secret
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine
from smsgw.ports import Provider
from smsgw.providers.json_api import authorization
from tests.contract.billings import World, ask, order, serving
from tests.contract.openapi import JSON_API, Schema, nodes

MOUNTED: Final = ("/providers/shop/json", "/providers/careless/json")
SETUPS: Final = (
    BillingSetup(name="shop", protocol="json", login="smsgw", password="canary"),
    BillingSetup(name="careless", protocol="json", dedupes=False),
    BillingSetup(name="token", protocol="json", password="canary"),
)
VERBS: Final = (Verb.CHECK, Verb.PAY, Verb.STATUS, Verb.CANCEL)
DONE: Final[Mapping[Verb, Answer]] = {
    Verb.CHECK: Found("Алиев А."),
    Verb.PAY: Accepted("5001"),
    Verb.STATUS: Accepted("5001"),
    Verb.CANCEL: Cancelled(),
}
ONCE: Final = [(900_001, "25656", 5_000_000)]


@dataclass
class Witness:
    """Sees every message that passes, and notes what the document does not describe."""

    world: World | None = None
    faults: list[str] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        base = next((base for base in MOUNTED if request.path.startswith(base)), None)
        if base is None:
            return await handler(request)
        sick = any(billing.faults.waiting() for billing in self.world.billings.values()) if self.world else True
        body = await request.read()
        response = await handler(request)
        self.faults += self._judge(request, request.path.removeprefix(base), body, None if sick else response)
        return response

    def _judge(
        self, request: web.Request, path: str, body: bytes, response: web.StreamResponse | None
    ) -> Iterator[str]:
        found = JSON_API.operation(request.method, path)
        assert found is not None, f"{request.method} {path} is not described"
        operation, places = found
        given = {"path": places, "query": dict(request.query), "header": dict(request.headers)}
        yield from JSON_API.parameter_faults(operation, given)
        if "requestBody" in operation:
            yield from JSON_API.content_faults(operation["requestBody"], request.content_type, json.loads(body))
        if isinstance(response, web.Response):
            yield from self._answered(operation, response)

    def _answered(self, operation: Schema, response: web.Response) -> Iterator[str]:
        described = operation["responses"].get(str(response.status))
        if described is None:
            yield f"{operation['operationId']}: the status {response.status} is not described"
            return
        self.seen.add((operation["operationId"], response.status))
        assert isinstance(response.body, bytes | None)
        value = json.loads(response.body) if response.body else None
        yield from JSON_API.content_faults(JSON_API.resolved(described), response.content_type, value)


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
async def world(witness: Witness) -> AsyncIterator[World]:
    """Whatever a test does, every message in it must be as the document says."""
    async with serving(web.Application(middlewares=[witness.middleware]), SETUPS) as world:
        witness.world = world
        yield world
    assert not witness.faults, witness.faults


async def test_a_payment_is_checked_credited_once_told_of_and_taken_back(world: World) -> None:
    shop = world.provider("shop")
    assert await ask(shop, Verb.STATUS, order()) == Absent()
    for verb in VERBS:
        assert await ask(shop, verb, order()) == DONE[verb]
        assert world.credited("shop") == (ONCE if verb in {Verb.PAY, Verb.STATUS} else [])
    assert await ask(shop, Verb.STATUS, order()) == Cancelled()


async def test_every_answer_of_the_document_was_met(world: World, witness: Witness) -> None:
    """What the tests never see, the document could say anything about: 202 and 503 are of billings unlike ours."""
    shop = world.provider("shop")
    accounts = ("25656", "25000", "25999")
    for number, account in enumerate(accounts, 1):
        for verb in (Verb.CHECK, Verb.PAY, Verb.PAY, Verb.STATUS, Verb.CANCEL):
            await ask(shop, verb, order(number, account))
    await ask(shop, Verb.PAY, order(1, soums=1))
    await ask(shop, Verb.CHECK, order(soums=10**9))
    await ask(shop, Verb.PAY, order(4, soums=0))
    await ask(world.provider("shop", secret="wrong"), Verb.CHECK, order())
    await shop.statement(period(world))
    described = {
        (node["operationId"], int(status))
        for _, node in nodes(JSON_API.document)
        if "operationId" in node
        for status in node["responses"]
    }
    unmet = {status for _, status in described - witness.seen}
    assert unmet == {202, 401, 429, 503}
    assert ("check", 401) in witness.seen


async def test_a_repeat_answers_as_the_payment_stands_and_credits_nothing(world: World) -> None:
    shop = world.provider("shop")
    for _ in range(3):
        assert await ask(shop, Verb.PAY, order()) == Accepted("5001")
    assert world.credited("shop") == ONCE


async def test_a_cancelled_payment_can_never_be_paid_again(world: World) -> None:
    shop = world.provider("shop")
    await ask(shop, Verb.PAY, order())
    for _ in range(2):
        assert await ask(shop, Verb.CANCEL, order()) == Cancelled()
    assert await ask(shop, Verb.PAY, order()) == Cancelled()
    assert world.credited("shop") == []


async def test_what_is_spent_stays_credited(world: World) -> None:
    shop = world.provider("shop")
    await ask(shop, Verb.PAY, order(account="25999"))
    assert await ask(shop, Verb.CANCEL, order(account="25999")) == Refused(RefusalReason.OTHER, "cannot_cancel")
    assert await ask(shop, Verb.STATUS, order(account="25999")) == Accepted("5001")
    assert world.credited("shop") == [(900_001, "25999", 5_000_000)]


async def test_what_is_not_there_cannot_be_taken_back(world: World) -> None:
    assert await ask(world.provider("shop"), Verb.CANCEL, order()) == Absent()


@pytest.mark.parametrize("changes", [{"account": "25657"}, {"soums": 50_001}])
async def test_a_reference_with_other_values_is_an_alarm_and_changes_nothing(
    world: World, changes: Mapping[str, Any]
) -> None:
    shop = world.provider("shop")
    await ask(shop, Verb.PAY, order())
    assert await ask(shop, Verb.PAY, order(**changes)) == Unknown("result conflict", alarm=True)
    assert world.credited("shop") == ONCE


@pytest.mark.parametrize("verb", [Verb.STATUS, Verb.CANCEL])
async def test_a_sum_that_is_not_ours_is_an_alarm(world: World, verb: Verb) -> None:
    shop = world.provider("shop")
    await ask(shop, Verb.PAY, order())
    answer = await ask(shop, verb, order(soums=50_001))
    assert answer == Unknown("the answer is about another payment", alarm=True)


@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY])
@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"account": "25000"}, Refused(RefusalReason.NO_ACCOUNT, "account_not_found")),
        ({"soums": 100_000_001}, Refused(RefusalReason.AMOUNT, "amount_too_large")),
    ],
)
async def test_refusals(world: World, verb: Verb, changes: Mapping[str, Any], answer: Answer) -> None:
    assert await ask(world.provider("shop"), verb, order(**changes)) == answer
    assert world.credited("shop") == []


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (7, Refused(RefusalReason.OTHER, "refused")),
        (409, Unknown("result conflict", alarm=True)),
        (429, Unknown("HTTP 429")),
    ],
)
async def test_problems_of_a_pay(world: World, code: int, answer: Answer) -> None:
    world.fault("shop", "refuse", code=code)
    assert await ask(world.provider("shop"), Verb.PAY, order()) == answer


# Fault, its options, and whether what was asked is carried out all the same.
DOUBTS: Final[tuple[tuple[str, Mapping[str, Any], bool], ...]] = (
    ("apply_then_timeout", {}, True),
    ("timeout_without_apply", {}, False),
    ("apply_late", {"seconds": 60}, False),
    ("http_500_after_apply", {}, True),
    ("http_status", {"code": 503, "retry_after_s": 7}, False),
    ("http_status", {"code": 404}, False),
    ("http_status", {"code": 302}, False),
    ("garbage", {}, True),
    ("garbage", {"body": ""}, True),
    ("garbage", {"body": '{"state": "accepted"}'}, True),
    ("drop_after_request", {}, True),
    ("slow", {"seconds": 60}, False),
    ("half_body", {}, True),
    ("drip", {}, True),
)


def test_no_fault_is_left_out() -> None:
    """The others have tests of their own: they are answers, not doubts."""
    assert {kind for kind, _, _ in DOUBTS} | {"refuse", "refuse_on_repeat", "wrong_echo"} == set(FaultKind)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("kind", "options", "done"), DOUBTS)
async def test_a_fault_leaves_every_verb_in_doubt_and_asking_again_mends_it(
    world: World, verb: Verb, kind: str, options: Mapping[str, Any], *, done: bool
) -> None:
    """Met once, in doubt, then as if nothing had been: the payment is credited once, or taken back once."""
    shop = world.provider("shop")
    if verb is not Verb.PAY:
        assert await ask(shop, Verb.PAY, order()) == Accepted("5001")
    world.fault("shop", kind, command=verb.value, **options)
    before = world.billings["shop"].requests[verb.value]
    assert isinstance(await ask(shop, verb, order()), Unknown)
    assert world.billings["shop"].requests[verb.value] == before + 1
    credited = {Verb.PAY: done, Verb.CANCEL: not done}.get(verb, True)
    assert world.credited("shop") == (ONCE if credited else [])
    assert await ask(shop, verb, order(), repeat=True) == DONE[verb]
    assert world.credited("shop") == ([] if verb is Verb.CANCEL else ONCE)


async def test_an_answer_about_another_payment_is_an_alarm(world: World) -> None:
    shop = world.provider("shop")
    for verb in (Verb.PAY, Verb.STATUS, Verb.CANCEL):
        world.fault("shop", "wrong_echo", command=verb.value)
        assert await ask(shop, verb, order()) == Unknown("the answer is about another payment", alarm=True)


async def test_a_repeat_that_is_refused_was_promised_not_to_be_one(world: World) -> None:
    """The duplicate is looked for first, so the adapter believes a refusal; the simulated billing lies here."""
    shop = world.provider("shop")
    await ask(shop, Verb.PAY, order())
    world.fault("shop", "refuse_on_repeat")
    assert await ask(shop, Verb.PAY, order(), repeat=True) == Refused(RefusalReason.OTHER, "refused")
    assert shop.capabilities.duplicate_checked_first


async def test_what_a_broken_promise_would_cost(world: World) -> None:
    """A billing that does not keep references unique credits a repeat: why the document demands it."""
    for _ in range(2):
        await ask(world.provider("careless"), Verb.PAY, order())
    assert len(world.credited("careless")) == 2


def credit(world: World, place: int = -1) -> Credit:
    line = world.billings["shop"].book.by_receipt(5001 if place == 0 else 5000 + len(world.credited("shop")))
    assert line is not None
    return line


def period(world: World) -> Period:
    """An hour around the first credit."""
    at_us = int(credit(world, 0).credited_at_s * 1_000_000)
    return Period(at_us - 3_600_000_000, at_us + 3_600_000_000)


async def paid(world: World) -> Provider:
    """Three payments, of which the second is taken back."""
    shop = world.provider("shop")
    for reference in (1, 2, 3):
        assert isinstance(await ask(shop, Verb.PAY, order(reference, soums=reference)), Accepted)
    assert await ask(shop, Verb.CANCEL, order(2, soums=2)) == Cancelled()
    return shop


async def test_a_statement_equals_the_books(world: World) -> None:
    statement = await (await paid(world)).statement(period(world))
    assert isinstance(statement, Statement)
    assert statement.lines == (StatementLine(1, "1", 100, "5001"), StatementLine(3, "3", 300, "5003"))
    assert [(line.reference, line.amount_minor) for line in statement.lines] == [
        (reference, amount_minor) for reference, _, amount_minor in world.credited("shop")
    ]


async def test_a_statement_begins_with_its_first_moment_and_ends_before_its_last(world: World) -> None:
    shop = world.provider("shop")
    await ask(shop, Verb.PAY, order())
    at_us = int(credit(world).at_s * 1000) * 1000  # the simulated books look at whole milliseconds
    for moment, count in [(Period(at_us, at_us + 1000), 1), (Period(at_us - 1000, at_us), 0)]:
        statement = await shop.statement(moment)
        assert isinstance(statement, Statement)
        assert len(statement.lines) == count


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("http_status", {"code": 503}),
        ("http_status", {"code": 302}),
        ("garbage", {}),
        ("garbage", {"body": ""}),
        ("garbage", {"body": "{}"}),
        ("garbage", {"body": '{"payments": [{}], "complete": true}'}),
        ("garbage", {"body": '{"payments": {"reference": "1"}, "complete": true}'}),
        ("garbage", {"body": '{"payments": [], "complete": false}'}),
        ("drop_after_request", {}),
        ("half_body", {}),
        ("refuse", {}),
    ],
)
async def test_a_statement_that_is_not_whole_is_none(world: World, kind: str, options: Mapping[str, Any]) -> None:
    shop = await paid(world)
    world.fault("shop", kind, command="statement", **options)
    assert isinstance(await shop.statement(period(world)), NoStatement)
    assert isinstance(await shop.statement(period(world)), Statement)


async def test_the_same_question_is_the_same_octets(world: World) -> None:
    """The simulated billing reads strictly; here it is enough that nothing is made anew."""
    shop = world.provider("shop")
    assert shop.parameters(Kind.PAY, order()) == shop.parameters(Kind.PAY, order())
    parameters = shop.parameters(Kind.PAY, order())
    assert parameters is not None
    assert "canary" not in str(parameters)
    asked = Question(verb=Verb.PAY, parameters=parameters)
    assert await shop.call(asked, lambda: True) == await shop.call(asked, lambda: True)


@pytest.mark.parametrize("verb", VERBS)
async def test_wrong_credentials_are_a_matter_of_configuration(world: World, verb: Verb) -> None:
    answer = await ask(world.provider("shop", secret="wrong"), verb, order())
    assert answer == Unknown("HTTP 401", alarm=True)


async def test_a_secret_alone_is_a_bearer_token(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        for secret, status in [("canary", 404), ("wrong", 401)]:
            url = world.url("/token/json/payments/1")
            async with session.get(url, headers=authorization("", Secret(secret))) as response:
                assert response.status == status
