"""Nearness only suggests."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.parser.nearness import begins, distance, near


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("sarkor", "sarcor", 1),
        ("sarkor", "sakor", 1),
        ("sarkor", "srakor", 2),
        ("abc", "xyz", 3),
    ],
)
def test_distance_counts_letters_to_change(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == distance(other, one) == slips


@pytest.mark.parametrize(
    ("typed", "word", "is_near"),
    [
        ("sarcor", "sarkor", True),
        ("sarco", "sarkor", False),
        ("sarkorr", "sarkor", True),
        ("telecim", "telecom", True),
        ("telacim", "telecom", False),
        ("uztelicam", "uztelecom", True),  # nine letters: two slips
        ("iztelicam", "uztelecom", False),
        ("", "a", True),
        ("", "abc", False),
    ],
)
def test_one_slip_in_a_short_word_and_two_in_a_long_one(typed: str, word: str, is_near: object) -> None:
    assert near(typed, word) is is_near


@given(st.text("abc", max_size=10), st.text("abc", max_size=10))
@settings(max_examples=300)
def test_the_cheap_check_never_hides_a_near_word(typed: str, word: str) -> None:
    """A word untouched in one of its pieces is looked at; the others cannot be near."""
    assert near(typed, word) is (distance(typed, word) <= (2 if len(word) >= 8 else 1))


@pytest.mark.parametrize(("typed", "goes_on"), [("sa", False), ("sar", True), ("sarkor", True), ("sarc", False)])
def test_three_letters_begin_a_name(typed: str, goes_on: object) -> None:
    assert begins(typed, "sarkor") is goes_on
