"""Figures and how they are taken: several rounds, and their median.

Rule: what is compared is measured in turns, round by round, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

# A round is long enough to drown the clock's own cost, and short enough for several in a second.
ROUND_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the report. *note* says under which conditions, or what it is compared with."""

    what: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one benchmark."""

    title: str
    figures: tuple[Figure, ...]


def cost_us(works: Mapping[str, Callable[[], object]], rounds: int, round_s: float = ROUND_S) -> dict[str, float]:
    """Microseconds of processor time that one call of each work costs: the median of *rounds*, taken in turns."""
    counts = {name: _calls_in(work, round_s) for name, work in works.items()}
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(_timed_s(work, counts[name]) / counts[name] * 1e6)
    return {name: median(costs) for name, costs in taken.items()}


def _calls_in(work: Callable[[], object], round_s: float) -> int:
    """How many calls take about *round_s*."""
    count = 1
    while (taken_s := _timed_s(work, count)) < round_s / 4:
        count *= 4
    return max(1, round(count * round_s / taken_s))


def _timed_s(work: Callable[[], object], count: int) -> float:
    """Processor time, so that whatever else runs on the machine counts as little as it can."""
    started_s = time.thread_time()
    for _ in range(count):
        work()
    return time.thread_time() - started_s


def whole(value: float) -> str:
    """`12 345`: a figure for people."""
    return f"{value:,.0f}".replace(",", " ")
