"""The read side, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.actions import ActionState
from smsgw.domain.calls import CallState, Kind
from smsgw.domain.money import UZS
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.domain.statement import Period
from smsgw.ledger.accounts import Account
from smsgw.ports import Store
from smsgw.store.payments import REFERENCES_MAX
from smsgw.transaction import Tx
from tests.contract.store.samples import (
    ALISHER,
    BARNO,
    action,
    add_payment,
    call,
    fund,
    payment,
    reconciliation,
    sms,
)


async def test_a_number_that_never_texted_is_nobody(store: Store) -> None:
    await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER))
    assert await store.reads.subscriber(BARNO) is None
    found = await store.reads.subscriber(ALISHER)
    assert found is not None
    assert found.msisdn == ALISHER


async def test_a_payment_is_found_by_the_number_that_people_see(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    assert await store.reads.payment(payment().number) == payment()
    assert await store.reads.payment(1) is None


async def test_payments_are_listed_newest_first_of_one_or_of_all(store: Store) -> None:
    def work(tx: Tx) -> None:
        for payment_id, who in ((1, ALISHER), (2, BARNO), (3, ALISHER)):
            add_payment(tx, payment(payment_id, who, state=State.EXECUTED))

    await store.write(ALISHER, work)
    assert [each.id for each in await store.reads.payments(None, 2)] == [3, 2]
    assert [each.id for each in await store.reads.payments(ALISHER, 10)] == [3, 1]
    assert await store.reads.payments(Msisdn("+998900000000"), 10) == []


async def test_a_call_is_found_by_payment_and_kind(store: Store) -> None:
    def work(tx: Tx) -> None:
        add_payment(tx, payment())
        tx.calls.add(call(due_at_us=tx.now_us + 1))

    await store.write(ALISHER, work)
    found = await store.reads.call(77, Kind.PAY)
    assert found is not None
    assert found.parameters == call().parameters
    assert await store.reads.call(77, Kind.CHECK) is None


async def test_accounts_are_listed_by_name(store: Store) -> None:
    await store.write(ALISHER, lambda tx: fund(tx, ALISHER, 100))
    await store.write(BARNO, lambda tx: fund(tx, BARNO, 50))
    assert await store.reads.accounts() == [
        Account("cash:till", UZS, debits_posted=150),
        Account(f"wallet:{ALISHER}", UZS, credits_posted=100),
        Account(f"wallet:{BARNO}", UZS, credits_posted=50),
    ]


async def test_only_what_has_still_to_end_is_counted(store: Store) -> None:
    def work(tx: Tx) -> None:
        add_payment(tx, payment(1, state=State.EXECUTED))
        add_payment(tx, payment(2, state=State.PROCESSING))
        add_payment(tx, payment(3))
        tx.calls.add(call(1, state=CallState.DONE))
        tx.calls.add(call(2, state=CallState.PARKED))
        tx.calls.add(call(3, Kind.CHECK))
        tx.outbox.add(sms())
        proposed = (ActionState.PROPOSED, ActionState.PROPOSED)
        for number, state in enumerate((*proposed, ActionState.SENT, ActionState.DONE, ActionState.REJECTED)):
            tx.actions.add(action(str(number), state=state))

    await store.write(ALISHER, work)
    assert await store.reads.counts() == {
        "payments_checking": 1,
        "payments_awaiting_code": 0,
        "payments_processing": 1,
        "calls_due": 1,
        "calls_parked": 1,
        "texts_queued": 1,
        "actions_proposed": 2,
        "actions_sent": 1,
    }


async def test_the_texts_about_a_payment_are_listed_oldest_first(store: Store) -> None:
    def work(tx: Tx) -> None:
        for payment_id, event in ((77, "code"), (78, "code"), (None, "balance"), (77, "paid")):
            tx.outbox.add(replace(sms(), payment_id=payment_id, event=event))

    await store.write(ALISHER, work)
    assert [each.event for each in await store.reads.texts(77)] == ["code", "paid"]
    assert await store.reads.texts(79) == []


async def test_a_payment_is_found_by_its_reference(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    assert await store.reads.reference(77) == payment()
    assert await store.reads.reference(78) is None


@pytest.mark.parametrize("count", [0, 1, REFERENCES_MAX, REFERENCES_MAX + 1])
async def test_payments_are_found_by_their_references_however_many(store: Store, count: int) -> None:
    """A provider may name what is nobody's, twice, and numbers that fit no column."""
    known = {number: payment(number, state=State.EXECUTED) for number in range(1, count + 1)}
    await store.write(ALISHER, lambda tx: [add_payment(tx, each) for each in known.values()])
    asked = [*known, 10**9, 1, 0, -1, 2**63 - 1, 2**63]
    assert sorted(await store.reads.references(asked), key=lambda each: each.id) == [*known.values()]


def confirmed_day(tx: Tx) -> None:
    """(reference, when it was confirmed): two at one moment, one never, one of another provider."""
    moments = {5: 100, 1: 200, 2: 200, 9: 299, 3: 300, 4: 0, 6: 99}
    for reference, moment in moments.items():
        add_payment(tx, payment(reference, state=State.EXECUTED, confirmed_at_us=moment))
    add_payment(tx, payment(7, state=State.EXECUTED, confirmed_at_us=200, provider="comnet"))


@pytest.mark.parametrize(
    ("period", "after", "limit", "found"),
    [
        ((100, 300), (0, 0), 9, [5, 1, 2, 9]),
        ((100, 301), (0, 0), 9, [5, 1, 2, 9, 3]),
        ((101, 299), (0, 0), 9, [1, 2]),
        ((0, 2**62), (0, 0), 9, [6, 5, 1, 2, 9, 3]),
        ((100, 300), (0, 0), 2, [5, 1]),
        ((100, 300), (200, 1), 2, [2, 9]),
        ((100, 300), (200, 2), 9, [9]),
        ((100, 300), (299, 9), 9, []),
        ((100, 100), (0, 0), 9, []),
    ],
)
async def test_confirmed_payments_are_read_page_by_page(
    store: Store, period: tuple[int, int], after: tuple[int, int], limit: int, found: list[int]
) -> None:
    """The end is not in the period; payments of one moment come by reference."""
    await store.write(ALISHER, confirmed_day)
    page = await store.reads.confirmed("sarkor", Period(*period), after, limit)
    assert [each.id for each in page] == found


async def test_actions_are_listed_newest_first_in_one_state_or_in_all(store: Store) -> None:
    asked = [
        action("a", asked_at_us=1),
        action("b", asked_at_us=3, state=ActionState.DONE),
        action("c", asked_at_us=2),
        action("d", asked_at_us=2),
    ]
    await store.write("", lambda tx: [tx.actions.add(each) for each in asked])
    assert [each.id for each in await store.reads.actions(None, 9)] == ["b", "d", "c", "a"]
    assert [each.id for each in await store.reads.actions(None, 2)] == ["b", "d"]
    in_states = {state: [each.id for each in await store.reads.actions(state, 2)] for state in ActionState}
    assert in_states == {state: [] for state in ActionState} | {
        ActionState.PROPOSED: ["d", "c"],
        ActionState.DONE: ["b"],
    }


async def test_an_action_is_found_by_its_id(store: Store) -> None:
    await store.write("", lambda tx: tx.actions.add(action()))
    assert await store.reads.action("a1") == action()
    assert await store.reads.action("a2") is None


async def test_reconciliations_are_listed_newest_day_first(store: Store) -> None:
    runs = [
        reconciliation(provider=provider, day=day)
        for provider, day in (("sarkor", "2026-11-20"), ("sarkor", "2026-12-01"), ("comnet", "2026-11-20"))
    ]

    def work(tx: Tx) -> None:
        for each in runs:
            tx.reconciliations.save(each)

    await store.write("", work)
    old, new, other = runs
    assert await store.reads.reconciliations(None, 9) == [new, other, old]
    assert await store.reads.reconciliations(None, 1) == [new]
    assert await store.reads.reconciliations("sarkor", 9) == [new, old]
    assert await store.reads.reconciliations("absent", 9) == []
    assert await store.reads.reconciliation("comnet", "2026-11-20") == other
    assert await store.reads.reconciliation("comnet", "2026-12-01") is None


async def test_parked_calls_are_counted_by_provider(store: Store) -> None:
    def work(tx: Tx) -> None:
        for number, provider in enumerate(("sarkor", "sarkor", "comnet", "due"), start=1):
            add_payment(tx, payment(number, state=State.PROCESSING))
            state = CallState.DUE if provider == "due" else CallState.PARKED
            tx.calls.add(call(number, provider=provider, state=state))

    assert await store.reads.parked() == {}
    await store.write(ALISHER, work)
    assert await store.reads.parked() == {"sarkor": 2, "comnet": 1}
