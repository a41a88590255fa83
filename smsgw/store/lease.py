"""Leases: who may work on a row now.

A row is born leased to the node that wrote it, which gets it handed over in memory after the commit; what is unsent
when the lease ends is claimed again, by any node, under the next epoch. Whoever holds an older epoch changes nothing.
"""

from __future__ import annotations

from typing import Final

# Long enough for a node to send what it was just handed, short enough that a crash delays an answer but little.
BIRTH_LEASE_US: Final = 30_000_000


def birth_lease(due_at_us: int, now_us: int) -> int:
    """Until when a new row is leased; 0 = it is due later, is handed to nobody, and will be claimed when it is due."""
    return now_us + BIRTH_LEASE_US if due_at_us <= now_us else 0
