"""Comparing one day of a provider: our payments with the lines of its statement, in both directions.

Rule 1: a line belongs to a payment by our reference and to nothing else; times of strangers prove nothing.
Rule 2: what the provider has credited and we hold is resolved, never refunded; what it has credited and we gave back,
or never knew, is named for a person.
Rule 3: a payment that the statement lacks is not refused here. The statement only says until when it was absent; the
plan of its call decides, with an answer of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NamedTuple

from smsgw.domain.payment import Payment, State
from smsgw.domain.reconciliation import Difference, Finding, Reconciliation, Tally
from smsgw.domain.statement import Period, StatementLine

# A clock that goes wrong by more than this is noticed elsewhere; payments near midnight stand on either side of it.
MARGIN_S: Final = 600
US_PER_S: Final = 1_000_000
# Whoever reads the findings mends the first of them; a statement of another contract would name every line.
FINDINGS_MAX: Final = 1000


class Standing(Enum):
    """What our books say of a payment."""

    EXECUTED = auto()
    OPEN = auto()
    # Nothing is with the provider, by our books: refused, returned, or never confirmed.
    FREE = auto()


def standing_of(payment: Payment) -> Standing:
    """What our books say."""
    match payment.state:
        case State.EXECUTED:
            return Standing.EXECUTED
        case State.PROCESSING:
            return Standing.OPEN
        case _:
            return Standing.FREE


class Asked(NamedTuple):
    """What a statement was asked for: the day, and the time around it for which it answers."""

    day: Period
    around: Period

    def answers_for(self, payment: Payment) -> bool:
        """True for a payment that this day's statement must have.

        A payment may wait for its provider for hours. What was credited only after the edge of its own day stands in
        the statement of the day on which it was.
        """
        if payment.confirmed_at_us >= self.day.since_us:
            return payment.finished_at_us <= self.around.until_us
        edge_us = self.day.since_us + (self.around.until_us - self.day.until_us)
        return edge_us < payment.finished_at_us <= self.around.until_us


class Late(NamedTuple):
    """A payment that we hold and the provider has credited: its answer came with the statement."""

    payment: Payment
    line: StatementLine


def with_margin(day: Period, late_s: int) -> Asked:
    """The time for which a statement is asked: the day, its edges, and what may be credited late."""
    return Asked(day, Period(day.since_us - MARGIN_S * US_PER_S, day.until_us + (MARGIN_S + late_s) * US_PER_S))


def absent_until(known_us: int, begins_us: int, asked: Period) -> int:
    """Until when statements lack a payment, without a gap since it was ordered.

    *known_us*: what earlier ones said; 0 = nothing yet. A statement that begins later than that leaves a gap and adds
    nothing. Its own edges prove nothing either: the provider's clock may differ by the margin.
    """
    since_us, until_us = asked.since_us + MARGIN_S * US_PER_S, asked.until_us - MARGIN_S * US_PER_S
    return max(known_us, until_us) if since_us <= (known_us or begins_us) else known_us


@dataclass(slots=True)
class Comparison:
    """The two books side by side; filled in by `compare`, then by whoever has asked about the rest.

    `strangers`: lines whose reference is none of the day's; they may be of another day. `late`: to be resolved.
    `lacking`: executed payments of the day that the statement lacks. `open`: held payments that it lacks.
    """

    report: Reconciliation
    asked: Asked
    tallies: dict[str, Tally] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    strangers: list[StatementLine] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    lacking: list[Payment] = field(default_factory=list)
    open: list[Payment] = field(default_factory=list)

    def count(self, difference: Difference, payment: Payment | None, line: StatementLine | None) -> None:
        """Count a payment that is named, by our sum where we have it."""
        ours = payment.amount.minor if payment else None
        theirs = line.amount_minor if line else None
        minor = theirs if difference is Difference.EXTRA else ours
        self._add(difference.value, minor or 0)
        if len(self.findings) < FINDINGS_MAX:
            key = line.key if line else str(payment.id if payment else "")
            self.findings.append(Finding(difference, payment.number if payment else None, key, ours, theirs))

    def match(self, payment: Payment) -> None:
        """Count a payment that stands in both books alike."""
        self._add("matched", payment.amount.minor)

    def done(self) -> Reconciliation:
        """The report with everything that was counted."""
        return Reconciliation(
            provider=self.report.provider,
            day=self.report.day,
            currency=self.report.currency,
            run_at_us=self.report.run_at_us,
            statement_sha256=self.report.statement_sha256,
            findings=tuple(self.findings),
            **self.tallies,
        )

    def _add(self, name: str, minor: int) -> None:
        self.tallies[name] = self.tallies.get(name, Tally()).plus(minor)


def compare(comparison: Comparison, ours: Mapping[int, Payment], lines: Iterable[StatementLine]) -> Comparison:
    """Lay the lines beside the payments of the day and the earlier ones that are still open, by reference."""
    seen: set[int] = set()
    for line in lines:
        payment = ours.get(line.reference)
        if line.reference and line.reference in seen:
            # Credited twice under one reference: the second time is nobody's payment.
            comparison.count(Difference.EXTRA, payment, line)
        elif payment is None:
            comparison.strangers.append(line)
        else:
            judge(comparison, payment, line)
        seen.add(line.reference)
    for reference, payment in ours.items():
        if reference not in seen:
            _lacking(comparison, payment)
    return comparison


def judge(comparison: Comparison, payment: Payment, line: StatementLine) -> None:
    """One payment that the provider has credited."""
    same = line.amount_minor is None or line.amount_minor == payment.amount.minor
    match standing_of(payment):
        case Standing.FREE:
            comparison.count(Difference.EXTRA, payment, line)
        case _ if not same:
            comparison.count(Difference.MISMATCHED, payment, line)
        case Standing.OPEN:
            comparison.late.append(Late(payment, line))
        case Standing.EXECUTED:
            comparison.match(payment)


def judge_stranger(comparison: Comparison, payment: Payment | None, line: StatementLine) -> None:
    """A line that is none of the day's payments; *payment* is what our books have under its reference.

    An executed payment is the business of the day that its statement answers for; but whoever credits it a second
    time, under a number of its own, is named whenever that was.
    """
    if payment is None or payment.provider != comparison.report.provider:
        comparison.count(Difference.EXTRA, None, line)
    elif standing_of(payment) is not Standing.EXECUTED or comparison.asked.answers_for(payment):
        judge(comparison, payment, line)
    elif line.provider_reference and payment.provider_reference not in {"", line.provider_reference}:
        comparison.count(Difference.EXTRA, payment, line)


def _lacking(comparison: Comparison, payment: Payment) -> None:
    match standing_of(payment):
        case Standing.EXECUTED if comparison.asked.answers_for(payment):
            comparison.lacking.append(payment)
        case Standing.OPEN:
            comparison.open.append(payment)
        case _:
            return
