"""When dialogues may start. Pure: times come in and go out.

Rule: at a given rate a dialogue's clock starts when it was due, not when it could start: a gateway that stands still is
not flattered by texts that were never sent ("coordinated omission").
"""

from __future__ import annotations

import math

from simulator.load.settings import LoadSettings


class Pace:
    """Counts the dialogues of a run that begins at *start_s*."""

    def __init__(self, settings: LoadSettings, start_s: float) -> None:
        self._rate_per_s = settings.rate_per_s
        self._concurrent = settings.concurrent
        self._count = settings.count or math.inf
        self._start_s = start_s
        self._end_s = start_s + (settings.duration_s or math.inf)
        # What was due and found no idle subscriber is waited for, but not for ever.
        self._patience_s = self._end_s + settings.timeout_s
        self.started = 0

    def due_s(self, now_s: float, open_dialogues: int) -> float | None:
        """When the next dialogue was due, if it may start now."""
        if self.over(now_s):
            return None
        if self._rate_per_s:
            due_s = self._next_due_s()
            return due_s if due_s <= now_s else None
        return now_s if open_dialogues < self._concurrent else None

    def over(self, now_s: float) -> bool:
        """Whether no further dialogue will start."""
        if self.started >= self._count:
            return True
        if self._rate_per_s:
            return self._next_due_s() >= self._end_s or now_s >= self._patience_s
        return now_s >= self._end_s

    def missed(self) -> int:
        """How many the rate asked for within the duration and never started; 0 where one of the two is not given."""
        if not self._rate_per_s or self._end_s == math.inf:
            return 0
        due = math.ceil((self._end_s - self._start_s) * self._rate_per_s)
        return max(0, int(min(self._count, due)) - self.started)

    def _next_due_s(self) -> float:
        return self._start_s + self.started / self._rate_per_s
