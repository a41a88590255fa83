"""Carrying out: what hinders each kind of action, as things stand in the very unit that would do it."""

from __future__ import annotations

from typing import Any

import pytest

from smsgw.domain.actions import Action, ActionKind
from smsgw.domain.calls import Capabilities, Order
from smsgw.domain.money import UZS, Money
from smsgw.service.carrying_out import CarryingOut
from tests.house import ANNA, PAY, House, ScriptedProvider


async def a_house() -> House:
    house = House()
    await house.enrol()
    house.providers["sarkor"] = ScriptedProvider(Capabilities(cancels=True))
    await house.text(PAY)
    await house.text(house.code)
    return house


def an_action(kind: ActionKind, **changes: Any) -> Action:
    values: dict[str, Any] = {
        "id": "case:1",
        "kind": kind,
        "subject": ANNA,
        "amount": Money(100, UZS),
        "reason": "because",
        "asked_by": "aziza",
        "asked_at_us": 1,
    }
    return Action(**(values | changes))


@pytest.mark.parametrize(
    ("kind", "changes", "hindrance"),
    [
        (ActionKind.REFUND, {}, ""),
        (ActionKind.GIVE_BACK, {}, ""),
        (ActionKind.PAID, {}, "is executed already"),
        (ActionKind.NOT_PAID, {}, "is executed already"),
        (ActionKind.ADJUST, {}, ""),
        (ActionKind.ADJUST, {"amount": Money(-94_950_000, UZS)}, ""),
        (ActionKind.ADJUST, {"amount": Money(-94_950_001, UZS)}, "that can be taken out"),
        (ActionKind.TAKEN_BACK, {}, "no cancel of payment"),
        (ActionKind.CLOSE_DAY, {"subject": "sarkor 2026-11-18"}, "has not been reconciled"),
    ],
)
async def test_what_hinders_an_action(kind: ActionKind, changes: dict[str, Any], hindrance: str) -> None:
    house = await a_house()
    payment = await house.payment()
    action = an_action(kind, payment_id=payment.id, **changes)
    carrying_out = CarryingOut(house.parties, house.outcomes)
    said = await house.store.write(ANNA, lambda tx: carrying_out.hindrance(action, tx))
    assert hindrance in said
    assert bool(said) is bool(hindrance)


async def test_a_payment_that_the_cancel_cannot_carry_waits_for_the_houses_own_word() -> None:
    """Some cancels need the provider's own number: without it the credit stays, and the house would pay."""
    house = await a_house()

    def carries(order: Order) -> bool:
        return not order.provider_reference

    house.providers["sarkor"].carries = carries
    number = (await house.payment()).id
    carrying_out = CarryingOut(house.parties, house.outcomes)
    refund, give_back = (an_action(kind, payment_id=number) for kind in (ActionKind.REFUND, ActionKind.GIVE_BACK))
    said = await house.store.write(ANNA, lambda tx: carrying_out.hindrance(refund, tx))
    assert "takes nothing back" in said
    assert not await house.store.write(ANNA, lambda tx: carrying_out.hindrance(give_back, tx))


async def test_a_cancel_gets_the_order_as_it_was_paid_with_the_providers_number() -> None:
    house = await a_house()
    orders: list[Order] = []

    def carries(order: Order) -> bool:
        orders.append(order)
        return True

    house.providers["sarkor"].carries = carries
    payment = await house.payment()
    action = an_action(ActionKind.REFUND, payment_id=payment.id)
    carrying_out = CarryingOut(house.parties, house.outcomes)
    await house.store.write(ANNA, lambda tx: carrying_out.carry_out(action, tx))
    expected = Order(payment.id, payment.account, payment.amount, payment.confirmed_at_us, payment.provider_reference)
    assert orders == [expected]
    assert payment.provider_reference
