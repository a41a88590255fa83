"""Delays and congestion stay within what was asked for, and are the same for the same chance."""

from __future__ import annotations

from random import Random
from statistics import mean
from typing import Any

import pytest

from simulator.faults.chance import Congestion, Delay, DelayKind
from simulator.faults.fault import DELAY_S_MAX


def drawn(kind: DelayKind, *numbers: float) -> list[float]:
    chance = Random(1)  # noqa: S311 -- the same every time
    return [Delay(kind, numbers).draw(chance) for _ in range(2_000)]


def test_a_fixed_delay_is_always_the_same() -> None:
    assert set(drawn(DelayKind.FIXED, 0.5)) == {0.5}


def test_a_uniform_delay_lies_between_its_ends() -> None:
    delays = drawn(DelayKind.UNIFORM, 0.1, 2.0)
    assert 0.1 <= min(delays) < 0.15
    assert 1.95 < max(delays) <= 2.0


def test_a_normal_delay_is_spread_around_its_mean_and_never_negative() -> None:
    assert mean(drawn(DelayKind.NORMAL, 3.0, 0.5)) == pytest.approx(3.0, abs=0.05)
    assert min(drawn(DelayKind.NORMAL, 0.1, 5.0)) == 0.0
    assert max(drawn(DelayKind.NORMAL, DELAY_S_MAX, 50.0)) == DELAY_S_MAX


@pytest.mark.parametrize(("share", "worst"), [(0.0, 0), (0.25, 500), (1.0, 2_000)])
def test_a_spike_is_the_worst_in_its_share(share: float, worst: int) -> None:
    delays = drawn(DelayKind.SPIKE, 0.05, 5.0, share)
    assert set(delays) <= {0.05, 5.0}
    assert delays.count(5.0) == pytest.approx(worst, abs=60)


@pytest.mark.parametrize(
    ("kind", "numbers", "hint"),
    [
        (DelayKind.FIXED, (-1.0,), "fixed: .seconds., each 0 to"),
        (DelayKind.FIXED, (float("nan"),), "fixed: .seconds., each 0 to"),
        (DelayKind.UNIFORM, (1.0,), "uniform: .least, most., each 0 to"),
        (DelayKind.UNIFORM, (2.0, 1.0), "the smaller one first"),
        (DelayKind.NORMAL, (1.0, DELAY_S_MAX + 1), "normal: .mean, deviation., each 0 to"),
        (DelayKind.SPIKE, (1.0, 2.0, 1.1), "the share is 0 to 1"),
    ],
)
def test_a_delay_that_cannot_be_is_refused(kind: DelayKind, numbers: tuple[float, ...], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Delay(kind, numbers)


@pytest.mark.parametrize(
    ("passed_s", "state"), [(0.0, 10), (15.0, 30), (30.0, 50), (59.9, 90), (60.0, 90), (1_000.0, 90)]
)
def test_congestion_climbs_with_time_and_stays_at_its_end(passed_s: float, state: int) -> None:
    assert Congestion(least=10, most=90, over_s=60).at(passed_s, 0.0) == state


@pytest.mark.parametrize(("rate_per_s", "state"), [(0.0, 0), (25.0, 50), (50.0, 100), (500.0, 100)])
def test_congestion_climbs_with_load(rate_per_s: float, state: int) -> None:
    assert Congestion(full_at_per_s=50).at(0.0, rate_per_s) == state


@pytest.mark.parametrize(
    ("numbers", "hint"),
    [
        ({"over_s": 1, "least": 50, "most": 40}, "0 <= from <= to <= 255"),
        ({"over_s": 1, "most": 256}, "0 <= from <= to <= 255"),
        ({"over_s": -1}, "over_s, full_at_per_s: 0 to"),
        ({}, "one of the two"),
        ({"over_s": 1, "full_at_per_s": 1}, "one of the two"),
    ],
)
def test_a_congestion_that_cannot_be_is_refused(numbers: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Congestion(**numbers)
