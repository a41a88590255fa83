"""What people do about money, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.actions import Action, ActionKind, ActionState, Step, advance
from smsgw.domain.money import KGS, Money
from smsgw.domain.payment import State
from smsgw.ports import Store, WorkFailed
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, NOW_US, action, add_payment, payment


async def add(store: Store, *actions: Action) -> list[bool]:
    """Actions about payments that are there."""

    def work(tx: Tx) -> list[bool]:
        for number in (77, 78):
            if tx.payments.get(number) is None:
                add_payment(tx, payment(number, state=State.EXECUTED))
        return [tx.actions.add(each) for each in actions]

    return await store.write(ALISHER, work)


async def get(store: Store, action_id: str = "a1") -> Action | None:
    return await store.write("", lambda tx: tx.actions.get(action_id))


async def test_every_field_comes_back_as_it_was_written(store: Store) -> None:
    whole = action(
        "a2",
        kind=ActionKind.REFUND,
        amount=Money(7, KGS),
        payment_id=77,
        state=ActionState.SENT,
        decided_by="boris",
        decided_at_us=NOW_US + 1,
        note="спор",
    )
    assert await add(store, action(), whole) == [True, True]
    assert await get(store) == action()
    assert await get(store, "a2") == whole
    assert await get(store, "a3") is None


async def test_what_is_asked_twice_stands_once(store: Store) -> None:
    assert await add(store, action()) == [True]
    assert await add(store, action(reason="another", amount=Money(-1, KGS))) == [False]
    assert await get(store) == action()


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("state", ActionState)
async def test_every_kind_and_state_has_its_place(store: Store, kind: ActionKind, state: ActionState) -> None:
    assert await add(store, action(kind=kind, state=state)) == [True]
    assert await get(store) == action(kind=kind, state=state)


async def test_what_an_action_is_never_changes(store: Store) -> None:
    await add(store, action())
    done = advance(action(), Step.APPROVED, "boris", NOW_US + 9, "done")
    other = replace(done, kind=ActionKind.PAID, amount=Money(1, KGS), reason="other", asked_by="eve", asked_at_us=1)
    await store.write("", lambda tx: tx.actions.save(replace(other, subject="other", payment_id=77)))
    assert await get(store) == done


@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.REJECTED, ActionState.FAILED])
async def test_an_action_that_has_ended_stays_as_it_ended(store: Store, state: ActionState) -> None:
    await add(store, action(state=state))
    with pytest.raises(WorkFailed):
        await store.write("", lambda tx: tx.actions.save(action(note="late")))
    assert await get(store) == action(state=state)


async def test_an_action_that_was_never_asked_for_cannot_be_saved(store: Store) -> None:
    with pytest.raises(WorkFailed):
        await store.write("", lambda tx: tx.actions.save(action()))


async def test_what_was_asked_about_a_payment_is_listed_oldest_first(store: Store) -> None:
    asked = [
        action("late", payment_id=77, asked_at_us=3),
        action("b", payment_id=77, asked_at_us=2),
        action("a", payment_id=77, asked_at_us=2, state=ActionState.REJECTED),
        action("other", payment_id=78),
        action("none"),
    ]
    await add(store, *asked)
    found = await store.write("", lambda tx: (tx.actions.for_payment(77), tx.actions.for_payment(79)))
    assert [[each.id for each in listed] for listed in found] == [["a", "b", "late"], []]


async def test_an_action_about_no_payment_of_ours_is_refused(store: Store) -> None:
    with pytest.raises(WorkFailed):
        await add(store, action(payment_id=99))
