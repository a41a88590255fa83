"""An account is four counters; what it has and what it can spend are worked out from them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.phones import Msisdn
from smsgw.ledger.accounts import (
    ACCOUNT_NAME_LENGTH_MAX,
    COUNTER_MAX,
    SUSPENSE,
    Account,
    cash_account,
    fee_account,
    is_wallet,
    payout_account,
    provider_account,
    returns_account,
    wallet_of,
)

WALLET = "wallet:+998901234567"


@pytest.mark.parametrize(
    ("name", "text", "wallet"),
    [
        (wallet_of(Msisdn("+998901234567")), "wallet:+998901234567", True),
        (provider_account("sarkor"), "provider:sarkor", False),
        (fee_account("sarkor"), "fee:sarkor", False),
        (cash_account("kiosk7"), "cash:kiosk7", False),
        (returns_account("sarkor"), "returns:sarkor", False),
        (payout_account("sarkor"), "payout:sarkor", False),
        (SUSPENSE, "suspense", False),
        (provider_account("wallet"), "provider:wallet", False),
    ],
)
def test_an_account_is_named_by_what_it_is_for(name: str, text: str, *, wallet: bool) -> None:
    """Only a subscriber's own account is a wallet."""
    assert (text, wallet, wallet) == (name, is_wallet(name), Account(name, UZS).no_overdraft)


@pytest.mark.parametrize(
    ("counters", "balance", "available"),
    [
        ({}, 0, 0),
        ({"credits_posted": 100}, 100, 100),
        ({"credits_posted": 100, "debits_posted": 30}, 70, 70),
        ({"credits_posted": 100, "debits_pending": 30}, 100, 70),
        ({"credits_posted": 100, "debits_posted": 30, "debits_pending": 70}, 70, 0),
        ({"credits_posted": 100, "credits_pending": 50}, 100, 100),
    ],
)
def test_what_is_held_from_a_wallet_is_spent_and_what_is_held_for_it_is_not_there_yet(
    counters: dict[str, int], balance: int, available: int
) -> None:
    account = Account(WALLET, UZS, **counters)

    assert (Money(balance, UZS), Money(available, UZS)) == (account.balance, account.available)


def test_a_house_account_may_stand_on_either_side() -> None:
    assert Account(cash_account("kiosk7"), UZS, debits_posted=5).balance == Money(-5, UZS)


@pytest.mark.parametrize("counter", ["debits_pending", "debits_posted", "credits_pending", "credits_posted"])
@pytest.mark.parametrize("value", [-1, COUNTER_MAX + 1])
def test_a_counter_never_goes_below_nothing_or_beyond_its_column(counter: str, value: int) -> None:
    with pytest.raises(AssertionError, match="out of range"):
        Account(WALLET, UZS, **{counter: value})


def test_the_fullest_counter_and_the_longest_name_are_an_account() -> None:
    """To the last unit of a signed 64-bit column."""
    account = Account("a" * ACCOUNT_NAME_LENGTH_MAX, UZS, debits_posted=2**63 - 1, credits_posted=2**63 - 1)

    assert account.balance == Money(0, UZS)


def test_an_account_is_never_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Account(WALLET, UZS).debits_posted = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", ["", "a" * (ACCOUNT_NAME_LENGTH_MAX + 1)])
def test_an_account_has_a_name_that_fits_its_column(name: str) -> None:
    with pytest.raises(AssertionError, match="characters"):
        Account(name, UZS)
