"""Provider calls: leased, claimed, fenced; on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.ports import Store, Tx, WorkFailed
from smsgw.store.inline import InlineStore
from smsgw.store.lease import BIRTH_LEASE_US
from smsgw.store.store import SqlStore
from tests.contract.store.samples import ALISHER, SECOND_US, add_payment, call, nobody, payment

LEASE_US = 90 * SECOND_US


async def written(store: Store, *calls: ProviderCall) -> int:
    """Calls whose leases have just ended; returns the time."""

    def work(tx: Tx) -> int:
        add_payment(tx, payment())
        for each in calls:
            tx.calls.add(each)
            tx.calls.save(each)
        return tx.now_us

    return await store.write(ALISHER, work)


async def claim(store: Store, limit: int = 10) -> list[ProviderCall]:
    return list(await store.write("", lambda tx: tx.calls.claim(tx.now_us + LEASE_US, limit)))


async def test_a_new_call_is_leased_to_its_writer_and_handed_over(store: InlineStore | SqlStore) -> None:
    handed: list[ProviderCall] = []
    store.subscribe(handed.append, nobody)

    def work(tx: Tx) -> int:
        add_payment(tx, payment())
        tx.calls.add(call())
        return tx.now_us

    now_us = await store.write(ALISHER, work)
    leased = replace(call(), lease_until_us=now_us + BIRTH_LEASE_US)
    assert handed == [leased]
    assert await store.reads.call(77, Kind.PAY) == leased
    assert await claim(store) == []


async def test_a_call_that_is_due_later_is_handed_to_nobody(store: InlineStore | SqlStore) -> None:
    handed: list[ProviderCall] = []
    store.subscribe(handed.append, nobody)

    def work(tx: Tx) -> None:
        add_payment(tx, payment())
        tx.calls.add(call(due_at_us=tx.now_us + SECOND_US))

    await store.write(ALISHER, work)
    assert (handed, await claim(store)) == ([], [])


async def test_every_field_comes_back_as_it_was_saved(store: Store) -> None:
    await written(store, call())
    changed = call(
        state=CallState.PARKED,
        due_at_us=1,
        attempts=2,
        first_sent_at_us=3,
        sent_at_us=4,
        told=True,
        lease_until_us=5,
        last_answer="timeout",
    )
    assert await store.write(ALISHER, lambda tx: tx.calls.save(changed))
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == changed
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.CHECK)) is None


async def test_the_parameters_stay_what_was_committed_first(store: Store) -> None:
    await written(store, call())
    await store.write(ALISHER, lambda tx: tx.calls.save(call(parameters={"sum": "1"})))
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == call()


async def test_a_claim_takes_the_next_epoch_and_a_lease(store: Store) -> None:
    await written(store, call())
    (claimed,) = await claim(store)
    assert claimed == call(epoch=2, lease_until_us=claimed.lease_until_us)
    assert await claim(store) == []


async def test_a_claim_takes_no_more_than_asked_the_longest_due_first(store: Store) -> None:
    await written(store, call(kind=Kind.CHECK, due_at_us=2), call(kind=Kind.PAY, due_at_us=1))
    assert [each.kind for each in await claim(store, 1)] == [Kind.PAY]
    assert [each.kind for each in await claim(store, 1)] == [Kind.CHECK]


@pytest.mark.parametrize("state", [CallState.DONE, CallState.PARKED])
async def test_what_is_not_due_is_never_claimed(store: Store, state: CallState) -> None:
    await written(store, call(state=state))
    assert await claim(store) == []


async def test_whoever_holds_an_older_epoch_changes_nothing(store: Store) -> None:
    await written(store, call())
    (claimed,) = await claim(store)
    late = call(state=CallState.DONE, last_answer="accepted")
    assert not await store.write(ALISHER, lambda tx: tx.calls.save(late))
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == claimed


async def test_a_payment_has_one_call_of_a_kind(store: Store) -> None:
    await written(store, call())
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, lambda tx: tx.calls.add(call()))


async def test_a_call_that_has_ended_stays_as_it_ended(store: Store) -> None:
    await written(store, call())
    ended = call(state=CallState.DONE, last_answer="accepted")
    assert await store.write(ALISHER, lambda tx: tx.calls.save(ended))
    assert not await store.write(ALISHER, lambda tx: tx.calls.save(call(last_answer="late")))
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == ended
