"""Reconcile: at the end of a provider's day both sides' books are laid side by side, and each difference is named.

Rule 1: a late answer that the statement brings is carried out like any other; nothing is refunded because of a list.
Rule 2: what cannot be had whole (a statement, a day that is not over) leads to no conclusion at all.
Rule 3: the same day may be reconciled again at any time; the latest run is what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace as with_changes
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from smsgw.domain.calls import Accepted, CallState, Capabilities, Kind, Question, Verb
from smsgw.domain.changes import replace
from smsgw.domain.payment import Payment, State
from smsgw.domain.reconciliation import Difference, Reconciliation
from smsgw.domain.statement import NoStatement, Period, StatementLine
from smsgw.log import get_logger
from smsgw.ports import Clock, Provider, Store, WorkFailed
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.rules import US, Rules
from smsgw.settlement.decisions import Accept
from smsgw.settlement.reconciliation import (
    MARGIN_S,
    Comparison,
    Late,
    absent_until,
    compare,
    judge,
    judge_stranger,
    with_margin,
)
from smsgw.transaction import Tx

# Payments read at a time: some milliseconds of the reader, and memory for one page only.
PAGE: Final = 1000
# How a call remembers that a statement, and no exchange of its own, ended it.
BY_STATEMENT: Final = "statement"
# Payments that are still open have a person's attention long before there are so many.
OPEN_MAX: Final = 10_000
# Questions about payments that a statement lacks. More of them say that the statement is of another contract.
ASKED_MAX: Final = 500

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NotReconciled:
    """Why nothing was compared."""

    why: str


def day_period(day: str, zone: tzinfo) -> Period:
    """A day of a zone, in its one spelling `2026-11-21`.

    Raises:
        ValueError: anything else: a day of two spellings could be reconciled, and closed, twice.
    """
    first = date.fromisoformat(day)
    if first.isoformat() != day or first == date.max:
        raise ValueError(f"{day!r} is no day such as 2026-11-21")
    begins, ends = (datetime.combine(each, time(0), zone) for each in (first, first + timedelta(days=1)))
    return Period(int(begins.timestamp()) * US, int(ends.timestamp()) * US)


async def confirmed_in(store: Store, name: str, period: Period) -> list[Payment]:
    """Every payment of a provider that was confirmed in a period, in the order of its confirmation, page by page."""
    found, after = list[Payment](), (0, 0)
    while page := await store.reads.confirmed(name, period, after, PAGE):
        found += page
        after = (page[-1].confirmed_at_us, page[-1].id)
    return found


async def executed_on(store: Store, name: str, day: str, zone: tzinfo) -> list[Payment]:
    """The payments of a provider's day that it has been paid.

    Raises:
        ValueError: *day* is no date.
    """
    found = await confirmed_in(store, name, day_period(day, zone))
    return [payment for payment in found if payment.state is State.EXECUTED]


class Reconciler:
    """See the module."""

    def __init__(self, rules: Rules, parties: Parties, outcomes: Outcomes, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._parties = parties
        self._outcomes = outcomes
        self._store = store
        self._clock = clock

    async def reconcile(self, name: str, day: str) -> Reconciliation | NotReconciled:
        """Compare one day of a provider, resolve what its statement answers, and keep the report.

        Raises:
            ValueError: *day* is no date.
        """
        provider = self._parties.providers.get(name)
        if provider is None:
            return NotReconciled(f"there is no provider {name}")
        period = day_period(day, ZoneInfo(provider.capabilities.time_zone))
        if self._clock.now_us() < period.until_us + MARGIN_S * US:
            return NotReconciled(f"{day} is not over yet in {provider.capabilities.time_zone}")
        report = Reconciliation(
            provider=name, day=day, currency=self._rules.provider(name).currency, run_at_us=self._clock.now_us()
        )
        comparison = await self._compared(provider, report, period)
        if isinstance(comparison, NotReconciled):
            log.error("reconciliation.failed", provider=name, day=day, why=comparison.why)
            return comparison
        done = comparison.done()
        await self._store.write("", lambda tx: tx.reconciliations.save(done))
        _tell(done)
        return done

    async def _compared(self, provider: Provider, report: Reconciliation, day: Period) -> Comparison | NotReconciled:
        capabilities = provider.capabilities
        asked = with_margin(day, capabilities.max_late_apply_s or 0)
        around = Period(asked.around.since_us, min(asked.around.until_us, self._clock.now_us()))
        comparison = Comparison(report, asked._replace(around=around))
        lifetime_us = capabilities.lifetime_s * US
        ours = {payment.id: payment for payment in await self._ours(comparison, lifetime_us)}
        if not capabilities.statement:
            comparison.open += [payment for payment in ours.values() if payment.state is State.PROCESSING]
            await self._note_open(comparison, capabilities)
            return comparison
        statement = await provider.statement(around)
        if isinstance(statement, NoStatement):
            return NotReconciled(
                f"{report.provider} gave no statement of {report.day} ({statement.why}); an earlier report stays"
            )
        comparison.report = with_changes(report, statement_sha256=statement.sha256)
        compare(comparison, ours, statement.lines)
        await self._judge_strangers(comparison)
        for late in comparison.late:
            await self._resolve(comparison, late)
        await self._ask_about_lacking(comparison, provider)
        await self._note_open(comparison, capabilities)
        return comparison

    async def _ours(self, comparison: Comparison, lifetime_us: int) -> list[Payment]:
        """The payments of the day; the earlier ones that were executed on it; those still open, however old."""
        name, asked = comparison.report.provider, comparison.asked
        day = asked.day
        before = await confirmed_in(self._store, name, Period(day.since_us - lifetime_us, day.since_us))
        late = [p for p in before if p.state is State.EXECUTED and asked.answers_for(p)]
        still_open = await self._store.reads.unresolved(name, day.until_us, OPEN_MAX)
        earlier = await self._payments(call.payment_id for call in still_open)
        return [*await confirmed_in(self._store, name, day), *late, *earlier]

    async def _payments(self, references: Iterable[int]) -> list[Payment]:
        wanted, found = list(references), list[Payment]()
        for first in range(0, len(wanted), PAGE):
            found += await self._store.reads.references(wanted[first : first + PAGE])
        return found

    async def _judge_strangers(self, comparison: Comparison) -> None:
        known = {p.id: p for p in await self._payments(line.reference for line in comparison.strangers)}
        for line in comparison.strangers:
            judge_stranger(comparison, known.get(line.reference), line)

    async def _resolve(self, comparison: Comparison, late: Late) -> None:
        """Carry out the answer that came with the statement, unless the payment has ended otherwise meanwhile."""
        payment, line = late
        if await self._done(payment, partial(self._accept, payment, line)):
            comparison.count(Difference.RESOLVED, payment, line)
            return
        now = await self._store.reads.reference(payment.id)
        if now is None or now.state is State.PROCESSING:
            comparison.count(Difference.OPEN, payment, line)
        else:
            judge(comparison, now, line)

    async def _done(self, payment: Payment, work: Callable[[Tx], bool]) -> bool:
        """Run a unit about one payment; one that raises must not cost the others their reconciliation."""
        try:
            return await self._store.write(payment.msisdn, work)
        except WorkFailed as reason:
            log.error("reconciliation.payment_failed", payment=payment.number, reason=repr(reason.__cause__ or reason))
            return False

    def _accept(self, payment: Payment, line: StatementLine, tx: Tx) -> bool:
        """True if the statement ended the payment, now or in a run of this unit whose commit nobody heard of."""
        tx.subscribers.lock(payment.msisdn)
        call = tx.calls.seize(payment.id, Kind.PAY)
        if call is None:
            ended = tx.calls.get(payment.id, Kind.PAY)
            return ended is not None and (ended.state, ended.last_answer) == (CallState.DONE, BY_STATEMENT)
        known = replace(call, last_answer=BY_STATEMENT, failures=0)
        self._outcomes.carry_out(tx, known, Accept(line.provider_reference))
        return True

    async def _ask_about_lacking(self, comparison: Comparison, provider: Provider) -> None:
        """A statement may lack what a status still knows; only both together make a payment missing.

        A payment that the provider was asked to take back is lacking because it did: its cancel is asked on.
        """
        for place, payment in enumerate(comparison.lacking):
            if await self._is_being_taken_back(payment):
                comparison.count(Difference.OPEN, payment, None)
            elif place < ASKED_MAX and provider.capabilities.status and await self._stands_there(provider, payment):
                comparison.match(payment)
            else:
                comparison.count(Difference.MISSING, payment, None)

    async def _is_being_taken_back(self, payment: Payment) -> bool:
        cancel = await self._store.reads.call(payment.id, Kind.CANCEL)
        if cancel is None or cancel.state is CallState.DONE:
            return False
        await self._done(payment, partial(_wake, payment, Kind.CANCEL))
        return True

    async def _stands_there(self, provider: Provider, payment: Payment) -> bool:
        call = await self._store.reads.call(payment.id, Kind.PAY)
        if call is None:
            return False
        about = Question(verb=Verb.STATUS, parameters=call.parameters, memory=call.memory)
        return isinstance(await provider.call(about, lambda: True), Accepted)

    async def _note_open(self, comparison: Comparison, capabilities: Capabilities) -> None:
        """Ask once more about what is open; those of earlier days are those days' findings."""
        for payment in comparison.open:
            around = comparison.asked.around if capabilities.statement else None
            await self._done(payment, partial(_note_absence, payment, around))
            if capabilities.status:
                await self._done(payment, partial(_wake, payment, Kind.PAY))
            if payment.confirmed_at_us >= comparison.asked.day.since_us:
                comparison.count(Difference.OPEN, payment, None)


def _note_absence(payment: Payment, asked: Period | None, tx: Tx) -> bool:
    """Write down until when the statements lack a payment; it is what a later answer of its status needs to end it."""
    tx.subscribers.lock(payment.msisdn)
    call = tx.calls.get(payment.id, Kind.PAY)
    if asked is None or call is None or not call.first_sent_at_us or call.lease_until_us > tx.now_us:
        return False
    until_us = absent_until(call.absent_until_us, call.created_at_us, asked)
    return tx.calls.save(replace(call, absent_until_us=until_us))


def _wake(payment: Payment, kind: Kind, tx: Tx) -> bool:
    """Let a parked call ask once more: what could not end it before may do so now. Nothing is paid by that."""
    tx.subscribers.lock(payment.msisdn)
    parked = tx.calls.get(payment.id, kind)
    if parked is None or parked.state is not CallState.PARKED:
        return False
    call = tx.calls.seize(payment.id, kind)
    assert call is not None, "parked a moment ago, in this very unit"
    return tx.calls.save(replace(call, state=CallState.DUE, due_at_us=tx.now_us, last_answer=""))


def _tell(done: Reconciliation) -> None:
    fields = {
        "provider": done.provider,
        "day": done.day,
        "compared": done.compared,
        "matched": done.matched.payments,
        "missing": done.missing.payments,
        "extra": done.extra.payments,
        "mismatched": done.mismatched.payments,
        "resolved": done.resolved.payments,
        "open": done.open.payments,
    }
    if done.equal:
        log.info("reconciliation.done", **fields)
    else:
        log.critical("reconciliation.differs", **fields)
