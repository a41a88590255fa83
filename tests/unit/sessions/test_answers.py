"""A number gets twenty answers an hour, one notice, and then silence; a stranger is told once a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import Subscriber
from smsgw.sessions.answers import (
    HOUR_US,
    STRANGER_QUIET_US,
    AnswerVerdict,
    count_answer,
    minutes_until_answers,
    tell_stranger,
)

NOW = 100 * HOUR_US
SENDER = Subscriber(msisdn=Msisdn("+998901234567"))
ANSWER, NOTICE, SILENT = AnswerVerdict.ANSWER, AnswerVerdict.FLOOD_NOTICE, AnswerVerdict.SILENT


def verdicts(times: int, every_us: int, per_hour_max: int = 20) -> list[AnswerVerdict]:
    """What so many texts of one number get."""
    sender, found = SENDER, []
    for number in range(times):
        sender, verdict = count_answer(sender, NOW + number * every_us, per_hour_max)
        found.append(verdict)
    return found


def test_twenty_answers_a_notice_and_silence() -> None:
    assert verdicts(25, every_us=1) == [ANSWER] * 20 + [NOTICE] + [SILENT] * 4


def test_the_limit_is_a_setting() -> None:
    assert verdicts(4, every_us=1, per_hour_max=2) == [ANSWER] * 2 + [NOTICE, SILENT]


def test_twenty_an_hour_are_answered_for_ever() -> None:
    assert set(verdicts(100, every_us=HOUR_US // 20)) == {ANSWER}


def test_an_hour_and_a_day_are_what_they_are() -> None:
    assert (HOUR_US, STRANGER_QUIET_US) == (3_600_000_000, 86_400_000_000)


@pytest.mark.parametrize(("after_us", "verdict"), [(0, SILENT), (HOUR_US - 1, SILENT), (HOUR_US, ANSWER)])
def test_silence_ends_an_hour_after_the_first_answer(after_us: int, verdict: AnswerVerdict) -> None:
    flooded = replace(SENDER, answers_since_us=NOW, answers=21)

    assert verdict is count_answer(flooded, NOW + after_us)[1]


@pytest.mark.proves("A66")
def test_silence_changes_nothing_so_that_a_flood_costs_no_writes() -> None:
    flooded = replace(SENDER, answers_since_us=NOW, answers=21)

    assert (flooded, SILENT) == count_answer(flooded, NOW + 5)


def test_a_clock_that_was_set_back_starts_a_new_hour() -> None:
    """Otherwise silence could last as long as the clock was ahead."""
    flooded = replace(SENDER, answers_since_us=NOW, answers=21)

    assert (replace(SENDER, answers_since_us=NOW - 1, answers=1), ANSWER) == count_answer(flooded, NOW - 1)


@pytest.mark.parametrize(
    ("after_us", "minutes"), [(0, 60), (1, 60), (HOUR_US // 60, 59), (HOUR_US - 1, 1), (HOUR_US, 1), (2 * HOUR_US, 1)]
)
def test_the_notice_can_say_when_answers_come_again(after_us: int, minutes: int) -> None:
    assert minutes == minutes_until_answers(replace(SENDER, answers_since_us=NOW), NOW + after_us)


@pytest.mark.parametrize(
    ("told_at_us", "told"),
    [
        (0, True),
        (NOW, False),
        (NOW - STRANGER_QUIET_US + 1, False),
        (NOW - STRANGER_QUIET_US, True),
        (NOW + 1, True),
    ],
)
def test_a_stranger_is_told_at_most_once_in_24_hours(told_at_us: int, *, told: bool) -> None:
    before = replace(SENDER, stranger_told_at_us=told_at_us)
    after = replace(before, stranger_told_at_us=NOW) if told else before

    assert (after, told) == tell_stranger(before, NOW)


def test_a_registered_subscriber_is_no_stranger() -> None:
    with pytest.raises(AssertionError, match="no stranger"):
        tell_stranger(replace(SENDER, registered=True, verifier="$argon2id$"), NOW)
