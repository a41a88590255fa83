"""How many answers a number gets: enough for any person, too few for two machines that answer each other.

The hour starts with the first answer and lasts 60 minutes, so that "we answer again in N minutes" can be said exactly.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.subscriber import Subscriber

# A person who makes five payments with a mistake in each needs 15 to 20 answers.
ANSWERS_PER_HOUR_MAX: Final = 20
HOUR_US: Final = 3600 * 1_000_000
# A stranger is told how to register once a day: who texts by mistake should not pay for it with our texts.
STRANGER_QUIET_US: Final = 24 * HOUR_US
_MINUTE_US: Final = 60 * 1_000_000


class AnswerVerdict(StrEnum):
    """Whether to answer. FLOOD_NOTICE is the last text before silence."""

    ANSWER = "answer"
    FLOOD_NOTICE = "flood_notice"
    SILENT = "silent"


def count_answer(
    subscriber: Subscriber, now_us: int, per_hour_max: int = ANSWERS_PER_HOUR_MAX
) -> tuple[Subscriber, AnswerVerdict]:
    """Count one more answer and say whether it may be sent. In silence nothing is counted, and nothing changes."""
    if not 0 <= now_us - subscriber.answers_since_us < HOUR_US:
        return replace(subscriber, answers_since_us=now_us, answers=1), AnswerVerdict.ANSWER
    if subscriber.answers > per_hour_max:
        return subscriber, AnswerVerdict.SILENT
    counted = replace(subscriber, answers=subscriber.answers + 1)
    flooded = counted.answers > per_hour_max
    return counted, AnswerVerdict.FLOOD_NOTICE if flooded else AnswerVerdict.ANSWER


def minutes_until_answers(subscriber: Subscriber, now_us: int) -> int:
    """Whole minutes until the running hour is over, at least 1."""
    return max(1, -(-(subscriber.answers_since_us + HOUR_US - now_us) // _MINUTE_US))


def tell_stranger(subscriber: Subscriber, now_us: int) -> tuple[Subscriber, bool]:
    """Say whether an unregistered number is told (again) that it is unregistered: at most once in 24 hours."""
    assert not subscriber.registered, "a subscriber is no stranger"
    told_at_us = subscriber.stranger_told_at_us
    if told_at_us and 0 <= now_us - told_at_us < STRANGER_QUIET_US:
        return subscriber, False
    return replace(subscriber, stranger_told_at_us=now_us), True
