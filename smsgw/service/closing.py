"""Closing a day: what a reconciled day still owes its provider, counted inside the transaction that sets it aside.

Rule 1: what is owed is counted when it moves, never before: a refund may come between a question and its answer.
Rule 2: a day may be closed again for what has come to it since, or gone from it; then the sum is below nothing, and
comes back from the payout.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from smsgw.domain.actions import Action, ActionState
from smsgw.domain.money import Money
from smsgw.domain.reconciliation import Reconciliation
from smsgw.service.parties import Parties
from smsgw.service.reconcile import day_period
from smsgw.transaction import Tx

# A day that was closed so often is a case for more than a command.
CLOSINGS_MAX: Final = 20


class Closing(NamedTuple):
    """How far a day has been closed: its latest closing, the number of the next one, and what is still owed."""

    latest: Action | None
    serial: int
    rest: Money


def name_of(provider: str, day: str, serial: int) -> str:
    """The id of a day's closing."""
    return f"close:{provider}:{day}:{serial}"


def closing_of(tx: Tx, parties: Parties, report: Reconciliation) -> Closing:
    """Count what the executed payments of the report's day are, less what was set aside for them before."""
    zone = ZoneInfo(parties.providers[report.provider].capabilities.time_zone)
    rest_minor = tx.payments.executed_minor(report.provider, day_period(report.day, zone))
    latest = None
    for serial in range(1, CLOSINGS_MAX + 2):
        earlier = tx.actions.get(name_of(report.provider, report.day, serial))
        if earlier is None:
            break
        latest = earlier
        if earlier.state is ActionState.DONE:
            rest_minor -= earlier.amount.minor
    return Closing(latest, serial, Money(rest_minor, report.currency))


def not_closable(report: Reconciliation | None, provider: str, day: str) -> str:
    """Why a day cannot be closed yet, for people; empty = it can."""
    again = f"smsgw reconcile {provider} {day}"
    if report is None:
        return f"the day has not been reconciled; first: {again}"
    if report.open.payments:
        return f"{report.open.payments} payments have no outcome yet; resolve them, then: {again}"
    return ""
