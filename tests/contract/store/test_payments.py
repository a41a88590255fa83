"""Payments in a transaction, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.statement import Period
from smsgw.ports import Store, WorkFailed
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, BARNO, NOW_US, add_payment, payment

AWAITING = replace(payment(), state=State.AWAITING_CODE, code_deadline_us=NOW_US)


async def test_every_field_comes_back_as_it_was_written(store: Store) -> None:
    changed = replace(
        payment(),
        state=State.NOT_EXECUTED,
        language="uz",
        code_deadline_us=1,
        code_sends=2,
        code_sent_at_us=3,
        wrong_codes=4,
        tried=b"\x00\x01",
        confirmed_at_us=5,
        finished_at_us=6,
        day="2026-11-21",
        month="2026-11",
        provider_reference="Б-1",
        refusal="no_account",
    )
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    assert await store.write(ALISHER, lambda tx: tx.payments.get(77)) == payment()
    await store.write(ALISHER, lambda tx: tx.payments.save(changed))
    assert await store.write(ALISHER, lambda tx: tx.payments.get(77)) == changed


async def test_what_a_payment_is_never_changes(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    other = replace(
        payment(), provider="other", account=("1",), fee=payment().amount, nonce=b"new", number=1, source="x"
    )
    await store.write(ALISHER, lambda tx: tx.payments.save(other))
    assert await store.write(ALISHER, lambda tx: tx.payments.get(77)) == payment()


async def test_the_source_of_the_money_is_written_once(store: Store) -> None:
    carded = payment(source="card")
    await store.write(ALISHER, lambda tx: add_payment(tx, carded))
    await store.write(ALISHER, lambda tx: tx.payments.save(payment()))
    assert await store.write(ALISHER, lambda tx: tx.payments.get(77)) == carded


async def test_text_of_strangers_is_made_fit_for_both_databases(store: Store) -> None:
    hostile = replace(payment(), provider_reference="a\0b\ud800", refusal="x" * 1000)
    await store.write(ALISHER, lambda tx: add_payment(tx, hostile))
    found = await store.write(ALISHER, lambda tx: tx.payments.get(77))
    assert found is not None
    assert (found.provider_reference, found.refusal) == ("ab?", "x" * 500)


async def test_a_person_finds_only_payments_of_their_own(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    number = payment().number
    found = await store.write(
        ALISHER, lambda tx: (tx.payments.by_number(ALISHER, number), tx.payments.by_number(BARNO, number))
    )
    assert found == (payment(), None)


@pytest.mark.parametrize("state", State)
async def test_open_is_what_may_still_be_cancelled(store: Store, state: State) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment(state=state)))
    is_open = await store.write(ALISHER, lambda tx: tx.payments.open(ALISHER)) is not None
    assert is_open == (state in (State.CHECKING, State.AWAITING_CODE))


async def test_the_schema_refuses_a_second_open_payment(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, lambda tx: add_payment(tx, payment(78)))
    await store.write(BARNO, lambda tx: add_payment(tx, payment(79, BARNO)))

    def replace_open(tx: Tx) -> Payment:
        tx.payments.save(replace(payment(), state=State.REPLACED))
        return add_payment(tx, payment(78))

    assert await store.write(ALISHER, replace_open) == payment(78)


async def test_recent_payments_are_one_persons_newest_first(store: Store) -> None:
    def work(tx: Tx) -> None:
        for payment_id in (2, 3, 1):
            add_payment(tx, payment(payment_id, state=State.EXECUTED))
        add_payment(tx, payment(9, BARNO))

    await store.write(ALISHER, work)
    recent = await store.write(ALISHER, lambda tx: tx.payments.recent(ALISHER, 2))
    assert [each.id for each in recent] == [3, 2]


async def test_only_codes_have_deadlines_that_pass(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, AWAITING))
    await store.write(BARNO, lambda tx: add_payment(tx, payment(78, BARNO, code_deadline_us=NOW_US)))
    at_deadline = await store.write("", lambda tx: tx.payments.past_deadline(NOW_US, 10))
    after = await store.write("", lambda tx: tx.payments.past_deadline(NOW_US + 1, 10))
    assert (at_deadline, after) == ([], [(ALISHER, 77)])


async def test_the_first_deadlines_come_first(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, AWAITING))
    late = payment(78, BARNO, state=State.AWAITING_CODE, code_deadline_us=NOW_US - 1)
    await store.write(BARNO, lambda tx: add_payment(tx, late))
    assert await store.write("", lambda tx: tx.payments.past_deadline(NOW_US + 1, 1)) == [(BARNO, 78)]


async def test_numbers_have_eight_digits_and_go_up(store: Store) -> None:
    numbers = [await store.write("", lambda tx: tx.payments.next_number()) for _ in range(3)]
    assert numbers == [10_000_000, 10_000_001, 10_000_002]


async def test_a_payment_of_an_unknown_number_is_refused(store: Store) -> None:
    """Whoever writes a payment has locked its subscriber."""
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, lambda tx: tx.payments.add(payment()))


async def test_what_is_owed_for_a_day_is_the_amounts_of_what_was_executed_in_it(store: Store) -> None:
    """Fees are ours; the first microsecond of a day is in it, the first of the next one is not."""

    def paid(payment_id: int, at_us: int, state: State = State.EXECUTED, provider: str = "sarkor") -> Payment:
        amount = Money(10**payment_id, UZS)
        return payment(payment_id, provider=provider, amount=amount, confirmed_at_us=at_us, state=state)

    rows = (
        paid(1, 1_999),
        paid(2, 2_000),
        paid(3, 2_999),
        paid(4, 3_000),
        paid(5, 2_500, State.RETURNED),
        paid(6, 2_500, State.PROCESSING),
        paid(7, 2_500, provider="other"),
    )
    await store.write(ALISHER, lambda tx: [add_payment(tx, row) for row in rows])
    day = Period(2_000, 3_000)
    assert await store.write("", lambda tx: tx.payments.executed_minor("sarkor", day)) == 1_100
    assert await store.write("", lambda tx: tx.payments.executed_minor("nobody", day)) == 0
