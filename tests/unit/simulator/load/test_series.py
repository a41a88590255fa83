"""Points in time: each thing stands in its second, and a long run has no more points than a short one."""

from __future__ import annotations

import pytest

from simulator.load.series import POINTS_MAX, Event, Series, Step


def count_done(series: Series, *moments_s: float) -> None:
    for now_s in moments_s:
        series.at(now_s).events[Event.DONE] += 1


def done(series: Series) -> list[int]:
    return [point["done"] for point in series.report()["points"]]


def test_each_thing_stands_in_its_second_and_what_lies_between_is_empty() -> None:
    series = Series(start_s=100.0)
    count_done(series, 100.0, 100.999, 103.0, 99.9)
    assert (series.report()["width_s"], done(series)) == (1.0, [3, 0, 0, 1])
    assert [point["at_s"] for point in series.report()["points"]] == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(("last_s", "width_s"), [(3, 1.0), (4, 2.0), (7, 2.0), (8, 4.0), (63, 16.0)])
def test_a_long_run_has_wider_points_and_loses_nothing(last_s: int, width_s: float) -> None:
    series = Series(start_s=0.0, points_max=4)
    count_done(series, *range(last_s + 1))
    assert (series.width_s, sum(done(series)), len(done(series)) <= 4) == (width_s, last_s + 1, True)
    assert set(done(series)[:-1]) <= {width_s}, "each point but the last is full"


def test_a_jump_far_ahead_costs_no_more_than_a_step() -> None:
    """A process that was stopped for a week, or an answer from the time after."""
    series = Series(start_s=0.0)
    count_done(series, 0.5, 600_000.0)
    assert (len(series.points) <= POINTS_MAX, sum(done(series))) == (True, 2)


def test_points_that_become_one_keep_their_latencies() -> None:
    series = Series(start_s=0.0, points_max=2)
    for second, latency_s in enumerate((0.001, 0.001, 0.5)):
        series.at(float(second)).latency(Step.WHOLE).add(latency_s)
    first, second_ = series.report()["points"]
    assert (first["latency"]["whole"]["count"], first["latency"]["whole"]["max_ms"]) == (2, 1.0)
    assert (second_["latency"]["whole"]["count"], second_["latency"]["whole"]["max_ms"]) == (1, 500.0)
    assert "mo_to_ack" not in first["latency"], "what nothing was timed of is not there"
