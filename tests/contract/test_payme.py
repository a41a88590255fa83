"""Payme against its simulated provider over loopback HTTP, with the books as the judge of every answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from aiohttp import web

from simulator.billing.book import Asked
from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Found,
    Kind,
    Prepared,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine
from tests.contract.billings import DEADLINE_S, World, ask, order, serving

ORDER: Final = order()
LINE: Final = (900_001, "25656", 5_000_000)
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
HOUR_S: Final = 3600


@pytest.fixture
async def world() -> AsyncIterator[World]:
    setup = BillingSetup(name="payme", protocol="payme", login="Paycom", password="canary")
    async with serving(web.Application(), [setup]) as world:
        yield world


async def test_a_payment_is_checked_reserved_and_credited_once(world: World) -> None:
    """Only the second phase stands in the books, under our reference."""
    payme = world.provider("payme")
    assert await ask(payme, Verb.CHECK, ORDER) == Found("Алиев А.")
    reserved = await ask(payme, Verb.PREPARE, ORDER)
    assert isinstance(reserved, Prepared)
    assert reserved.memory["transaction"] == "5001"
    assert world.credited("payme") == []
    assert await ask(payme, Verb.STATUS, ORDER) == reserved
    assert await ask(payme, Verb.PAY, ORDER) == Accepted("5001")
    assert await ask(payme, Verb.STATUS, ORDER) == Accepted("5001")
    assert world.credited("payme") == [LINE]


@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PREPARE])
@pytest.mark.parametrize(
    ("about", "answer"),
    [
        (order(account="25000"), Refused(NO_ACCOUNT, "-31050")),
        (order(soums=0), Refused(AMOUNT, "-31001")),
        (order(soums=100_000_001), Refused(AMOUNT, "-31001")),
    ],
)
async def test_what_cannot_be_paid_is_refused(world: World, verb: Verb, about: Any, answer: Answer) -> None:
    for repeat in (False, True):
        assert await ask(world.provider("payme"), verb, about, repeat=repeat) == answer
    assert world.credited("payme") == []


async def test_a_refusal_that_cannot_be_confirmed_is_in_doubt(world: World) -> None:
    """Nobody may be given money back because a question about it got no answer."""
    world.fault("payme", "refuse", command="prepare", code=31008)
    world.fault("payme", "apply_then_timeout", command="status")
    assert await ask(world.provider("payme"), Verb.PREPARE, ORDER) == Unknown("TimeoutError")


async def test_both_questions_of_a_creation_have_one_deadline(world: World) -> None:
    """That of the creation, however long a status may take otherwise: the lease of the call reckons with it."""
    payme = world.provider("payme", check_deadline_s=3 * DEADLINE_S)
    await ask(payme, Verb.PREPARE, ORDER)
    await ask(payme, Verb.PAY, ORDER)
    world.fault("payme", "slow", command="prepare", seconds=0.05)
    world.fault("payme", "apply_then_timeout", command="status")
    begun_s = time.monotonic()
    assert await ask(payme, Verb.PREPARE, ORDER) == Unknown("TimeoutError")
    assert time.monotonic() - begun_s < DEADLINE_S


async def test_a_creation_that_calls_itself_performed_is_not_believed(world: World) -> None:
    """It credits nothing, whatever it says; CheckTransaction knows the state."""
    lie = '{"jsonrpc":"2.0","result":{"create_time":1795289389282,"transaction":"5001","state":2}}'
    world.fault("payme", "garbage", command="prepare", body=lie)
    assert isinstance(await ask(world.provider("payme"), Verb.PREPARE, ORDER), Prepared)
    assert world.credited("payme") == []


async def test_a_creation_of_what_is_credited_finds_it(world: World) -> None:
    """By the protocol it is impossible; what has been paid already is accepted, not refused."""
    payme = world.provider("payme")
    await ask(payme, Verb.PREPARE, ORDER)
    await ask(payme, Verb.PAY, ORDER)
    for repeat in (False, True):
        assert await ask(payme, Verb.PREPARE, ORDER, repeat=repeat) == Accepted("5001")
    assert world.credited("payme") == [LINE]


async def test_the_second_question_is_not_sent_without_leave(world: World) -> None:
    """The first one was, so that the answer is never `NotSent`."""
    leaves = iter([True, False])
    world.fault("payme", "refuse", command="prepare", code=31008)
    payme = world.provider("payme")
    parameters = payme.parameters(Kind.PAY, ORDER)
    assert parameters is not None
    asked = Question(verb=Verb.PREPARE, parameters=parameters)
    assert await payme.call(asked, lambda: next(leaves)) == Unknown("MayNotSend")
    assert world.billings["payme"].requests == {"prepare": 1}


async def test_a_wrong_key_is_a_matter_of_configuration(world: World) -> None:
    payme = world.provider("payme", secret="wrong")
    for verb in Verb:
        assert await ask(payme, verb, ORDER) == Unknown("result -32504", alarm=True)
    assert world.billings["payme"].requests == {"bad": 6}


async def test_what_was_withdrawn_is_never_paid(world: World) -> None:
    payme = world.provider("payme")
    await ask(payme, Verb.PREPARE, ORDER)
    for _ in range(2):
        assert await ask(payme, Verb.WITHDRAW, ORDER) == Cancelled("state -1")
    assert await ask(payme, Verb.PREPARE, ORDER) == Cancelled("state -1")
    assert await ask(payme, Verb.PAY, ORDER) == Unknown("result -31008")
    assert await ask(payme, Verb.STATUS, ORDER) == Cancelled("state -1")
    assert world.credited("payme") == []


async def test_a_draft_of_twelve_hours_is_gone(world: World) -> None:
    """The provider drops it by itself; whoever asks for it first sees it cancelled."""
    book = world.billings["payme"].book
    for reference, age_s in ((900_001, 12 * HOUR_S + 1), (900_002, 12 * HOUR_S - 60)):
        asked = Asked("prepare", reference, "25656", 5_000_000, at_ms=ORDER.created_at_us // 1000)
        book.judge(asked, time.time() - age_s)
    payme = world.provider("payme")
    assert await ask(payme, Verb.PREPARE, ORDER) == Cancelled("state -1")
    assert await ask(payme, Verb.PAY, ORDER) == Unknown("result -31008")
    assert await ask(payme, Verb.PAY, order(reference=900_002)) == Accepted("5002")


async def test_a_withdrawal_that_comes_too_late_finds_the_payment_credited(world: World) -> None:
    """What went to an account that ends in 999 cannot be taken back, so that it is accepted."""
    payme = world.provider("payme")
    spent = order(account="25999")
    await ask(payme, Verb.PREPARE, spent)
    await ask(payme, Verb.PAY, spent)
    assert await ask(payme, Verb.WITHDRAW, spent) == Refused(OTHER, "-31007")
    assert await ask(payme, Verb.STATUS, spent) == Accepted("5001")


async def test_a_credited_payment_is_taken_back_once(world: World) -> None:
    payme = world.provider("payme")
    assert await ask(payme, Verb.CANCEL, ORDER) == Absent()
    await ask(payme, Verb.PREPARE, ORDER)
    await ask(payme, Verb.PAY, ORDER)
    for _ in range(2):
        assert await ask(payme, Verb.CANCEL, ORDER) == Cancelled("state -2")
    assert await ask(payme, Verb.STATUS, ORDER) == Cancelled("state -2")
    assert world.credited("payme") == []


async def test_what_is_spent_cannot_be_taken_back(world: World) -> None:
    payme = world.provider("payme")
    spent = order(account="25999")
    await ask(payme, Verb.PREPARE, spent)
    await ask(payme, Verb.PAY, spent)
    for _ in range(2):
        assert await ask(payme, Verb.CANCEL, spent) == Refused(OTHER, "-31007")
    assert world.credited("payme") == [(900_001, "25999", 5_000_000)]


@pytest.mark.parametrize("kind", ["apply_then_timeout", "http_500_after_apply", "garbage", "half_body", "drip"])
async def test_a_lost_answer_to_a_cancel_is_asked_for_again(world: World, kind: str) -> None:
    payme = world.provider("payme")
    await ask(payme, Verb.PREPARE, ORDER)
    await ask(payme, Verb.PAY, ORDER)
    world.fault("payme", kind, command="cancel")
    assert isinstance(await ask(payme, Verb.CANCEL, ORDER), Unknown)
    assert await ask(payme, Verb.CANCEL, ORDER, repeat=True) == Cancelled("state -2")
    assert world.credited("payme") == []


AROUND: Final = Period(ORDER.created_at_us - 1_000_000, ORDER.created_at_us + 1_000_000)


async def test_a_statement_is_what_stands_in_the_books(world: World) -> None:
    """Drafts, withdrawn and cancelled payments are no lines; both ends are as in any period."""
    payme = world.provider("payme")
    empty = await payme.statement(AROUND)
    assert isinstance(empty, Statement)
    assert empty.lines == ()
    for reference in range(900_001, 900_006):
        await ask(payme, Verb.PREPARE, order(reference, soums=reference))
    for reference in range(900_001, 900_005):
        await ask(payme, Verb.PAY, order(reference))
    await ask(payme, Verb.CANCEL, order(900_002))
    told = await payme.statement(AROUND)
    assert isinstance(told, Statement)
    assert [(line.reference, line.amount_minor) for line in told.lines] == [
        (reference, amount) for reference, _, amount in world.credited("payme")
    ]
    assert told.lines[0] == StatementLine(900_001, f"{900_001:024x}", 90_000_100, "5001")
    assert len(told.lines) == 3
    at_us = ORDER.created_at_us
    for period, count in ((Period(at_us, at_us + 1), 3), (Period(at_us - 1_000, at_us), 0)):
        part = await payme.statement(period)
        assert isinstance(part, Statement)
        assert len(part.lines) == count


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("http_status", {"code": 503}),
        ("garbage", {}),
        ("garbage", {"body": '{"jsonrpc":"2.0","id":1,"error":{"code":-32601}}'}),
        ("garbage", {"body": '{"jsonrpc":"2.0","id":1,"result":{}}'}),
        ("garbage", {"body": '{"result":{"transactions":[{"state":2}]}}'}),
        ("half_body", {}),
        ("refuse", {"code": 32400}),
    ],
)
async def test_a_statement_that_is_not_whole_is_none(world: World, kind: str, options: dict[str, Any]) -> None:
    world.fault("payme", kind, command="statement", **options)
    assert isinstance(await world.provider("payme").statement(AROUND), NoStatement)
