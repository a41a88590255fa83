"""What a tape hides: what texts say, and whose they are; lengths, alphabets and dialogues stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from simulator.tapes.masking import Masks, Pseudonyms, masked
from smsgw.smpp.text import length

KEY = Pseudonyms(b"a key")
NUMBERS = st.from_regex(r"\+?[1-9][0-9]{6,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("SARKOR*n25656*50000*parol1", "xxxxxx*x00000*00000*xxxxx0"),
        ("Код 483920 - 50000 сум", "жжж 000000 - 00000 жжж"),
        ("to'lov 👍", "xx'xxx 👍"),
        ("\U0001d4d0bc", "жжxx"),
        ("", ""),
    ],
)
def test_letters_and_digits_are_hidden_and_the_shape_stays(text: str, hidden: str) -> None:
    assert masked(text) == hidden


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_no_letter_or_digit_is_left(text: str) -> None:
    assert {character for character in masked(text) if character.isalnum()} <= set("x0ж")


@settings(max_examples=100)
@given(st.text("abcXYZ019*#. \nКодéñΔ€\U0001d4d0", min_size=1, max_size=300))
def test_a_masked_text_takes_as_much_of_the_network(text: str) -> None:
    assert length(masked(text)) == length(text)


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("+998901234567", "+99890"),
        ("998901234567", "99890"),
        ("901234567", "90"),
        ("1234567", ""),
        ("12345678901234567890", "12345"),
    ],
)
def test_a_number_keeps_its_prefix_and_length_and_is_another(number: str, kept: str) -> None:
    other = KEY.of(number)
    assert other != number
    assert other.startswith(kept)
    assert len(other) == len(number)
    assert other.removeprefix("+").isdecimal()


@pytest.mark.parametrize("address", ["1400", "999999", "SARKOR", "+1400", "998-90", ""])
def test_services_and_names_are_no_subscribers(address: str) -> None:
    assert KEY.of(address) == address


def test_a_plus_makes_no_other_subscriber() -> None:
    assert KEY.of("+998901234567") == "+" + KEY.of("998901234567")


def test_another_key_gives_other_numbers() -> None:
    assert KEY.of("+998901234567") != Pseudonyms(b"another key").of("+998901234567")


def test_nobody_becomes_somebody_elses_double() -> None:
    """A hash cut to seven digits would have some five doubles among ten thousand."""
    assert len({KEY.of(f"99890{number:07d}") for number in range(10_000)}) == 10_000


@settings(max_examples=100)
@given(st.sets(NUMBERS.map(lambda number: number.removeprefix("+")), max_size=20))
def test_two_numbers_stay_two(numbers: set[str]) -> None:
    assert len({KEY.of(number) for number in numbers}) == len(numbers)


def test_what_is_not_to_be_hidden_stays() -> None:
    shown = Masks(texts=False, pseudonyms=None)
    assert (shown.text("parol1"), shown.number("+998901234567"), shown.hides) == ("parol1", "+998901234567", False)
    assert Masks(texts=True, pseudonyms=None).hides
    assert Masks(texts=False, pseudonyms=KEY).hides


def test_a_key_is_not_shown() -> None:
    assert "a key" not in repr(Masks(texts=True, pseudonyms=KEY))
