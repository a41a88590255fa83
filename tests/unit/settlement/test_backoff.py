"""Ladders of waits: the steps by hand, and what holds for every ladder."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.settlement.backoff import (
    CONNECT_AFTER_S,
    STATUS_AFTER_S,
    US_PER_S,
    by_age,
    by_exchanges,
    repeat_ladder,
)


@pytest.mark.parametrize(
    ("exchanges", "wait_s"),
    [(0, 5), (1, 5), (2, 15), (3, 60), (4, 300), (5, 600), (6, 900), (7, 1800), (8, 3600), (9, 3600), (1000, 3600)],
)
def test_status_questions_follow_at_5_15_60_300_seconds_and_end_hourly(exchanges: int, wait_s: int) -> None:
    assert by_exchanges(STATUS_AFTER_S, exchanges) == wait_s


@pytest.mark.parametrize(
    ("age_us", "wait_s"),
    [
        (-1, 2),
        (0, 2),
        (2 * US_PER_S - 1, 2),
        (2 * US_PER_S, 5),
        (5 * US_PER_S, 15),
        (15 * US_PER_S, 60),
        (60 * US_PER_S, 300),
        (300 * US_PER_S, 300),
        (86_400 * US_PER_S, 300),
    ],
)
def test_a_connection_is_tried_quickly_at_first_and_then_every_five_minutes(age_us: int, wait_s: int) -> None:
    """A clock that was set back (age below zero) means the first step, too."""
    assert by_age(CONNECT_AFTER_S, age_us) == wait_s


@pytest.mark.parametrize(
    ("repeat_after_s", "ladder"),
    [
        (60, (60, 120, 300, 600, 900, 1800, 3600)),
        (2, (2, 4, 10, 20, 30, 60, 120)),
        (1800, (1800, 3600, 3600, 3600, 3600, 3600, 3600)),
        (7200, (7200,) * 7),
    ],
)
def test_a_pay_is_repeated_in_units_of_the_providers_own_time_and_at_least_hourly(
    repeat_after_s: int, ladder: tuple[int, ...]
) -> None:
    assert repeat_ladder(repeat_after_s) == ladder


@settings(max_examples=100)
@given(repeat_after_s=st.integers(min_value=1, max_value=100_000), exchanges=st.integers(min_value=1, max_value=50))
def test_no_repeat_comes_before_the_provider_is_done_with_the_one_before(repeat_after_s: int, exchanges: int) -> None:
    ladder = repeat_ladder(repeat_after_s)
    assert by_exchanges(ladder, exchanges) >= repeat_after_s
    assert by_exchanges(ladder, exchanges) <= by_exchanges(ladder, exchanges + 1)
