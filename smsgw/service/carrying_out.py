"""Carrying a money action out: what each kind needs, and what it does, in one unit of work.

Rule 1: `hindrance` is asked first, in the same unit; `carry_out` then does it, or it was a bug.
Rule 2: every movement is a transfer with an id of its payment or its action, so nothing moves twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from smsgw.domain.actions import Action, ActionKind, Step
from smsgw.domain.calls import CallState, Kind, Order, ProviderCall, RefusalReason
from smsgw.domain.changes import replace
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.ledger.accounts import wallet_of
from smsgw.ledger.rules import adjustment, close_day
from smsgw.ledger.transfers import Transfer
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.pay import new_call
from smsgw.service.wallet import apply_all
from smsgw.settlement.plan import Accept, Refuse
from smsgw.transaction import Tx

# The refusal that a person has decided; a provider's own would be its code.
BY_A_PERSON: Final = "person"


class CarryingOut:
    """See the module."""

    def __init__(self, parties: Parties, outcomes: Outcomes) -> None:
        self._parties = parties
        self._outcomes = outcomes

    def hindrance(self, action: Action, tx: Tx) -> str:
        """Why it cannot be done as things stand, for people; empty = it can. Locks the subscriber."""
        match action.kind:
            case ActionKind.REFUND | ActionKind.GIVE_BACK:
                return _not_refundable(action, tx)
            case ActionKind.PAID | ActionKind.NOT_PAID:
                return _not_parked(action, tx)
            case ActionKind.ADJUST:
                return _not_covered(action, tx)
            case ActionKind.CLOSE_DAY:
                return ""

    def carry_out(self, action: Action, tx: Tx) -> Step:
        """Do it; `handed_over` = the provider has to answer first."""
        match action.kind:
            case ActionKind.REFUND:
                return self._refund(action, tx)
            case ActionKind.GIVE_BACK:
                payment = _payment(action, tx)
                self._outcomes.give_up_cancel(tx, payment)
                self._outcomes.give_back(tx, payment, provider_cancelled=False)
            case ActionKind.PAID | ActionKind.NOT_PAID:
                self._resolve(action, tx)
            case ActionKind.ADJUST:
                apply_all(tx, (_adjustment(action),))
            case ActionKind.CLOSE_DAY:
                apply_all(tx, (_closing(action),))
        return Step.APPROVED

    def _refund(self, action: Action, tx: Tx) -> Step:
        """Through the provider where it can; where it cannot, the house gives back and settles with it."""
        payment = _payment(action, tx)
        parameters = self._cancel_parameters(payment)
        if parameters is None:
            self._outcomes.give_back(tx, payment, provider_cancelled=False)
            return Step.APPROVED
        tx.calls.add(new_call(payment, Kind.CANCEL, parameters, tx.now_us))
        return Step.HANDED_OVER

    def _cancel_parameters(self, payment: Payment) -> Mapping[str, str] | None:
        """What the provider's cancel needs; None = it has none for this payment."""
        provider = self._parties.providers.get(payment.provider)
        if provider is None or not provider.capabilities.cancels:
            return None
        order = Order(payment.id, payment.account, payment.amount, payment.confirmed_at_us, payment.provider_reference)
        return provider.parameters(Kind.CANCEL, order)

    def _resolve(self, action: Action, tx: Tx) -> None:
        call = tx.calls.seize(_payment(action, tx).id, Kind.PAY)
        assert call is not None, "a parked call was there a moment ago, in this very unit"
        paid = action.kind is ActionKind.PAID
        decision = Accept("") if paid else Refuse(RefusalReason.OTHER, BY_A_PERSON)
        self._outcomes.carry_out(tx, replace(call, last_answer=BY_A_PERSON, failures=0), decision)


def _payment(action: Action, tx: Tx) -> Payment:
    """The payment of an action, its subscriber locked."""
    payment = tx.payments.get(action.payment_id or 0)
    assert payment is not None, f"action {action.id} is about a payment"
    tx.subscribers.lock(payment.msisdn)
    locked = tx.payments.get(payment.id)
    assert locked is not None, "payments are never deleted"
    return locked


def _parked(payment: Payment, tx: Tx) -> ProviderCall | None:
    call = tx.calls.get(payment.id, Kind.PAY)
    return call if call is not None and call.state is CallState.PARKED else None


def _not_refundable(action: Action, tx: Tx) -> str:
    payment = _payment(action, tx)
    if payment.state is not State.EXECUTED:
        return f"payment {payment.number} is {payment.state}; only an executed one can be given back"
    cancel = tx.calls.get(payment.id, Kind.CANCEL)
    if cancel is not None and cancel.state is CallState.DUE:
        return f"the provider is being asked to take payment {payment.number} back; wait for its answer"
    if cancel is not None and action.kind is ActionKind.REFUND:
        return f"the provider was asked to take payment {payment.number} back before; only the house can give it back"
    return ""


def _not_parked(action: Action, tx: Tx) -> str:
    payment = _payment(action, tx)
    if payment.state is not State.PROCESSING:
        return f"payment {payment.number} is {payment.state} already"
    if _parked(payment, tx) is None:
        return f"payment {payment.number} is still being asked about; only a parked one waits for a person"
    return ""


def _not_covered(action: Action, tx: Tx) -> str:
    msisdn = Msisdn(action.subject)
    if not tx.subscribers.lock(msisdn).registered:
        return f"{msisdn} is no subscriber"
    available = tx.ledger.account(wallet_of(msisdn), action.amount.currency).available
    if (available + action.amount).minor < 0:
        return f"the wallet has {available} {available.currency.code} that can be taken out"
    return ""


def _adjustment(action: Action) -> Transfer:
    amount = replace(action.amount, minor=abs(action.amount.minor))
    key = action.id.removeprefix("adjust:")
    return adjustment(key, wallet_of(Msisdn(action.subject)), amount, into_account=action.amount.minor > 0)


def _closing(action: Action) -> Transfer:
    provider, day = action.subject.split(" ")
    return close_day(provider, day, action.amount, int(action.id.rpartition(":")[2]))
