"""When dialogues may start. Pure: times come in and go out.

Rule: at a given rate a dialogue's clock starts when it was due, not when it could start: a gateway that stands still is
not flattered by texts that were never sent ("coordinated omission").
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Final

from simulator.load.arrivals import dues
from simulator.load.settings import LoadSettings

WAITING_MAX: Final = 1_000_000
"""Dialogues that are due and find no idle subscriber wait for one; more than so many are missed at once. 32 MB."""


class Pace:
    """Counts the dialogues of a run that begins at *start_s*."""

    def __init__(self, settings: LoadSettings, start_s: float) -> None:
        self._concurrent = settings.concurrent
        self._count = settings.count or math.inf
        self._open_loop = settings.open_loop
        self._end_s = start_s + settings.arrivals_s
        # What was due and found no idle subscriber is waited for, but not for ever.
        self._patience_s = self._end_s + settings.timeout_s
        self._schedule = self._scheduled(settings, start_s) if self._open_loop else iter(())
        self._next_s: float | None = next(self._schedule, None)
        self._waiting: deque[float] = deque()
        self.due = 0
        self.started = 0

    @staticmethod
    def _scheduled(settings: LoadSettings, start_s: float) -> Iterator[float]:
        return (start_s + due_s for due_s in dues(settings.stages, settings.arrivals, settings.seed))

    def fall_due(self, now_s: float) -> list[float]:
        """What has become due since the last time; in a closed loop nothing ever does by itself."""
        fallen = []
        while self._next_s is not None and self._next_s <= now_s and self.due < self._count:
            fallen.append(self._next_s)
            self.due += 1
            self._next_s = next(self._schedule, None)
        if len(self._waiting) < WAITING_MAX:
            self._waiting += fallen
        return fallen

    def start(self, now_s: float, open_dialogues: int) -> float | None:
        """Start the next dialogue if it may start now: when it was due."""
        if self.over(now_s):
            return None
        if self._open_loop:
            due_s = self._waiting.popleft() if self._waiting else None
        else:
            due_s = now_s if open_dialogues < self._concurrent else None
            self.due += due_s is not None
        self.started += due_s is not None
        return due_s

    def over(self, now_s: float) -> bool:
        """Whether no further dialogue will start."""
        if self.started >= self._count:
            return True
        if self._open_loop:
            return (self._exhausted and not self._waiting) or now_s >= self._patience_s
        return now_s >= self._end_s

    def missed(self) -> int:
        """How many have been due and were never started."""
        return self.due - self.started

    @property
    def _exhausted(self) -> bool:
        return self._next_s is None or self.due >= self._count
