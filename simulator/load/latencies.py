"""Latencies in buckets of constant relative width: exact enough for any percentile, small enough for any load."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

SHORTEST_S: Final = 1e-5
"""Whatever is faster counts as this fast."""

WIDTH: Final = math.log(1.02)
"""Neighbouring buckets differ by 2 %: a percentile is at most so much too high."""

PERCENTILES: Final = (50.0, 90.0, 99.0, 99.9)

FRESH_MAX: Final = 500
"""So many are sorted into their buckets at once: that takes a quarter of the time of one by one."""


def bucket_of(seconds: float) -> int:
    """The bucket that *seconds* fall into."""
    return math.ceil(math.log(max(seconds, SHORTEST_S) / SHORTEST_S) / WIDTH)


def upper_s(bucket: int) -> float:
    """The longest time that falls into *bucket*."""
    return SHORTEST_S * math.exp(bucket * WIDTH)


class Latencies:
    """Counts of seconds."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._longest_s = 0.0
        self._fresh: list[float] = []

    @property
    def count(self) -> int:
        """How many were counted."""
        return self._counts.total() + len(self._fresh)

    def add(self, seconds: float) -> None:
        """Count one."""
        self._fresh.append(seconds)
        if len(self._fresh) >= FRESH_MAX:
            self._sort()

    def merge(self, other: Latencies) -> None:
        """Count all that *other* has counted."""
        other._sort()
        self._counts.update(other._counts)
        self._longest_s = max(self._longest_s, other._longest_s)

    def percentile(self, percent: float) -> float:
        """The time that *percent* of all did not exceed; 0 where nothing was counted."""
        wanted = self.count * percent / 100
        seen = 0
        for bucket, count in self.buckets():
            seen += count
            if seen >= wanted:
                return min(upper_s(bucket), self._longest_s)
        return 0.0

    def buckets(self) -> list[tuple[int, int]]:
        """Every bucket that holds something, with its count, the shortest first."""
        self._sort()
        return sorted(self._counts.items())

    def summary(self) -> dict[str, float]:
        """Count, percentiles and the longest, in milliseconds."""
        percentiles = {f"p{percent:g}_ms": round(self.percentile(percent) * 1000, 3) for percent in PERCENTILES}
        return {"count": self.count, **percentiles, "max_ms": round(self._longest_s * 1000, 3)}

    def _sort(self) -> None:
        if self._fresh:
            self._longest_s = max(self._longest_s, *self._fresh)
            self._counts.update(map(bucket_of, self._fresh))
            self._fresh.clear()
