"""Fates come from the seed alone, in the shares and with the delays that were set."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pytest

from simulator.smsc.fates import Delay, Fate, Fates, FateSettings, Shape
from smsgw.smpp.constants import MessageState

MIXED = FateSettings(
    states={"DELIVERED": 0.9, "UNDELIVERABLE": 0.07, "EXPIRED": 0.02, "none": 0.01},
    delay=Delay(1.0, 3.0, Shape.UNIFORM),
    seed=7,
)


def drawn(settings: FateSettings, count: int) -> list[Fate]:
    fates = Fates(settings)
    return [fates.draw() for _ in range(count)]


def test_one_seed_gives_one_row_of_fates_and_another_gives_another() -> None:
    other = FateSettings(states=MIXED.states, delay=MIXED.delay, seed=8)
    assert drawn(MIXED, 100) == drawn(MIXED, 100) != drawn(other, 100)


def test_the_row_of_a_seed_stays_the_same_from_release_to_release() -> None:
    thirds = FateSettings(states={"DELIVERED": 1, "REJECTED": 1, "none": 1}, delay=MIXED.delay, seed=7)
    assert [(fate.state, round(fate.delay_s, 6)) for fate in drawn(thirds, 4)] == [
        (MessageState.DELIVERED, 1.301698),
        (MessageState.REJECTED, 1.144873),
        (MessageState.REJECTED, 1.731378),
        (MessageState.DELIVERED, 2.014871),
    ]


def test_a_fate_costs_the_same_chance_whatever_it_is() -> None:
    """With other weights the delays stay what they were."""
    even = FateSettings(states={"DELIVERED": 1, "REJECTED": 1}, delay=MIXED.delay, seed=7)
    assert [fate.delay_s for fate in drawn(even, 50)] == [fate.delay_s for fate in drawn(MIXED, 50)]


def test_states_come_in_their_shares() -> None:
    counts = Counter(fate.state for fate in drawn(MIXED, 10_000))
    assert counts[MessageState.DELIVERED] == pytest.approx(9_000, abs=120)
    assert counts[MessageState.UNDELIVERABLE] == pytest.approx(700, abs=100)
    assert counts[MessageState.EXPIRED] == pytest.approx(200, abs=60)
    assert counts[None] == pytest.approx(100, abs=40)


def test_a_weight_of_nothing_never_comes() -> None:
    never_first = FateSettings(states={"REJECTED": 0, "DELIVERED": 1, "EXPIRED": 0})
    assert {fate.state for fate in drawn(never_first, 1_000)} == {MessageState.DELIVERED}


@pytest.mark.parametrize(
    ("delay", "shortest", "longest", "mean"),
    [
        (Delay(0.5), 0.5, 0.5, 0.5),
        (Delay(1.0, 3.0, Shape.UNIFORM), 1.0, 3.0, 2.0),
        (Delay(2.0, 0.5, Shape.NORMAL), 0.0, 4.5, 2.0),
        (Delay(2.0, 0.0, Shape.NORMAL), 2.0, 2.0, 2.0),
        (Delay(0.0, 1.0, Shape.NORMAL), 0.0, 5.0, 0.4),  # what would be negative is 0
    ],
)
def test_delays_have_their_shape(delay: Delay, shortest: float, longest: float, mean: float) -> None:
    delays = [fate.delay_s for fate in drawn(FateSettings(states=MIXED.states, delay=delay), 5_000)]
    assert shortest <= min(delays) <= max(delays) <= longest
    assert fmean(delays) == pytest.approx(mean, abs=0.03)


def test_without_weights_everything_arrives_after_the_same_delay() -> None:
    assert drawn(FateSettings(), 2) == [Fate(MessageState.DELIVERED, 0.2)] * 2


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: Delay(-1.0), "0 to 86400"),
        (lambda: Delay(3.0, 1.0, Shape.UNIFORM), "shortest, longest"),
        (lambda: FateSettings(states={}), "one at least"),
        (lambda: FateSettings(states={"DELIVERED": 0}), "one at least"),
        (lambda: FateSettings(states={"DELIVERED": -1, "EXPIRED": 3}), "not negative"),
        (lambda: FateSettings(states={"LOST": 1}), "'LOST' is none of ENROUTE"),
    ],
)
def test_what_cannot_be_is_named(make: object, hint: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=hint):
        make()


def test_settings_are_shown_as_they_are_written() -> None:
    assert MIXED.described() == {
        "mode": "auto",
        "states": {"delivered": 0.9, "undeliverable": 0.07, "expired": 0.02, "none": 0.01},
        "delay_s": {"uniform": [1.0, 3.0]},
        "intermediate": [],
        "seed": 7,
    }
