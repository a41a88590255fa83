"""Reconcile: at the end of a provider's day both sides' books are laid side by side, and each difference is named.

Rule 1: a late answer that the statement brings is carried out like any other; nothing is refunded because of a list.
Rule 2: what cannot be had whole (a statement, a day that is not over) leads to no conclusion at all.
Rule 3: the same day may be reconciled again at any time; the latest run is what stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace as with_changes
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from smsgw.domain.calls import Accepted, CallState, Capabilities, Kind, ProviderCall, Question, Verb
from smsgw.domain.changes import replace
from smsgw.domain.payment import Payment, State
from smsgw.domain.reconciliation import Difference, Reconciliation
from smsgw.domain.statement import NoStatement, Period, StatementLine
from smsgw.log import get_logger
from smsgw.ports import Clock, Provider, Store
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.rules import US, Rules
from smsgw.settlement.plan import Accept, never_applied
from smsgw.settlement.reconciliation import (
    MARGIN_S,
    Comparison,
    Late,
    absent_until,
    compare,
    judge_stranger,
    with_margin,
)
from smsgw.transaction import Tx

# Payments read at a time: some milliseconds of the reader, and memory for one page only.
PAGE: Final = 1000
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

    async def _compared(self, provider: Provider, report: Reconciliation, period: Period) -> Comparison | NotReconciled:
        capabilities = provider.capabilities
        ours = {payment.id: payment for payment in await self._ours(report.provider, period)}
        if not capabilities.statement:
            comparison = Comparison(report)
            for payment in ours.values():
                if payment.state is State.PROCESSING:
                    comparison.count(Difference.OPEN, payment, None)
            return comparison
        asked = with_margin(period, capabilities.max_late_apply_s or 0)
        asked = Period(asked.since_us, min(asked.until_us, self._clock.now_us()))
        statement = await provider.statement(asked)
        if isinstance(statement, NoStatement):
            return NotReconciled(f"the statement could not be had: {statement.why}")
        comparison = compare(with_changes(report, statement_sha256=statement.sha256), ours, statement.lines)
        await self._judge_strangers(comparison)
        for late in comparison.late:
            await self._resolve(comparison, late)
        await self._ask_about_lacking(comparison, provider)
        for payment in comparison.open:
            await self._store.write(payment.msisdn, partial(_note_absence, payment, asked, capabilities))
            comparison.count(Difference.OPEN, payment, None)
        return comparison

    async def _ours(self, name: str, period: Period) -> list[Payment]:
        """Every payment of the day, and the earlier ones whose outcome is not known yet."""
        still_open = await self._store.reads.unresolved(name, period.until_us, OPEN_MAX)
        earlier = await self._payments(call.payment_id for call in still_open)
        return [*await confirmed_in(self._store, name, period), *earlier]

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
        """Carry out the answer that came with the statement, unless it has come otherwise meanwhile."""
        payment, line = late
        if await self._store.write(payment.msisdn, partial(self._accept, payment, line)):
            comparison.count(Difference.RESOLVED, payment, line)
            return
        now = await self._store.reads.reference(payment.id)
        if now is not None and now.state is State.EXECUTED:
            comparison.match(now)
        else:
            comparison.count(Difference.OPEN, payment, line)

    def _accept(self, payment: Payment, line: StatementLine, tx: Tx) -> bool:
        tx.subscribers.lock(payment.msisdn)
        call = tx.calls.seize(payment.id, Kind.PAY)
        if call is None:
            return False
        known = replace(call, last_answer="statement", failures=0)
        self._outcomes.carry_out(tx, known, Accept(line.provider_reference))
        return True

    async def _ask_about_lacking(self, comparison: Comparison, provider: Provider) -> None:
        """A statement may lack what a status still knows; only both together make a payment missing."""
        for place, payment in enumerate(comparison.lacking):
            if place < ASKED_MAX and provider.capabilities.status and await self._stands_there(provider, payment):
                comparison.match(payment)
            else:
                comparison.count(Difference.MISSING, payment, None)

    async def _stands_there(self, provider: Provider, payment: Payment) -> bool:
        call = await self._store.reads.call(payment.id, Kind.PAY)
        if call is None:
            return False
        about = Question(verb=Verb.STATUS, parameters=call.parameters, memory=call.memory)
        return isinstance(await provider.call(about, lambda: True), Accepted)


def _note_absence(payment: Payment, asked: Period, capabilities: Capabilities, tx: Tx) -> None:
    """Write down until when the statement lacks a payment; ask once more where that can end it.

    A parked call is woken by this alone: the answer to its next question then means what it could not mean before.
    """
    tx.subscribers.lock(payment.msisdn)
    call: ProviderCall | None = tx.calls.seize(payment.id, Kind.PAY)
    if call is None:
        return
    if call.first_sent_at_us:
        call = replace(call, absent_until_us=absent_until(call.absent_until_us, call.first_sent_at_us, asked))
    if call.state is CallState.PARKED and capabilities.status and never_applied(call, capabilities, tx.now_us):
        call = replace(call, state=CallState.DUE, due_at_us=tx.now_us, last_answer="")
    tx.calls.save(call)


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
