"""Latencies in a few fixed buckets: as much as a graph needs, and never more memory than that."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final, NamedTuple

# From a commit on a fast disk to the response timer: what is slower than the last has no answer at all.
BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram(NamedTuple):
    """Counts up to each of BOUNDS_S, and of all, as Prometheus sums them up; and the seconds of all together."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    total_s: float = 0.0


class Latencies:
    """Counts of seconds."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_S) + 1)
        self._total_s = 0.0

    def add(self, latency_s: float) -> None:
        """Count one."""
        self._counts[bisect_left(BOUNDS_S, latency_s)] += 1
        self._total_s += latency_s

    def histogram(self) -> Histogram:
        """All so far."""
        return Histogram(tuple(accumulate(self._counts)), self._total_s)
