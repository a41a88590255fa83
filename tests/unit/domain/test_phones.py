"""A sender is a subscriber's number in E.164, or nobody who may get an answer."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.phones import ADDRESS_LENGTH_MAX, load_numbering_plans, masked, subscriber_number


@pytest.mark.parametrize(
    ("address", "region", "number"),
    [
        ("+998901234567", "UZ", "+998901234567"),
        ("998901234567", "UZ", "+998901234567"),
        ("00998901234567", "UZ", "+998901234567"),
        ("901234567", "UZ", "+998901234567"),
        ("+996555123456", "UZ", "+996555123456"),
        ("996555123456", "KG", "+996555123456"),
        ("0555123456", "KG", "+996555123456"),
        ("555123456", "KG", "+996555123456"),
        ("77011234567", "KZ", "+77011234567"),
        ("89161234567", "RU", "+79161234567"),
    ],
)
def test_a_subscriber_has_one_number_however_it_is_written(address: str, region: str, number: str) -> None:
    """International with +, 00 or nothing, and national by the operator's region."""
    assert number == subscriber_number(address, region)


@pytest.mark.proves("A64", "A65")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "1400",
        "+1400",
        "3131",
        "123456",
        "Uzcard",
        "PAYME24",
        "+",
        "00",
        "+99890123456a",
        "+998 90 1234567",
        "998-901234567",
        "++998901234567",
        "+٩٩٨٩٠١٢٣٤٥٦٧",
        "+998901234567\n",
        "+99890123456789012",
        "0" * ADDRESS_LENGTH_MAX,
        "9" * (ADDRESS_LENGTH_MAX + 1),
    ],
)
def test_machines_and_nonsense_are_nobody(address: str) -> None:
    """Short codes, names and broken digits never get an answer, so no loop can begin."""
    assert subscriber_number(address, "UZ") is None


def test_a_valid_national_number_wins_over_a_possible_foreign_one() -> None:
    """`901234567` could be read as a number of Turkey; in Uzbekistan it is a subscriber's."""
    assert subscriber_number("901234567", "UZ") == "+998901234567"


@given(st.text(max_size=20))
@settings(max_examples=100)
def test_any_address_is_a_number_or_nobody(address: str) -> None:
    """Never an exception, and never anything but a plus and at most 15 digits (E.164, 6.1)."""
    number = subscriber_number(address, "UZ")

    assert number is None or (number[0] == "+" and number[1:].isdigit() and len(number) <= 16)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+998901234567", "+998*******67"), ("1234567", "1234*67"), ("123456", "******"), ("1400", "****"), ("", "")],
)
def test_a_masked_number_shows_only_its_ends(number: str, shown: str) -> None:
    assert shown == masked(number)


def test_once_the_plans_are_loaded_no_number_has_to_wait_for_a_file() -> None:
    load_numbering_plans()

    metadata = phonenumbers.PhoneMetadata
    assert set(metadata._region_available.values()) | set(metadata._country_code_available.values()) == {None}
