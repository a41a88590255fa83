"""Settle: one provider call, by recovery points.

1. The intent is committed (epoch, sent time, lease) before the first byte.  2. The exchange runs with no transaction
open.  3. Its meaning is committed, fenced by the epoch. A crash anywhere resumes at the last commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from smsgw.domain.calls import (
    Accepted,
    Answer,
    CallState,
    Capabilities,
    Kind,
    NotSent,
    ProviderCall,
    RefusalReason,
    Unknown,
    Verb,
)
from smsgw.domain.changes import replace
from smsgw.domain.payment import Event, Payment, State, advance
from smsgw.domain.phones import Msisdn, masked
from smsgw.ledger.rules import post, void
from smsgw.ledger.transfers import Outcome, Transfer
from smsgw.log import get_logger
from smsgw.ports import Clock, Provider, Store, StoreUnavailable, Tx
from smsgw.service.pay import ended
from smsgw.service.rules import US, Rules
from smsgw.service.texts import put_code, put_result
from smsgw.sessions.codes import after_issue
from smsgw.settlement.plan import (
    Accept,
    CheckPassed,
    Decision,
    GiveUp,
    Park,
    Refuse,
    Retry,
    begun,
    decide,
    let_go,
    next_verb,
    orphan_due_us,
    unsent,
    word,
)

# Past the deadline of the exchange: time to commit its answer before another node may think that we died.
LEASE_BEYOND_DEADLINE_S: Final = 60
# A standby takes over within some seconds to half a minute; asking it each second costs nothing.
COMMIT_AGAIN_S: Final = 1.0

# What a refused check is answered with.
REFUSED_CHECK: Final = {
    RefusalReason.NO_ACCOUNT: "no_account",
    RefusalReason.AMOUNT: "not_executed",
    RefusalReason.OTHER: "not_executed",
}

log = get_logger(__name__)


class Settlement:
    """Carries provider calls on, one exchange at a time."""

    def __init__(self, rules: Rules, providers: Mapping[str, Provider], store: Store, clock: Clock) -> None:
        self._rules = rules
        self._providers = providers
        self._store = store
        self._clock = clock

    async def put_back(self, call: ProviderCall) -> None:
        """Give up the lease of a call that this node has no time for."""
        unleased = replace(call, lease_until_us=0)
        await self._store.write(call.msisdn, lambda tx: tx.calls.save(unleased))

    async def exchange(self, call: ProviderCall) -> None:
        """Make the next exchange of *call*, which this node has leased, and commit what it means."""
        provider = self._providers.get(call.provider)
        if provider is None:
            log.error("call.no_provider", provider=call.provider, kind=call.kind)
            await self._store.write(call.msisdn, partial(self._let_go, call, "no provider in the configuration"))
            return
        verb = next_verb(call, provider.capabilities)
        if verb is None:
            await self._store.write(call.msisdn, partial(self._let_go, call, "outcome unknown"))
            return
        # What a provider may still credit late is counted from the intent and one deadline: no byte leaves after that.
        last_s = self._clock.monotonic_s() + _deadline_s(verb, provider.capabilities)
        sent = await self._store.write(call.msisdn, partial(_begin, call, verb, provider.capabilities))
        if sent is None:
            return
        answer = await provider.call(verb, sent.parameters, lambda: self._clock.monotonic_s() < last_s)
        await self._commit(call.msisdn, partial(self._conclude, sent, verb, answer), last_s + LEASE_BEYOND_DEADLINE_S)

    async def _commit(self, msisdn: Msisdn, conclude: Callable[[Tx], None], until_s: float) -> None:
        """Commit an answer; it may never be given again, so a store that is away is waited for within the lease."""
        while True:
            try:
                return await self._store.write(msisdn, conclude)
            except StoreUnavailable as reason:
                if self._clock.monotonic_s() >= until_s:
                    raise
                log.warning("call.answer_waits", sender=masked(msisdn), reason=str(reason))
            await asyncio.sleep(COMMIT_AGAIN_S)

    def _let_go(self, call: ProviderCall, why: str, tx: Tx) -> None:
        self._carry_out(tx, call, _payment_of(call, tx), let_go(call, why))

    def _conclude(self, call: ProviderCall, verb: Verb, answer: Answer, tx: Tx) -> None:
        """Commit the meaning of an answer, if this node still holds the call."""
        payment = _payment_of(call, tx)
        known = unsent(call, verb) if isinstance(answer, NotSent) else call
        known = replace(known, last_answer=word(answer), lease_until_us=0)
        if isinstance(answer, Accepted | Unknown) and answer.alarm:
            why = answer.why if isinstance(answer, Unknown) else answer.alarm
            log.error("call.alarm", provider=call.provider, payment=payment.number, answer=word(answer), why=why)
        capabilities = self._providers[call.provider].capabilities
        self._carry_out(tx, known, payment, decide(known, answer, capabilities, tx.now_us))

    def _carry_out(self, tx: Tx, call: ProviderCall, payment: Payment, decision: Decision) -> None:
        """Write a decision. The call is written first: if its epoch is gone, nothing else happens."""
        if payment.state is not (State.CHECKING if call.kind is Kind.CHECK else State.PROCESSING):
            tx.calls.save(ended(call))
            return
        log_decision(call, payment, decision)
        match decision:
            case Retry(due_at_us=due_at_us, tell=tell):
                self._go_on(tx, replace(call, due_at_us=due_at_us), payment, tell=tell)
            case Park(tell=tell):
                self._go_on(tx, replace(call, state=CallState.PARKED, lease_until_us=0), payment, tell=tell)
            case _:
                if tx.calls.save(ended(call)):
                    self._finish(tx, payment, decision)

    def _go_on(self, tx: Tx, call: ProviderCall, payment: Payment, *, tell: bool) -> None:
        """The call has not ended. A unit that runs again finds what its first run has told already."""
        before = tx.calls.get(call.payment_id, call.kind) if tell else None
        if tx.calls.save(replace(call, told=call.told or tell)) and before is not None and not before.told:
            put_result(tx, payment, self._rules, "processing")

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
                self._give_back(tx, payment, reason)
            case Accept(provider_reference=reference):
                self._execute(tx, payment, reference)

    def _ask_for_code(self, tx: Tx, payment: Payment) -> None:
        """The account exists: the code's deadline is set, once and for all."""
        awaiting = after_issue(advance(payment, Event.ACCOUNT_FOUND, tx.now_us), tx.now_us, self._rules.code)
        tx.payments.save(awaiting)
        put_code(tx, awaiting, self._rules)

    def _execute(self, tx: Tx, payment: Payment, provider_reference: str) -> None:
        apply_all(tx, post(payment))
        executed = replace(advance(payment, Event.PROVIDER_ACCEPTED, tx.now_us), provider_reference=provider_reference)
        tx.payments.save(executed)
        put_result(tx, executed, self._rules, "receipt")

    def _give_back(self, tx: Tx, payment: Payment, reason: RefusalReason) -> None:
        """A definite no: the hold is voided and the turnover goes back to the periods that it was taken from."""
        apply_all(tx, void(payment))
        for period in (payment.day, payment.month):
            tx.turnover.add(payment.msisdn, period, -payment.amount.minor)
        refused = replace(advance(payment, Event.PROVIDER_REFUSED, tx.now_us), refusal=reason.value)
        tx.payments.save(refused)
        put_result(tx, refused, self._rules, "not_executed")


def apply_all(tx: Tx, transfers: tuple[Transfer, ...]) -> None:
    """Apply transfers that must all stand: anything else is a bug, and the whole unit is rolled back."""
    for transfer in transfers:
        outcome = tx.ledger.apply(transfer)
        assert outcome in {Outcome.POSTED, Outcome.EXISTS}, f"transfer {transfer.id}: {outcome}"


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


def _payment_of(call: ProviderCall, tx: Tx) -> Payment:
    """The payment of a call, its subscriber locked."""
    tx.subscribers.lock(call.msisdn)
    payment = tx.payments.get(call.payment_id)
    assert payment is not None, f"a call without its payment {call.payment_id}"
    return payment


def _deadline_s(verb: Verb, capabilities: Capabilities) -> float:
    return capabilities.pay_deadline_s if verb is Verb.PAY else capabilities.check_deadline_s


def _begin(call: ProviderCall, verb: Verb, capabilities: Capabilities, tx: Tx) -> ProviderCall | None:
    """Commit that an exchange begins now; None = another node has the call."""
    lease_s = _deadline_s(verb, capabilities) + LEASE_BEYOND_DEADLINE_S
    sent = replace(
        begun(call, verb, tx.now_us),
        due_at_us=orphan_due_us(call, verb, capabilities, tx.now_us),
        lease_until_us=tx.now_us + int(lease_s * US),
    )
    tx.subscribers.lock(call.msisdn)
    return sent if tx.calls.save(sent) else None
