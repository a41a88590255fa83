"""OSMP and its dialects against simulated billings over loopback HTTP, with the books as the judge of every answer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

import pytest
from aiohttp import web

from simulator.billing.faults import COUNT_MAX
from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Found,
    Order,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Money
from smsgw.ports import Provider
from smsgw.providers.osmp_dialect import PRESETS, OsmpDialect, osmp_dialect
from smsgw.settlement.decisions import Park
from tests.contract.billings import DEADLINE_S, World, ask, order, serving
from tests.contract.settling import settle
from tests.repo.tree import ROOT

SETUPS: Final = (
    BillingSetup(name="osmp", protocol="osmp", login="smsgw", password="canary"),
    BillingSetup(name="sber", protocol="sber", login="smsgw", password="canary"),
)
DIALECTS: Final[Mapping[str, Mapping[str, object]]] = {
    "osmp": {"status": True, "cancel": True},
    "sber": {"preset": "sber"},
}
BOTH: Final = pytest.mark.parametrize("name", ["osmp", "sber"])
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
ORDER: Final = order()
LINE: Final = (900_001, "25656", 5_000_000)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving(web.Application(), SETUPS) as world:
        yield world


def speaking(world: World, name: str, **dialect: object) -> Provider:
    return world.provider(name, protocol="osmp", dialect={**DIALECTS[name], **dialect})


@BOTH
async def test_a_payment_is_checked_and_credited_once(world: World, name: str) -> None:
    """What stands in the provider's book is what was ordered, and the name comes whole out of either charset."""
    osmp = speaking(world, name)
    assert await ask(osmp, Verb.CHECK, ORDER) == Found("Алиев А.")
    assert world.credited(name) == []
    assert await ask(osmp, Verb.PAY, ORDER) == Accepted("5001")
    assert world.credited(name) == [LINE]


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("osmp", {"method": "POST"}),
        ("osmp", {"preset": "comnet"}),
        ("osmp", {"preset": "pay24"}),
        ("osmp", {"preset": "qiwi", "check_command": "getInfo"}),
        ("osmp", {"check_sum": "none", "plus_for_space": True}),
        ("osmp", {"check_sum": "1.00", "extra": {"prv_id": "7"}}),
        ("sber", {"method": "POST"}),
        ("sber", {"whole_units": True, "check_sum": "real", "check_with_txn_id": True}),
    ],
)
async def test_dialects_reach_the_same_book(world: World, name: str, dialect: Mapping[str, object]) -> None:
    osmp = speaking(world, name, **dialect)
    assert await ask(osmp, Verb.CHECK, ORDER) == Found("Алиев А.")
    assert await ask(osmp, Verb.PAY, ORDER) == Accepted("5001")
    assert world.credited(name) == [LINE]


@pytest.mark.parametrize(
    ("name", "order", "answer"),
    [
        ("osmp", replace(ORDER, account=("25000",)), Refused(NO_ACCOUNT, "5")),
        ("osmp", replace(ORDER, amount=Money(99, UZS)), Refused(AMOUNT, "241")),
        ("osmp", replace(ORDER, amount=Money(10_000_000_100, UZS)), Refused(AMOUNT, "242")),
        ("sber", replace(ORDER, account=("25000",)), Refused(NO_ACCOUNT, "3")),
        ("sber", replace(ORDER, amount=Money(99, UZS)), Refused(AMOUNT, "10")),
        ("sber", replace(ORDER, amount=Money(10_000_000_100, UZS)), Refused(AMOUNT, "11")),
    ],
)
async def test_what_the_provider_refuses_is_not_credited(
    world: World, name: str, order: Order, answer: Refused
) -> None:
    assert await ask(speaking(world, name), Verb.PAY, order) == answer
    assert world.credited(name) == []


@BOTH
@pytest.mark.parametrize(
    ("kind", "options", "answer", "credited"),
    [
        ("apply_then_timeout", {}, Unknown("TimeoutError"), True),
        ("timeout_without_apply", {}, Unknown("TimeoutError"), False),
        ("drop_after_request", {}, Unknown("ServerDisconnectedError"), True),
        ("half_body", {}, Unknown("ContentLengthError"), True),
        ("drip", {}, Unknown("TimeoutError"), True),
        ("http_500_after_apply", {}, Unknown("HTTP 500"), True),
        ("http_status", {"code": 503, "retry_after_s": 30}, Unknown("HTTP 503", retry_after_s=30), False),
        ("http_status", {"code": 401}, Unknown("HTTP 401", alarm=True), False),
        ("garbage", {}, Unknown("no OSMP response"), True),
        ("garbage", {"body": ""}, Unknown("no OSMP response"), True),
        ("garbage", {"body": "<response><result>OK</result></response>"}, Unknown("no OSMP response"), True),
        ("refuse", {"code": 1}, Unknown("result 1"), False),
    ],
)
async def test_after_a_fault_the_repeat_finds_the_one_credit(
    world: World, name: str, kind: str, options: Mapping[str, Any], answer: Unknown, *, credited: bool
) -> None:
    """A pay in doubt is settled by the same pay again; whatever was lost, the book has it once."""
    osmp = speaking(world, name)
    world.fault(name, kind, **options)
    assert await ask(osmp, Verb.PAY, ORDER) == answer
    assert len(world.credited(name)) == credited
    assert await ask(osmp, Verb.PAY, ORDER, repeat=True) == Accepted("5001")
    assert world.credited(name) == [LINE]
    assert world.billings[name].requests == {"pay": 2}


@pytest.mark.proves("F40")
async def test_an_answer_about_another_payment_is_an_alarm_and_no_answer(world: World) -> None:
    osmp = speaking(world, "osmp")
    world.fault("osmp", "wrong_echo")
    assert await ask(osmp, Verb.PAY, ORDER) == Unknown("the answer is about another txn_id", alarm=True)
    assert await ask(osmp, Verb.PAY, ORDER, repeat=True) == Accepted("5001")
    assert world.credited("osmp") == [LINE]


@pytest.mark.proves("F40")
async def test_another_sum_in_a_good_answer_is_accepted_with_an_alarm(world: World) -> None:
    """Sber's variant says no id again, so the sum is all that can be compared."""
    world.fault("sber", "wrong_echo")
    met = await ask(speaking(world, "sber"), Verb.PAY, ORDER)
    assert met == Accepted("5001", "the provider answered with the sum 50000.01")


@pytest.mark.parametrize(
    ("name", "code", "answer"),
    [
        ("osmp", 7, Refused(OTHER, "7")),
        ("osmp", 8, Refused(OTHER, "8")),
        ("osmp", 90, Pending("result 90")),
        ("sber", 7, Refused(OTHER, "7")),
        ("sber", 8, Unknown("result 8, a duplicate")),
        ("sber", 300, Unknown("result 300")),
    ],
)
async def test_a_refused_repeat_leaves_the_credit_where_it_is(
    world: World, name: str, code: int, answer: Answer
) -> None:
    """What a refused repeat is worth is for the settlement to say; the book has the payment all the same."""
    osmp = speaking(world, name)
    world.fault(name, "apply_then_timeout")
    assert await ask(osmp, Verb.PAY, ORDER) == Unknown("TimeoutError")
    world.fault(name, "refuse_on_repeat", code=code)
    assert await ask(osmp, Verb.PAY, ORDER, repeat=True) == answer
    assert await ask(osmp, Verb.PAY, ORDER, repeat=True) == Accepted("5001")
    assert world.credited(name) == [LINE]


@pytest.mark.proves("F35")
@pytest.mark.parametrize("file", ["providers.toml", "production.example/providers.toml"])
async def test_the_shipped_comnet_gives_no_money_back_for_a_double_request(world: World, file: str) -> None:
    """It looks for the duplicate first, and ABillS says 8 to one: the payment that it speaks of is credited."""
    shipped = tomllib.loads((ROOT / "config" / file).read_text(encoding="utf-8"))["comnet"]
    assert shipped["duplicate_checked_first"]
    comnet = world.provider("osmp", dialect=shipped["dialect"], duplicate_checked_first=True)
    world.fault("osmp", "apply_then_timeout")
    world.fault("osmp", "refuse_on_repeat", code=8, count=COUNT_MAX)
    settled = await settle(comnet, ORDER)
    assert settled.answers[:2] == (Unknown("TimeoutError"), Unknown("result 8"))
    assert isinstance(settled.decision, Park)
    assert world.credited("osmp") == [LINE]


async def test_a_reference_that_is_not_ours_is_never_taken_for_our_payment(world: World) -> None:
    """A duplicate on a first pay, or of another sum, says nothing about this payment; a person must look."""
    sber, osmp = speaking(world, "sber"), speaking(world, "osmp")
    for provider in (sber, osmp):
        assert await ask(provider, Verb.PAY, ORDER) == Accepted("5001")
    assert await ask(sber, Verb.PAY, ORDER) == Unknown("result 8, a duplicate", alarm=True)
    other = replace(ORDER, amount=Money(5_000_100, UZS))
    assert await ask(sber, Verb.PAY, other, repeat=True) == Unknown("result 8, a duplicate")
    assert await ask(osmp, Verb.PAY, other) == Unknown("HTTP 500")
    assert world.credited("sber") == world.credited("osmp") == [LINE]


async def test_a_status_tells_what_became_of_a_payment(world: World) -> None:
    osmp = speaking(world, "osmp")
    assert await ask(osmp, Verb.STATUS, ORDER) == Absent()
    world.fault("osmp", "apply_then_timeout")
    await ask(osmp, Verb.PAY, ORDER)
    assert await ask(osmp, Verb.STATUS, ORDER) == Accepted()
    assert world.credited("osmp") == [LINE]
    assert world.billings["osmp"].requests == {"status": 2, "pay": 1}


@pytest.mark.parametrize(
    ("code", "answer"),
    [(1, Unknown("result 1")), (90, Pending("result 90")), (300, Unknown("result 300", alarm=True))],
)
async def test_a_status_that_fails_refuses_nothing(world: World, code: int, answer: Answer) -> None:
    osmp = speaking(world, "osmp")
    await ask(osmp, Verb.PAY, ORDER)
    world.fault("osmp", "refuse", command="status", code=code)
    assert await ask(osmp, Verb.STATUS, ORDER) == answer


async def test_a_payment_is_taken_back_by_the_providers_own_number(world: World) -> None:
    """Taken back, it is not there any more: not for a status, and not for a second cancel."""
    osmp = speaking(world, "osmp")
    await ask(osmp, Verb.PAY, ORDER)
    assert await ask(osmp, Verb.CANCEL, ORDER) == Cancelled()
    assert world.credited("osmp") == []
    assert await ask(osmp, Verb.STATUS, ORDER) == Absent()
    assert await ask(osmp, Verb.CANCEL, ORDER, repeat=True) == Absent()


async def test_a_number_that_the_provider_never_gave_is_absent(world: World) -> None:
    osmp = speaking(world, "osmp")
    await ask(osmp, Verb.PAY, ORDER)
    assert await ask(osmp, Verb.CANCEL, replace(ORDER, provider_reference="5002")) == Absent()
    assert world.credited("osmp") == [LINE]


async def test_what_was_spent_cannot_be_taken_back(world: World) -> None:
    osmp = speaking(world, "osmp")
    spent = replace(ORDER, account=("25999",))
    await ask(osmp, Verb.PAY, spent)
    assert await ask(osmp, Verb.CANCEL, spent) == Refused(OTHER, "7")
    assert len(world.credited("osmp")) == 1


@pytest.mark.parametrize(
    ("kind", "options", "answer", "left"),
    [
        ("apply_then_timeout", {}, Unknown("TimeoutError"), 0),
        ("timeout_without_apply", {}, Unknown("TimeoutError"), 1),
        ("http_500_after_apply", {}, Unknown("HTTP 500"), 0),
        ("refuse", {"code": 1}, Unknown("result 1"), 1),
        ("refuse", {"code": 90}, Pending("result 90"), 1),
        ("refuse", {"code": 241}, Refused(OTHER, "241"), 1),
    ],
)
async def test_a_cancel_whose_answer_is_lost_is_in_doubt(
    world: World, kind: str, options: Mapping[str, Any], answer: Answer, left: int
) -> None:
    osmp = speaking(world, "osmp")
    await ask(osmp, Verb.PAY, ORDER)
    world.fault("osmp", kind, command="cancel", **options)
    assert await ask(osmp, Verb.CANCEL, ORDER) == answer
    assert len(world.credited("osmp")) == left


@BOTH
async def test_a_wrong_password_is_a_matter_of_configuration(world: World, name: str) -> None:
    osmp = world.provider(name, protocol="osmp", secret="wrong", dialect=DIALECTS[name])
    assert await ask(osmp, Verb.PAY, ORDER) == Unknown("HTTP 401", alarm=True)
    assert world.credited(name) == []


@pytest.mark.parametrize(
    ("name", "dialect", "answer"),
    [
        ("osmp", {"names": {"txn_id": "id"}}, Refused(OTHER, "300")),
        ("osmp", {"date_format": "%Y-%m-%d"}, Refused(OTHER, "300")),
        ("sber", {"pay_command": "pay"}, Unknown("result 2", alarm=True)),
        ("sber", {"names": {"txn_id": "ID"}}, Unknown("result 6", alarm=True)),
        ("sber", {"names": {"sum": "SUM"}}, Refused(AMOUNT, "9")),
        ("sber", {"date_format": "%Y%m%d%H%M%S"}, Unknown("result 12", alarm=True)),
    ],
)
async def test_a_dialect_that_is_not_theirs_credits_nothing(
    world: World, name: str, dialect: Mapping[str, object], answer: Answer
) -> None:
    assert await ask(speaking(world, name, **dialect), Verb.PAY, ORDER) == answer
    assert world.credited(name) == []


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        (Verb.CHECK, Unknown("TimeoutError")),
        (Verb.STATUS, Unknown("TimeoutError")),
        (Verb.PAY, Accepted("5001")),
        (Verb.CANCEL, Cancelled()),
    ],
)
async def test_what_moves_money_has_the_longer_deadline(world: World, verb: Verb, answer: Answer) -> None:
    await ask(speaking(world, "osmp"), Verb.PAY, ORDER)
    dialect = DIALECTS["osmp"]
    patient = world.provider("osmp", protocol="osmp", dialect=dialect, pay_deadline_s=3 * DEADLINE_S)
    world.fault("osmp", "slow", command="any", seconds=DEADLINE_S)
    assert await ask(patient, verb, ORDER) == answer


PAGE: Final = (ROOT / "docs/protocols/osmp.md").read_text(encoding="utf-8")


def test_every_key_of_the_dialect_is_explained() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {field.name for field in fields(OsmpDialect)} <= explained


def test_the_examples_of_the_page_are_read() -> None:
    examples = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
    presets = {osmp_dialect(table["dialect"]).preset for example in examples for table in example.values()}
    assert presets == set(PRESETS)


def test_the_page_tells_what_each_ready_set_is() -> None:
    told = dict(re.findall(r"^\| `([a-z0-9]+)` \| (`[a-z_]+ = .*) \|$", PAGE, re.MULTILINE))
    assert told.keys() == {name for name, preset in PRESETS.items() if preset}
    for name, keys in told.items():
        assert osmp_dialect(_keys(keys)) == replace(osmp_dialect({"preset": name}), preset="qiwi")


def _keys(told: str) -> dict[str, Any]:
    return tomllib.loads("\n".join(re.findall(r"`([a-z_]+ = [^`]+)`", told)))
