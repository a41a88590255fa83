"""Sums on the wire: exact, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.money import UZS, Currency, Money
from smsgw.providers.sums import decimal_text, whole_text

JPY, BHD = Currency("JPY", 0), Currency("BHD", 3)


@pytest.mark.parametrize(
    ("amount", "decimal", "whole"),
    [
        (Money(5_000_000, UZS), "50000.00", "50000"),
        (Money(1_045, UZS), "10.45", None),
        (Money(1, UZS), "0.01", None),
        (Money(100, UZS), "1.00", "1"),
        (Money(500, JPY), "500.00", "500"),
        (Money(1_500, BHD), "1.50", None),
        (Money(1_000, BHD), "1.00", "1"),
        (Money(1_505, BHD), None, None),
    ],
)
def test_a_sum_is_exact_or_none(amount: Money, decimal: str | None, whole: str | None) -> None:
    assert (decimal_text(amount), whole_text(amount)) == (decimal, whole)


@settings(max_examples=200)
@given(minor=st.integers(0, 10**15), digits=st.integers(0, 3))
def test_what_is_written_is_the_sum(minor: int, digits: int) -> None:
    amount = Money(minor, Currency("XTS", digits))
    for text in (decimal_text(amount), whole_text(amount)):
        assert text is None or Decimal(text) == Decimal(minor) / 10**digits
