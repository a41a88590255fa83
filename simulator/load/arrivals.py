"""When dialogues are due: stages of a rate, met evenly or as a Poisson process. Pure: nothing here reads a clock.

Both ways are one: arrivals are made at a rate of one, with gaps of 1 or exponential ones, and put on the time at which
the stages have let so many in. So a ramp keeps the randomness right, and one seed gives one schedule.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, repeat


class Arrivals(StrEnum):
    """How dialogues follow each other."""

    EVEN = "even"
    """At equal distances: the same run every time."""
    POISSON = "poisson"
    """As people who know nothing of each other: in clusters and gaps (exponential distances)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """So many `seconds` in which the rate goes from one to another along a straight line; `math.inf` = for ever."""

    from_per_s: float
    to_per_s: float
    seconds: float

    @property
    def arrivals(self) -> float:
        """How many are due in it."""
        mean_per_s = (self.from_per_s + self.to_per_s) / 2
        return mean_per_s * self.seconds if mean_per_s else 0.0

    def after_s(self, arrivals: float) -> float:
        """How long it takes until *arrivals* are due; at most all of them."""
        if not arrivals:
            return 0.0
        slope = (self.to_per_s - self.from_per_s) / self.seconds
        # from·t + slope·t²/2 = arrivals, in the form that also holds where the slope is 0.
        root = math.sqrt(max(0.0, self.from_per_s**2 + 2 * slope * arrivals))
        return 2 * arrivals / (self.from_per_s + root)


def dues(stages: Iterable[Stage], arrivals: Arrivals, seed: int) -> Iterator[float]:
    """When dialogues are due, in seconds from the start, in order; it ends with the last stage."""
    gaps = _gaps(arrivals, seed)
    arrived, passed, begins_s = next(gaps), 0.0, 0.0
    for stage in stages:
        while arrived < passed + stage.arrivals:
            yield begins_s + stage.after_s(arrived - passed)
            arrived += next(gaps)
        passed += stage.arrivals
        begins_s += stage.seconds


def _gaps(arrivals: Arrivals, seed: int) -> Iterator[float]:
    """Gaps whose mean is 1; of even ones the first dialogue is due at once."""
    if arrivals is Arrivals.EVEN:
        return chain((0.0,), repeat(1.0))
    draw = random.Random(seed)  # noqa: S311 -- a schedule is no secret
    return iter(lambda: draw.expovariate(1.0), None)
