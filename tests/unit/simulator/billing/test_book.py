"""The provider's book knows what every account has, whatever was taken back."""

from __future__ import annotations

from simulator.billing.book import AccountSum, Asked, Book, Result


def book() -> Book:
    return Book(dedupes=True, duplicate_checked_first=True)


def pay(kept: Book, reference: int, account: str, amount_minor: int) -> None:
    kept.judge(Asked("pay", reference, account, amount_minor), 1.0)


def test_accounts_come_with_their_sums_whoever_was_credited_last_first() -> None:
    kept = book()
    pay(kept, 1, "anna", 500)
    pay(kept, 2, "boris", 300)
    pay(kept, 3, "anna", 200)
    assert kept.accounts(10) == [("anna", AccountSum(2, 700)), ("boris", AccountSum(1, 300))]
    assert kept.accounts(1) == [("anna", AccountSum(2, 700))]
    assert kept.total == AccountSum(3, 1000)


def test_a_repeat_adds_nothing() -> None:
    kept = book()
    pay(kept, 1, "anna", 500)
    pay(kept, 1, "anna", 500)
    assert (kept.total, kept.changes) == (AccountSum(1, 500), 1)


def test_a_draft_counts_when_it_is_credited_and_no_more_when_it_is_taken_back() -> None:
    kept = book()
    kept.judge(Asked("prepare", 1, "anna", 500), 1.0)
    assert (kept.total, kept.accounts(9)) == (AccountSum(0, 0), [])
    kept.judge(Asked("pay", 1, of_draft=True), 2.0)
    assert kept.accounts(9) == [("anna", AccountSum(1, 500))]
    kept.judge(Asked("cancel", 1), 3.0)
    assert (kept.total, kept.accounts(9), kept.changes) == (AccountSum(0, 0), [], 3)


def test_a_pay_without_an_account_is_judged_by_its_account() -> None:
    """Only a protocol of two phases has no account to say; of all others an empty one is nobody's."""
    for first in (True, False):
        kept = Book(dedupes=True, duplicate_checked_first=first)
        pay(kept, 1, "anna", 500)
        assert kept.judge(Asked("pay", 1, "", 500), 2.0).result is (Result.CONFLICT if first else Result.NO_ACCOUNT)
        assert kept.judge(Asked("pay", 2, "", 500), 2.0).result is Result.NO_ACCOUNT
        assert kept.judge(Asked("pay", 2, of_draft=True), 2.0).result is Result.ABSENT
        assert kept.total == AccountSum(1, 500)


def test_a_draft_that_is_dropped_never_counted() -> None:
    kept = book()
    kept.judge(Asked("prepare", 1, "anna", 500), 1.0)
    kept.judge(Asked("cancel", 1), 2.0)
    assert kept.total == AccountSum(0, 0)


def test_the_newest_lines_are_the_last_of_all() -> None:
    kept = book()
    for reference in (1, 2, 3):
        pay(kept, reference, "anna", 100 * reference)
    kept.judge(Asked("cancel", 3), 1.0)
    assert [line["reference"] for line in kept.lines()] == [1, 2]
    assert [line["reference"] for line in kept.lines(1)] == [2]
