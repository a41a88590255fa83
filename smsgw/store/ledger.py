"""The books in a transaction: load what a transfer touches, let the ledger's core judge it, write what it decides.

A wallet has one row, is locked and judged. A house account has one row for each writer, which only ever adds to its
own; nobody judges it. A hold is ended in the very row that it was made in, so that no counter goes below zero.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Column, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.money import Currency
from smsgw.ledger.accounts import Account, is_wallet
from smsgw.ledger.day_hash import DayHash
from smsgw.ledger.transfers import RESOLVING, Change, Facts, Outcome, Transfer, change, judge
from smsgw.store.columns import INT64
from smsgw.store.day_hashes import ADD as ADD_DAY
from smsgw.store.rows import row_of_transfer, transfer_of
from smsgw.store.sql import Row, Statement, given, number, words
from smsgw.store.tables import RESOLVING_TRANSFER, accounts, transfers
from smsgw.store.unit import Part

# Wallets have one row.
WALLET_SHARD: Final = 0
# Where a transfer's row says in which row of the house account it was written.
_SHARD: Final = list(transfers.c.keys()).index("shard")

_A, _T = accounts.c, transfers.c
_NAMED = (_A.name == words("name"), _A.currency == words("currency"))
_COUNTERS = (_A.debits_pending, _A.debits_posted, _A.credits_pending, _A.credits_posted)


def _adding(pending: Column[int], posted: Column[int]) -> Statement:
    grown = {pending.name: pending + number("pending"), posted.name: posted + number("posted")}
    return Statement(update(accounts).where(*_NAMED, _A.shard == number("shard")).values(grown))


DEBIT: Final = _adding(_A.debits_pending, _A.debits_posted)
CREDIT: Final = _adding(_A.credits_pending, _A.credits_posted)
OPEN: Final = Statement(insert(accounts).values(given(accounts)))
LOCK_WALLET: Final = Statement(select(*_COUNTERS).where(*_NAMED, _A.shard == number("shard")).with_for_update())
ACCOUNT: Final = Statement(select(*(cast(func.sum(counter), INT64) for counter in _COUNTERS)).where(*_NAMED))

WRITE: Final = Statement(insert(transfers).values(given(transfers)))
GET: Final = Statement(select(transfers).where(_T.id == words("id")))
ENDED_BY: Final = Statement(select(transfers).where(text(RESOLVING_TRANSFER), _T.pending_id == words("pending_id")))


class SqlLedger(Part):
    """Implements ports.Ledger."""

    __slots__ = ()

    def apply(self, transfer: Transfer) -> Outcome:
        """Judge and write one transfer. A repeat of the same transfer answers EXISTS and changes nothing."""
        values, ends = row_of_transfer(transfer), transfer.kind in RESOLVING
        held = self._unit.row(GET, {"id": transfer.pending_id}) if ends else None
        facts = Facts(
            debit=self._spending(transfer),
            credit=Account(transfer.credit, transfer.amount.currency),
            existing=_transfer(self._unit.row(GET, values)),
            pending=_transfer(held),
            resolved_by=_transfer(self._unit.row(ENDED_BY, values)) if ends else None,
        )
        outcome = judge(transfer, facts)
        if outcome is Outcome.POSTED:
            shard = self._unit.shard if held is None else held[_SHARD]
            self._write(values, change(transfer.kind, transfer.amount.minor), shard)
        return outcome

    def account(self, name: str, currency: Currency) -> Account:
        """The account with its four counters; an account that was never used is empty."""
        return _account(name, currency, self._unit.row(ACCOUNT, {"name": name, "currency": currency.code}))

    def keep_day(self, day_hash: DayHash) -> None:
        """Keep the hash of a day that is over; one that has a hash keeps it."""
        self._unit.run(ADD_DAY, asdict(day_hash))

    def _spending(self, transfer: Transfer) -> Account:
        """The debited account; its counters are needed only where a wallet spends what it may not have."""
        name, currency = transfer.debit, transfer.amount.currency
        if transfer.kind in RESOLVING or not is_wallet(name):
            return Account(name, currency)
        values = {"name": name, "currency": currency.code, "shard": WALLET_SHARD}
        return _account(name, currency, self._unit.row(LOCK_WALLET, values))

    def _write(self, values: dict[str, Any], moved: Change, shard: int) -> None:
        self._unit.run(WRITE, values | {"shard": shard, "created_at_us": self._unit.now_us})
        self._add(DEBIT, values["debit"], values["currency"], moved, shard)
        self._add(CREDIT, values["credit"], values["currency"], moved, shard)

    def _add(self, side: Statement, name: str, currency: str, moved: Change, shard: int) -> None:
        row = {"name": name, "currency": currency, "shard": WALLET_SHARD if is_wallet(name) else shard}
        if self._unit.run(side, row | moved._asdict()):
            return
        prefix = "debits" if side is DEBIT else "credits"
        counters = dict.fromkeys((counter.name for counter in _COUNTERS), 0)
        self._unit.run(OPEN, row | counters | {f"{prefix}_{name}": minor for name, minor in moved._asdict().items()})


def _account(name: str, currency: Currency, row: Row | None) -> Account:
    return Account(name, currency) if row is None or row[0] is None else Account(name, currency, *row)


def _transfer(row: Row | None) -> Transfer | None:
    return None if row is None else transfer_of(row)
