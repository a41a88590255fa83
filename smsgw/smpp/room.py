"""Whose turn it is to submit on one link: first come, first served, while there is room, rate and no pause.

Pure: the link asks `open_at_s` when the next text may leave, and keeps the queue of those who wait.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """The token bucket of one text and the throttling pause of a link; times are monotonic seconds.

    `rate` is texts a second, 0 = no limit of ours.
    """

    rate: float
    _next_s: float = 0.0
    _paused_until_s: float = 0.0

    def open_at_s(self) -> float:
        """When the next text may leave; in the past = now."""
        return max(self._next_s, self._paused_until_s)

    def took(self, now_s: float) -> None:
        """A text leaves now."""
        if self.rate:
            self._next_s = max(now_s, self._next_s) + 1.0 / self.rate

    def pause(self, until_s: float) -> None:
        """The SMSC asks the whole link for patience; a longer pause stays."""
        self._paused_until_s = max(self._paused_until_s, until_s)
