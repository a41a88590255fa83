"""A rule: which PDUs, which of them, when, and what then happens. A value; what has happened so far is `playing`'s."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from simulator.faults.chance import AT_ONCE, Congestion, Delay
from simulator.faults.fault import (
    CONNECTION,
    COUNT_MAX,
    DELAY_S_MAX,
    DELIVER_SM,
    HEALTHY,
    RECEIPT,
    SESSION_REQUESTS,
    Fault,
)
from simulator.faults.when import CLOCK, EVERYTHING, When

RATE_MAX: Final = 1_000_000.0
"""PDUs a second: beyond anything that one machine says."""

# What may be done to each kind of thing; the words are fields of `Fault`.
_AFTER: Final = frozenset({"disconnect_before", "disconnect_after", "mute_after", "octet_every_s", "stall_s"})
_SAID: Final = _AFTER | {"say", "delay_s"}
_ANSWER: Final = _SAID | {"status", "no_response", "unbind_after"}
_FATE: Final = frozenset({"no_response", "delay_s", "state", "copies", "early", "form", "id"})


def deeds(pdu: str) -> frozenset[str]:
    """What a rule may do to *pdu*."""
    if pdu == RECEIPT:
        return _FATE
    if pdu == CONNECTION:
        return _SAID
    if pdu == CLOCK:
        return _SAID | {"unbind_after"}
    if pdu == DELIVER_SM:
        return _SAID | {"no_response", "unbind_after", "copies"}
    return _ANSWER | ({"copies"} if pdu in SESSION_REQUESTS else {"until_unbind", "congestion"})


def misfits(pdus: Iterable[str], keys: Iterable[str]) -> list[str]:
    """What is asked of PDUs to which it cannot be done, in words that begin with the key."""
    asked = tuple(keys)
    return [
        f"{key}: not for {pdu}, which can be given {', '.join(sorted(deeds(pdu)))}"
        for pdu in sorted(pdus)
        for key in asked
        if key not in deeds(pdu)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """From `from_s` to before `until_s`, in seconds since the scenario or its phase began.

    With `period_s` again and again.

    Raises:
        ValueError: the times do not follow each other.
    """

    from_s: float = 0.0
    until_s: float = math.inf
    period_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.from_s <= DELAY_S_MAX:
            raise ValueError(f"from_s: 0 to {DELAY_S_MAX:.0f}")
        if not self.from_s < self.until_s:
            raise ValueError("until_s: later than from_s")
        if not 0 <= self.period_s <= DELAY_S_MAX:
            raise ValueError(f"period_s: above 0, at most {DELAY_S_MAX:.0f}")
        if self.period_s and self.period_s < (self.until_s if self.until_s < math.inf else self.from_s):
            raise ValueError("period_s: not shorter than from_s and until_s")

    def passed_s(self, since_s: float) -> float | None:
        """Seconds of the rule's time that have passed; None outside of it."""
        within_s = since_s % self.period_s if self.period_s else since_s
        return within_s - self.from_s if self.from_s <= within_s < self.until_s else None

    def next_s(self, since_s: float) -> float:
        """The first beginning at *since_s* or after it; `math.inf` for never."""
        if since_s <= self.from_s:
            return self.from_s
        if not self.period_s:
            return math.inf
        return self.from_s + math.ceil((since_s - self.from_s) / self.period_s) * self.period_s


ALWAYS: Final = Schedule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What happens to PDUs: `fault`, to those of `pdus` that fit `when`, in the time of `schedule`.

    Of these it is all of them, or the `share` that chance chooses, the `nth` ones, each one of so many (`every`), what
    comes faster than `above_per_s`; with `then_for_s` also whatever comes so many seconds after one that was hit.

    Raises:
        ValueError: the message names the key.
    """

    label: str
    pdus: frozenset[str]
    when: When = EVERYTHING
    schedule: Schedule = ALWAYS
    share: float = 1.0
    nth: tuple[int, ...] = ()
    every: int = 0
    above_per_s: float = 0.0
    then_for_s: float = 0.0
    delay: Delay = AT_ONCE
    congestion: Congestion | None = None
    fault: Fault = HEALTHY

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError("share: 0 to 1")
        if not all(1 <= number <= COUNT_MAX for number in self.nth):
            raise ValueError(f"nth: each 1 to {COUNT_MAX}")
        if not 0 <= self.every <= COUNT_MAX:
            raise ValueError(f"every: 1 to {COUNT_MAX}")
        if not 0 <= self.above_per_s <= RATE_MAX:
            raise ValueError(f"above_per_s: above 0, at most {RATE_MAX:.0f}")
        if not 0 <= self.then_for_s <= DELAY_S_MAX:
            raise ValueError(f"then_for_s: 0 to {DELAY_S_MAX:.0f}")
        if CLOCK in self.pdus and (self.above_per_s or self.then_for_s or self.schedule.until_s < math.inf):
            raise ValueError(f"{CLOCK}: it is a moment: no until_s, above_per_s or then_for_s")

    @property
    def needs_chance(self) -> bool:
        """Whether it leaves anything to chance."""
        return self.share < 1 or not self.delay.is_fixed

    def chooses(self, count: int) -> bool:
        """Whether the *count*-th is one that the numbers name."""
        return (not self.nth or count in self.nth) and (not self.every or count % self.every == 0)

    def described(self) -> dict[str, object]:
        """What it does, as the API shows it: only what is not as usual."""
        usual, ours = HEALTHY.described(), self.fault.described()
        shown: dict[str, object] = {key: value for key, value in ours.items() if value != usual[key]}
        if self.delay != AT_ONCE:
            numbers = self.delay.numbers
            shown["delay_s"] = numbers[0] if self.delay.is_fixed else {self.delay.kind.value: list(numbers)}
        if self.congestion is not None:
            shown["congestion"] = {key: value for key, value in asdict(self.congestion).items() if value}
        return shown
