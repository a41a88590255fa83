"""The proof of the books: every account equals the sum of its transfers, debits equal credits, no wallet is overdrawn.

The store adds up its transfers per pair of accounts (one GROUP BY) and hands over the sums and the accounts; what is
wrong comes back in words that name the account and both figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from smsgw.domain.money import Currency
from smsgw.ledger.accounts import Account
from smsgw.ledger.transfers import TransferKind, change


class Sum(NamedTuple):
    """All transfers of one kind between two accounts, added up in minor units."""

    debit: str
    credit: str
    kind: TransferKind
    currency: Currency
    minor: int


class Counters(NamedTuple):
    """The four counters of an account; they may be anything here, even wrong."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    def plus(self, other: Counters) -> Counters:
        """Counter by counter."""
        return Counters(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


Books = dict[tuple[str, Currency], Counters]


def trial_balance(accounts: Iterable[Account]) -> list[str]:
    """Say where debits and credits of a currency differ; empty = they are equal."""
    totals: defaultdict[str, Counters] = defaultdict(Counters)
    for account in accounts:
        totals[account.currency.code] = totals[account.currency.code].plus(_counters(account))
    wrong = []
    for code, total in sorted(totals.items()):
        if total.debits_posted != total.credits_posted:
            wrong.append(f"{code}: {total.debits_posted} debited, {total.credits_posted} credited")
        if total.debits_pending != total.credits_pending:
            wrong.append(f"{code}: {total.debits_pending} held from accounts, {total.credits_pending} for accounts")
    return wrong


def prove(accounts: Iterable[Account], sums: Iterable[Sum]) -> list[str]:
    """Say everything that is wrong with the books; empty = they are proved."""
    known = list(accounts)
    overdrawn = [
        f"{account.name}: overdrawn, {account.available.minor} {account.currency.code} minor units available"
        for account in known
        if account.no_overdraft and account.available.minor < 0
    ]
    return trial_balance(known) + _unlike_transfers(known, sums) + overdrawn


def _unlike_transfers(accounts: Iterable[Account], sums: Iterable[Sum]) -> list[str]:
    """Accounts whose counters are not the sum of their transfers, in either direction."""
    kept: Books = {(account.name, account.currency): _counters(account) for account in accounts}
    expected = _added_up(sums)
    wrong = []
    for name, currency in sorted(kept.keys() | expected.keys(), key=lambda key: (key[0], key[1].code)):
        held, due = kept.get((name, currency), Counters()), expected.get((name, currency), Counters())
        wrong += [
            f"{name}: {counter} is {is_minor} {currency.code}, its transfers say {due_minor}"
            for counter, is_minor, due_minor in zip(Counters._fields, held, due, strict=True)
            if is_minor != due_minor
        ]
    return wrong


def _added_up(sums: Iterable[Sum]) -> Books:
    books: defaultdict[tuple[str, Currency], Counters] = defaultdict(Counters)
    for each in sums:
        pending, posted = change(each.kind, each.minor)
        debited = Counters(debits_pending=pending, debits_posted=posted)
        credited = Counters(credits_pending=pending, credits_posted=posted)
        books[each.debit, each.currency] = books[each.debit, each.currency].plus(debited)
        books[each.credit, each.currency] = books[each.credit, each.currency].plus(credited)
    return books


def _counters(account: Account) -> Counters:
    return Counters(account.debits_pending, account.debits_posted, account.credits_pending, account.credits_posted)
