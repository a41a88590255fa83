"""The breaker of one provider: when it is left alone for a while, and how it is tried again.

Rule 1: an answer that means something, a refusal too, is a healthy one. A time-out, a broken connection, a fault of the
configuration and an answer that cannot be read are failures.
Rule 2: after some failures in a row nobody is asked for a while. Then one exchange tries, the probe; while it is out,
all others wait. A failed probe makes the next pause twice as long.
Rule 3: a provider that names a time (`Unknown.retry_after_s`) is left alone for so long, at once.

Times are monotonic seconds. A value here forbids nothing by itself: `admitted` is asked before an exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.domain.calls import Answer, NotSent, Unknown
from smsgw.domain.changes import replace

# One lost exchange, or a few, are everyday; five without any answer between them are the provider.
FAILURES_MAX: Final = 5
# Failures further apart are no row: a single payment that is asked about ever more rarely says nothing of the others.
ROW_GAP_S: Final = 30
# Long enough for a restarted server; a probe every 30 s is no load for one that is still down.
PAUSE_S: Final = 30
# It may be back at any moment, and subscribers are turned away meanwhile: five minutes at most.
PAUSE_S_MAX: Final = 300
# What a provider may ask for: more is a mistake of its clock or its units.
WISH_S_MAX: Final = 600
# Between being admitted and the first byte lies one commit. A probe that did not begin by then never will.
PROBE_BEGINS_S: Final = 5
# Twice the longest usual deadline: a probe whose answer nobody noted must not hold its place for ever.
PROBE_ENDS_S: Final = 120


class Standing(StrEnum):
    """How a provider stands: asked as usual, left alone, or tried by one exchange at a time."""

    OK = "ok"
    PAUSED = "paused"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class Breaker:
    """`failures` in a row, the last one at `failed_at_s`. `until_s` is the end of the pause, None = all is well.

    `pause_s`: the length of the last pause after failures. `wished`: the pause is the provider's own wish, and an
    answer does not end it. A probe holds its place until `probe_until_s`.
    """

    failures: int = 0
    failed_at_s: float = 0.0
    until_s: float | None = None
    pause_s: int = 0
    wished: bool = False
    probe_until_s: float = 0.0


def standing(breaker: Breaker, now_s: float) -> Standing:
    """How the provider stands now."""
    if breaker.until_s is None:
        return Standing.OK
    return Standing.PAUSED if now_s < breaker.until_s else Standing.PROBING


def admitted(breaker: Breaker, now_s: float) -> Breaker | None:
    """The breaker once one more exchange is let through; None = it must wait. The first after a pause is the probe."""
    match standing(breaker, now_s):
        case Standing.OK:
            return breaker
        case Standing.PROBING if now_s >= breaker.probe_until_s:
            return replace(breaker, probe_until_s=now_s + PROBE_BEGINS_S)
        case _:
            return None


def begun(breaker: Breaker, now_s: float) -> Breaker:
    """The breaker once an exchange begins; the probe now holds its place until its answer."""
    if standing(breaker, now_s) is not Standing.PROBING:
        return breaker
    return replace(breaker, probe_until_s=now_s + PROBE_ENDS_S)


def answered(breaker: Breaker, answer: Answer, now_s: float) -> Breaker:
    """The breaker after an exchange."""
    match answer:
        case Unknown(retry_after_s=wish_s) if wish_s > 0:
            until_s = max(breaker.until_s or 0.0, now_s + min(wish_s, WISH_S_MAX))
            return replace(breaker, until_s=until_s, wished=True, probe_until_s=0.0)
        case Unknown() | NotSent():
            return _failed(breaker, now_s)
        case _ if breaker.wished and standing(breaker, now_s) is Standing.PAUSED:
            return breaker
        case _:
            return Breaker()


def _failed(breaker: Breaker, now_s: float) -> Breaker:
    match standing(breaker, now_s):
        case Standing.OK:
            in_row = now_s - breaker.failed_at_s <= ROW_GAP_S
            failures = breaker.failures + 1 if in_row else 1
            failed = replace(breaker, failures=failures, failed_at_s=now_s)
            return failed if failures < FAILURES_MAX else _paused(failed, now_s)
        case Standing.PROBING if now_s < breaker.probe_until_s:
            return _paused(breaker, now_s)
        case _:
            # An exchange that began before the pause says nothing new.
            return breaker


def _paused(breaker: Breaker, now_s: float) -> Breaker:
    pause_s = min(max(PAUSE_S, 2 * breaker.pause_s), PAUSE_S_MAX)
    return Breaker(until_s=now_s + pause_s, pause_s=pause_s)
