"""A scenario: rules that hold all the time, and phases that follow each other, each with rules of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.faults.fault import DELAY_S_MAX
from simulator.faults.rule import Rule

# More rules than this are a program, and every PDU asks them all.
RULES_MAX: Final = 100
PHASES_MAX: Final = 100
PHASE_S_MIN: Final = 0.01
"""Shorter phases are over before a PDU can be answered."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Rules for `for_s` seconds; 0 = until the scenario ends, which only the last phase may be.

    Raises:
        ValueError: it is too short or too long.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    for_s: float = 0.0

    def __post_init__(self) -> None:
        if self.for_s and not PHASE_S_MIN <= self.for_s <= DELAY_S_MAX:
            raise ValueError(f"for_s: {PHASE_S_MIN:g} to {DELAY_S_MAX:.0f}")


class Place(NamedTuple):
    """Where a scenario stands: `entry` counts the phases that have begun before, `phase` is the index of this one.

    It goes from `from_s` to before `until_s`, in seconds since the scenario began.
    """

    entry: int
    phase: int
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """`name` is how it is asked for, `title` and `description` are for people.

    Phases follow each other. A last one with a time of its own is followed by the first, and so on for ever.

    Raises:
        ValueError: a phase that is not the last has no end.
    """

    name: str
    title: str
    description: str = ""
    rules: tuple[Rule, ...] = ()
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        if any(not phase.for_s for phase in self.phases[:-1]):
            raise ValueError("phases: every phase but the last needs for_s")

    def at(self, since_s: float) -> Place:
        """Where it stands after so many seconds; there must be phases."""
        round_s = sum(phase.for_s for phase in self.phases)
        rounds = int(since_s // round_s) if self.phases[-1].for_s else 0
        from_s, last = rounds * round_s, len(self.phases) - 1
        for index, phase in enumerate(self.phases):
            until_s = from_s + phase.for_s if phase.for_s else float("inf")
            if since_s < until_s or index == last:
                return Place(rounds * len(self.phases) + index, index, from_s, until_s)
            from_s = until_s
        raise AssertionError("the last phase takes what is left")


NO_TROUBLE: Final = Scenario("healthy", "Healthy")
"""What is played unless something else is asked for: no rules at all."""

SEED: Final = 1
"""Of a scenario that is started without one: the same every time."""
