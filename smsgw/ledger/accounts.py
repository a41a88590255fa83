"""Accounts: four counters that only ever say what was moved, and the names of the accounts that we keep.

Rule 1: there is no signed balance in the books; what is owed is worked out from the counters when somebody asks.
Rule 2: a wallet is never overdrawn, and money that is only held counts as spent. House accounts have no such rule:
    what we owe a provider, or an agent owes us, may stand on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.domain.money import Currency, Money
from smsgw.domain.phones import Msisdn

# A counter is a signed 64-bit column in every database that we use.
COUNTER_MAX: Final = 2**63 - 1
# `provider:` and a provider's longest name are 41 characters; a column of 64 leaves room and keeps indexes small.
ACCOUNT_NAME_LENGTH_MAX: Final = 64
# What nobody can explain yet: one account, so that one look shows whether it is empty.
SUSPENSE: Final = "suspense"


class AccountKind(StrEnum):
    """What an account is for; the word before the colon of its name."""

    WALLET = "wallet"
    PROVIDER = "provider"
    FEE = "fee"
    CASH = "cash"
    RETURNS = "returns"
    PAYOUT = "payout"


def wallet_of(msisdn: Msisdn) -> str:
    """A subscriber's money."""
    return f"{AccountKind.WALLET}:{msisdn}"


def provider_account(provider: str) -> str:
    """What we owe a provider for payments that it has credited."""
    return f"{AccountKind.PROVIDER}:{provider}"


def fee_account(provider: str) -> str:
    """What we have earned on a provider's payments."""
    return f"{AccountKind.FEE}:{provider}"


def cash_account(agent: str) -> str:
    """What an agent took in cash and owes us for top-ups."""
    return f"{AccountKind.CASH}:{agent}"


def returns_account(provider: str) -> str:
    """What a person gave back to subscribers and we still have to settle with the provider."""
    return f"{AccountKind.RETURNS}:{provider}"


def payout_account(provider: str) -> str:
    """What a closed day has set aside for a provider, to be paid out by the bank."""
    return f"{AccountKind.PAYOUT}:{provider}"


def is_wallet(account: str) -> bool:
    """True if the account of this name belongs to a subscriber and must not be overdrawn."""
    return account.startswith(f"{AccountKind.WALLET}:")


@dataclass(frozen=True, slots=True)
class Account:
    """One account: what was taken from it (debits) and given to it (credits), held and for good, in minor units."""

    name: str
    currency: Currency
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    def __post_init__(self) -> None:
        assert 0 < len(self.name) <= ACCOUNT_NAME_LENGTH_MAX, f"account name of {len(self.name)} characters"
        counters = (self.debits_pending, self.debits_posted, self.credits_pending, self.credits_posted)
        assert all(0 <= counter <= COUNTER_MAX for counter in counters), f"{self.name}: a counter is out of range"

    @property
    def no_overdraft(self) -> bool:
        """True if this account may never spend more than it has."""
        return is_wallet(self.name)

    @property
    def balance(self) -> Money:
        """What has come in for good, less what has gone out for good; below zero on accounts that owe us."""
        return Money(self.credits_posted - self.debits_posted, self.currency)

    @property
    def available(self) -> Money:
        """What can still be spent: the balance less what is held."""
        return self.balance - Money(self.debits_pending, self.currency)
