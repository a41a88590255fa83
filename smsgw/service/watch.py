"""For how long payments have been watched since they were last sent, by a clock that nobody can set.

What a provider may still credit late is a matter of time that has really passed. The calendar is not enough: a clock
set an hour forward would make a provider's ten minutes over at once, and the money would have two owners.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from smsgw.domain.calls import ProviderCall
from smsgw.ports import Clock

# More payments than are in doubt at once in any outage; the oldest begin anew then, which only takes longer.
WATCHED_MAX: Final = 100_000


class Watch:
    """Remembers since when; a restart forgets, and then the wait begins anew.

    A payment that was sent again, by whichever node, is another one: `sent_at_us` is part of its name.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s: OrderedDict[tuple[int, int], float] = OrderedDict()

    def watched_s(self, call: ProviderCall) -> float:
        """Seconds since it was sent, or since this process first asked about that sending."""
        now_s = self._clock.monotonic_s()
        since_s = self._since_s.setdefault((call.payment_id, call.sent_at_us), now_s)
        if len(self._since_s) > WATCHED_MAX:
            self._since_s.popitem(last=False)
        return now_s - since_s

    def end(self, call: ProviderCall) -> None:
        """Its outcome is known."""
        self._since_s.pop((call.payment_id, call.sent_at_us), None)
