"""Whole payments by SMS: a phone, an SMSC, the gateway, a billing, and the way back; and what can go wrong between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.billing.faults import Fault, FaultKind
from simulator.faults.fault import Fault as WireFault
from simulator.smsc.mo import MoState, Text
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.settings.load import Configuration
from smsgw.smpp.text import Alphabet
from smsgw.system import SystemClock
from tests.integration.gateway import (
    ANNA,
    BORIS,
    PASSWORD,
    PAY,
    PAY_COMNET,
    SHORT_CODE,
    WAIT_S,
    Gateway,
    call_state,
    code_in,
    impatient,
    running_gateway,
    wrong,
)
from tests.integration.running_link import until

# What PAY and PAY_COMNET take from the wallet: the sum, and COMNET's 1.5 %.
SARKOR_MINOR = 5_000_000
COMNET_MINOR = 1_000_000
COMNET_FEE_MINOR = 15_000


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    ("language", "ordered", "said", "receipt"),
    [
        ("en", PAY, "to SARKOR n25656", "PAID"),
        ("ru", f"САРКОР n25656 50000 {PASSWORD}", "SARKOR n25656", "ОПЛАЧЕН"),
        ("uz", f"Sarkor*N25656*50 000*{PASSWORD}", "SARKOR n25656", "TO'LANDI"),
    ],
)
async def test_two_texts_pay_and_a_receipt_comes(
    tmp_path: Path, language: str, ordered: str, said: str, receipt: str
) -> None:
    async with running_gateway(tmp_path) as gateway:
        await gateway.enrol(BORIS, language)
        code = await gateway.ask(ordered, BORIS)
        assert said in code.text
        assert "50000" in code.text
        paid = await gateway.ask(code_in(code), BORIS)
        assert receipt in paid.text
        payment = await gateway.payment(BORIS)
        assert str(payment.number) in paid.text
        assert payment.state is State.EXECUTED
        assert gateway.credits("sarkor") == [("n25656", SARKOR_MINOR)]
        assert await gateway.money(BORIS) == {"taken": SARKOR_MINOR, "held": 0, "paid_in": 100_000_000}


async def test_the_fee_is_told_before_and_taken_with_the_sum(gateway: Gateway) -> None:
    code = await gateway.ask(PAY_COMNET)
    assert "fee 150" in code.text
    paid = await gateway.ask(code_in(code))
    assert "total 10150" in paid.text
    assert gateway.credits("comnet") == [("ali77", COMNET_MINOR)]
    assert (await gateway.money())["taken"] == COMNET_MINOR + COMNET_FEE_MINOR


async def test_a_long_text_in_two_parts_is_one_order(gateway: Gateway) -> None:
    """Cyrillic fits 70 characters in an SMS; this order has more, and leaves nothing of itself behind."""
    order = f"САРКОР{' ' * 30}n25656{' ' * 30}50000 {PASSWORD}"
    mo = await gateway.send(order, alphabet=Alphabet.UCS2)
    assert mo.segments == 2
    code = await gateway.simulator.next_mt(ANNA, mo.id, WAIT_S)
    assert "PAID" in (await gateway.ask(code_in(code))).text
    assert gateway.rows("SELECT count(*) FROM message_parts") == [(0,)]


async def test_a_wrong_code_counts_once_and_the_right_one_pays(gateway: Gateway) -> None:
    code = code_in(await gateway.ask(PAY))
    assert "Tries left: 4" in (await gateway.ask(wrong(code))).text
    assert gateway.credits("sarkor") == []
    assert (await gateway.money())["held"] == 0
    assert "PAID" in (await gateway.ask(code)).text
    assert (await gateway.payment()).wrong_codes == 1


async def test_an_account_that_is_not_there_ends_before_any_money_moves(gateway: Gateway) -> None:
    refused = await gateway.ask(f"SARKOR*n25000*50000*{PASSWORD}")
    assert "charged" in refused.text
    assert (await gateway.payment()).state is State.NOT_EXECUTED
    assert gateway.credits("sarkor") == []
    assert await gateway.money() == {"taken": 0, "held": 0, "paid_in": 100_000_000}


@pytest.mark.proves("F38")
async def test_a_refused_payment_gives_the_money_back(gateway: Gateway) -> None:
    code = code_in(await gateway.ask(PAY_COMNET))
    gateway.simulator.billings["comnet"].faults.put(Fault(kind=FaultKind.REFUSE))
    assert "NOT EXECUTED" in (await gateway.ask(code)).text
    assert await gateway.money() == {"taken": 0, "held": 0, "paid_in": 100_000_000}
    assert gateway.rows("SELECT sum(amount_minor) FROM turnover") == [(0,)]


async def test_a_billing_that_credits_and_falls_silent_is_asked_again_and_credits_once(tmp_path: Path) -> None:
    """OSMP: the identical payment again, under the same reference, answers as the first would have."""
    async with running_gateway(tmp_path, impatient) as gateway:
        code = code_in(await gateway.ask(PAY_COMNET))
        gateway.simulator.billings["comnet"].faults.put(Fault(kind=FaultKind.APPLY_THEN_TIMEOUT))
        told = await gateway.ask(code)
        assert "IN PROCESSING" in told.text
        assert "PAID" in (await gateway.next(told)).text
        assert gateway.credits("comnet") == [("ali77", COMNET_MINOR)]
        assert gateway.simulator.billings["comnet"].requests["pay"] == 2
        assert await gateway.money() == {"taken": COMNET_MINOR + COMNET_FEE_MINOR, "held": 0, "paid_in": 100_000_000}


async def test_a_billing_that_cannot_be_asked_leaves_the_money_held_for_a_person(tmp_path: Path) -> None:
    """SARKOR's contract offers no status and no harmless repeat: one pay, then nothing more by itself."""
    async with running_gateway(tmp_path, impatient) as gateway:
        code = code_in(await gateway.ask(PAY))
        gateway.simulator.billings["sarkor"].faults.put(Fault(kind=FaultKind.APPLY_THEN_TIMEOUT))
        assert "IN PROCESSING" in (await gateway.ask(code)).text
        assert await call_state(gateway) == "parked"
        again = await gateway.ask(PAY.replace("*", " "))
        assert "IN PROCESSING" in again.text, "the same payment in other words is no second payment"
        assert gateway.simulator.billings["sarkor"].requests["pay"] == 1
        assert await gateway.money() == {"taken": 0, "held": SARKOR_MINOR, "paid_in": 100_000_000}


@pytest.mark.proves("F25")
async def test_a_delivery_that_is_repeated_is_acknowledged_and_answered_once(gateway: Gateway) -> None:
    first, repeat = (gateway.simulator.send_mo(Text(ANNA, SHORT_CODE, PAY)) for _ in range(2))
    for mo in (first, repeat):
        assert (await gateway.simulator.answered(mo, WAIT_S)).status == 0
    code = await gateway.simulator.next_mt(ANNA, first.id, WAIT_S)
    await gateway.ask(code_in(code))
    assert (await gateway.send(code_in(code))).status == 0, "the code comes twice as well"
    balance = await gateway.ask("BALANCE")
    texts = [e.item for e in gateway.simulator.smsc.journal.since(0) if type(e.item) is type(balance)]
    assert len(texts) == 3, "a code, a receipt and the balance"
    assert gateway.rows("SELECT count(*) FROM payments") == [(1,)]


@pytest.mark.proves("F25")
async def test_a_delivery_that_comes_again_before_its_answer_is_taken_at_once(gateway: Gateway) -> None:
    """Under the same number, side by side: neither copy hears an error, on which an SMSC might give the text up."""
    gateway.simulator.smsc.faults.put("deliver_sm", WireFault(copies=2))
    mo = await gateway.send(PAY)
    code = code_in(await gateway.simulator.next_mt(ANNA, mo.id, WAIT_S))
    assert (mo.state, mo.attempts) == (MoState.ACKED, 1)
    await gateway.ask(code)
    assert gateway.rows("SELECT count(*) FROM payments") == [(1,)]


async def test_a_code_after_its_deadline_pays_nothing(tmp_path: Path) -> None:
    def short_lived(configuration: Configuration) -> Configuration:
        rules = replace(configuration.rules, code=replace(configuration.rules.code, ttl_s=2))
        return replace(configuration, rules=rules)

    async with running_gateway(tmp_path, short_lived) as gateway:
        code = code_in(await gateway.ask(PAY))
        left_s = ((await gateway.payment()).code_deadline_us - SystemClock().now_us()) / 1e6
        await asyncio.sleep(max(0.0, left_s) + 0.05)
        assert "expired" in (await gateway.ask(code)).text
        assert gateway.credits("sarkor") == []


async def test_a_stranger_is_told_once_and_then_met_with_silence(gateway: Gateway) -> None:
    stranger = Msisdn("+998901112233")
    told = await gateway.ask(PAY, stranger)
    await gateway.send("BALANCE", stranger)
    with pytest.raises(TimeoutError):
        await gateway.simulator.next_mt(stranger, told.id, 0.3)
    assert gateway.rows("SELECT count(*) FROM payments") == [(0,)]


async def test_of_two_orders_at_once_one_is_paid(gateway: Gateway) -> None:
    """The newer replaces the older; whichever code is sent, at most one payment is made."""
    orders = [Text(ANNA, SHORT_CODE, PAY), Text(ANNA, SHORT_CODE, PAY_COMNET)]
    for mo in [gateway.simulator.send_mo(order) for order in orders]:
        assert (await gateway.simulator.answered(mo, WAIT_S)).status == 0
    waiting = await gateway.until_state(State.AWAITING_CODE)
    await until(lambda: gateway.rows("SELECT 1 FROM outbox WHERE event = 'code' AND state != 'queued'"))
    resent = await gateway.ask("CODE")
    texts = [e.item.text for e in gateway.simulator.smsc.journal.since(0) if type(e.item) is type(resent)]
    code = next(text for text in reversed(texts) if text.startswith("Code "))[5:11]
    assert "PAID" in (await gateway.ask(code)).text
    paid = gateway.credits("sarkor") + gateway.credits("comnet")
    assert [minor for _, minor in paid] == [waiting.amount.minor]


async def test_every_text_is_followed_to_its_delivery_receipt(gateway: Gateway) -> None:
    await gateway.ask(code_in(await gateway.ask(PAY)))
    await until(lambda: gateway.rows("SELECT count(*) FROM outbox WHERE state = 'delivered'") == [(2,)])
    assert gateway.rows("SELECT event FROM outbox WHERE state != 'delivered'") == []
    assert gateway.rows("SELECT count(*) FROM parked_receipts") == [(0,)]
