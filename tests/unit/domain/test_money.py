"""Money is whole minor units of one currency, reads as people write it, and never mixes currencies."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.money import AMOUNT_MINOR_MAX, CURRENCIES, KGS, UZS, Currency, Money, money

NO_FRACTION = Currency("JPY", digits=0)
THREE_DIGITS = Currency("KWD", digits=3)


@pytest.mark.parametrize(
    ("minor", "currency", "text", "fixed"),
    [
        (5_000_000, UZS, "50000", "50000.00"),
        (5_000_050, UZS, "50000.50", "50000.50"),
        (5_000_005, UZS, "50000.05", "50000.05"),
        (1, UZS, "0.01", "0.01"),
        (0, UZS, "0", "0.00"),
        (-50, UZS, "-0.50", "-0.50"),
        (-100, UZS, "-1", "-1.00"),
        (500, NO_FRACTION, "500", "500"),
        (1_005, THREE_DIGITS, "1.005", "1.005"),
    ],
)
def test_a_sum_is_written_with_a_dot_and_no_thousands_marks(
    minor: int, currency: Currency, text: str, fixed: str
) -> None:
    """People read no zero fraction; machines read all digits."""
    amount = Money(minor, currency)

    assert (text, fixed, text) == (amount.text(), amount.fixed(), str(amount))


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("50000", UZS, 5_000_000),
        ("50000.5", UZS, 5_000_050),
        ("50000.05", UZS, 5_000_005),
        ("0", UZS, 0),
        ("007", UZS, 700),
        ("500", NO_FRACTION, 500),
        ("1.005", THREE_DIGITS, 1_005),
    ],
)
def test_a_written_sum_is_read_in_minor_units(text: str, currency: Currency, minor: int) -> None:
    assert Money(minor, currency) == money(text, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".5",
        "5.",
        "1.2.3",
        "1.005",
        "-1",
        "+1",
        "1 000",
        "1,5",
        "1_000",
        "1e5",
        "NaN",
        "inf",
        "٣٠٠",
        "１００",
        "²",
    ],
)
def test_what_is_no_plain_sum_is_refused(text: str) -> None:
    """Everything that Python's own number parsers would be too kind to."""
    with pytest.raises(ValueError, match="UZS"):
        money(text, UZS)


def test_a_sum_of_five_thousand_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="digits"):
        money("9" * 5_000, UZS)


def test_a_fraction_in_a_currency_without_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 0 after a dot"):
        money("100.5", NO_FRACTION)


@pytest.mark.parametrize("minor", [AMOUNT_MINOR_MAX, -AMOUNT_MINOR_MAX])
def test_the_largest_sum_exists(minor: int) -> None:
    assert minor == Money(minor, UZS).minor


@pytest.mark.parametrize("minor", [AMOUNT_MINOR_MAX + 1, -AMOUNT_MINOR_MAX - 1])
def test_a_sum_above_the_largest_does_not_exist(minor: int) -> None:
    with pytest.raises(ValueError, match="largest"):
        Money(minor, UZS)


@pytest.mark.proves("I3")
def test_the_largest_sum_fits_a_column_of_64_bits() -> None:
    assert 2 * AMOUNT_MINOR_MAX < 2**63


@pytest.mark.proves("I3")
@pytest.mark.parametrize("minor", [1.0, True, "1", None])
def test_money_is_made_from_whole_numbers_only(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, UZS)  # type: ignore[arg-type]


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge])
def test_two_currencies_never_meet(operation: Callable[[Money, Money], object]) -> None:
    with pytest.raises(ValueError, match="UZS and KGS"):
        operation(Money(1, UZS), Money(1, KGS))


def test_equal_figures_in_two_currencies_are_not_equal() -> None:
    assert Money(1, UZS) != Money(1, KGS)


def test_sums_compare_by_their_figures() -> None:
    """The least, the same and the greater stand as they should."""
    less, more = Money(1, UZS), Money(2, UZS)

    assert less < more
    assert less <= Money(1, UZS)
    assert more > less
    assert more >= Money(2, UZS)
    assert not more < less
    assert not less < Money(1, UZS)
    assert not more > Money(2, UZS)
    assert not less >= more


@pytest.mark.parametrize("code", ["uzs", "UZ", "UZSS", "", "ЮЗС", "U1S"])
def test_a_currency_has_three_capital_letters(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Currency(code)


@pytest.mark.parametrize("digits", [-1, 4])
def test_a_currency_has_at_most_three_digits_after_the_point(digits: int) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Currency("XTS", digits)


def test_currencies_are_found_by_their_code() -> None:
    assert all(code == currency.code for code, currency in CURRENCIES.items())


sums = st.integers(min_value=0, max_value=AMOUNT_MINOR_MAX // 2)
currencies = st.sampled_from([UZS, NO_FRACTION, THREE_DIGITS])


@pytest.mark.proves("I3")
@given(sums, currencies)
@settings(max_examples=50)
def test_reading_what_was_written_changes_nothing(minor: int, currency: Currency) -> None:
    amount = Money(minor, currency)

    assert amount == money(amount.text(), currency) == money(amount.fixed(), currency)


@given(sums, sums)
@settings(max_examples=50)
def test_adding_and_taking_away_are_exact(one: int, other: int) -> None:
    total = Money(one, UZS) + Money(other, UZS)

    assert (one + other, Money(one, UZS)) == (total.minor, total - Money(other, UZS))
