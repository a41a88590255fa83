"""The read side, on every database."""

from __future__ import annotations

from dataclasses import replace

from smsgw.domain.calls import CallState, Kind
from smsgw.domain.money import UZS
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.ledger.accounts import Account
from smsgw.ports import Store, Tx
from tests.contract.store.samples import ALISHER, BARNO, add_payment, call, fund, payment, sms


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

    await store.write(ALISHER, work)
    assert await store.reads.counts() == {
        "payments_checking": 1,
        "payments_awaiting_code": 0,
        "payments_processing": 1,
        "calls_due": 1,
        "calls_parked": 1,
        "texts_queued": 1,
    }


async def test_the_texts_about_a_payment_are_listed_oldest_first(store: Store) -> None:
    def work(tx: Tx) -> None:
        for payment_id, event in ((77, "code"), (78, "code"), (None, "balance"), (77, "paid")):
            tx.outbox.add(replace(sms(), payment_id=payment_id, event=event))

    await store.write(ALISHER, work)
    assert [each.event for each in await store.reads.texts(77)] == ["code", "paid"]
    assert await store.reads.texts(79) == []
