"""When a provider is asked again: ladders of waits in seconds, each with a last step that is repeated for ever.

Rule 1: where a byte has left, the ladder is climbed by the number of exchanges; where none has, by the age of the
call, so that hours without a connection do not slow down the questions that follow the first byte.
Rule 2: no ladder ends a call. The lifetime of the call does, and `plan` keeps it.
"""

from __future__ import annotations

from typing import Final

US_PER_S: Final = 1_000_000

# Most answers that got lost were given within seconds, so the first question comes soon; a provider that is down
# for an hour gains nothing from being asked more often than once an hour.
STATUS_AFTER_S: Final = (5, 15, 60, 300, 600, 900, 1800, 3600)

# A repeated pay, in units of the provider's own processing time: with the usual 60 s these are 1, 2, 5, 10, 15, 30
# and 60 minutes, the growing intervals that the OSMP protocol asks for.
REPEAT_AFTER_UNITS: Final = (1, 2, 5, 10, 15, 30, 60)

# Repeats never get rarer than this, however slow the provider calls itself (unless its own time is longer still).
REPEAT_AFTER_S_MAX: Final = 3600

# No byte has left, so trying again harms nobody: quick at first, and never rarer than five minutes, because the
# subscriber waits and the provider may be back at any moment.
CONNECT_AFTER_S: Final = (2, 5, 15, 60, 300)


def by_exchanges(ladder: tuple[int, ...], exchanges: int) -> int:
    """The wait after the exchange with that number, the first being 1."""
    return ladder[min(max(exchanges, 1), len(ladder)) - 1]


def by_age(ladder: tuple[int, ...], age_us: int) -> int:
    """The wait of something that is that old: the first step longer than its age, else the last step."""
    return next((step for step in ladder if step * US_PER_S > age_us), ladder[-1])


def repeat_ladder(repeat_after_s: int, back_off_s: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The waits between repeats of a pay, for a provider that needs *repeat_after_s* to work one off.

    No step is shorter than that: the earlier attempt must be over at the provider too. *back_off_s* are waits that
    were agreed with it.
    """
    if back_off_s:
        return tuple(max(step_s, repeat_after_s) for step_s in back_off_s)
    top_s = max(REPEAT_AFTER_S_MAX, repeat_after_s)
    return tuple(min(units * repeat_after_s, top_s) for units in REPEAT_AFTER_UNITS)
