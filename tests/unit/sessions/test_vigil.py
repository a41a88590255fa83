"""What shows only in the sum of all numbers is told, once, and honest crowds are left alone."""

from __future__ import annotations

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.sessions.vigil import (
    CODES_MIN,
    CODES_WINDOW_S,
    GUESSING_WINDOW_S,
    MISSES_MIN,
    PREFIXES_MAX,
    FewReturned,
    Guessing,
    Vigil,
)

NOW_S = 5000.0
UCELL, BEELINE = "+99894", "+99890"


def number(index: int, prefix: str = BEELINE) -> Msisdn:
    return Msisdn(f"{prefix}{index:07}")


def told(
    vigil: Vigil, verdicts: list[str], now_s: float = NOW_S, prefix: str = BEELINE
) -> list[Guessing | FewReturned]:
    """What is told while each of many numbers has one verdict."""
    return [
        alarm for index, verdict in enumerate(verdicts) for alarm in vigil.saw(number(index, prefix), verdict, now_s)
    ]


@pytest.mark.proves("A57")
@pytest.mark.parametrize("verdict", ["wrong_password", "wrong_code", "code_dead"])
def test_one_guess_at_each_of_many_numbers_is_told_once(verdict: str) -> None:
    assert told(Vigil(), [verdict] * 10 * MISSES_MIN) == [Guessing(MISSES_MIN, 0)]


@pytest.mark.parametrize(
    ("misses", "hits", "alarms"),
    [
        (MISSES_MIN - 1, 0, 0),
        (MISSES_MIN, 0, 1),
        (MISSES_MIN, 4 * MISSES_MIN - 1, 1),
        (MISSES_MIN, 4 * MISSES_MIN, 0),
        (2 * MISSES_MIN, 8 * MISSES_MIN, 0),
    ],
)
def test_a_fifth_of_all_tries_may_be_wrong(misses: int, hits: int, alarms: int) -> None:
    half = ["checking"] * (hits - hits // 2) + ["confirmed"] * (hits // 2)

    assert len(told(Vigil(), half + ["wrong_code"] * misses)) == alarms


@pytest.mark.parametrize(("second", "alarms"), [(GUESSING_WINDOW_S - 1, 1), (GUESSING_WINDOW_S, 0)])
def test_misses_of_one_window_are_counted_together(second: float, alarms: int) -> None:
    vigil = Vigil()
    told(vigil, ["wrong_code"] * (MISSES_MIN - 1))

    assert len(vigil.saw(number(1), "wrong_code", NOW_S + second)) == alarms


def test_an_attack_that_goes_on_is_told_again_in_the_next_window() -> None:
    vigil = Vigil()
    spray = ["wrong_password"] * MISSES_MIN

    assert [len(told(vigil, spray, NOW_S + minute * 60)) for minute in range(11)] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_what_is_neither_right_nor_wrong_counts_for_nothing() -> None:
    assert told(Vigil(), ["format", "help", "balance", "not_registered", "flood_silence", "repeat"] * 1000) == []


@pytest.mark.proves("A57")
@pytest.mark.parametrize("verdict", ["locked", "locked_long"])
def test_three_phones_that_go_on_while_they_are_paused_are_no_crowd(verdict: str) -> None:
    vigil = Vigil()

    assert told(vigil, ["wrong_password"] * 4 * 3 + [verdict] * 10 * MISSES_MIN) == []
    assert told(vigil, ["wrong_password"] * (MISSES_MIN - 12)) == [Guessing(MISSES_MIN, 0)], "the true ones still count"


@pytest.mark.proves("A68")
@pytest.mark.parametrize(
    ("opened", "returned", "alarm"),
    [
        (CODES_MIN, CODES_MIN // 2 - 1, True),
        (CODES_MIN, CODES_MIN // 2, False),
        (CODES_MIN - 1, 0, False),
        (10 * CODES_MIN, 0, True),
    ],
)
def test_codes_that_do_not_come_back_are_told_by_their_prefix(opened: int, returned: int, alarm: bool) -> None:  # noqa: FBT001 -- a column
    vigil = Vigil()
    told(vigil, ["checking"] * opened + ["confirmed"] * returned, prefix=UCELL)
    told(vigil, ["checking", "confirmed"] * CODES_MIN)
    alarms = vigil.saw(number(1), "help", NOW_S + CODES_WINDOW_S)

    assert list(alarms) == [FewReturned(UCELL, opened, returned)] * alarm


@pytest.mark.parametrize("verdict", ["processing", "no_money", "over_limit", "over_limit_day"])
def test_a_right_code_came_back_whatever_the_money_said(verdict: str) -> None:
    vigil = Vigil()
    told(vigil, ["checking", verdict] * CODES_MIN)

    assert vigil.saw(number(1), "help", NOW_S + CODES_WINDOW_S) == []


def test_before_its_end_no_window_is_judged_by_its_codes() -> None:
    """A code that is on its way is no code that stayed away."""
    vigil = Vigil()

    assert told(vigil, ["checking"] * 1000) == []
    assert vigil.saw(number(1), "help", NOW_S + CODES_WINDOW_S - 1) == ()


def test_a_crowd_of_invented_prefixes_does_not_grow_the_table() -> None:
    vigil = Vigil()
    for index in range(2 * PREFIXES_MAX):
        vigil.saw(Msisdn(f"+{10_000 + index}0000000"), "checking", NOW_S)

    assert len(vigil._codes) == PREFIXES_MAX
