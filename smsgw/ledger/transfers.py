"""Transfers: the only way in which money moves, judged against what the books hold already.

Rule 1: a transfer has an id that was chosen before the first try. The same transfer again answers EXISTS and moves
    nothing; another transfer under a used id is refused.
Rule 2: a hold is posted or voided once, in full, by a transfer of its own. Nothing that was written is ever changed.
Rule 3: guards stand in the order of `Outcome`; the first that holds is the answer.

The manner is TigerBeetle's (two-phase transfers, counters per account, idempotency by the client's id).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.domain.money import Money
from smsgw.ledger.accounts import Account

# 63-bit references have 19 digits, a UUID 36; a longer id would only make the index slower.
TRANSFER_ID_LENGTH_MAX: Final = 64


class TransferKind(StrEnum):
    """What a transfer does to the counters."""

    DIRECT = "direct"
    HOLD = "hold"
    POST = "post"
    VOID = "void"


RESOLVING: Final = frozenset({TransferKind.POST, TransferKind.VOID})
"""These end a hold."""


class Code(StrEnum):
    """Why money moves."""

    PAYMENT = "payment"
    FEE = "fee"
    TOPUP = "topup"
    REFUND = "refund"
    REFUND_FEE = "refund_fee"
    ADJUSTMENT = "adjustment"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One movement: *amount* out of *debit* and into *credit*.

    POST and VOID name their hold in `pending_id` and repeat its accounts and amount. `created_at_us` is set by the
    store and is no part of what makes two transfers the same.
    """

    id: str
    kind: TransferKind
    debit: str
    credit: str
    amount: Money
    code: Code
    payment_id: int | None = None
    pending_id: str = ""
    created_at_us: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        assert 0 < len(self.id) <= TRANSFER_ID_LENGTH_MAX, f"transfer id of {len(self.id)} characters"
        assert self.amount.minor > 0, f"transfer {self.id} moves nothing"
        assert bool(self.pending_id) == (self.kind in RESOLVING), f"transfer {self.id}: only post and void end a hold"
        assert self.pending_id != self.id, f"transfer {self.id} ends itself"


class Outcome(StrEnum):
    """What became of a transfer. The order is the precedence: the first that holds is the answer."""

    POSTED = "posted"
    EXISTS = "exists"
    EXISTS_DIFFERENT = "exists_different"
    ACCOUNTS_SAME = "accounts_same"
    CURRENCY_DIFFERS = "currency_differs"
    PENDING_NOT_FOUND = "pending_not_found"
    PENDING_DIFFERS = "pending_differs"
    PENDING_ALREADY_POSTED = "pending_already_posted"
    PENDING_ALREADY_VOIDED = "pending_already_voided"
    INSUFFICIENT_FUNDS = "insufficient_funds"

    @property
    def done(self) -> bool:
        """True if the transfer stands in the books, by this try or an earlier one."""
        return self in (Outcome.POSTED, Outcome.EXISTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the books hold about one transfer, read in the transaction that will write it.

    `existing` is the transfer under the same id; `pending` the hold that `pending_id` names; `resolved_by` the
    transfer that ended that hold.
    """

    debit: Account
    credit: Account
    existing: Transfer | None = None
    pending: Transfer | None = None
    resolved_by: Transfer | None = None


class Change(NamedTuple):
    """What a transfer adds to the debit counters of one side and, equally, to the credit counters of the other."""

    pending: int
    posted: int


def judge(transfer: Transfer, facts: Facts) -> Outcome:
    """Say what becomes of *transfer*; POSTED = write it and `apply` it. Changes nothing."""
    assert (facts.debit.name, facts.credit.name) == (transfer.debit, transfer.credit), "facts of other accounts"
    if facts.existing is not None:
        assert facts.existing.id == transfer.id, "facts of another transfer"
        return Outcome.EXISTS if facts.existing == transfer else Outcome.EXISTS_DIFFERENT
    if transfer.debit == transfer.credit:
        return Outcome.ACCOUNTS_SAME
    if not facts.debit.currency == facts.credit.currency == transfer.amount.currency:
        return Outcome.CURRENCY_DIFFERS
    if transfer.kind in RESOLVING:
        return _judge_resolving(transfer, facts)
    if facts.debit.no_overdraft and facts.debit.available < transfer.amount:
        return Outcome.INSUFFICIENT_FUNDS
    return Outcome.POSTED


def change(kind: TransferKind, minor: int) -> Change:
    """What a transfer of *minor* units adds. A store with several rows for a house account adds it to any of them."""
    match kind:
        case TransferKind.DIRECT:
            return Change(pending=0, posted=minor)
        case TransferKind.HOLD:
            return Change(pending=minor, posted=0)
        case TransferKind.POST:
            return Change(pending=-minor, posted=minor)
        case TransferKind.VOID:
            return Change(pending=-minor, posted=0)


def apply(transfer: Transfer, debit: Account, credit: Account) -> tuple[Account, Account]:
    """The two accounts after a *transfer* that `judge` let through."""
    assert (debit.name, credit.name) == (transfer.debit, transfer.credit), "applied to other accounts"
    pending, posted = change(transfer.kind, transfer.amount.minor)
    debited = replace(debit, debits_pending=debit.debits_pending + pending, debits_posted=debit.debits_posted + posted)
    credited = replace(
        credit, credits_pending=credit.credits_pending + pending, credits_posted=credit.credits_posted + posted
    )
    assert not debited.no_overdraft or debited.available.minor >= 0, f"{debited.name} is overdrawn"
    return debited, credited


def _judge_resolving(transfer: Transfer, facts: Facts) -> Outcome:
    if facts.pending is None or facts.pending.kind is not TransferKind.HOLD:
        return Outcome.PENDING_NOT_FOUND
    if _movement(facts.pending) != _movement(transfer) or facts.pending.id != transfer.pending_id:
        return Outcome.PENDING_DIFFERS
    if facts.resolved_by is None:
        return Outcome.POSTED
    posted = facts.resolved_by.kind is TransferKind.POST
    return Outcome.PENDING_ALREADY_POSTED if posted else Outcome.PENDING_ALREADY_VOIDED


def _movement(transfer: Transfer) -> tuple[str, str, Money, Code, int | None]:
    """What a hold and the transfer that ends it must have in common."""
    return transfer.debit, transfer.credit, transfer.amount, transfer.code, transfer.payment_id
