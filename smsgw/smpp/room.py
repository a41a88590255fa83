"""Whose turn it is to submit on one link: first come, first served, while there is room, rate and no pause.

Pure: the link asks `open_at_s` when the next text may leave, and keeps the queue of those who wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# SMPP 5.0, 4.8.4.18: 80 to 89 is the load that an SMSC likes best, 90 and more is too much of it, 100 is congestion.
CONGESTED: Final = 90
FULL: Final = 100
# Between two texts for each point from 90 on: twenty texts a second at 90, two at 99. A window alone would not slow
# us down, since an SMSC that answers fast empties it fast (SMPP 5.0, 2.9).
CONGESTED_GAP_S: Final = 0.05
# What is full rests as a whole; the next answer says how it is then.
FULL_PAUSE_S: Final = 1.0


@dataclass(slots=True)
class Pace:
    """The token bucket of one text and the throttling pause of a link; times are monotonic seconds.

    `rate` is texts a second, 0 = no limit of ours.
    """

    rate: float
    _next_s: float = 0.0
    _paused_until_s: float = 0.0
    _gap_s: float = 0.0

    def open_at_s(self) -> float:
        """When the next text may leave; in the past = now."""
        return max(self._next_s, self._paused_until_s)

    def took(self, now_s: float) -> None:
        """A text leaves now."""
        gap_s = max(1.0 / self.rate if self.rate else 0.0, self._gap_s)
        if gap_s:
            self._next_s = max(now_s, self._next_s) + gap_s

    def pause(self, until_s: float) -> None:
        """The SMSC asks the whole link for patience; a longer pause stays."""
        self._paused_until_s = max(self._paused_until_s, until_s)

    def congested(self, state: int, now_s: float) -> None:
        """Follow the congestion_state of the latest answer, 0 where it has none: the next answer may say otherwise."""
        self._gap_s = max(0, min(state, FULL) - CONGESTED + 1) * CONGESTED_GAP_S
        if state >= FULL:
            self.pause(now_s + FULL_PAUSE_S)
        elif self._gap_s:
            self._next_s = max(self._next_s, now_s + self._gap_s)
