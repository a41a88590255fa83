"""Decoration goes, meaning stays, and nothing becomes somebody else's account."""

from __future__ import annotations

import pytest

from smsgw.domain.catalogue import AccountPart, CheckDigit
from smsgw.parser.account import HIDDEN, PartRule

LOGIN = PartRule.of(AccountPart(r"[a-z]?\d{4,8}", fold_case=True))
DIGITS = PartRule.of(AccountPart(r"\d+", lengths=(14,)))
CONTRACT = PartRule.of(AccountPart(r"[A-Z]{2}\d{4}", example="AB1234"))
DASHED = PartRule.of(AccountPart(r"\d{2}-\d{4}", example="01-2345"))
CYRILLIC = PartRule.of(AccountPart(r"[А-Я]\d{3}", example="А123"))
IMEI = PartRule.of(AccountPart(r"\d+", lengths=(15,), check_digit=CheckDigit.LUHN))


@pytest.mark.parametrize(
    ("rule", "field", "account"),
    [
        (LOGIN, " N25656 ", "n25656"),
        (LOGIN, "２５６５６", "25656"),
        (DIGITS, "01234 567-890/123", "01234567890123"),
        (CONTRACT, "АВ1234", "AB1234"),  # Cyrillic А and В
        (CONTRACT, "ab1234", "ab1234"),
        (CONTRACT, "AB 1234", "AB 1234"),
        (DASHED, "01-2345", "01-2345"),
        (CYRILLIC, "А123", "А123"),
        (LOGIN, "n2565O", "n2565o"),
        (LOGIN, "Х25656", "x25656"),  # Cyrillic Х
    ],
)
def test_the_providers_spelling(rule: PartRule, field: str, account: str) -> None:
    assert rule.normalised(field) == account


@pytest.mark.parametrize(
    ("rule", "field", "accepted", "fits"),
    [
        (LOGIN, "n25656", True, True),
        (LOGIN, "n123", False, False),
        (CONTRACT, "ab1234", False, False),
        (IMEI, "490154203237518", True, True),
        (IMEI, "490154203237519", False, True),
        (DIGITS, "0123456789012", False, False),
        (DIGITS, "0123456789012²", False, False),
    ],
)
def test_shape_and_check_digit_are_two_questions(rule: PartRule, field: str, accepted: object, fits: object) -> None:
    assert rule.accepts(field) is accepted
    assert rule.fits(field) is fits


@pytest.mark.parametrize(
    ("rule", "field", "suggestion"),
    [
        (LOGIN, "n2565O", "n25650"),
        (LOGIN, "n2565l", "n25651"),
        (LOGIN, "n256З6", "n25636"),
        (LOGIN, "№ n256-56", "n25656"),
        (LOGIN, "н25656", "n25656"),
        (LOGIN, "hello", None),
        (LOGIN, "n25656", None),
    ],
)
def test_letters_like_digits_are_suggested(rule: PartRule, field: str, suggestion: str | None) -> None:
    """Suggested only: `normalised` leaves them as they are."""
    assert rule.suggestion(field) == suggestion


@pytest.mark.parametrize(
    ("field", "nearly"),
    [
        ("012345678901", True),
        ("01234567890", False),
        ("012345678901234", True),
        ("0123456789012345", False),
        ("012345678901x", False),
    ],
)
def test_a_digit_lost_or_doubled_makes_no_card_number(field: str, *, nearly: bool) -> None:
    """Of fourteen digits; sixteen are a card, whatever was meant."""
    assert DIGITS.nearly_fits(field) is nearly


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("0123456789012", "0123456789012"),
        ("n2565O", "n2565o"),
        ("parol1", HIDDEN),
        ("", HIDDEN),
        ("x", HIDDEN),
        ("1" * 33, HIDDEN),
        ("1<2>3", HIDDEN),
    ],
)
def test_what_may_be_a_password_is_not_repeated(field: str, shown: str) -> None:
    assert LOGIN.shown(field) == shown


def test_people_are_told_how_long_an_account_is() -> None:
    """From the lengths, or else from what fits the pattern; of a stranger pattern nothing is told."""
    two = PartRule.of(AccountPart(r"\d+", lengths=(14, 16)))
    exact = PartRule.of(AccountPart(r"\d{9}"))
    word = PartRule.of(AccountPart("[a-z][a-z0-9_]{2,15}"))
    rules = (DIGITS, two, LOGIN, exact, word, CONTRACT)
    assert [rule.need for rule in rules] == ["14", "14/16", "4-9", "9", "3-16", ""]


@pytest.mark.parametrize(
    ("rule", "field", "miscounted"),
    [
        (DIGITS, "0123456789012", True),
        (DIGITS, "0123456789012x", False),
        (LOGIN, "123", True),
        (LOGIN, "n256", False),
        (LOGIN, "n12345678", False),
        (LOGIN, "1234567890", True),
        (CONTRACT, "1", False),
    ],
)
def test_a_count_is_blamed_only_where_it_is_wrong(rule: PartRule, field: str, *, miscounted: bool) -> None:
    assert rule.miscounted(field) is miscounted
