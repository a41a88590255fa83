"""What a seed draws: how many nodes, which providers, how often what goes wrong.

Some of it never happens in a world, so that rare combinations come up too (swarm testing).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from random import Random
from typing import Final

from smsgw.domain.calls import Capabilities

LATE_S_MAX: Final = 90

# One of each kind that there is, and their likes. Their lives are so short, and they let themselves be asked so often,
# that the end of a payment's life comes within the world's minutes; exchanges take seconds at most.
KINDS: Final[dict[str, Capabilities]] = {
    name: replace(
        declared, lifetime_s=300, repeat_after_s=20, check_deadline_s=5, pay_deadline_s=10, back_off_s=(5, 15, 60)
    )
    for name, declared in {
        "parks": Capabilities(),
        "repeats": Capabilities(dedupes_by_reference=True),
        "repeats, looks first": Capabilities(dedupes_by_reference=True, duplicate_checked_first=True),
        "asks": Capabilities(status=True),
        "asks, bounded": Capabilities(status=True, max_late_apply_s=LATE_S_MAX),
        "asks, repeats": Capabilities(status=True, dedupes_by_reference=True, cancels=True),
        "two phases": Capabilities(prepares=True, dedupes_by_reference=True, withdraws=True),
        "two phases, asks": Capabilities(prepares=True, status=True, dedupes_by_reference=True, withdraws=True),
    }.items()
}
RATES: Final = (0.0, 0.0, 0.05, 0.2, 0.4)
# Mean seconds between two of a kind; 0 = never.
GAPS_S: Final = (0.0, 0.0, 20.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """See the module. `*_rate` are shares, `*_gap_s` mean seconds between two.

    `freeze_rate`: of the commits that are about a subscriber, before which the node is held: the worst moment of all.
    """

    nodes: int
    kinds: tuple[str, str]
    honest: int
    clumsy: int
    attackers: int
    kill_gap_s: float
    hold_gap_s: float
    leave_gap_s: float
    jump_gap_s: float
    cut_gap_s: float
    hush_gap_s: float
    smsc_gap_s: float
    latency_s: float
    refused_rate: float
    undone_rate: float
    unsaid_rate: float
    full_rate: float
    slow_rate: float
    freeze_rate: float

    @classmethod
    def drawn(cls, seed: int) -> Options:
        """The options of a seed."""
        random = Random(f"{seed} options")  # noqa: S311 -- the same seed must draw the same world
        gaps = {field.name: random.choice(GAPS_S) for field in fields(cls) if field.name.endswith("_gap_s")}
        return cls(
            nodes=random.choice((1, 1, 2, 3)),
            kinds=(random.choice(list(KINDS)), random.choice(list(KINDS))),
            honest=random.randint(2, 4),
            clumsy=random.randint(0, 2),
            attackers=random.randint(0, 2),
            latency_s=random.choice((0.001, 0.02, 0.3)),
            refused_rate=random.choice(RATES),
            undone_rate=random.choice((0.0, 0.0, 0.02, 0.1)),
            unsaid_rate=random.choice((0.0, 0.0, 0.02, 0.1)),
            full_rate=random.choice((0.0, 0.0, 0.0, 0.05)),
            slow_rate=random.choice(RATES),
            freeze_rate=random.choice((0.0, 0.0, 0.02, 0.1)),
            **gaps,
        )
