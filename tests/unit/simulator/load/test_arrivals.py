"""Dialogues are due as the stages say, evenly or at random, and the same seed gives the same schedule."""

from __future__ import annotations

import math
from itertools import islice, pairwise
from statistics import mean

import pytest

from simulator.load.arrivals import Arrivals, Stage, dues


def even(*stages: Stage) -> list[float]:
    return list(dues(stages, Arrivals.EVEN, seed=1))


def test_even_arrivals_stand_at_equal_distances_from_the_start_on() -> None:
    assert even(Stage(4, 4, 1)) == [0.0, 0.25, 0.5, 0.75]


def test_a_rise_is_half_as_full_as_the_rate_it_ends_with() -> None:
    """From 0 to 10 a second in 10 s: the n-th is due when t²/2 = n."""
    assert even(Stage(0, 10, 10)) == pytest.approx([math.sqrt(2 * n) for n in range(50)])


def test_a_fall_is_a_rise_backwards() -> None:
    falling = even(Stage(10, 0, 10))
    assert len(falling) == 50
    assert [later - earlier for earlier, later in pairwise(falling)] == sorted(b - a for a, b in pairwise(falling))


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ((Stage(1, 1, 2), Stage(2, 2, 1)), [0.0, 1.0, 2.0, 2.5]),
        ((Stage(1, 1, 1), Stage(0, 0, 5), Stage(1, 1, 1)), [0.0, 6.0]),
        ((Stage(0.5, 0.5, 3), Stage(1, 1, 2)), [0.0, 2.0, 3.5, 4.5]),
        ((), []),
    ],
)
def test_stages_follow_each_other_and_what_was_begun_goes_on(stages: tuple[Stage, ...], expected: list[float]) -> None:
    """The last half of a dialogue that a stage did not finish counts in the next one."""
    assert even(*stages) == pytest.approx(expected)


def test_a_stage_without_end_never_ends() -> None:
    assert list(islice(dues([Stage(2, 2, math.inf)], Arrivals.EVEN, 1), 3)) == [0.0, 0.5, 1.0]


def test_poisson_arrivals_have_the_rate_in_the_mean_and_exponential_gaps() -> None:
    times = list(dues([Stage(100, 100, 200)], Arrivals.POISSON, seed=7))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == pytest.approx(20_000, rel=0.03)
    assert mean(gaps) == pytest.approx(0.01, rel=0.03)
    longer = sum(gap > 0.01 for gap in gaps) / len(gaps)
    assert longer == pytest.approx(math.exp(-1), abs=0.02), "of exponential gaps 37 % are above their mean"


def test_one_seed_is_one_schedule() -> None:
    def drawn(seed: int) -> list[float]:
        return list(dues([Stage(0, 50, 2)], Arrivals.POISSON, seed))

    assert drawn(3) == drawn(3) != drawn(4)
    assert drawn(3) == sorted(drawn(3))
