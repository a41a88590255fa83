"""Settle: provider calls, by recovery points.

1. The intent is committed (epoch, sent time, lease) before the first byte.  2. The exchange runs with no transaction
open.  3. Its meaning is committed, fenced by the epoch. A crash anywhere resumes at the last commit.

Rule 1: nothing goes to a provider before the source says that the money is held.
Rule 2: a call that is taken in hand again and again without coming to an end is parked, whatever the cause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Kind,
    NotSent,
    ProviderCall,
    Refused,
    Verb,
)
from smsgw.domain.changes import replace
from smsgw.domain.funds import Funds
from smsgw.domain.phones import Msisdn, masked
from smsgw.log import get_logger
from smsgw.ports import Clock, Provider, Store, StoreUnavailable
from smsgw.service.exchanges import Exchanges, alarm_of
from smsgw.service.outcomes import Outcomes, payment_of
from smsgw.service.parties import Parties
from smsgw.service.rules import US
from smsgw.service.watch import Watch
from smsgw.settlement.decisions import Decision, NoMoney, Retry
from smsgw.settlement.exchange import (
    begun,
    deadline_s,
    last_answer,
    next_verb,
    orphan_due_us,
    question,
    unsent,
    word,
)
from smsgw.settlement.plan import decide, let_go, overdue, unfunded
from smsgw.transaction import Tx

# Past the deadline of the exchange: time to commit its answer before another node may think that we died.
LEASE_BEYOND_DEADLINE_S: Final = 60
# A standby takes over within some seconds to half a minute; asking it each second costs nothing.
COMMIT_AGAIN_S: Final = 1.0
# A bug in front of one call's answer would otherwise come back for ever; five kills in a row do not come to it.
FAILURES_MAX: Final = 5
# Exchanges of one call in one go: check; or prepare, pay. More would be a protocol that goes in circles.
IN_ONE_GO_MAX: Final = 4

POISON: Final = f"taken in hand more than {FAILURES_MAX} times without coming to an end"
NO_PROVIDER: Final = "no provider in the configuration"
PAUSED: Final = NotSent("the provider is paused")

log = get_logger(__name__)


class Settlement:
    """Carries provider calls on, one exchange at a time."""

    def __init__(self, outcomes: Outcomes, parties: Parties, exchanges: Exchanges, store: Store, clock: Clock) -> None:
        self._outcomes = outcomes
        self._parties = parties
        self._exchanges = exchanges
        self._store = store
        self._clock = clock
        self._watch = Watch(clock)
        self._leaving = False

    def leave(self) -> None:
        """Begin nothing more: an exchange in hand ends, and what would follow it waits for the next start."""
        self._leaving = True

    async def put_back(self, call: ProviderCall) -> None:
        """Give up the lease of a call that this node has no time for; that is no failure of the call."""
        unleased = replace(call, lease_until_us=0, failures=max(0, call.failures - 1))
        await self._store.write(call.msisdn, lambda tx: tx.calls.save(unleased))

    async def exchange(self, call: ProviderCall) -> None:
        """Carry on *call*, which this node has leased, until it has to wait or is over."""
        following = call
        for _ in range(IN_ONE_GO_MAX):
            after = await self._exchange_once(following)
            if after is None:
                return
            following = after
            if self._leaving:
                break
        await self.put_back(following)

    async def _exchange_once(self, call: ProviderCall) -> ProviderCall | None:
        """Make the next exchange and commit what it means; return the call if its next one may follow at once."""
        provider = self._parties.providers.get(call.provider)
        if provider is None or call.failures > FAILURES_MAX:
            await self._give_up(call, provider)
            return None
        verb = next_verb(call, provider.capabilities)
        if verb is None:
            return await self._store.write(call.msisdn, partial(self._let_go, call, "outcome unknown"))
        if not self._exchanges.allows(call.provider):
            return await self._store.write(call.msisdn, partial(self._wait, call, verb, provider.capabilities))
        # What a provider may still credit late is counted from the intent and one deadline: no byte leaves after that.
        last_s = self._clock.monotonic_s() + deadline_s(verb, provider.capabilities)
        sent = await self._store.write(call.msisdn, partial(self._begin, call, verb, provider.capabilities))
        if sent is None:
            return None
        answer = await self._ask(provider, sent, verb, last_s)
        conclude = partial(self._conclude, sent, verb, answer, provider.capabilities)
        return await self._commit(call.msisdn, conclude, last_s + LEASE_BEYOND_DEADLINE_S)

    async def _ask(self, provider: Provider, call: ProviderCall, verb: Verb, last_s: float) -> Answer:
        """The exchange itself, timed and noted."""
        begun_s = self._clock.monotonic_s()
        self._exchanges.begins(call.provider)
        if verb is Verb.PAY:
            self._watch.watched_s(call)  # from here on
        answer = await provider.call(question(call, verb), lambda: self._clock.monotonic_s() < last_s)
        self._exchanges.note(call.provider, verb, answer, self._clock.monotonic_s() - begun_s)
        match answer:
            case Absent():
                return replace(answer, watched_s=self._watch.watched_s(call))
            case Accepted() | Refused() | Cancelled():
                self._watch.end(call)
        return answer

    async def _give_up(self, call: ProviderCall, provider: Provider | None) -> None:
        if provider is None:
            log.error("call.no_provider", provider=call.provider, kind=call.kind)
        else:
            log.critical("call.poison", provider=call.provider, kind=call.kind, failures=call.failures)
        why = NO_PROVIDER if provider is None else POISON
        await self._store.write(call.msisdn, partial(self._let_go, call, why))

    async def _commit(
        self, msisdn: Msisdn, conclude: Callable[[Tx], ProviderCall | None], until_s: float
    ) -> ProviderCall | None:
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
        self._outcomes.carry_out(tx, replace(call, failures=0), let_go(call, why))

    def _wait(self, call: ProviderCall, verb: Verb, capabilities: Capabilities, tx: Tx) -> None:
        """The provider is paused: a check is answered at once, a payment waits for its turn."""
        decision = (
            let_go(call, PAUSED.why) if call.kind is Kind.CHECK else decide(call, verb, PAUSED, capabilities, tx.now_us)
        )
        self._outcomes.carry_out(tx, replace(call, lease_until_us=0, failures=0), decision)

    def _begin(self, call: ProviderCall, verb: Verb, capabilities: Capabilities, tx: Tx) -> ProviderCall | None:
        """Commit that an exchange begins now; None = another node has the call, or it may not begin."""
        instead = overdue(call, verb, capabilities, tx.now_us) or self._unfunded(call, verb, capabilities, tx)
        if instead is not None:
            self._outcomes.carry_out(tx, replace(call, lease_until_us=0, failures=0), instead)
            return None
        lease_s = deadline_s(verb, capabilities) + LEASE_BEYOND_DEADLINE_S
        sent = replace(
            begun(call, verb, tx.now_us),
            due_at_us=orphan_due_us(call, verb, capabilities, tx.now_us),
            lease_until_us=tx.now_us + int(lease_s * US),
        )
        tx.subscribers.lock(call.msisdn)
        return sent if tx.calls.save(sent) else None

    def _unfunded(self, call: ProviderCall, verb: Verb, capabilities: Capabilities, tx: Tx) -> Decision | None:
        """Why nothing may be sent to the provider yet, or at all; None = the money is held."""
        if call.first_sent_at_us or verb not in {Verb.PREPARE, Verb.PAY}:
            return None
        payment = payment_of(call, tx)
        match self._parties.sources[payment.source].status(tx, payment):
            case Funds.HELD:
                return None
            case Funds.UNKNOWN:
                return unfunded(call, capabilities, tx.now_us)
            case _:
                return NoMoney()

    def _conclude(
        self, call: ProviderCall, verb: Verb, answer: Answer, capabilities: Capabilities, tx: Tx
    ) -> ProviderCall | None:
        """Commit the meaning of an answer, if this node still holds the call; return it if it goes on at once."""
        known = unsent(call, verb) if isinstance(answer, NotSent) else call
        known = replace(known, last_answer=last_answer(known, answer), failures=0)
        _alarm(known, answer, tx)
        decision = decide(known, verb, answer, capabilities, tx.now_us)
        if isinstance(decision, Retry) and decision.due_at_us <= tx.now_us:
            return self._outcomes.carry_out(tx, known, decision)
        self._outcomes.carry_out(tx, replace(known, lease_until_us=0), decision)
        return None


def _alarm(call: ProviderCall, answer: Answer, tx: Tx) -> None:
    """Tell operations what waiting will not mend."""
    why = alarm_of(answer)
    if why:
        number = payment_of(call, tx).number
        log.error("call.alarm", provider=call.provider, payment=number, answer=word(answer), why=why)
