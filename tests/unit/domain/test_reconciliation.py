"""What a report says of two books, and what it leaves open."""

from __future__ import annotations

from typing import Any

import pytest

from smsgw.domain.money import UZS
from smsgw.domain.reconciliation import NOTHING, Reconciliation, Tally


def a_report(**changes: Any) -> Reconciliation:
    return Reconciliation(provider="isp", day="2026-11-21", currency=UZS, run_at_us=1, **changes)


def test_a_tally_counts_and_adds_up() -> None:
    assert NOTHING.plus(100).plus(50) == Tally(2, 150)


@pytest.mark.parametrize(
    ("changes", "equal"),
    [
        ({}, True),
        ({"matched": Tally(1, 100)}, True),
        ({"resolved": Tally(1, 100)}, True),
        ({"open": Tally(1, 100)}, True),
        ({"missing": Tally(1, 100)}, False),
        ({"extra": Tally(1, 0)}, False),
        ({"mismatched": Tally(1, 100)}, False),
    ],
)
def test_books_are_equal_while_nothing_is_missing_extra_or_mismatched(
    changes: dict[str, Tally], *, equal: bool
) -> None:
    """A payment without a sum counts as much as one with: it is a payment too many."""
    assert a_report(**changes).equal is equal


@pytest.mark.parametrize(("digest", "compared"), [("", False), ("ab", True)])
def test_books_are_compared_only_with_a_statement(digest: str, *, compared: bool) -> None:
    assert a_report(statement_sha256=digest).compared is compared
