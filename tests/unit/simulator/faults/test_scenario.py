"""Phases follow each other to the boundary, and for ever if the last one has an end."""

from __future__ import annotations

import math

import pytest

from simulator.faults.scenario import Phase, Place, Scenario

A, B, LAST = Phase("a", for_s=60), Phase("b", for_s=30), Phase("last")


def scenario(*phases: Phase) -> Scenario:
    return Scenario("x", "X", phases=phases)


@pytest.mark.parametrize(
    ("since_s", "place"),
    [
        (0.0, Place(0, 0, 0, 60)),
        (59.999, Place(0, 0, 0, 60)),
        (60.0, Place(1, 1, 60, 90)),
        (90.0, Place(2, 0, 90, 150)),
        (150.0, Place(3, 1, 150, 180)),
        (90_000_030.0, Place(2_000_000, 0, 90_000_000, 90_000_060)),
    ],
)
def test_a_last_phase_with_an_end_is_followed_by_the_first(since_s: float, place: Place) -> None:
    assert scenario(A, B).at(since_s) == place


@pytest.mark.parametrize("since_s", [90.0, 1e9])
def test_a_last_phase_without_an_end_stays(since_s: float) -> None:
    assert scenario(A, B, LAST).at(since_s) == Place(2, 2, 90, math.inf)


@pytest.mark.parametrize("since_s", [0.0, 1e9])
def test_a_single_phase_without_an_end_is_all_there_is(since_s: float) -> None:
    assert scenario(LAST).at(since_s) == Place(0, 0, 0, math.inf)


def test_rounding_never_leaves_the_phases() -> None:
    """Thirds add up to a little less than their round: the last phase takes what is left."""
    thirds = scenario(*[Phase(name, for_s=0.1) for name in "abc"])
    places = [thirds.at(n * 0.1) for n in range(3_000)]
    assert all(0 <= place.phase <= 2 for place in places)
    assert [place.entry for place in places] == sorted(place.entry for place in places)


def test_only_the_last_phase_may_have_no_end() -> None:
    with pytest.raises(ValueError, match="every phase but the last needs for_s"):
        scenario(LAST, A)


@pytest.mark.parametrize("for_s", [-1.0, 0.001, 1e6, math.nan])
def test_a_phase_that_cannot_be_is_refused(for_s: float) -> None:
    with pytest.raises(ValueError, match=r"for_s: 0\.01 to 86400"):
        Phase("a", for_s=for_s)
