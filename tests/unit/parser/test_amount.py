"""An amount has exactly one meaning, or none: the tolerances that decide about money, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.catalogue import AmountRule
from smsgw.domain.money import KGS, RUB, UZS, Currency, Money
from smsgw.parser.amount import Doubt, is_currency_word, judge_amount, read_amount
from smsgw.parser.intents import Reason

YEN = Currency("JPY", 0)


@pytest.mark.parametrize(
    ("field", "currency", "minor"),
    [
        ("50000", UZS, 50_000_00),
        ("99999999", UZS, 99_999_999_00),
        ("0", UZS, 0),
        ("1500,5", UZS, 1_500_50),
        ("12970.24", UZS, 12_970_24),
        ("12970,24", UZS, 12_970_24),
        ("12,970.24", RUB, 12_970_24),
        ("12 970.24", RUB, 12_970_24),
        ("12\xa0970,24", RUB, 12_970_24),
        ("1,500.50", UZS, 1_500_50),
        ("1.500,50", UZS, 1_500_50),
        ("1.234.567", UZS, 1_234_567_00),
        ("1,234,567.8", UZS, 1_234_567_80),
        ("50 000", UZS, 50_000_00),
        ("50'000", UZS, 50_000_00),
        ("50’000", UZS, 50_000_00),
        ("0.50", UZS, 50),
        ("５００", UZS, 500_00),
        ("٣٠٠", UZS, 300_00),
        ("67.38c", KGS, 67_38),
        ("67.38с", KGS, 67_38),
        ("100 сом", KGS, 100_00),
        ("100 сом", UZS, 100_00),
        ("500,00₽", RUB, 500_00),
        ("500 руб.", RUB, 500_00),
        *[(f"500{word}", UZS, 500_00) for word in ("сум", " сўм", " so'm", "soʻm", "som", "SUM", " UZS")],
        *[(f"500 {word}", UZS, 500_00) for word in ("сумов", "сума", "сумм", "soums", "sums", "so'mni", "сўмни")],
        ("500 сомов", KGS, 500_00),
        ("500", YEN, 500),
        ("1 000", YEN, 1_000),
    ],
)
def test_an_unambiguous_amount_is_read(field: str, currency: Currency, minor: int) -> None:
    assert read_amount(field, currency) == Money(minor, currency)


@pytest.mark.proves("A33")
@pytest.mark.parametrize(
    "field",
    [
        "", "abc", "пятьдесят тысяч", "-66,67 руб", "-100", "+100", "−100", "1e5", "0x10",
        "1/2", "½", "²", "50²", "NaN",
        "100.",         ".5", "1_000", "1٬000", "00500", "050", "00.50", "0.500",
        "50000.005", "1234.567", "1,500.500", "1.234.56",
        "1 234'567", "50 00", "5 00", "50  000", "1,50,000", "500-", "500=", "UZS 500", "$500", "500 сум сум",
        "500 foo",
        "5 сум 5", "1.500k", "50\n000", "500 'k",
    ],
)  # fmt: skip
def test_everything_else_is_refused(field: str) -> None:
    """Nothing is rounded, completed or repaired."""
    assert not isinstance(read_amount(field, UZS), Money)


@pytest.mark.proves("A36")
@pytest.mark.parametrize("field", ["100.5", "100.50"])
def test_a_currency_without_fractions_has_none(field: str) -> None:
    assert read_amount(field, YEN) == Doubt(Reason.FORMAT)


@pytest.mark.parametrize(
    ("field", "doubt"),
    [
        ("50.000", Doubt(Reason.AMOUNT_UNCLEAR, {"bad": "50.000", "alt1": "50000", "alt2": "50.00"})),
        ("50,000", Doubt(Reason.AMOUNT_UNCLEAR, {"bad": "50,000", "alt1": "50000", "alt2": "50.00"})),
        ("1.500 сум", Doubt(Reason.AMOUNT_UNCLEAR, {"bad": "1.500", "alt1": "1500", "alt2": "1.50"})),
        ("50k", Doubt(Reason.AMOUNT_SUGGEST, {"bad": "50k", "alt1": "50000"})),
        ("50К", Doubt(Reason.AMOUNT_SUGGEST, {"bad": "50К", "alt1": "50000"})),
        ("50 тыс.", Doubt(Reason.AMOUNT_SUGGEST, {"bad": "50 тыс.", "alt1": "50000"})),
        ("50 ming", Doubt(Reason.AMOUNT_SUGGEST, {"bad": "50 ming", "alt1": "50000"})),
        ("50 миң", Doubt(Reason.AMOUNT_SUGGEST, {"bad": "50 миң", "alt1": "50000"})),
        ("1,5 млн сум", Doubt(Reason.AMOUNT_SUGGEST, {"bad": "1,5 млн ..", "alt1": "1500000"})),
        ("50.000k", Doubt(Reason.FORMAT)),
        ("1.500 тыс", Doubt(Reason.FORMAT)),
        ("500000000k", Doubt(Reason.FORMAT)),
        ("100 млн", Doubt(Reason.AMOUNT_RANGE, {"amt": "100000000"})),
        ("123456789", Doubt(Reason.AMOUNT_RANGE, {"amt": "123456789"})),
        ("9" * 25, Doubt(Reason.AMOUNT_RANGE, {"amt": "99999999.."})),
        ("50 руб", Doubt(Reason.WRONG_CURRENCY, {"amt": "50", "cur": "UZS", "alt1": "50"})),
        ("50 $", Doubt(Reason.WRONG_CURRENCY, {"amt": "50", "cur": "UZS", "alt1": "50"})),
        ("50 c", Doubt(Reason.WRONG_CURRENCY, {"amt": "50", "cur": "UZS", "alt1": "50"})),
    ],
)
def test_a_doubt_names_the_ways_out(field: str, doubt: Doubt) -> None:
    assert read_amount(field, UZS) == doubt


RULE = AmountRule(Money(500_00, UZS), Money(5_000_000_00, UZS))
WHOLE = AmountRule(Money(500_00, UZS), Money(5_000_000_00, UZS), step_minor=100)
TARIFF = AmountRule(Money(1_00, UZS), Money(50_000_00, UZS), fixed_price=Money(34_000_00, UZS))
RANGE = {"min": "500", "max": "5000000", "cur": "UZS"}
HIGH = AmountRule(Money(10_000_00, UZS), Money(5_000_000_00, UZS))
HIGH_RANGE = RANGE | {"min": "10000"}
LOW = AmountRule(Money(500_00, UZS), Money(1_000_00, UZS))
LOW_RANGE = RANGE | {"max": "1000"}
PRICE = {"amt": "34000", "cur": "UZS"}
RUBLES = {"amt": "600", "cur": "UZS"}


@pytest.mark.parametrize(
    ("field", "rule", "outcome"),
    [
        ("500", RULE, Money(500_00, UZS)),
        ("499.99", RULE, Doubt(Reason.AMOUNT_RANGE, RANGE | {"amt": "499.99"})),
        ("5000000", RULE, Money(5_000_000_00, UZS)),
        ("5000000.01", RULE, Doubt(Reason.AMOUNT_RANGE, RANGE | {"amt": "5000000.01"})),
        ("0", RULE, Doubt(Reason.AMOUNT_RANGE, RANGE | {"amt": "0"})),
        ("123456789", RULE, Doubt(Reason.AMOUNT_RANGE, RANGE | {"amt": "123456789"})),
        ("600.50", WHOLE, Doubt(Reason.AMOUNT_SUGGEST, {"bad": "600.50", "alt1": "600"})),
        ("500.50", WHOLE, Doubt(Reason.AMOUNT_SUGGEST, {"bad": "500.50", "alt1": "500"})),
        ("499.50", WHOLE, Doubt(Reason.AMOUNT_RANGE, RANGE | {"amt": "499.50"})),
        ("34000", TARIFF, Money(34_000_00, UZS)),
        ("34001", TARIFF, Doubt(Reason.AMOUNT_FIXED, PRICE)),
        ("50k", TARIFF, Doubt(Reason.AMOUNT_FIXED, PRICE)),
        ("34.000", TARIFF, Doubt(Reason.AMOUNT_FIXED, PRICE)),
        ("", TARIFF, Doubt(Reason.AMOUNT_FIXED, PRICE)),
        ("600 руб", RULE, Doubt(Reason.WRONG_CURRENCY, RUBLES | {"alt1": "600"})),
        ("5 руб", RULE, Doubt(Reason.WRONG_CURRENCY, RUBLES | {"amt": "5"})),
        ("600k руб", RULE, Doubt(Reason.WRONG_CURRENCY, RUBLES)),
        ("50.000", RULE, Doubt(Reason.AMOUNT_UNCLEAR, {"bad": "50.000", "alt1": "50000", "alt2": "50.00"})),
        ("9.000", LOW, Doubt(Reason.AMOUNT_RANGE, LOW_RANGE | {"amt": "9000"})),
        ("5k", HIGH, Doubt(Reason.AMOUNT_RANGE, HIGH_RANGE | {"amt": "5000"})),
        ("700.000", LOW, Doubt(Reason.AMOUNT_UNCLEAR, {"bad": "700.000", "alt1": "700.00", "alt2": "700000"})),
    ],
)
def test_the_providers_rule_decides(field: str, rule: AmountRule, outcome: Money | Doubt) -> None:
    assert judge_amount(field, rule) == outcome


@pytest.mark.parametrize(
    ("field", "is_word"), [("so'm", True), ("СУМ.", True), ("₽", True), ("parol1", False), ("5 сум", False)]
)
def test_currency_words(field: str, is_word: object) -> None:
    assert is_currency_word(field) is is_word


@given(st.integers(0, 9_999_999_999), st.sampled_from([UZS, KGS, YEN]))
@settings(max_examples=200)
def test_what_we_write_we_read(minor: int, currency: Currency) -> None:
    """Every sum of up to eight digits makes the round trip through the text that people are shown."""
    amount = Money(minor % (10**8 * currency.scale), currency)
    assert read_amount(amount.text(), currency) == amount
