"""For how long payments have been watched since they were last sent, by a clock that nobody can set.

What a provider may still credit late is a matter of time that has really passed. The calendar is not enough: a clock
set an hour forward would make a provider's ten minutes over at once, and the money would have two owners.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from smsgw.ports import Clock

# More payments than are in doubt at once in any outage; the oldest begin anew then, which only takes longer.
WATCHED_MAX: Final = 100_000


class Watch:
    """Remembers since when; a restart forgets, and then the wait begins anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s: OrderedDict[int, float] = OrderedDict()

    def begin(self, payment_id: int) -> None:
        """The payment is sent now."""
        self._since_s.pop(payment_id, None)
        self._since_s[payment_id] = self._clock.monotonic_s()
        if len(self._since_s) > WATCHED_MAX:
            self._since_s.popitem(last=False)

    def watched_s(self, payment_id: int) -> float:
        """Seconds since it was sent, or since it was first asked about here."""
        if payment_id not in self._since_s:
            self.begin(payment_id)
        return self._clock.monotonic_s() - self._since_s[payment_id]

    def end(self, payment_id: int) -> None:
        """Its outcome is known."""
        self._since_s.pop(payment_id, None)
