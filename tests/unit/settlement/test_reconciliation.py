"""Both books side by side: every way in which a payment can stand in one, in the other, in both, or twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Difference, Finding, Reconciliation, Tally
from smsgw.domain.statement import Period, StatementLine
from smsgw.settlement.reconciliation import (
    FINDINGS_MAX,
    MARGIN_S,
    Asked,
    Comparison,
    absent_until,
    compare,
    judge_stranger,
    with_margin,
)

S: Final = 1_000_000
REPORT: Final = Reconciliation(
    provider="isp", day="2026-11-21", currency=UZS, run_at_us=1_795_300_000 * S, statement_sha256="ab"
)
# A day of a hundred thousand seconds, whose statement is asked for with its margins.
DAY: Final = Period(1_000_000 * S, 1_100_000 * S)
ASKED: Final = with_margin(DAY, 0)
NOON_US: Final = 1_050_000 * S


def a_payment(reference: int = 7, state: State = State.EXECUTED, minor: int = 5_000_000, **changes: Any) -> Payment:
    payment = Payment(
        id=reference,
        number=10_000_000 + reference,
        msisdn=Msisdn("+998901234567"),
        link="operator",
        provider="isp",
        account=("n25656",),
        amount=Money(minor, UZS),
        fee=Money(0, UZS),
        state=state,
        nonce=b"n",
        key_id="k1",
        language="en",
        created_at_us=1,
        confirmed_at_us=NOON_US,
        finished_at_us=NOON_US,
        provider_reference="P-1",
    )
    return replace(payment, **changes)


def a_line(reference: int = 7, minor: int | None = 5_000_000) -> StatementLine:
    return StatementLine(reference, str(reference), minor, "P-1")


def compared(payments: list[Payment], lines: list[StatementLine]) -> Comparison:
    return compare(Comparison(REPORT, ASKED), {payment.id: payment for payment in payments}, lines)


def tallies(comparison: Comparison) -> dict[str, Tally]:
    return comparison.tallies


@pytest.mark.proves("F40")
@pytest.mark.parametrize(
    ("state", "line", "expected"),
    [
        (State.EXECUTED, a_line(), {"matched": Tally(1, 5_000_000)}),
        (State.EXECUTED, a_line(minor=None), {"matched": Tally(1, 5_000_000)}),
        (State.EXECUTED, a_line(minor=4_999_999), {"mismatched": Tally(1, 5_000_000)}),
        (State.NOT_EXECUTED, a_line(), {"extra": Tally(1, 5_000_000)}),
        (State.NOT_EXECUTED, a_line(minor=1), {"extra": Tally(1, 1)}),
        (State.RETURNED, a_line(), {"extra": Tally(1, 5_000_000)}),
        (State.EXPIRED, a_line(), {"extra": Tally(1, 5_000_000)}),
        (State.PROCESSING, a_line(minor=1), {"mismatched": Tally(1, 5_000_000)}),
    ],
)
def test_what_a_line_says_of_a_payment(state: State, line: StatementLine, expected: dict[str, Tally]) -> None:
    """The provider's credit and our books: equal, of another sum, or of a payment whose money is with its payer."""
    assert tallies(compared([a_payment(state=state)], [line])) == expected


@pytest.mark.parametrize("minor", [5_000_000, None])
def test_a_held_payment_that_the_provider_has_credited_is_to_be_resolved(minor: int | None) -> None:
    held = a_payment(state=State.PROCESSING)
    comparison = compared([held], [a_line(minor=minor)])
    assert [late.payment for late in comparison.late] == [held]
    assert tallies(comparison) == {}


def test_what_the_statement_lacks_is_asked_about_before_it_is_judged() -> None:
    executed, held, refused = a_payment(1), a_payment(2, State.PROCESSING), a_payment(3, State.NOT_EXECUTED)
    comparison = compared([executed, held, refused], [])
    assert (comparison.lacking, comparison.open) == ([executed], [held])
    assert tallies(comparison) == {}


def test_a_reference_that_was_credited_twice_is_one_payment_and_one_too_many() -> None:
    comparison = compared([a_payment()], [a_line(), a_line()])
    assert tallies(comparison) == {"matched": Tally(1, 5_000_000), "extra": Tally(1, 5_000_000)}


def test_lines_that_bear_no_reference_of_ours_are_strangers_each() -> None:
    nobodys = StatementLine(0, "foreign", 100)
    assert compared([a_payment()], [a_line(), nobodys, nobodys]).strangers == [nobodys, nobodys]


EARLIER_US: Final = DAY.since_us - 3600 * S


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        (None, {"extra": Tally(1, 5_000_000)}),
        (a_payment(confirmed_at_us=EARLIER_US, finished_at_us=EARLIER_US), {}),
        (a_payment(confirmed_at_us=EARLIER_US, finished_at_us=EARLIER_US, minor=1), {}),
        (a_payment(confirmed_at_us=EARLIER_US), {"matched": Tally(1, 5_000_000)}),
        (a_payment(confirmed_at_us=EARLIER_US, minor=1), {"mismatched": Tally(1, 1)}),
        (
            a_payment(confirmed_at_us=EARLIER_US, finished_at_us=EARLIER_US, provider_reference="P-0"),
            {"extra": Tally(1, 5_000_000)},
        ),
        (a_payment(confirmed_at_us=EARLIER_US, finished_at_us=EARLIER_US, provider_reference=""), {}),
        (a_payment(provider="another"), {"extra": Tally(1, 5_000_000)}),
        (a_payment(state=State.NOT_EXECUTED), {"extra": Tally(1, 5_000_000)}),
        (a_payment(state=State.PROCESSING, minor=1), {"mismatched": Tally(1, 1)}),
    ],
)
def test_a_stranger_may_be_of_another_day(payment: Payment | None, expected: dict[str, Tally]) -> None:
    """What both books have on another day is that day's business, unless it was credited on this one, or once more."""
    comparison = compared([], [])
    judge_stranger(comparison, payment, a_line())
    assert tallies(comparison) == expected


EDGE_US: Final = MARGIN_S * S


@pytest.mark.parametrize(
    ("confirmed_us", "finished_us", "answers"),
    [
        (DAY.since_us, DAY.since_us, True),
        (DAY.until_us - 1, DAY.until_us + EDGE_US, True),
        (DAY.until_us - 1, DAY.until_us + EDGE_US + 1, False),
        (DAY.since_us - 1, DAY.since_us + EDGE_US, False),
        (DAY.since_us - 1, DAY.since_us + EDGE_US + 1, True),
        (DAY.since_us - 1, DAY.until_us + EDGE_US, True),
        (DAY.since_us - 1, DAY.until_us + EDGE_US + 1, False),
    ],
)
def test_one_days_statement_answers_for_a_payment(confirmed_us: int, finished_us: int, *, answers: bool) -> None:
    """A provider that was away for hours credits on the next day: just one of the two days has to have it."""
    payment = a_payment(confirmed_at_us=confirmed_us, finished_at_us=finished_us)
    assert ASKED.answers_for(payment) is answers


def test_an_executed_payment_for_which_another_day_answers_is_not_lacking() -> None:
    late = a_payment(finished_at_us=DAY.until_us + EDGE_US + 1)
    assert compared([late], []).lacking == []


def test_a_held_payment_of_another_day_is_resolved_too() -> None:
    comparison = compared([], [])
    judge_stranger(comparison, a_payment(state=State.PROCESSING), a_line())
    assert len(comparison.late) == 1


def test_a_finding_names_the_payment_and_both_sums() -> None:
    comparison = compared([a_payment()], [a_line(minor=4_900_000)])
    assert comparison.findings == [Finding(Difference.MISMATCHED, 10_000_007, "7", 5_000_000, 4_900_000)]


def test_all_are_counted_and_the_first_thousand_are_named() -> None:
    lines = [StatementLine(0, f"x{number}", 100) for number in range(FINDINGS_MAX + 1)]
    comparison = compared([], lines)
    for line in comparison.strangers:
        judge_stranger(comparison, None, line)
    done = comparison.done()
    assert (done.extra, len(done.findings)) == (Tally(FINDINGS_MAX + 1, (FINDINGS_MAX + 1) * 100), FINDINGS_MAX)


@pytest.mark.parametrize(
    ("difference", "equal"),
    [
        (Difference.MISSING, False),
        (Difference.EXTRA, False),
        (Difference.MISMATCHED, False),
        (Difference.RESOLVED, True),
        (Difference.OPEN, True),
    ],
)
def test_the_books_are_equal_without_missing_extra_and_mismatched(difference: Difference, *, equal: bool) -> None:
    comparison = compared([a_payment()], [a_line()])
    comparison.count(difference, a_payment(8), a_line(8))
    done = comparison.done()
    assert (done.equal, done.compared, done.matched) == (equal, True, Tally(1, 5_000_000))


def test_a_statement_is_asked_for_with_its_edges_and_what_may_be_late() -> None:
    day = Period(1000 * S, 2000 * S)
    around = Period((1000 - MARGIN_S) * S, (2000 + MARGIN_S + 200) * S)
    assert with_margin(day, 200) == Asked(day, around)


def asked_between(since: int, until: int) -> Period:
    """A statement that answers for this time for sure: the margins prove nothing."""
    return Period(since - MARGIN_S * S, until + MARGIN_S * S)


@pytest.mark.parametrize(
    ("known", "since", "until", "expected"),
    [
        (0, 90, 200, 200),
        (0, 100, 200, 200),
        (0, 101, 200, 0),
        (200, 200, 300, 300),
        (200, 201, 300, 200),
        (200, 90, 150, 200),
    ],
)
def test_absence_is_known_without_a_gap_since_the_order(known: int, since: int, until: int, expected: int) -> None:
    """A statement that begins after the order, or after where the last one ended, proves nothing new."""
    assert absent_until(known, 100, asked_between(since, until)) == expected


REFERENCES: Final = st.integers(1, 6)


@given(
    payments=st.lists(st.tuples(REFERENCES, st.sampled_from(State)), unique_by=lambda pair: pair[0]),
    lines=st.lists(st.tuples(st.integers(0, 6), st.sampled_from([5_000_000, 1, None]))),
)
def test_nothing_is_lost_between_the_books(payments: list[tuple[int, State]], lines: list[tuple[int, Any]]) -> None:
    """Every line ends in one place, and every executed or held payment too."""
    ours = [a_payment(reference, state) for reference, state in payments]
    comparison = compared(ours, [a_line(reference, minor) for reference, minor in lines])
    counted = sum(tally.payments for tally in comparison.tallies.values())
    assert counted + len(comparison.strangers) + len(comparison.late) == len(lines)
    named = {reference for reference, _ in lines}
    lacking = [p for p in ours if p.id not in named and p.state in {State.EXECUTED, State.PROCESSING}]
    assert sorted(p.id for p in [*comparison.lacking, *comparison.open]) == sorted(p.id for p in lacking)
