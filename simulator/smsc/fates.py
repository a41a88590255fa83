"""What becomes of messages, and how late it is told: by weights and delays, drawn from a seed.

Rule 1: every message draws one fate, in the order in which messages are taken; the wall clock has no say. So the same
seed and the same messages give the same fates, however fast they come.
Rule 2: a fate costs the same number of draws whatever it is, so that one setting does not shift those after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from random import Random
from statistics import NormalDist
from typing import Any, Final, NamedTuple

from smsgw.smpp.constants import MessageState

NO_RECEIPT: Final = "none"
"""Stands among the states for a message that arrives and whose receipt is lost."""

DELAY_S_MAX: Final = 86_400.0
"""A day: longer than anybody tests."""


class Shape(StrEnum):
    """How delays are spread."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds: always `first`; or evenly from `first` to `second`; or normal around `first`, with deviation `second`.

    A normal delay is never negative: what would be is 0.
    """

    first: float = 0.2
    second: float = 0.0
    shape: Shape = Shape.FIXED

    def __post_init__(self) -> None:
        if not (0 <= self.first <= DELAY_S_MAX and 0 <= self.second <= DELAY_S_MAX):
            raise ValueError(f"a delay is 0 to {DELAY_S_MAX:.0f} seconds")
        if self.shape is Shape.UNIFORM and self.second < self.first:
            raise ValueError("a uniform delay is [shortest, longest]")

    def at(self, chance: float) -> float:
        """The delay that *chance*, from 0 to 1 without both, stands for."""
        if self.shape is Shape.UNIFORM:
            return self.first + chance * (self.second - self.first)
        if self.shape is Shape.NORMAL and self.second:
            return max(0.0, NormalDist(self.first, self.second).inv_cdf(chance))
        return self.first

    def described(self) -> object:
        """As people write it: a number, or `{"uniform": [a, b]}`."""
        return self.first if self.shape is Shape.FIXED else {self.shape.value: [self.first, self.second]}


@dataclass(frozen=True, slots=True, kw_only=True)
class FateSettings:
    """What becomes of messages. `manual` = nothing, until somebody says so; else `states` by weight, after `delay`.

    `intermediate` are told on the way to who asks for it, spread evenly over the delay; none, as with many operators,
    because SMPP leaves it to the SMSC whether it tells any (SMPP 3.4, 5.2.17).
    """

    manual: bool = False
    states: Mapping[str, float] = field(default_factory=lambda: {MessageState.DELIVERED.name: 1.0})
    delay: Delay = Delay()
    intermediate: tuple[MessageState, ...] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        unknown = [name for name in self.states if name != NO_RECEIPT and name not in MessageState.__members__]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(MessageState.__members__)}, {NO_RECEIPT}")
        if min(self.states.values(), default=0) < 0 or sum(self.states.values()) <= 0:
            raise ValueError("weights are not negative, and one at least is above 0")

    def described(self) -> dict[str, Any]:
        """As the API and the file write it."""
        return {
            "mode": "manual" if self.manual else "auto",
            "states": {name.lower(): weight for name, weight in self.states.items()},
            "delay_s": self.delay.described(),
            "intermediate": [state.name for state in self.intermediate],
            "seed": self.seed,
        }


class Fate(NamedTuple):
    """What becomes of one message; `state` None = it arrives, and no receipt says so."""

    state: MessageState | None
    delay_s: float


class Fates:
    """Draws them, from the beginning of the seed."""

    def __init__(self, settings: FateSettings) -> None:
        self.settings = settings
        self._random = Random(settings.seed)  # noqa: S311 -- repeatable chance is what is wanted, not secrecy
        self._states = [None if name == NO_RECEIPT else MessageState[name] for name in settings.states]
        self._bounds = list(accumulate(settings.states.values()))
        certain = len(self._states) == 1 and settings.delay.shape is Shape.FIXED
        self._certain = Fate(self._states[0], settings.delay.first) if certain else None

    def draw(self) -> Fate:
        """The fate of the next message."""
        if self._certain is not None:
            return self._certain
        which, when = self._random.random(), self._random.random()
        last = len(self._states) - 1
        state = self._states[min(last, bisect_right(self._bounds, which * self._bounds[-1]))]
        # random() may be 0, which no normal distribution reaches.
        return Fate(state, self.settings.delay.at(when or 0.5))
