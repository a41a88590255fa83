"""Charts for the report's page: lines over time, and bars of a distribution, as inline SVG.

Rule: the SVG holds shapes only and may be stretched to any width; what is to be read stands beside it in HTML, in the
size of the page's text. What a chart shows stands in a table behind it, so each is one image to a screen reader.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Protocol

SIDE: Final = 1000
"""Width and height of the drawing, in its own units."""

TICKS_MAX: Final = 6
"""Numbers on an axis that a phone has room for."""

BARS_MAX: Final = 40
"""Bars of a distribution that a phone shows apart."""


class Scale(Protocol):
    """From values to places between 0 and 1."""

    def place(self, value: float) -> float:
        """Where *value* stands."""
        ...

    def ticks(self) -> list[float]:
        """The values to be written on the axis."""
        ...


class Linear:
    """From 0 to a round number that is not below *top*."""

    def __init__(self, top: float, *, exact: bool = False) -> None:
        self._step = _step(max(top, 1e-9) / (TICKS_MAX - 1))
        self._top = max(top, 1e-9) if exact else math.ceil(max(top, 1e-9) / self._step - 1e-9) * self._step

    def place(self, value: float) -> float:
        """Where *value* stands."""
        return min(1.0, max(0.0, value / self._top))

    def ticks(self) -> list[float]:
        """Round numbers."""
        return [self._step * count for count in range(int(self._top / self._step + 1e-9) + 1)]


class Log:
    """From *low* to *high*, each doubling as wide as the next; both above 0."""

    def __init__(self, low: float, high: float) -> None:
        self._low = math.log10(low)
        self._span = max(math.log10(high) - self._low, 0.3)

    def place(self, value: float) -> float:
        """Where *value* stands; what is too small stands at the bottom."""
        return min(1.0, max(0.0, (math.log10(max(value, 1e-12)) - self._low) / self._span))

    def ticks(self) -> list[float]:
        """1, 2, 5, 10, 20 …, or powers of ten only where those would be too many."""
        first, last = math.floor(self._low), math.ceil(self._low + self._span)
        choices = []
        for mantissas in ((1, 2, 5), (1, 3), (1,)):
            every = [mantissa * 10.0**power for power in range(first, last + 1) for mantissa in mantissas]
            choices.append([t for t in every if -1e-9 <= math.log10(t) - self._low <= self._span + 1e-9])
        return next((ticks for ticks in choices if len(ticks) <= TICKS_MAX), choices[-1])


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, the class that colours it, its values at equal distances (None = nothing there)."""

    name: str
    look: str
    values: Sequence[float | None]


def lines_chart(label: str, lines: Sequence[Line], scale: Scale, ends_s: float, shaded_s: float = 0.0) -> str:
    """Lines over the time from 0 to *ends_s*; the first *shaded_s* seconds are shaded (a warm-up)."""
    time = Linear(ends_s, exact=True)
    shade = f'<rect class="shade" width="{_at(time.place(shaded_s))}" height="{SIDE}"/>' if shaded_s else ""
    shapes = _grid(scale) + shade + "".join(_path(line, scale) for line in lines)
    legend = "".join(f'<li class="{line.look}">{escape(line.name)}</li>' for line in lines)
    return f'<ul class="legend">{legend}</ul>' + _chart(
        label, shapes, scale, [(time.place(t), f"{t:g} s") for t in time.ticks()]
    )


def bars_chart(label: str, buckets: Sequence[tuple[float, int]]) -> str:
    """How many values were not longer than each upper bound: bars over the logarithm of the value."""
    bars = _merged(buckets)
    low, high = bars[0][0], bars[-1][1]
    across, up = Log(low, high), Linear(max(count for _, _, count in bars))
    shapes = _grid(up)
    for left, right, count in bars:
        height = _at(up.place(count))
        start, end = across.place(left) * SIDE, across.place(right) * SIDE
        width = max(end - start, 2)
        shapes += f'<rect class="bar" x="{start:.1f}" y="{SIDE - height}" width="{width:.1f}" height="{height}"/>'
    return _chart(label, shapes, up, [(across.place(t), f"{number(t)} ms") for t in across.ticks()])


def number(value: float) -> str:
    """A number for people: three digits that count, thousands apart."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _merged(buckets: Sequence[tuple[float, int]]) -> list[tuple[float, float, int]]:
    """At most BARS_MAX bars of equal width on the logarithm: from, to, count."""
    low, high = math.log(buckets[0][0] / 1.02), math.log(buckets[-1][0])
    width = max((high - low) / BARS_MAX, math.log(1.02))
    counts: dict[int, int] = {}
    for upper, count in buckets:
        place = min(int((math.log(upper) - low) / width - 1e-9), BARS_MAX - 1)
        counts[place] = counts.get(place, 0) + count
    return [(math.exp(low + p * width), math.exp(low + (p + 1) * width), counts[p]) for p in sorted(counts)]


def _chart(label: str, shapes: str, scale: Scale, below: Sequence[tuple[float, str]]) -> str:
    beside = "".join(f'<span style="bottom:{scale.place(t):.2%}">{number(t)}</span>' for t in scale.ticks())
    under = "".join(f'<span style="left:{place:.2%}">{words}</span>' for place, words in below)
    svg = f'<svg viewBox="0 0 {SIDE} {SIDE}" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'
    return (
        f'<div class="chart" role="img" aria-label="{escape(label)}">'
        f'<div class="y">{beside}</div><div class="plot">{svg}</div><div class="x">{under}</div></div>'
    )


def _grid(scale: Scale) -> str:
    heights = [SIDE - _at(scale.place(tick)) for tick in scale.ticks()]
    return "".join(f'<path class="grid" d="M0 {height}H{SIDE}"/>' for height in heights)


def _path(line: Line, scale: Scale) -> str:
    """One path; where values are missing it is broken. A point without neighbours is a dot."""
    steps, drawing = [], False
    for place, value in enumerate(line.values):
        if value is not None:
            x, y = (place + 0.5) / len(line.values) * SIDE, SIDE - _at(scale.place(value))
            steps.append(f"{'L' if drawing else 'M'}{x:.1f} {y}" + ("" if drawing else "h0"))
        drawing = value is not None
    return f'<path class="line {line.look}" d="{"".join(steps)}"/>'


def _at(place: float) -> int:
    return round(place * SIDE)


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 … that is not below *least*."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= least * (1 - 1e-9))
