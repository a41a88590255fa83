"""The proof of the books: sound books are proved, and each kind of damage is found and named; on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Event, State, advance
from smsgw.ledger.accounts import cash_account, wallet_of
from smsgw.ledger.rules import adjustment, close_day, refund, void
from smsgw.ports import Store
from smsgw.store.proof import findings
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, BARNO, add_payment, executed, fund, held, payment


def busy_day(tx: Tx) -> None:
    """A payment in every state, each with what belongs to it; corrections, and a day that was closed twice."""
    executed(tx, payment(1))
    held(tx, payment(2))
    refused = held(tx, payment(3))
    for each in void(refused):
        assert tx.ledger.apply(each).done
    tx.payments.save(advance(refused, Event.PROVIDER_REFUSED, tx.now_us))
    returned = executed(tx, payment(4))
    for each in refund(returned):
        assert tx.ledger.apply(each).done
    tx.payments.save(advance(returned, Event.RETURNED, tx.now_us))
    cancelled = executed(tx, payment(20))
    without_payment = (
        adjustment("case-1", cash_account("till"), Money(3, UZS), into_account=True),
        adjustment("case-2", wallet_of(ALISHER), Money(4, UZS), into_account=False),
        close_day("sarkor", "2026-11-21", cancelled.amount),
        close_day("sarkor", "2026-11-21", Money(5, UZS), 2),
    )
    for each in (*refund(cancelled, provider_cancelled=True), *without_payment):
        assert tx.ledger.apply(each).done
    tx.payments.save(advance(cancelled, Event.RETURNED, tx.now_us))
    quiet = set(State) - {State.EXECUTED, State.PROCESSING, State.RETURNED, State.AWAITING_CODE}
    for number, state in enumerate(sorted(quiet), start=5):
        add_payment(tx, payment(number, BARNO, state=state))


async def test_sound_books_are_proved(store: Store) -> None:
    await store.write(ALISHER, busy_day)
    assert await store.reads.unbalanced() == []


async def test_empty_books_are_proved(store: Store) -> None:
    assert await store.reads.unbalanced() == []


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (
            "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE name = 'cash:till'",
            "cash:till: credits_posted",
        ),
        ("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE name = 'cash:till'", "UZS: "),
        ("DELETE FROM accounts WHERE name = 'fee:sarkor'", "fee:sarkor: credits_posted is 0"),
        ("UPDATE payments SET state = 'not_executed' WHERE id = 1", "payment 10000001 is not_executed"),
        ("UPDATE payments SET state = 'executed' WHERE id = 2", "payment 10000002 is executed"),
        ("UPDATE payments SET state = 'processing' WHERE id = 3", "payment 10000003 is processing"),
        ("UPDATE payments SET state = 'executed' WHERE id = 4", "payment 10000004 is executed"),
        ("UPDATE payments SET state = 'executed' WHERE id = 20", "payment 10000020 is executed"),
        ("DELETE FROM accounts WHERE name = 'payout:sarkor'", "payout:sarkor: credits_posted is 0"),
        ("UPDATE payments SET state = 'returned' WHERE id = 1", "payment 10000001 is returned"),
        ("UPDATE payments SET amount_minor = amount_minor - 1 WHERE id = 1", "payment 10000001 is executed"),
    ],
)
async def test_damage_is_named(store: Store, damage: str, finding: str) -> None:
    await store.write(ALISHER, busy_day)
    await store.write("", lambda tx: tx._unit._connection.execute(damage, {}) and None)  # type: ignore[attr-defined]
    found = await store.reads.unbalanced()
    assert any(line.startswith(finding) for line in found), found


async def test_an_end_without_its_hold_is_named() -> None:
    """The schema lets no such transfer in; the proof does not trust it."""
    answers = [[], [], [("7:hold",)], [("8:post",)], []]
    assert findings(answers) == [
        "hold 7:hold: ended more than once",
        "transfer 8:post: ends no hold, or another than it says",
    ]


async def test_a_hold_of_another_sum_is_no_hold(store: Store) -> None:
    def work(tx: Tx) -> None:
        executed(tx, payment(1))
        fund(tx, BARNO)
        connection = tx._unit._connection  # type: ignore[attr-defined]  # below the port
        connection.execute(
            "INSERT INTO transfers SELECT '9:post', kind, debit, credit, currency, 1, code, NULL, '9:hold', shard, 1 "
            "FROM transfers WHERE id = '1:post'",
            {},
        )

    await store.write(ALISHER, work)
    assert "transfer 9:post: ends no hold, or another than it says" in await store.reads.unbalanced()


async def test_a_state_that_moves_no_money_may_have_none(store: Store) -> None:
    open_payment = replace(payment(), state=State.AWAITING_CODE)
    await store.write(ALISHER, lambda tx: add_payment(tx, open_payment))
    assert await store.reads.unbalanced() == []
