"""The books in a transaction, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.money import KGS, UZS, Money
from smsgw.ledger.accounts import Account, cash_account, fee_account, provider_account, wallet_of
from smsgw.ledger.rules import adjustment, post, refund, top_up, void
from smsgw.ledger.transfers import Outcome, Transfer
from smsgw.ports import Store, WorkFailed
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, add_payment, executed, fund, held, payment

TOP_UP = top_up("key-1", ALISHER, "till", Money(1000, UZS))
AMOUNT, FEE = 5_000_000, 50_000


async def apply(store: Store, *transfers: Transfer) -> list[Outcome]:
    return await store.write(ALISHER, lambda tx: [tx.ledger.apply(each) for each in transfers])


async def account(store: Store, name: str) -> Account:
    return await store.write("", lambda tx: tx.ledger.account(name, UZS))


async def test_an_account_that_was_never_used_is_empty(store: Store) -> None:
    assert await account(store, "cash:till") == Account("cash:till", UZS)


async def test_a_top_up_moves_cash_to_the_wallet(store: Store) -> None:
    assert await apply(store, TOP_UP) == [Outcome.POSTED]
    assert await account(store, cash_account("till")) == Account("cash:till", UZS, debits_posted=1000)
    assert await account(store, wallet_of(ALISHER)) == Account(wallet_of(ALISHER), UZS, credits_posted=1000)


async def test_a_repeat_answers_exists_and_moves_nothing(store: Store) -> None:
    other = replace(TOP_UP, amount=Money(1001, UZS))
    assert await apply(store, TOP_UP, TOP_UP) == [Outcome.POSTED, Outcome.EXISTS]
    assert await apply(store, TOP_UP, other) == [Outcome.EXISTS, Outcome.EXISTS_DIFFERENT]
    assert (await account(store, wallet_of(ALISHER))).credits_posted == 1000


async def test_a_wallet_spends_only_what_it_has(store: Store) -> None:
    def spend(minor: int) -> Transfer:
        return adjustment(f"spend{minor}", wallet_of(ALISHER), Money(minor, UZS), into_account=False)

    assert await apply(store, TOP_UP, spend(1001), spend(1000)) == [
        Outcome.POSTED,
        Outcome.INSUFFICIENT_FUNDS,
        Outcome.POSTED,
    ]


async def test_currencies_have_accounts_of_their_own(store: Store) -> None:
    foreign = top_up("key-2", ALISHER, "till", Money(7, KGS))
    assert await apply(store, TOP_UP, foreign) == [Outcome.POSTED] * 2
    assert (await account(store, wallet_of(ALISHER))).credits_posted == 1000


async def test_held_money_is_spent_when_it_is_posted(store: Store) -> None:
    await store.write(ALISHER, lambda tx: held(tx, payment()))
    wallet = await account(store, wallet_of(ALISHER))
    assert (wallet.debits_pending, wallet.debits_posted) == (AMOUNT + FEE, 0)
    assert await apply(store, *post(payment())) == [Outcome.POSTED] * 2
    wallet = await account(store, wallet_of(ALISHER))
    assert (wallet.debits_pending, wallet.debits_posted) == (0, AMOUNT + FEE)
    provider, fee = await account(store, provider_account("sarkor")), await account(store, fee_account("sarkor"))
    assert (provider.credits_pending, provider.credits_posted, fee.credits_posted) == (0, AMOUNT, FEE)


async def test_held_money_is_free_again_when_it_is_voided(store: Store) -> None:
    await store.write(ALISHER, lambda tx: held(tx, payment()))
    before = (await account(store, wallet_of(ALISHER))).available
    assert await apply(store, *void(payment())) == [Outcome.POSTED] * 2
    wallet = await account(store, wallet_of(ALISHER))
    assert wallet.available == before + payment().total


async def test_a_hold_is_ended_once(store: Store) -> None:
    await store.write(ALISHER, lambda tx: held(tx, payment()))
    assert await apply(store, *post(payment()), *post(payment()), *void(payment())) == [
        *[Outcome.POSTED] * 2,
        *[Outcome.EXISTS] * 2,
        *[Outcome.PENDING_ALREADY_POSTED] * 2,
    ]


async def test_there_must_be_a_hold_to_end(store: Store) -> None:
    await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    assert await apply(store, *post(payment())) == [Outcome.PENDING_NOT_FOUND] * 2


async def test_a_return_gives_amount_and_fee_back_once(store: Store) -> None:
    await store.write(ALISHER, lambda tx: executed(tx, payment()))
    before = (await account(store, wallet_of(ALISHER))).available
    assert await apply(store, *refund(payment()), *refund(payment())) == [*[Outcome.POSTED] * 2, *[Outcome.EXISTS] * 2]
    assert (await account(store, wallet_of(ALISHER))).available == before + payment().total


@pytest.mark.parametrize("change", ["UPDATE transfers SET amount_minor = 1", "DELETE FROM transfers"])
async def test_transfers_are_immutable(store: Store, change: str) -> None:
    await apply(store, TOP_UP)

    def tamper(tx: Tx) -> None:
        tx._unit._connection.execute(change, {})  # type: ignore[attr-defined]  # below the port

    with pytest.raises(WorkFailed) as failed:
        await store.write("", tamper)
    assert "immutable" in str(failed.value.__cause__)
    assert await apply(store, TOP_UP) == [Outcome.EXISTS]


async def test_the_schema_refuses_an_overdraft(store: Store) -> None:
    """Should the ledger's own judgement ever be wrong."""
    await store.write(ALISHER, lambda tx: fund(tx, minor=100))

    def tamper(tx: Tx) -> None:
        tx._unit._connection.execute("UPDATE accounts SET debits_posted = 101", {})  # type: ignore[attr-defined]

    with pytest.raises(WorkFailed) as failed:
        await store.write("", tamper)
    assert "no_overdraft" in str(failed.value.__cause__)
