"""The real clock and the real source of randomness. Tests and the simulation give their own."""

from __future__ import annotations

import secrets
import time
from typing import Final

# Only Linux counts a suspended machine's sleep; elsewhere the monotonic clock is taken as it is.
UNSLEEPING: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """Implements `ports.Clock`."""

    def now_us(self) -> int:
        """UTC microseconds."""
        return time.time_ns() // 1000

    def monotonic_s(self) -> float:
        """Seconds that never go back, and that go on while the machine sleeps: leases do not sleep either."""
        return time.clock_gettime(UNSLEEPING)


class SystemChance:
    """Implements `ports.Chance`."""

    def bits(self, count: int) -> int:
        """A random integer of that many bits."""
        return secrets.randbits(count)

    def octets(self, count: int) -> bytes:
        """Random octets."""
        return secrets.token_bytes(count)
