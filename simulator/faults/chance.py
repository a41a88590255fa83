"""What a rule leaves to chance or to load: how late an answer is, how congested the SMSC says it is.

Rule: chance comes in as an argument; the same chance gives the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from simulator.faults.fault import CONGESTION_MAX, DELAY_S_MAX

FULL: Final = 100
"""congestion_state of an SMSC that can do no more (SMPP 5.0, 4.8.4.18)."""


class DelayKind(StrEnum):
    """How delays are spread, and (in `SHAPES`) by which numbers."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    NORMAL = "normal"
    SPIKE = "spike"


SHAPES: Final = {
    DelayKind.FIXED: ("seconds",),
    DelayKind.UNIFORM: ("least", "most"),
    DelayKind.NORMAL: ("mean", "deviation"),
    DelayKind.SPIKE: ("usual", "worst", "share"),
}


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds, spread as `kind` says; `numbers` are those of `SHAPES`.

    Raises:
        ValueError: the numbers do not fit the kind.
    """

    kind: DelayKind = DelayKind.FIXED
    numbers: tuple[float, ...] = (0.0,)

    def __post_init__(self) -> None:
        shape = SHAPES[self.kind]
        if len(self.numbers) != len(shape) or not all(0 <= number <= DELAY_S_MAX for number in self.numbers):
            raise ValueError(f"{self.kind}: [{', '.join(shape)}], each 0 to {DELAY_S_MAX:.0f}")
        if self.kind is DelayKind.UNIFORM and self.numbers[0] > self.numbers[1]:
            raise ValueError("uniform: [least, most], the smaller one first")
        if self.kind is DelayKind.SPIKE and self.numbers[2] > 1:
            raise ValueError("spike: the share is 0 to 1")

    @property
    def is_fixed(self) -> bool:
        """Whether it needs no chance."""
        return self.kind is DelayKind.FIXED

    def draw(self, chance: Random) -> float:
        """One delay, never negative and never longer than a day."""
        match self.kind:
            case DelayKind.FIXED:
                return self.numbers[0]
            case DelayKind.UNIFORM:
                return chance.uniform(*self.numbers)
            case DelayKind.NORMAL:
                return min(max(chance.gauss(*self.numbers), 0.0), DELAY_S_MAX)
            case DelayKind.SPIKE:
                usual, worst, share = self.numbers
                return worst if chance.random() < share else usual


AT_ONCE: Final = Delay()


@dataclass(frozen=True, slots=True, kw_only=True)
class Congestion:
    """A congestion_state that climbs from `least` to `most`.

    Over `over_s` seconds of the rule's time, or by the number of PDUs a second: `most` from `full_at_per_s` on.

    Raises:
        ValueError: a number is out of its range, or neither or both ways of climbing are given.
    """

    least: int = 0
    most: int = FULL
    over_s: float = 0.0
    full_at_per_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most <= CONGESTION_MAX:
            raise ValueError(f"0 <= from <= to <= {CONGESTION_MAX}")
        if not (0 <= self.over_s <= DELAY_S_MAX and 0 <= self.full_at_per_s <= DELAY_S_MAX):
            raise ValueError(f"over_s, full_at_per_s: 0 to {DELAY_S_MAX:.0f}")
        if bool(self.over_s) is bool(self.full_at_per_s):
            raise ValueError("over_s or full_at_per_s, one of the two: by time, or by load")

    def at(self, passed_s: float, rate_per_s: float) -> int:
        """The state after so much of the rule's time, at such a rate."""
        part = passed_s / self.over_s if self.over_s else rate_per_s / self.full_at_per_s
        return self.least + round((self.most - self.least) * min(max(part, 0.0), 1.0))
