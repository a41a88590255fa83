"""What passed when: one point a second, in bounded memory whatever the length of the run.

Rule: where there would be too many points, each two neighbours become one of twice the width; nothing is dropped.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any, Final

from simulator.load.latencies import Latencies

POINTS_MAX: Final = 240
"""Points of a series: as many as a chart on a wide screen can show. 10 MB at most."""

SECOND_S: Final = 1.0


class Step(StrEnum):
    """What is timed in a dialogue."""

    MO_TO_ACK = "mo_to_ack"
    """From when a text was due until the gateway has acknowledged it."""
    PAY_TO_CODE = "pay_to_code"
    """From when the first text was due until the code is there."""
    CODE_TO_RECEIPT = "code_to_receipt"
    """From when the code was due to be sent back until the receipt is there."""
    WHOLE = "whole"
    """From when the first text was due until the last answer is there, without the subscriber's thinking."""


class Event(StrEnum):
    """What is counted of dialogues."""

    DUE = "due"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


class Point:
    """What passed in one stretch of time; latencies stand where the answer came."""

    def __init__(self) -> None:
        self.events: dict[Event, int] = dict.fromkeys(Event, 0)
        self.latencies: dict[Step, Latencies] = {}

    def latency(self, step: Step) -> Latencies:
        """The latencies of one step; made when they are first asked for."""
        found = self.latencies.get(step)
        if found is None:
            found = self.latencies[step] = Latencies()
        return found

    def merge(self, other: Point) -> None:
        """Take in what passed in *other*."""
        for event, count in other.events.items():
            self.events[event] += count
        for step, latencies in other.latencies.items():
            self.latency(step).merge(latencies)


class Series:
    """The points of a run that began at *start_s*."""

    def __init__(self, start_s: float, points_max: int = POINTS_MAX) -> None:
        self._start_s = start_s
        self._points_max = points_max
        self.width_s = SECOND_S
        self.points: list[Point] = []
        self._latest: tuple[float, float, Point] = math.inf, -math.inf, Point()

    def at(self, now_s: float) -> Point:
        """The point that *now_s* falls into."""
        from_s, until_s, latest = self._latest
        if from_s <= now_s < until_s:
            return latest  # nearly always the same one as the last time
        place = max(0, int((now_s - self._start_s) / self.width_s))
        while place >= self._points_max:
            self._widen()
            place //= 2
        while place >= len(self.points):
            self.points.append(Point())
        from_s = self._start_s + place * self.width_s
        self._latest = from_s, from_s + self.width_s, self.points[place]
        return self.points[place]

    def report(self) -> dict[str, Any]:
        """Everything, ready for JSON; events are counts in the stretch of `width_s` seconds from `at_s` on."""
        return {"width_s": self.width_s, "points": [self._described(place) for place in range(len(self.points))]}

    def _described(self, place: int) -> dict[str, Any]:
        point = self.points[place]
        latency = {step.value: latencies.summary() for step, latencies in point.latencies.items()}
        events = {event.value: count for event, count in point.events.items()}
        return {"at_s": place * self.width_s, **events, "latency": latency}

    def _widen(self) -> None:
        for left, right in zip(self.points[::2], self.points[1::2], strict=False):
            left.merge(right)
        self.points = self.points[::2]
        self.width_s *= 2
