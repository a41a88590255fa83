"""How long the fuzz tests run: seconds in `make test`, as many cases as are asked for in `make fuzz`."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

VARIABLE: Final = "SMSGW_FUZZ_EXAMPLES"
"""Cases of each fuzz test that asks here; without it each takes its usual number."""


def cases(usual: int, cost: int = 1) -> settings:
    """The settings of a test that runs *usual* cases when nobody asks for more; each counts as *cost* of those."""
    asked = os.environ.get(VARIABLE, "")
    # A long run draws other cases each time; the usual one must not fail for a slow machine.
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=max(1, int(asked) // cost) if asked else usual, suppress_health_check=slow)
