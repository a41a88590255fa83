"""What each money verb of the business is in transfers.

Rule 1: every id is made from the payment (or the caller's key) and the step, so that the same step done again is the
    same transfer.
Rule 2: amount and fee are two transfers of one step; the caller writes both in one transaction or neither.
"""

from __future__ import annotations

import re
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.money import Money
from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.ledger.accounts import (
    SUSPENSE,
    cash_account,
    fee_account,
    payout_account,
    provider_account,
    returns_account,
    wallet_of,
)
from smsgw.ledger.transfers import Code, Transfer, TransferKind

# A UUID has 36 characters; with an agent's name and `topup:` the id still fits TRANSFER_ID_LENGTH_MAX.
KEY_LENGTH_MAX: Final = 40
# A till or a partner, as it stands in `cash:AGENT` and in its top-ups' ids; no colon, so that ids are unambiguous.
AGENT_PATTERN: Final = "[A-Za-z0-9_-]{1,16}"


def hold(payment: Payment) -> tuple[Transfer, ...]:
    """Set the total aside: the amount for the provider, the fee (if there is one) for us."""
    amount = Transfer(
        id=f"{payment.id}:hold",
        kind=TransferKind.HOLD,
        debit=wallet_of(payment.msisdn),
        credit=provider_account(payment.provider),
        amount=payment.amount,
        code=Code.PAYMENT,
        payment_id=payment.id,
    )
    if not payment.fee.minor:
        return (amount,)
    credit = fee_account(payment.provider)
    return amount, replace(amount, id=f"{amount.id}:fee", credit=credit, amount=payment.fee, code=Code.FEE)


def post(payment: Payment) -> tuple[Transfer, ...]:
    """The provider has credited the payment: what was held is spent."""
    return _end_of_hold(payment, TransferKind.POST)


def void(payment: Payment) -> tuple[Transfer, ...]:
    """The provider has refused the payment: what was held is free again."""
    return _end_of_hold(payment, TransferKind.VOID)


def refund(payment: Payment, *, provider_cancelled: bool = False) -> tuple[Transfer, ...]:
    """An executed payment goes back, amount and fee.

    With *provider_cancelled* the provider has taken its credit back, so that we owe it less; otherwise a person has
    decided, and `returns:P` says what has to be settled with the provider.
    """
    source = provider_account if provider_cancelled else returns_account
    amount = Transfer(
        id=f"{payment.id}:return",
        kind=TransferKind.DIRECT,
        debit=source(payment.provider),
        credit=wallet_of(payment.msisdn),
        amount=payment.amount,
        code=Code.REFUND,
        payment_id=payment.id,
    )
    if not payment.fee.minor:
        return (amount,)
    debit = fee_account(payment.provider)
    return amount, replace(amount, id=f"{amount.id}:fee", debit=debit, amount=payment.fee, code=Code.REFUND_FEE)


def top_up(key: str, msisdn: Msisdn, agent: str, amount: Money) -> Transfer:
    """Money that *agent* took from a subscriber. *key* is the agent's own idempotency key.

    Raises:
        ValueError: a key or an agent's name that is empty or does not fit a transfer's id.
    """
    if not re.fullmatch(AGENT_PATTERN, agent):
        raise ValueError(f"agent {agent!r}: 1 to 16 of A-Z, a-z, 0-9, _ and - are needed")
    return Transfer(
        id=f"topup:{agent}:{_checked(key)}",
        kind=TransferKind.DIRECT,
        debit=cash_account(agent),
        credit=wallet_of(msisdn),
        amount=amount,
        code=Code.TOPUP,
    )


def adjustment(key: str, account: str, amount: Money, *, into_account: bool) -> Transfer:
    """A person's correction of *account*; the other side is always `suspense`, so that one balance shows what is open.

    Raises:
        ValueError: a key that is empty or too long for a transfer's id.
    """
    debit, credit = (SUSPENSE, account) if into_account else (account, SUSPENSE)
    return Transfer(
        id=f"adjust:{_checked(key)}",
        kind=TransferKind.DIRECT,
        debit=debit,
        credit=credit,
        amount=amount,
        code=Code.ADJUSTMENT,
    )


def close_day(provider: str, day: str, amount: Money, serial: int = 1) -> Transfer:
    """What we owe *provider* for a day (`2026-11-21`) goes from the running account to what is paid out.

    A closed day that turns out to be short is closed once more, for what was missing, under the next *serial*.
    """
    assert serial > 0, "a day is first closed with the serial 1"
    return Transfer(
        id=f"close:{provider}:{day}:{serial}",
        kind=TransferKind.DIRECT,
        debit=provider_account(provider),
        credit=payout_account(provider),
        amount=amount,
        code=Code.PAYOUT,
    )


def _end_of_hold(payment: Payment, kind: TransferKind) -> tuple[Transfer, ...]:
    return tuple(
        replace(held, id=held.id.replace(":hold", f":{kind}"), kind=kind, pending_id=held.id) for held in hold(payment)
    )


def _checked(key: str) -> str:
    if not 0 < len(key) <= KEY_LENGTH_MAX:
        raise ValueError(f"idempotency key of {len(key)} characters: 1 to {KEY_LENGTH_MAX} are needed")
    return key
