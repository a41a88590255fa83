"""Paynet's protocol against a simulated billing over loopback HTTP, with its books as the judge of every answer."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web

from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Found,
    NotSent,
    Order,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine
from smsgw.ports import Provider
from smsgw.providers.paynet_dialect import CANCEL_CODES, PaynetDialect
from smsgw.providers.profile import read_dialect
from smsgw.settings.catalogue import ProviderSection
from smsgw.settlement.decisions import Accept, Refuse
from tests.contract.billings import World, ask, order, serving
from tests.contract.settling import settle

SETUPS: Final = (
    BillingSetup(name="isp", protocol="paynet", login="smsgw", password="canary"),
    BillingSetup(name="late", protocol="paynet", login="smsgw", password="canary", duplicate_checked_first=False),
)
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
PAY, STATUS = Verb.PAY, Verb.STATUS
ORDER: Final = order()
LINE: Final = (900_001, "25656", 5_000_000)
# An hour on both sides of the orders.
PERIOD: Final = Period(ORDER.created_at_us - 3_600_000_000, ORDER.created_at_us + 3_600_000_000)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving(web.Application(), SETUPS) as world:
        yield world


def paynet(world: World, name: str = "isp", **changes: Any) -> Provider:
    return world.provider(name, **({"dialect": {"service_id": 7}} | changes))


async def test_a_payment_is_checked_credited_and_taken_back(world: World) -> None:
    """Each method in its turn, and the same answer when it comes again."""
    isp = paynet(world)
    assert await ask(isp, Verb.CHECK, ORDER) == Found("Алиев А.")
    assert await ask(isp, STATUS, ORDER) == Absent()
    assert world.credited("isp") == []
    assert await ask(isp, PAY, ORDER) == Accepted("5001")
    assert world.credited("isp") == [LINE]
    assert await ask(isp, PAY, ORDER, repeat=True) == Unknown("result 201")
    assert await ask(isp, STATUS, ORDER) == Accepted("5001")
    assert await ask(isp, Verb.CANCEL, ORDER) == Cancelled("state 2")
    assert await ask(isp, Verb.CANCEL, ORDER) == Cancelled("202")
    assert await ask(isp, STATUS, ORDER) == Cancelled("state 2")
    assert await ask(isp, PAY, ORDER, repeat=True) == Cancelled("202")
    assert world.credited("isp") == []


@pytest.mark.parametrize(
    ("verb", "about", "answer"),
    [
        (Verb.CHECK, order(account="25000"), Refused(NO_ACCOUNT, "302")),
        (PAY, order(account="25000"), Refused(NO_ACCOUNT, "302")),
        (PAY, order(soums=0), Refused(AMOUNT, "413")),
        (PAY, order(soums=100_000_001), Refused(AMOUNT, "415")),
        (Verb.CANCEL, ORDER, Absent()),
    ],
)
async def test_what_the_billing_refuses(world: World, verb: Verb, about: Order, answer: Answer) -> None:
    assert await ask(paynet(world), verb, about) == answer
    assert world.credited("isp") == []


async def test_a_credit_that_was_spent_cannot_be_taken_back(world: World) -> None:
    spent = order(account="25999")
    await ask(paynet(world), PAY, spent)
    assert await ask(paynet(world), Verb.CANCEL, spent) == Refused(OTHER, "77")
    assert len(world.credited("isp")) == 1


async def test_a_reference_that_was_used_before_is_an_alarm(world: World) -> None:
    """The first attempt of ours meets the reference: another sequence, or another contour, has used it.

    What CheckTransaction says then would be about their payment, so it is not asked.
    """
    await ask(paynet(world), PAY, ORDER)
    used = Unknown("our transactionId was used before", alarm=True, park=True)
    assert await ask(paynet(world), PAY, order(soums=7)) == used
    assert world.credited("isp") == [LINE]


async def test_a_wrong_password_has_done_nothing(world: World) -> None:
    """HTTP 401 with 412 in the body: the payment is as good as unsent, and waits for the configuration."""
    assert await ask(paynet(world, secret="wrong"), PAY, ORDER) == NotSent("result 412", alarm=True)
    assert world.billings["isp"].requests == {"bad": 1}


ANOTHER: Final = Unknown("the answer is about another request", alarm=True)


@pytest.mark.parametrize(
    ("kind", "options", "answer", "credited"),
    [
        ("apply_then_timeout", {}, Unknown("TimeoutError"), True),
        ("timeout_without_apply", {}, Unknown("TimeoutError"), False),
        ("http_500_after_apply", {}, Unknown("HTTP 500"), True),
        ("http_status", {"code": 503}, Unknown("HTTP 503"), False),
        ("http_status", {"code": 401}, Unknown("HTTP 401", alarm=True), False),
        ("http_status", {"code": 404}, Unknown("HTTP 404", alarm=True), False),
        ("garbage", {}, Unknown("no JSON-RPC response"), True),
        ("garbage", {"body": "{}"}, Unknown("no JSON-RPC response"), True),
        ("drop_after_request", {}, Unknown("ServerDisconnectedError"), True),
        ("wrong_echo", {}, ANOTHER, True),
        ("half_body", {}, None, True),
        ("drip", {}, Unknown("TimeoutError"), True),
        ("refuse", {"code": 102}, Unknown("result 102"), False),
        ("refuse", {"code": 101}, Pending("result 101"), False),
    ],
)
async def test_a_fault_leaves_a_pay_in_doubt_and_the_payment_ends_credited_once(
    world: World, kind: str, options: Mapping[str, Any], answer: Answer | None, *, credited: bool
) -> None:
    """The question that follows finds the credit; without one, the same payment is sent again."""
    world.fault("isp", kind, **options)
    settled = await settle(paynet(world), ORDER)
    assert settled.answers[0] == answer or (answer is None and isinstance(settled.answers[0], Unknown))
    assert settled.asked == ((PAY, STATUS) if credited else (PAY, STATUS, PAY))
    assert settled.decision == Accept("5001")
    assert world.credited("isp") == [LINE]
    assert world.billings["isp"].overlaps == 0


@pytest.mark.parametrize("kind", ["apply_then_timeout", "garbage", "half_body", "http_500_after_apply", "wrong_echo"])
async def test_a_lost_answer_to_the_question_is_asked_for_again(world: World, kind: str) -> None:
    world.fault("isp", "apply_then_timeout")
    world.fault("isp", kind, command="status")
    settled = await settle(paynet(world), ORDER)
    assert (settled.decision, settled.asked) == (Accept("5001"), (PAY, STATUS, STATUS))
    assert world.credited("isp") == [LINE]


async def test_a_credit_that_comes_after_its_repeat_is_found(world: World) -> None:
    """First the pay is lost, then the answer to its repeat; 201 is not taken for a credit, the state is."""
    world.fault("isp", "timeout_without_apply")
    world.fault("isp", "apply_then_timeout")
    world.fault("isp", "refuse", command="status", code=203, count=2)
    settled = await settle(paynet(world), ORDER)
    assert settled.asked == (PAY, STATUS, PAY, STATUS, PAY, STATUS)
    assert settled.answers[4:] == (Unknown("result 201"), Accepted("5001"))
    assert world.credited("isp") == [LINE]


async def test_a_repeat_that_is_refused_as_no_client_may_be_paid_already(world: World) -> None:
    """A billing that looks at the account first says 302 to a payment which it has credited: the state decides."""
    world.fault("late", "apply_then_timeout")
    world.fault("late", "refuse", command="status", code=203)
    world.fault("late", "refuse_on_repeat", code=302)
    settled = await settle(paynet(world, "late"), ORDER)
    assert settled.asked == (PAY, STATUS, PAY, STATUS)
    assert settled.decision == Accept("5001")
    assert world.credited("late") == [LINE]


async def test_what_was_taken_back_is_not_paid_again(world: World) -> None:
    await ask(paynet(world), PAY, ORDER)
    await ask(paynet(world), Verb.CANCEL, ORDER)
    world.fault("isp", "timeout_without_apply")
    settled = await settle(paynet(world), ORDER)
    assert settled.decision == Refuse(OTHER, "state 2")
    assert world.credited("isp") == []


async def test_the_statement_is_what_the_books_say(world: World) -> None:
    """What was taken back is no line, and what lies outside the period is none."""
    isp = paynet(world)
    for reference in (1, 2, 3):
        await ask(isp, PAY, order(reference, soums=reference))
    await ask(isp, Verb.CANCEL, order(2))
    statement = await isp.statement(PERIOD)
    assert isinstance(statement, Statement)
    assert statement.lines == (StatementLine(1, "1", 100, "5001"), StatementLine(3, "3", 300, "5003"))
    credited = {(line.reference, line.amount_minor) for line in statement.lines}
    assert credited == {(reference, amount) for reference, _, amount in world.credited("isp")}
    before = await isp.statement(Period(PERIOD.since_us - 10_000_000, PERIOD.since_us))
    assert isinstance(before, Statement)
    assert before.lines == ()


@pytest.mark.parametrize("kind", ["half_body", "garbage", "drop_after_request", "refuse", "http_500_after_apply"])
async def test_half_a_statement_is_none(world: World, kind: str) -> None:
    isp = paynet(world)
    await ask(isp, PAY, ORDER)
    world.fault("isp", kind, command="statement", code=500 if kind.startswith("http") else 102)
    assert isinstance(await isp.statement(PERIOD), NoStatement)


async def called(world: World, body: object, login: str = "smsgw") -> tuple[int, Any]:
    """One request of somebody else's client."""
    text = body if isinstance(body, str) else json.dumps(body)
    token = base64.b64encode(f"{login}:canary".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    url = world.url("/isp/paynet")
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, data=text) as response:
        return response.status, await response.json()


def rpc(method: str, **params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": "a", "method": method, "params": params}


PERFORM: Final = {"serviceId": 1, "transactionId": 1, "amount": 500, "fields": {"a": "1"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", -32700),
        ([], -32600),
        ({"jsonrpc": "2.0", "id": "a", "method": "GetInformation"}, -32600),
        (rpc("Pay", serviceId=1), -32601),
        (rpc("GetInformation", fields={"a": "1"}), -32602),
        (rpc("GetInformation", serviceId=1), -32602),
        (rpc("GetInformation", serviceId=0, fields={"a": "1"}), 305),
        (rpc("CheckTransaction", serviceId=1, transactionId="1"), -32602),
        (rpc("CheckTransaction", serviceId=1, transactionId=1), 203),
        (rpc("PerformTransaction", **PERFORM), 414),
        (rpc("PerformTransaction", **PERFORM, transactionTime="2026-11-21T19:00:00"), 414),
        (rpc("PerformTransaction", **(PERFORM | {"amount": "500"}), time="2026-11-21 19:00:00"), -32602),
        (rpc("PerformTransaction", **(PERFORM | {"amount": 99}), time="2026-11-21 19:00:00"), 413),
        (rpc("GetStatement", serviceId=1, dateFrom="2026-11-21 19:00:00"), 414),
    ],
)
async def test_the_simulated_billing_tells_other_clients_what_is_wrong(world: World, body: object, code: int) -> None:
    status, answer = await called(world, body)
    assert (status, answer["error"]["code"]) == (200, code)
    assert world.credited("isp") == []


async def test_the_simulated_billing_repeats_the_id_and_knows_its_login(world: World) -> None:
    assert (await called(world, rpc("GetInformation", serviceId=1, fields={"a": "1"})))[1]["id"] == "a"
    status, answer = await called(world, rpc("GetInformation", serviceId=1, fields={"a": "1"}), login="x")
    assert (status, answer["error"]["code"]) == (401, 412)


PAGE: Final = (Path(__file__).parents[2] / "docs/protocols/paynet.md").read_text(encoding="utf-8")


def test_every_key_of_the_dialect_is_explained() -> None:
    assert {field.name for field in fields(PaynetDialect)} <= set(re.findall(r"`([a-z_]+)`", PAGE))


def test_every_code_is_explained() -> None:
    rows = re.findall(r"^\| ((?:-?[0-9]+(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert {int(code) for row in rows for code in row.split(", ")} >= set(CANCEL_CODES)


def test_the_examples_of_the_page_are_read() -> None:
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        (table,) = tomllib.loads(block).values()
        ProviderSection.model_validate(table)
        read_dialect(PaynetDialect, table["dialect"])
