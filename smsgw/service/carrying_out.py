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
from smsgw.service.closing import closing_of, not_closable
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.pay import new_call
from smsgw.service.rules import US
from smsgw.service.values import minutes
from smsgw.service.wallet import apply_all
from smsgw.settlement.decisions import Accept, Refuse, Reverse
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
            case ActionKind.REFUND:
                return _not_refundable(action, tx) or self._not_cancellable(action, tx)
            case ActionKind.GIVE_BACK:
                return _not_refundable(action, tx)
            case ActionKind.PAID | ActionKind.NOT_PAID:
                return _not_parked(action, tx) or self._too_early(action, tx)
            case ActionKind.ADJUST:
                return _not_covered(action, tx)
            case ActionKind.TAKEN_BACK:
                return _not_cancelling(action, tx)
            case ActionKind.CLOSE_DAY:
                return self._not_owed(action, tx)

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
            case ActionKind.TAKEN_BACK:
                self._reverse(action, tx)
            case ActionKind.ADJUST:
                apply_all(tx, (_adjustment(action),))
            case ActionKind.CLOSE_DAY:
                apply_all(tx, (_closing(action),))
        return Step.APPROVED

    def _refund(self, action: Action, tx: Tx) -> Step:
        """The provider is asked to take its credit back; what it answers ends the action."""
        payment = _payment(action, tx)
        parameters = self._cancel_parameters(payment)
        assert parameters is not None, "a refund is hindered where the provider cannot cancel"
        tx.calls.add(new_call(payment, Kind.CANCEL, parameters, tx.now_us))
        return Step.HANDED_OVER

    def _not_cancellable(self, action: Action, tx: Tx) -> str:
        """Whoever asks for a refund means the provider's money; the house's own has to be asked for by its name."""
        payment = _payment(action, tx)
        if self._cancel_parameters(payment) is not None:
            return ""
        return f"{payment.provider} takes nothing back, and its customer keeps the credit; the house can: --by-house"

    def _cancel_parameters(self, payment: Payment) -> Mapping[str, str] | None:
        """What the provider's cancel needs; None = it has none for this payment."""
        provider = self._parties.providers.get(payment.provider)
        if provider is None or not provider.capabilities.cancels:
            return None
        order = Order(payment.id, payment.account, payment.amount, payment.confirmed_at_us, payment.provider_reference)
        return provider.parameters(Kind.CANCEL, order)

    def _reverse(self, action: Action, tx: Tx) -> None:
        """The provider has taken its credit back, as a person has learnt: what its answer would have done."""
        call = tx.calls.seize(_payment(action, tx).id, Kind.CANCEL)
        assert call is not None, "a parked cancel was there a moment ago, in this very unit"
        self._outcomes.carry_out(tx, replace(call, last_answer=BY_A_PERSON, failures=0), Reverse())

    def _too_early(self, action: Action, tx: Tx) -> str:
        """A provider that says how late it may credit is not called unpaid before."""
        payment = _payment(action, tx)
        provider, call = self._parties.providers.get(payment.provider), tx.calls.get(payment.id, Kind.PAY)
        if action.kind is ActionKind.PAID or provider is None or call is None:
            return ""
        late_s = provider.capabilities.max_late_apply_s
        if late_s is None:
            return ""
        left_us = call.sent_at_us + int((provider.capabilities.pay_deadline_s + late_s) * US) - tx.now_us
        return f"the provider may still credit it within {minutes(left_us)} minutes, as agreed" if left_us > 0 else ""

    def _not_owed(self, action: Action, tx: Tx) -> str:
        provider, day = action.subject.split(" ")
        report = tx.reconciliations.get(provider, day)
        hindrance = not_closable(report, provider, day)
        if hindrance or report is None:
            return hindrance
        rest = closing_of(tx, self._parties, report).rest
        if rest != action.amount:
            return f"the day owes {rest} {rest.currency.code} now; reject this, and ask again"
        return ""

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
        return f"the provider was asked to take payment {payment.number} back before; the house can now: --by-house"
    return ""


def _not_parked(action: Action, tx: Tx) -> str:
    payment = _payment(action, tx)
    if payment.state is not State.PROCESSING:
        return f"payment {payment.number} is {payment.state} already"
    if _parked(payment, tx) is None:
        return f"payment {payment.number} is still being asked about; only a parked one waits for a person"
    return ""


def _not_cancelling(action: Action, tx: Tx) -> str:
    payment = _payment(action, tx)
    cancel = tx.calls.get(payment.id, Kind.CANCEL)
    if payment.state is not State.EXECUTED or cancel is None or cancel.state is not CallState.PARKED:
        return f"no cancel of payment {payment.number} is parked; only then a person has the word"
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
    """Into the payout; back from it where less is owed than was set aside."""
    provider, day = action.subject.split(" ")
    serial, amount = int(action.id.rpartition(":")[2]), replace(action.amount, minor=abs(action.amount.minor))
    setting_aside = close_day(provider, day, amount, serial)
    if action.amount.minor > 0:
        return setting_aside
    return replace(setting_aside, debit=setting_aside.credit, credit=setting_aside.debit)
