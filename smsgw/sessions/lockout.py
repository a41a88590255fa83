"""Pauses after wrong passwords and wrong codes: each a step from one `Subscriber` to the next.

Rule 1: only a right password or a right code sets its counter back; a pause, a new payment or a new code does not.
Rule 2: a pause stops paying by SMS and nothing else. The third within 24 hours lasts until a person ends it.
"""

from __future__ import annotations

from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.subscriber import FOR_GOOD_US, Subscriber

# Every so many wrong passwords in a row make a pause (EU 2018/389, article 4(3)(b): at most five).
WRONG_PASSWORDS_MAX: Final = 5
# Two payments' worth of wrong codes in a row; a code is not guessed by opening payment after payment.
WRONG_CODES_MAX: Final = 10
# Long enough to make guessing hopeless, short enough for an honest mistake.
PAUSE_US: Final = 30 * 60 * 1_000_000
# The pause with this number within `PAUSE_MEMORY_US` has no end.
PAUSES_MAX: Final = 3
PAUSE_MEMORY_US: Final = 24 * 3600 * 1_000_000


def after_wrong_password(subscriber: Subscriber, now_us: int) -> Subscriber:
    """Count a wrong password; every fifth in a row starts a pause."""
    counted = replace(subscriber, wrong_passwords=subscriber.wrong_passwords + 1)
    return _paused(counted, now_us) if counted.wrong_passwords % WRONG_PASSWORDS_MAX == 0 else counted


def after_right_password(subscriber: Subscriber) -> Subscriber:
    """Forget the wrong passwords."""
    return replace(subscriber, wrong_passwords=0)


def after_wrong_code(subscriber: Subscriber, now_us: int) -> Subscriber:
    """Count a wrong code, whichever payment it was for; every tenth in a row starts a pause."""
    counted = replace(subscriber, wrong_codes=subscriber.wrong_codes + 1)
    return _paused(counted, now_us) if counted.wrong_codes % WRONG_CODES_MAX == 0 else counted


def after_right_code(subscriber: Subscriber) -> Subscriber:
    """Forget the wrong codes."""
    return replace(subscriber, wrong_codes=0)


def passwords_left(subscriber: Subscriber) -> int:
    """How many wrong passwords there are until the next pause, that one included."""
    return WRONG_PASSWORDS_MAX - subscriber.wrong_passwords % WRONG_PASSWORDS_MAX


def after_pause_lifted(subscriber: Subscriber) -> Subscriber:
    """A person has ended the pause: the passwords and the pauses of the day start anew, wrong codes stay counted."""
    return replace(subscriber, paused_until_us=0, pauses=(), wrong_passwords=0)


def _paused(subscriber: Subscriber, now_us: int) -> Subscriber:
    """Start a pause; it never shortens one that runs already."""
    pauses = (*(start for start in subscriber.pauses if start > now_us - PAUSE_MEMORY_US), now_us)
    until_us = FOR_GOOD_US if len(pauses) >= PAUSES_MAX else now_us + PAUSE_US
    return replace(subscriber, pauses=pauses[-PAUSES_MAX:], paused_until_us=max(until_us, subscriber.paused_until_us))
