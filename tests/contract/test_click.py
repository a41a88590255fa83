"""Click's SHOP API against a simulated shop over loopback HTTP, with its books as the judge of every answer."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web

from simulator.billing.book import Standing
from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import (
    Accepted,
    Answer,
    Cancelled,
    Found,
    Kind,
    NotSent,
    Order,
    Prepared,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.secret import Secret
from smsgw.ports import Provider
from smsgw.providers.click import CODES, ClickDialect
from smsgw.providers.http import HttpClient
from smsgw.providers.profile import ProviderProfile, read_dialect
from smsgw.providers.registry import build
from smsgw.settings.catalogue import ProviderSection
from smsgw.settlement.decisions import Accept, Park, Refuse
from smsgw.settlement.plan import NEVER_SENT
from tests.contract.billings import DEADLINE_S, World, ask, order, serving
from tests.contract.settling import settle

SETUPS: Final = (
    BillingSetup(name="shop", protocol="click", login="click", password="canary"),
    BillingSetup(name="careless", protocol="click", login="click", password="canary", dedupes=False),
)
PREPARE, PAY, WITHDRAW = Verb.PREPARE, Verb.PAY, Verb.WITHDRAW
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
ORDER: Final = order()
LINE: Final = (900_001, "25656", 5_000_000)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving(web.Application(), SETUPS) as world:
        yield world


def click(world: World, name: str = "shop", **changes: Any) -> Provider:
    return world.provider(name, **({"dialect": {"service_id": 77}} | changes))


async def complete(shop: Provider, verb: Verb, about: Order, *, repeat: bool = False) -> Answer:
    """Make one exchange about the first reservation in the books."""
    parameters = shop.parameters(Kind.PAY, about)
    assert parameters is not None
    memory = {"merchant_prepare_id": "5001"}
    return await shop.call(Question(verb=verb, parameters=parameters, memory=memory, repeat=repeat), lambda: True)


@pytest.mark.parametrize("dialect", [{}, {"whole_units": True}])
async def test_a_payment_is_reserved_and_credited_once(world: World, dialect: Mapping[str, object]) -> None:
    """What stands in the book is what was ordered; the check asked nobody, and a repeat credits nothing."""
    shop = click(world, dialect={"service_id": 77, **dialect})
    assert await ask(shop, Verb.CHECK, ORDER) == Found()
    assert await ask(shop, PREPARE, ORDER) == Prepared({"merchant_prepare_id": "5001"})
    assert world.credited("shop") == []
    assert await complete(shop, PAY, ORDER) == Accepted("5001")
    assert world.credited("shop") == [LINE]
    assert await complete(shop, PAY, ORDER, repeat=True) == Accepted("5001")
    assert await complete(shop, PAY, ORDER) == Unknown("result -4", alarm=True)
    assert world.credited("shop") == [LINE]
    assert world.billings["shop"].requests == {"prepare": 1, "pay": 3}


@pytest.mark.parametrize(
    ("about", "answer"),
    [
        (order(account="25000"), Refused(NO_ACCOUNT, "-5")),
        (order(soums=0), Refused(AMOUNT, "-2")),
        (order(soums=100_000_001), Refused(AMOUNT, "-2")),
    ],
)
async def test_what_the_shop_refuses_is_refused_before_anything_is_charged(
    world: World, about: Order, answer: Refused
) -> None:
    """The check could not know, so the reservation is where a wrong account ends."""
    settled = await settle(click(world), about)
    assert (settled.asked, settled.decision) == ((PREPARE,), Refuse(answer.reason, answer.code))
    assert world.credited("shop") == []


async def test_a_reservation_is_dropped_for_good(world: World) -> None:
    shop = click(world)
    await ask(shop, PREPARE, ORDER)
    for _ in range(2):
        assert await complete(shop, WITHDRAW, ORDER) == Cancelled("-9")
    assert await complete(shop, PAY, ORDER, repeat=True) == Cancelled("-9")
    assert await ask(shop, PREPARE, ORDER, repeat=True) == Cancelled("-9")
    assert world.credited("shop") == []


async def test_what_is_credited_is_not_dropped(world: World) -> None:
    """The shop says that it is paid, which ends the payment as what it is."""
    shop = click(world)
    await ask(shop, PREPARE, ORDER)
    await complete(shop, PAY, ORDER)
    answer = await complete(shop, WITHDRAW, ORDER)
    assert answer == Accepted("5001", "a payment that was to be dropped was paid already")
    assert world.credited("shop") == [LINE]


async def test_a_wrong_secret_has_done_nothing(world: World) -> None:
    wrong = click(world, secret="wrong")
    assert await ask(wrong, PREPARE, ORDER) == NotSent("result -1", alarm=True)
    await ask(click(world), PREPARE, ORDER)
    assert await complete(wrong, PAY, ORDER) == NotSent("result -1", alarm=True)
    settled = await settle(wrong, ORDER)
    assert settled.decision == Refuse(OTHER, NEVER_SENT)
    assert world.credited("shop") == []


FAULTS: Final = pytest.mark.parametrize(
    ("kind", "options", "answer"),
    [
        ("apply_then_timeout", {}, Unknown("TimeoutError")),
        ("timeout_without_apply", {}, Unknown("TimeoutError")),
        ("http_500_after_apply", {}, Unknown("HTTP 500")),
        ("http_status", {"code": 503}, Unknown("HTTP 503")),
        ("http_status", {"code": 403}, Unknown("HTTP 403", alarm=True)),
        ("garbage", {}, Unknown("no answer of the protocol")),
        ("garbage", {"body": '{"error": null}'}, Unknown("no answer of the protocol")),
        ("drop_after_request", {}, Unknown("ServerDisconnectedError")),
        ("wrong_echo", {}, Unknown("the answer is about another payment", alarm=True)),
        ("half_body", {}, None),
        ("drip", {}, Unknown("TimeoutError")),
        ("refuse", {"code": 7}, Unknown("result -7")),
    ],
)


@FAULTS
async def test_a_fault_of_the_reservation_is_mended_by_another(
    world: World, kind: str, options: Mapping[str, Any], answer: Answer | None
) -> None:
    world.fault("shop", kind, command="prepare", **options)
    settled = await settle(click(world), ORDER)
    assert settled.answers[0] == answer or (answer is None and isinstance(settled.answers[0], Unknown))
    assert (settled.asked, settled.decision) == ((PREPARE, PREPARE, PAY), Accept("5001"))
    assert world.credited("shop") == [LINE]


@FAULTS
async def test_a_fault_of_the_payment_is_mended_by_a_repeat(
    world: World, kind: str, options: Mapping[str, Any], answer: Answer | None
) -> None:
    """The same Complete again: it answers 0 or -4, and the books have one line."""
    world.fault("shop", kind, **options)
    settled = await settle(click(world), ORDER)
    assert settled.answers[1] == answer or (answer is None and isinstance(settled.answers[1], Unknown))
    assert (settled.asked, settled.decision) == ((PREPARE, PAY, PAY), Accept("5001"))
    assert world.credited("shop") == [LINE]
    assert world.billings["shop"].overlaps == 0


async def test_a_refused_repeat_is_left_to_a_person(world: World) -> None:
    """The account was closed after the credit whose answer was lost: no refusal of a repeat gives money back."""
    world.fault("shop", "apply_then_timeout")
    world.fault("shop", "refuse_on_repeat", code=5)
    settled = await settle(click(world), ORDER)
    assert isinstance(settled.decision, Park)
    assert world.credited("shop") == [LINE]


async def test_a_payment_in_doubt_to_the_end_of_its_life_is_dropped(world: World) -> None:
    """Nothing was credited, the shop says so for good, and the money goes back."""
    world.fault("shop", "http_status", count=100)
    settled = await settle(click(world), ORDER)
    assert settled.asked[-2:] == (PAY, WITHDRAW)
    assert settled.decision == Refuse(OTHER, "-9")
    found = world.billings["shop"].book.find(900_001)
    assert found is not None
    assert found.standing is Standing.DROPPED


async def test_a_payment_in_doubt_that_was_credited_is_found_when_it_is_to_be_dropped(world: World) -> None:
    """Every answer is lost to the end of its life; the first payment tells how many repeats that is."""
    world.fault("shop", "http_status", count=100)
    pays = (await settle(click(world), order(1))).asked.count(PAY)
    world.billings["shop"].faults.clear()
    world.fault("shop", "http_500_after_apply", count=pays)
    settled = await settle(click(world), ORDER)
    assert settled.asked == (PREPARE, *[PAY] * pays, WITHDRAW)
    assert settled.decision == Accept("5002")
    assert world.credited("shop") == [LINE]


async def test_complete_may_be_at_another_host(world: World) -> None:
    """Only hosts that a profile names are called, and this one is named by the dialect."""
    async with HttpClient() as http:
        profile = ProviderProfile(
            name="shop",
            protocol="click",
            url=world.url("/shop/click"),
            login="click",
            secret=Secret("canary"),
            dialect={"service_id": 77, "complete_url": f"http://localhost:{world.port}/providers/shop/click"},
            pay_deadline_s=DEADLINE_S,
        )
        assert (await settle(build(profile, http), ORDER)).decision == Accept("5001")


def signed(secret: str = "canary", **fields: str) -> Mapping[str, str]:
    """A form of somebody else's client."""
    form = {
        "service_id": "1",
        "click_paydoc_id": "9",
        "error": "0",
        "error_note": "",
        "sign_time": "2026-11-21 19:00:00",
    }
    form |= {"click_trans_id": "1", "merchant_trans_id": "ali77", "amount": "1000", **fields}
    middle = form.get("merchant_prepare_id", "") + form["amount"] + form["action"] + form["sign_time"]
    text = form["click_trans_id"] + form["service_id"] + secret + form["merchant_trans_id"] + middle
    return {**form, "sign_string": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}


def reserve(trans: str, **fields: str) -> Mapping[str, str]:
    return signed(click_trans_id=trans, action="0", **fields)


def confirm(trans: str, prepare_id: str, **fields: str) -> Mapping[str, str]:
    return signed(click_trans_id=trans, merchant_prepare_id=prepare_id, action="1", **fields)


async def sent(world: World, form: Mapping[str, str]) -> Any:
    async with aiohttp.ClientSession() as session, session.post(world.url("/shop/click"), data=form) as response:
        assert response.status == 200
        return await response.json()


async def test_the_simulated_shop_passes_clicks_own_acceptance(world: World) -> None:
    """The fifteen steps by which Click accepts a shop, from a client that is not ours."""
    steps = [
        (reserve("1", secret="wrong"), -1),
        (reserve("1"), 0),
        (confirm("1", "5001", secret="wrong"), -1),
        (confirm("1", "5001", amount="1001"), -2),
        (confirm("1", "5001"), 0),
        (confirm("1", "5001"), -4),
        (confirm("1", "5001", error="-5017"), -4),
        (reserve("2", merchant_trans_id="25000"), -5),
        (reserve("2"), 0),
        (confirm("2", "5777"), -6),
        (confirm("2", "5002"), 0),
        (reserve("3"), 0),
        (confirm("3", "5003", error="-5017"), -9),
        (confirm("3", "5003", error="-5017"), -9),
        (confirm("3", "5003"), -9),
    ]
    assert [(await sent(world, form))["error"] for form, _ in steps] == [code for _, code in steps]
    assert world.credited("shop") == [(1, "ali77", 100_000), (2, "ali77", 100_000)]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (signed(action="2"), -3),
        (signed(action="0", amount="ten"), -8),
        (signed(action="0", click_trans_id="x"), -8),
        (signed(action="0", error=""), -8),
        (confirm("1", "x"), -6),
        ({}, -1),
    ],
)
async def test_the_simulated_shop_tells_other_clients_what_is_wrong(
    world: World, form: Mapping[str, str], code: int
) -> None:
    assert (await sent(world, form))["error"] == code


async def test_the_simulated_shop_answers_with_the_numbers_of_both_sides(world: World) -> None:
    reserved = await sent(world, reserve("7", amount="1000.00"))
    assert reserved == {
        "click_trans_id": 7,
        "merchant_trans_id": "ali77",
        "merchant_prepare_id": 5001,
        "error": 0,
        "error_note": "Success",
    }
    assert (await sent(world, reserve("7")))["merchant_prepare_id"] == 5001
    assert (await sent(world, reserve("7", amount="999")))["error"] == -8
    assert (await sent(world, confirm("7", "5001", merchant_trans_id="ali78")))["error"] == -5
    assert (await sent(world, confirm("7", "5001")))["merchant_confirm_id"] == 5001
    assert (await sent(world, reserve("7")))["error"] == -4


async def test_a_careless_shop_credits_a_repeat_again(world: World) -> None:
    """Why the question "is -4 what a second Complete gets?" has to be put to a provider."""
    shop = click(world, "careless")
    await ask(shop, PREPARE, ORDER)
    for repeat in (False, True):
        assert isinstance(await complete(shop, PAY, ORDER, repeat=repeat), Accepted)
    assert len(world.credited("careless")) == 2


PAGE: Final = (Path(__file__).parents[2] / "docs/protocols/click.md").read_text(encoding="utf-8")


def test_every_key_of_the_dialect_is_explained() -> None:
    assert {field.name for field in fields(ClickDialect)} <= set(re.findall(r"`([a-z_]+)`", PAGE))


def test_every_code_is_explained() -> None:
    rows = re.findall(r"^\| ((?:-?[0-9]+(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert {int(code) for row in rows for code in row.split(", ")} >= set(CODES)


def test_the_examples_of_the_page_are_read() -> None:
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        (table,) = tomllib.loads(block).values()
        ProviderSection.model_validate(table)
        read_dialect(ClickDialect, table["dialect"])
