"""What a decision about a provider call does: to the call, the payment, the books, and the subscriber's phone.

Whoever decides (an answer of the provider, the reconciliation, a person) ends here, so that each outcome is the same
thing whatever it came from.

Rule 1: the call is written first, fenced by its epoch; if that fails, nothing else happens.
Rule 2: everything is one unit of work, the subscriber locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from smsgw.domain.actions import ActionKind, ActionState, Step, advance as advance_action
from smsgw.domain.calls import CallState, Kind, ProviderCall, RefusalReason
from smsgw.domain.changes import replace
from smsgw.domain.funds import Funds
from smsgw.domain.payment import Event, Payment, State, advance
from smsgw.ledger.rules import refund
from smsgw.log import get_logger
from smsgw.ports import Source
from smsgw.service.pay import ended
from smsgw.service.rules import Rules
from smsgw.service.texts import put_code, put_result
from smsgw.service.wallet import apply_all
from smsgw.sessions.codes import after_issue
from smsgw.settlement.decisions import (
    Accept,
    CheckPassed,
    Decision,
    GiveUp,
    KeepCredit,
    NoMoney,
    Park,
    Refuse,
    Retry,
    Reverse,
)
from smsgw.transaction import Tx

# What a refused check is answered with.
REFUSED_CHECK: Final = {
    RefusalReason.NO_ACCOUNT: "no_account",
    RefusalReason.AMOUNT: "not_executed",
    RefusalReason.OTHER: "not_executed",
}
# The state in which a payment waits for a call of each kind; in any other, nobody needs the answer any more.
WAITS: Final = {Kind.CHECK: State.CHECKING, Kind.PAY: State.PROCESSING, Kind.CANCEL: State.EXECUTED}

log = get_logger(__name__)


class Outcomes:
    """See the module."""

    def __init__(self, rules: Rules, sources: Mapping[str, Source]) -> None:
        self._rules = rules
        self._sources = sources

    def carry_out(self, tx: Tx, call: ProviderCall, decision: Decision) -> ProviderCall | None:
        """Write a decision; return the call as it stands then, or None if it is over or has another holder."""
        payment = payment_of(call, tx)
        if payment.state is not WAITS[call.kind]:
            tx.calls.save(ended(call))
            return None
        log_decision(call, payment, decision)
        match decision:
            case Retry():
                return self._go_on(tx, _after(call, decision), payment, tell=decision.tell)
            case Park():
                parked = replace(call, state=CallState.PARKED, lease_until_us=0)
                self._go_on(tx, parked, payment, tell=decision.tell)
            case _:
                if tx.calls.save(ended(call)):
                    self._finish(tx, payment, decision)
        return None

    def give_back(self, tx: Tx, payment: Payment, *, provider_cancelled: bool) -> Payment:
        """An executed payment is returned, amount and fee; the turnover does not come back."""
        apply_all(tx, refund(payment, provider_cancelled=provider_cancelled))
        returned = advance(payment, Event.RETURNED, tx.now_us)
        tx.payments.save(returned)
        put_result(tx, returned, self._rules, "returned")
        return returned

    def give_up_cancel(self, tx: Tx, payment: Payment) -> None:
        """A person has decided otherwise: the provider is not asked to take its credit back any more."""
        call = tx.calls.seize(payment.id, Kind.CANCEL)
        if call is not None:
            tx.calls.save(ended(call))
        self._end_refund(tx, payment, Step.PROVIDER_REFUSED, "the house gave back")

    def _go_on(self, tx: Tx, call: ProviderCall, payment: Payment, *, tell: bool) -> ProviderCall | None:
        """The call has not ended. A unit that runs again finds what its first run has told already."""
        before = tx.calls.get(call.payment_id, call.kind) if tell else None
        told = replace(call, told=max(call.told, before.told if before else 0, int(tell)))
        if not tx.calls.save(told):
            return None
        if before is not None and not before.told:
            put_result(tx, payment, self._rules, "processing")
        return told

    def _finish(self, tx: Tx, payment: Payment, decision: Decision) -> None:
        match decision:
            case CheckPassed():
                self._ask_for_code(tx, payment)
            case GiveUp():
                tx.payments.save(advance(payment, Event.CHECK_GAVE_UP, tx.now_us))
                put_result(tx, payment, self._rules, "bank_down")
            case Refuse(reason=reason) if payment.state is State.CHECKING:
                refused = replace(advance(payment, Event.ACCOUNT_REFUSED, tx.now_us), refusal=reason.value)
                tx.payments.save(refused)
                put_result(tx, refused, self._rules, REFUSED_CHECK[reason])
            case Refuse(reason=reason):
                self._free(tx, payment, Event.PROVIDER_REFUSED, reason.value, "not_executed")
            case NoMoney():
                self._free(tx, payment, Event.NO_MONEY, "no_money", "no_money")
            case Accept(provider_reference=reference):
                self._execute(tx, payment, reference)
            case Reverse():
                self.give_back(tx, payment, provider_cancelled=True)
                self._end_refund(tx, payment, Step.CARRIED_OUT)
            case KeepCredit(code=code):
                self._end_refund(tx, payment, Step.PROVIDER_REFUSED, f"the provider refused: {code}")

    def _ask_for_code(self, tx: Tx, payment: Payment) -> None:
        """The account exists: the code's deadline is set, once and for all."""
        awaiting = after_issue(advance(payment, Event.ACCOUNT_FOUND, tx.now_us), tx.now_us, self._rules.code)
        tx.payments.save(awaiting)
        put_code(tx, awaiting, self._rules)

    def _execute(self, tx: Tx, payment: Payment, provider_reference: str) -> None:
        _tell_unsettled(payment, self._sources[payment.source].capture(tx, payment), Funds.CAPTURED)
        executed = replace(advance(payment, Event.PROVIDER_ACCEPTED, tx.now_us), provider_reference=provider_reference)
        tx.payments.save(executed)
        put_result(tx, executed, self._rules, "receipt")

    def _free(self, tx: Tx, payment: Payment, event: Event, refusal: str, reply: str) -> None:
        """Surely not credited: the money is free and the turnover goes back to the periods that it was taken from."""
        _tell_unsettled(payment, self._sources[payment.source].void(tx, payment), Funds.FREE)
        for period in (payment.day, payment.month):
            tx.turnover.add(payment.msisdn, period, -payment.amount.minor)
        refused = replace(advance(payment, event, tx.now_us), refusal=refusal)
        tx.payments.save(refused)
        put_result(tx, refused, self._rules, reply)

    def _end_refund(self, tx: Tx, payment: Payment, step: Step, note: str = "") -> None:
        """The provider has answered what a person had asked for."""
        for action in tx.actions.for_payment(payment.id):
            if action.kind is ActionKind.REFUND and action.state is ActionState.SENT:
                tx.actions.save(advance_action(action, step, "", tx.now_us, note))


def payment_of(call: ProviderCall, tx: Tx) -> Payment:
    """The payment of a call, its subscriber locked."""
    tx.subscribers.lock(call.msisdn)
    payment = tx.payments.get(call.payment_id)
    assert payment is not None, f"a call without its payment {call.payment_id}"
    return payment


def log_decision(call: ProviderCall, payment: Payment, decision: Decision) -> None:
    """One line for operations about what an answer led to."""
    fields = {
        "payment": payment.number,
        "provider": call.provider,
        "kind": call.kind.value,
        "decision": type(decision).__name__.lower(),
        "answer": call.last_answer,
        "attempts": call.attempts,
    }
    if isinstance(decision, Park):
        log.warning("call.decided", **fields, why=decision.why)
    else:
        log.debug("call.decided", **fields)


def _tell_unsettled(payment: Payment, funds: Funds, wanted: Funds) -> None:
    """A source outside our books goes on by itself; until it has answered, what it owes is no line of them."""
    if funds is not wanted:
        log.warning("funds.unsettled", payment=payment.number, source=payment.source, wanted=wanted.value)


def _after(call: ProviderCall, decision: Retry) -> ProviderCall:
    return replace(
        call,
        due_at_us=decision.due_at_us,
        memory=call.memory if decision.memory is None else decision.memory,
        withdrawn=call.withdrawn or decision.withdraw,
    )
