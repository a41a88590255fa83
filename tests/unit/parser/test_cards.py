"""Bank card numbers are found before anything is stored."""

from __future__ import annotations

import pytest

from smsgw.parser.cards import has_card_number


@pytest.mark.proves("A86")
@pytest.mark.parametrize(
    "text",
    [
        "8600123412341234",
        "моя карта 8600 1234 1234 1234!",
        "8600-1234-1234-1234",
        "８６００１２３４１２３４１２３４",
        "pay 4111111111111111",
        "378282246310005",  # 15 digits, Luhn
        "4222222222222",  # 13 digits, Luhn
    ],
)
def test_a_card_number_is_found(text: str) -> None:
    assert has_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "SARKOR n25656 50000 parol1", "998901234567", "0123456789012", "12345678901234567890", "4222222222223",
        "12345678 90123456", "8600 1234 1234 123", "1 2 3 4 5 6 7 8 9 0 1 2 3 4",
    ],
)  # fmt: skip
def test_other_numbers_are_no_cards(text: str) -> None:
    assert not has_card_number(text)
