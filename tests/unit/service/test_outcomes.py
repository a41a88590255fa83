"""Outcomes: a decision does one thing, whatever it came from, and nothing where somebody else holds the call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.calls import CallState, Kind, ProviderCall, RefusalReason
from smsgw.domain.funds import Funds
from smsgw.domain.payment import Payment, State
from smsgw.service.wallet import Wallet
from smsgw.settlement.decisions import Accept, Decision, NoMoney, Park, Refuse, Retry
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House


async def ordered() -> tuple[House, ProviderCall]:
    """A confirmed payment whose pay call is in hand."""
    house = House()
    await house.enrol()
    await house.text(PAY)
    await house.receive(house.code)
    house.texts.clear()
    return house, house.calls.popleft()


async def carried_out(house: House, call: ProviderCall, decision: Decision) -> ProviderCall | None:
    after = await house.store.write(ANNA, lambda tx: house.outcomes.carry_out(tx, call, decision))
    await house.work_off()
    return after


@pytest.mark.parametrize(
    ("decision", "state", "available", "events"),
    [
        (Accept("P-1"), State.EXECUTED, "949500", ["receipt"]),
        (Refuse(RefusalReason.OTHER, "7"), State.NOT_EXECUTED, "1000000", ["not_executed"]),
        (NoMoney(), State.NOT_EXECUTED, "1000000", ["no_money"]),
        (Park("nobody knows", tell=True), State.PROCESSING, "949500", ["processing"]),
        (Park("nobody knows"), State.PROCESSING, "949500", []),
        (Retry(1, tell=True), State.PROCESSING, "949500", ["processing"]),
    ],
)
async def test_what_each_decision_does(decision: Decision, state: State, available: str, events: list[str]) -> None:
    house, call = await ordered()
    await carried_out(house, call, decision)
    assert ((await house.payment()).state, await house.available(), house.events) == (state, available, events)
    assert await house.store.reads.unbalanced() == []


@pytest.mark.parametrize(
    "decision", [Accept("P-1"), Refuse(RefusalReason.OTHER), Park("?", tell=True), Retry(1, tell=True)]
)
async def test_whoever_lost_the_call_changes_nothing(decision: Decision) -> None:
    house, call = await ordered()
    assert await carried_out(house, replace(call, epoch=call.epoch + 1), decision) is None
    assert ((await house.payment()).state, house.events) == (State.PROCESSING, [])


async def test_a_retry_returns_the_call_with_what_it_is_to_remember() -> None:
    house, call = await ordered()
    after = await carried_out(house, call, Retry(77, memory={"draft": "5123"}))
    assert after is not None
    assert (after.due_at_us, after.memory, after.withdrawn) == (77, {"draft": "5123"}, False)
    after = await carried_out(house, after, Retry(78, withdraw=True))
    assert after is not None
    assert (after.memory, after.withdrawn) == ({"draft": "5123"}, True)


async def test_the_subscriber_is_told_once_whoever_tells() -> None:
    house, call = await ordered()
    after = await carried_out(house, call, Retry(1, tell=True))
    assert after is not None
    await carried_out(house, replace(after, told=0), Park("?", tell=True))
    assert house.events == ["processing"]


@pytest.mark.proves("F45")
async def test_the_answer_to_a_payment_that_ended_otherwise_ends_the_call_only() -> None:
    house, call = await ordered()
    await carried_out(house, call, Accept("P-1"))
    house.events.clear()
    assert await carried_out(house, call, Refuse(RefusalReason.OTHER)) is None
    assert ((await house.payment()).state, house.events) == (State.EXECUTED, [])
    row = await house.store.reads.call(call.payment_id, Kind.PAY)
    assert row is not None
    assert row.state is CallState.DONE


class SlowBank(Wallet):
    """It has taken the request and will see to it."""

    def capture(self, tx: Tx, payment: Payment) -> Funds:
        super().capture(tx, payment)
        return Funds.UNKNOWN


async def test_a_source_that_has_not_answered_a_capture_keeps_no_receipt_back() -> None:
    """The provider has credited: that is what the subscriber is told. The bank's word is between it and us."""
    house, call = await ordered()
    house.sources["wallet"] = SlowBank()
    await carried_out(house, call, Accept("P-1"))
    assert house.events == ["receipt"]
