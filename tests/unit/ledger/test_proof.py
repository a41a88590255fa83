"""The proof finds every way in which books can be wrong, and says it with the account and both figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.money import KGS, UZS, Currency, Money
from smsgw.ledger.accounts import Account
from smsgw.ledger.proof import Sum, prove, trial_balance
from smsgw.ledger.transfers import Code, Transfer, TransferKind, apply

WALLET, PROVIDER, CASH = "wallet:+998901234567", "provider:sarkor", "cash:kiosk7"


def transfer(number: int, kind: TransferKind, debit: str, credit: str, minor: int) -> Transfer:
    ends = kind in {TransferKind.POST, TransferKind.VOID}
    return Transfer(
        id=f"t{number}",
        kind=kind,
        debit=debit,
        credit=credit,
        amount=Money(minor, UZS),
        code=Code.PAYMENT,
        pending_id=f"t{number - 1}" if ends else "",
    )


def sums_of(transfers: Iterable[Transfer]) -> list[Sum]:
    """Add transfers up as a store's GROUP BY does."""
    totals: defaultdict[tuple[str, str, TransferKind, Currency], int] = defaultdict(int)
    for each in transfers:
        totals[each.debit, each.credit, each.kind, each.amount.currency] += each.amount.minor
    return [Sum(*group, minor) for group, minor in totals.items()]


JOURNAL = (
    transfer(1, TransferKind.DIRECT, CASH, WALLET, 1_000),
    transfer(2, TransferKind.HOLD, WALLET, PROVIDER, 300),
    transfer(3, TransferKind.POST, WALLET, PROVIDER, 300),
    transfer(4, TransferKind.HOLD, WALLET, PROVIDER, 200),
    transfer(5, TransferKind.VOID, WALLET, PROVIDER, 200),
    transfer(6, TransferKind.HOLD, WALLET, PROVIDER, 100),
)
BOOKS = {
    CASH: Account(CASH, UZS, debits_posted=1_000),
    WALLET: Account(WALLET, UZS, debits_pending=100, debits_posted=300, credits_posted=1_000),
    PROVIDER: Account(PROVIDER, UZS, credits_pending=100, credits_posted=300),
}


def test_right_books_are_proved() -> None:
    assert prove(BOOKS.values(), sums_of(JOURNAL)) == []


def test_empty_books_are_proved() -> None:
    assert prove([], []) == []
    assert prove([Account(WALLET, UZS)], []) == []


@pytest.mark.parametrize(
    ("name", "counter", "wrong"),
    [
        (CASH, "debits_posted", ["UZS: 1301 debited, 1300 credited", f"{CASH}: debits_posted is 1001 UZS, "]),
        (WALLET, "debits_posted", ["UZS: 1301 debited, 1300 credited", f"{WALLET}: debits_posted is 301 UZS, "]),
        (WALLET, "debits_pending", ["UZS: 101 held from accounts, 100 for", f"{WALLET}: debits_pending is 101 UZS, "]),
        (WALLET, "credits_posted", ["UZS: 1300 debited, 1301 credited", f"{WALLET}: credits_posted is 1001 UZS, "]),
        (PROVIDER, "credits_pending", ["UZS: 100 held from accounts, 101 for", f"{PROVIDER}: credits_pending is 101 "]),
    ],
)
def test_one_unit_too_many_on_any_counter_is_found_twice(name: str, counter: str, wrong: list[str]) -> None:
    """By the balance of the currency and by the sum of the account's transfers."""
    changed = replace(BOOKS[name], **{counter: getattr(BOOKS[name], counter) + 1})
    found = prove((BOOKS | {name: changed}).values(), sums_of(JOURNAL))

    assert len(found) == len(wrong)
    assert all(line.startswith(start) for line, start in zip(found, wrong, strict=True))


def test_a_change_on_both_sides_still_differs_from_the_transfers() -> None:
    """Books that balance can be wrong all the same."""
    forged = {
        **BOOKS,
        CASH: replace(BOOKS[CASH], debits_posted=2_000),
        WALLET: replace(BOOKS[WALLET], credits_posted=2_000),
    }

    assert prove(forged.values(), sums_of(JOURNAL)) == [
        f"{CASH}: debits_posted is 2000 UZS, its transfers say 1000",
        f"{WALLET}: credits_posted is 2000 UZS, its transfers say 1000",
    ]


def test_an_account_that_is_missing_is_found_by_its_transfers() -> None:
    rest = [account for name, account in BOOKS.items() if name != PROVIDER]
    found = prove(rest, sums_of(JOURNAL))

    assert f"{PROVIDER}: credits_posted is 0 UZS, its transfers say 300" in found


def test_an_account_without_transfers_is_found_by_its_counters() -> None:
    found = prove([Account(WALLET, UZS, credits_posted=5), Account(CASH, UZS, debits_posted=5)], [])

    assert f"{WALLET}: credits_posted is 5 UZS, its transfers say 0" in found


def test_an_overdrawn_wallet_is_found_though_its_transfers_agree() -> None:
    journal = [transfer(1, TransferKind.HOLD, WALLET, PROVIDER, 7)]
    books = [Account(WALLET, UZS, debits_pending=7), Account(PROVIDER, UZS, credits_pending=7)]

    assert prove(books, sums_of(journal)) == [f"{WALLET}: overdrawn, -7 UZS minor units available"]


def test_a_house_account_below_nothing_is_no_fault() -> None:
    assert prove([BOOKS[CASH], Account(WALLET, UZS, credits_posted=1_000)], sums_of(JOURNAL[:1])) == []


def test_currencies_are_balanced_apart() -> None:
    """Too much in one and too little in the other is not a balance."""
    accounts = [Account(CASH, UZS, debits_posted=5), Account(PROVIDER, KGS, credits_posted=5)]

    assert trial_balance(accounts) == ["KGS: 0 debited, 5 credited", "UZS: 5 debited, 0 credited"]


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from([TransferKind.POST, TransferKind.VOID, None]))))
@settings(max_examples=60)
def test_books_kept_by_the_rules_are_always_proved(payments: list[tuple[int, TransferKind | None]]) -> None:
    """Holds that were posted, voided or still wait, in any number and order."""
    journal = [transfer(1, TransferKind.DIRECT, CASH, WALLET, 50 * len(payments) + 1)]
    for minor, end in payments:
        journal.append(transfer(len(journal) + 1, TransferKind.HOLD, WALLET, PROVIDER, minor))
        if end is not None:
            journal.append(transfer(len(journal) + 1, end, WALLET, PROVIDER, minor))
    books = {name: Account(name, UZS) for name in (CASH, WALLET, PROVIDER)}
    for each in journal:
        books[each.debit], books[each.credit] = apply(each, books[each.debit], books[each.credit])

    assert prove(books.values(), sums_of(journal)) == []
