"""Provider calls: leased, claimed, fenced; on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.payment import State
from smsgw.ports import Store, WorkFailed
from smsgw.store.inline import InlineStore
from smsgw.store.lease import BIRTH_LEASE_US
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
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


async def claim(store: Store, room: int = 10, **rooms: int) -> list[ProviderCall]:
    """Of the provider of all samples, or of those that are named."""
    named = rooms or {"sarkor": room}
    return list(await store.write("", lambda tx: tx.calls.claim(tx.now_us + LEASE_US, named)))


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
        told=3,
        lease_until_us=5,
        last_answer="timeout",
        memory={"transaction": "Б-7\0"},
        withdrawn=True,
        failures=6,
        absent_until_us=7,
    )
    assert await store.write(ALISHER, lambda tx: tx.calls.save(changed))
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == changed
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.CHECK)) is None


async def test_the_parameters_stay_what_was_committed_first(store: Store) -> None:
    await written(store, call())
    await store.write(ALISHER, lambda tx: tx.calls.save(call(parameters={"sum": "1"})))
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == call()


@pytest.mark.proves("F49")
async def test_a_claim_takes_the_next_epoch_and_a_lease(store: Store) -> None:
    now_us = await written(store, call())
    (claimed,) = await claim(store)
    assert claimed == call(epoch=2, failures=1, lease_until_us=claimed.lease_until_us)
    assert claimed.lease_until_us >= now_us + LEASE_US
    assert await claim(store) == []


async def test_failures_count_claims_until_somebody_saves_the_call(store: Store) -> None:
    """A call that kills its node is claimed again and again, and nobody comes to saving it."""
    await written(store, call())
    for failures in (1, 2, 3):
        # A lease that is over at once: the node has died.
        (claimed,) = await store.write("", lambda tx: tx.calls.claim(tx.now_us, {"sarkor": 1}))
        assert claimed.failures == failures
    assert await store.write("", lambda tx: tx.calls.save(replace(claimed, failures=0)))
    assert [each.failures for each in await claim(store)] == [1]


async def test_a_claim_takes_no_more_than_asked_the_longest_due_first(store: Store) -> None:
    await written(store, call(kind=Kind.CHECK, due_at_us=2), call(kind=Kind.PAY, due_at_us=1))
    assert [each.kind for each in await claim(store, 1)] == [Kind.PAY]
    assert [each.kind for each in await claim(store, 1)] == [Kind.CHECK]


async def test_each_provider_has_a_room_of_its_own(store: Store) -> None:
    """A provider that is down fills its own room and nobody else's."""
    await written(store)
    calls = [(1, "sarkor"), (2, "sarkor"), (3, "sarkor"), (4, "comnet"), (5, "comnet"), (6, "gone")]

    def work(tx: Tx) -> None:
        for number, name in calls:
            add_payment(tx, payment(number, state=State.PROCESSING))
            tx.calls.add(call(number, provider=name, due_at_us=number))
            tx.calls.save(call(number, provider=name, due_at_us=number))

    await store.write(ALISHER, work)
    assert [each.payment_id for each in await claim(store, comnet=9, sarkor=2, absent=9)] == [1, 2, 4, 5]
    assert await claim(store, sarkor=0, comnet=0) == []
    assert [each.payment_id for each in await claim(store, sarkor=9, gone=1)] == [3, 6]


async def test_the_providers_of_unfinished_calls_are_named_once_each(store: Store) -> None:
    """Also those that no configuration knows any more, so that nobody's call is forgotten."""
    states = {"sarkor": CallState.DUE, "gone": CallState.PARKED, "comnet": CallState.DONE, "Я": CallState.DUE}
    assert await store.write("", lambda tx: tx.calls.providers()) == []

    def work(tx: Tx) -> None:
        for number, (name, state) in enumerate(states.items(), start=1):
            add_payment(tx, payment(number, state=State.PROCESSING))
            tx.calls.add(call(number, Kind.CHECK, provider=name, state=state))
            tx.calls.add(call(number, Kind.PAY, provider=name, state=state))

    await store.write(ALISHER, work)
    assert await store.write("", lambda tx: sorted(tx.calls.providers())) == ["gone", "sarkor", "Я"]


def many(tx: Tx) -> None:
    """Calls of every sort, each a second younger than the one before."""
    made = [
        call(1, told=1),
        call(2, told=0),
        call(3, told=1, state=CallState.PARKED),
        call(4, told=1, state=CallState.DONE),
        call(5, Kind.CHECK, told=1),
        call(6, Kind.CANCEL, told=1),
        call(7, told=1, provider="comnet"),
        call(8, told=2),
    ]
    # Written from the youngest to the oldest: the order comes from their times alone.
    for each in reversed(made):
        add_payment(tx, payment(each.payment_id, state=State.PROCESSING))
        tx.calls.add(replace(each, created_at_us=each.payment_id * SECOND_US))


@pytest.mark.parametrize(
    ("told", "before_s", "limit", "found"),
    [(1, 9, 9, [1, 3, 7]), (1, 7, 9, [1, 3]), (1, 9, 2, [1, 3]), (0, 9, 9, [2]), (2, 9, 9, [8]), (3, 9, 9, [])],
)
async def test_slow_payments_are_those_told_so_often(
    store: Store, told: int, before_s: int, limit: int, found: list[int]
) -> None:
    await store.write(ALISHER, many)
    slow = await store.write("", lambda tx: tx.calls.slow(told, before_s * SECOND_US, limit))
    assert [each.payment_id for each in slow] == found


@pytest.mark.parametrize(
    ("provider", "before_s", "limit", "found"),
    [("sarkor", 9, 9, [1, 2, 3, 8]), ("sarkor", 8, 9, [1, 2, 3]), ("sarkor", 9, 2, [1, 2]), ("comnet", 9, 9, [7])],
)
async def test_a_providers_unresolved_payments_come_oldest_first(
    store: Store, provider: str, before_s: int, limit: int, found: list[int]
) -> None:
    await store.write(ALISHER, many)
    before_us = before_s * SECOND_US
    unresolved = await store.write("", lambda tx: tx.calls.unresolved(provider, before_us, limit))
    assert [each.payment_id for each in unresolved] == found
    assert await store.reads.unresolved(provider, before_us, limit) == unresolved


@pytest.mark.parametrize("state", [CallState.DONE, CallState.PARKED])
async def test_what_is_not_due_is_never_claimed(store: Store, state: CallState) -> None:
    await written(store, call(state=state))
    assert await claim(store) == []


@pytest.mark.proves("I11")
async def test_whoever_holds_an_older_epoch_changes_nothing(store: Store) -> None:
    await written(store, call())
    (claimed,) = await claim(store)
    assert claimed.epoch == 2
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


async def test_a_parked_call_can_be_due_again(store: Store) -> None:
    await written(store, call(state=CallState.PARKED))
    assert await store.write(ALISHER, lambda tx: tx.calls.save(call()))
    assert [each.payment_id for each in await claim(store)] == [77]


@pytest.mark.parametrize("state", [CallState.DUE, CallState.PARKED])
async def test_whoever_seizes_a_call_decides_alone(store: Store, state: CallState) -> None:
    """A node that was given it before, and has slept since, changes nothing any more."""
    await written(store, call(state=state, failures=2))
    seized = await store.write(ALISHER, lambda tx: tx.calls.seize(77, Kind.PAY))
    assert seized == call(state=state, failures=2, epoch=2)
    assert not await store.write(ALISHER, lambda tx: tx.calls.save(call(last_answer="late")))
    ended = replace(seized, state=CallState.DONE)
    assert await store.write(ALISHER, lambda tx: tx.calls.save(ended))
    assert await store.write(ALISHER, lambda tx: tx.calls.seize(77, Kind.PAY)) is None


async def test_a_call_in_somebodys_hands_is_not_seized(store: Store) -> None:
    """An exchange may be going on: its answer must not be lost to whoever decides without it."""
    await written(store, call())
    (claimed,) = await claim(store)
    assert await store.write(ALISHER, lambda tx: tx.calls.seize(77, Kind.PAY)) is None
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.PAY)) == claimed


async def test_a_lease_of_a_parked_call_holds_nobody_off(store: Store) -> None:
    """Its exchange is over: whoever parked it has let go of it."""
    now_us = await written(store, call())
    parked = call(state=CallState.PARKED, lease_until_us=now_us + LEASE_US)
    assert await store.write(ALISHER, lambda tx: tx.calls.save(parked))
    assert await store.write(ALISHER, lambda tx: tx.calls.seize(77, Kind.PAY)) == replace(
        parked, epoch=2, lease_until_us=0
    )


async def test_what_is_not_there_is_not_seized(store: Store) -> None:
    await written(store, call(kind=Kind.CHECK))
    assert await store.write(ALISHER, lambda tx: tx.calls.seize(77, Kind.PAY)) is None
    assert await store.write(ALISHER, lambda tx: tx.calls.get(77, Kind.CHECK)) == call(kind=Kind.CHECK)


@pytest.mark.parametrize("changes", [{"told": 4}, {"told": -1}, {"failures": -1}, {"attempts": -1}])
async def test_the_schema_refuses_counts_that_cannot_be(store: Store, changes: dict[str, int]) -> None:
    await written(store, call())
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, lambda tx: tx.calls.save(replace(call(), **changes)))  # type: ignore[arg-type]
