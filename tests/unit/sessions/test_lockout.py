"""Wrong guesses lead to pauses, and only a right answer forgets them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import FOR_GOOD_US, Subscriber
from smsgw.sessions.lockout import (
    PAUSE_MEMORY_US,
    PAUSE_US,
    after_pause_lifted,
    after_right_code,
    after_right_password,
    after_wrong_code,
    after_wrong_password,
    passwords_left,
)

NOW = 10 * PAUSE_MEMORY_US
PAYER = Subscriber(msisdn=Msisdn("+998901234567"), registered=True, verifier="$argon2id$")


@pytest.mark.parametrize(("before", "paused"), [(0, False), (3, False), (4, True), (5, False), (8, False), (9, True)])
def test_every_fifth_wrong_password_in_a_row_starts_a_pause(before: int, *, paused: bool) -> None:
    after = after_wrong_password(replace(PAYER, wrong_passwords=before), NOW)

    assert (before + 1, paused) == (after.wrong_passwords, after.paused(NOW))


@pytest.mark.parametrize(("before", "paused"), [(0, False), (8, False), (9, True), (10, False), (19, True)])
def test_every_tenth_wrong_code_in_a_row_starts_a_pause(before: int, *, paused: bool) -> None:
    after = after_wrong_code(replace(PAYER, wrong_codes=before), NOW)

    assert (before + 1, paused) == (after.wrong_codes, after.paused(NOW))


@pytest.mark.parametrize(("wrong", "left"), [(0, 5), (1, 4), (4, 1), (5, 5), (6, 4), (9, 1)])
def test_the_attempts_left_are_those_until_the_next_pause(wrong: int, left: int) -> None:
    assert left == passwords_left(replace(PAYER, wrong_passwords=wrong))


def test_a_right_password_forgets_wrong_passwords_only() -> None:
    payer = replace(PAYER, wrong_passwords=4, wrong_codes=9)

    assert replace(payer, wrong_passwords=0) == after_right_password(payer)


def test_a_right_code_forgets_wrong_codes_only() -> None:
    payer = replace(PAYER, wrong_passwords=4, wrong_codes=9)

    assert replace(payer, wrong_codes=0) == after_right_code(payer)


def test_a_pause_lasts_half_an_hour() -> None:
    paused = after_wrong_password(replace(PAYER, wrong_passwords=4), NOW)

    assert (paused.paused_until_us, paused.pauses) == (NOW + PAUSE_US, (NOW,))
    assert (PAUSE_US, PAUSE_MEMORY_US) == (1_800_000_000, 86_400_000_000)


@pytest.mark.parametrize(
    ("pauses", "until_us"),
    [
        ((), NOW + PAUSE_US),
        ((NOW - PAUSE_US,), NOW + PAUSE_US),
        ((NOW - 2 * PAUSE_US, NOW - PAUSE_US), FOR_GOOD_US),
        ((NOW - PAUSE_MEMORY_US + 1, NOW - PAUSE_US), FOR_GOOD_US),
        ((NOW - PAUSE_MEMORY_US, NOW - PAUSE_US), NOW + PAUSE_US),
        ((NOW - PAUSE_MEMORY_US - 1, NOW - PAUSE_MEMORY_US), NOW + PAUSE_US),
    ],
)
def test_the_third_pause_within_a_day_has_no_end(pauses: tuple[int, ...], until_us: int) -> None:
    """A pause that began 24 hours ago or earlier is forgotten."""
    payer = replace(PAYER, wrong_passwords=4, pauses=pauses)

    assert until_us == after_wrong_password(payer, NOW).paused_until_us


def test_passwords_and_codes_share_the_count_of_pauses() -> None:
    payer = after_wrong_password(replace(PAYER, wrong_passwords=4), NOW)
    payer = after_wrong_code(replace(payer, wrong_codes=9), NOW + 1)

    assert payer.pauses == (NOW, NOW + 1)


def test_a_new_pause_never_shortens_one_that_has_no_end() -> None:
    payer = replace(PAYER, wrong_codes=9, paused_until_us=FOR_GOOD_US)

    assert after_wrong_code(payer, NOW).paused_until_us == FOR_GOOD_US


def test_a_person_who_lifts_a_pause_leaves_wrong_codes_counted() -> None:
    """Otherwise a guesser would only have to get the pause lifted."""
    locked = replace(
        PAYER, wrong_passwords=5, wrong_codes=30, paused_until_us=FOR_GOOD_US, pauses=(NOW - 2, NOW - 1, NOW)
    )

    assert replace(PAYER, wrong_codes=30) == after_pause_lifted(locked)


@pytest.mark.proves("A58")
@given(st.lists(st.tuples(st.booleans(), st.integers(0, PAUSE_MEMORY_US // 4)), max_size=60))
@settings(max_examples=100)
def test_no_sequence_of_wrong_guesses_gets_far(guesses: list[tuple[bool, int]]) -> None:
    """A guesser who waits for each pause to end is stopped for good by the third in a day; pauses stay bounded."""
    payer, now, begun = PAYER, NOW, list[int]()
    for wrong_password, later_us in guesses:
        now += later_us
        before = payer
        payer = (after_wrong_password if wrong_password else after_wrong_code)(payer, now)
        if payer.pauses != before.pauses:
            begun.append(now)
        within_a_day = [start for start in begun if start > now - PAUSE_MEMORY_US]
        assert len(payer.pauses) <= 3
        assert payer.paused_until_us == FOR_GOOD_US or len(within_a_day) < 3
