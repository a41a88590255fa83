"""Percentiles are right to two per cent, whatever is counted."""

from __future__ import annotations

import math

from hypothesis import given, settings, strategies as st

from simulator.load.latencies import FRESH_MAX, PERCENTILES, SHORTEST_S, Latencies, upper_s


@settings(max_examples=100)
@given(st.lists(st.floats(SHORTEST_S, 1000.0), min_size=1), st.sampled_from(PERCENTILES))
def test_a_percentile_is_at_most_two_per_cent_too_high(seconds: list[float], percent: float) -> None:
    latencies = Latencies()
    for one in seconds:
        latencies.add(one)
    exact = sorted(seconds)[math.ceil(len(seconds) * percent / 100) - 1]
    assert exact * 0.999 <= latencies.percentile(percent) <= exact * 1.021


def test_nothing_counted_is_nothing() -> None:
    assert Latencies().summary() == {
        "count": 0, "p50_ms": 0.0, "p90_ms": 0.0, "p99_ms": 0.0, "p99.9_ms": 0.0, "max_ms": 0.0,
    }  # fmt: skip


def test_the_summary_is_in_milliseconds() -> None:
    latencies = Latencies()
    latencies.add(0.25)
    assert latencies.summary() == {
        "count": 1, "p50_ms": 250.0, "p90_ms": 250.0, "p99_ms": 250.0, "p99.9_ms": 250.0, "max_ms": 250.0,
    }  # fmt: skip


def test_what_was_counted_apart_is_the_same_together() -> None:
    """Also where one of the two has not sorted its own yet, or counted nothing."""
    times = [0.001 * number for number in range(1, FRESH_MAX + 100)]
    together, left, right = Latencies(), Latencies(), Latencies()
    for place, seconds in enumerate(times):
        together.add(seconds)
        (right if place % 3 else left).add(seconds)
    left.merge(right)
    left.merge(Latencies())
    assert (left.summary(), left.buckets()) == (together.summary(), together.buckets())


def test_buckets_hold_everything_under_its_upper_bound() -> None:
    latencies = Latencies()
    for seconds in (0.0, 0.001, 0.001, 5.0):
        latencies.add(seconds)
    bounds = [(upper_s(bucket), count) for bucket, count in latencies.buckets()]
    assert [count for _, count in bounds] == [1, 2, 1]
    assert all(exact <= upper <= exact * 1.021 for exact, (upper, _) in zip((1e-5, 0.001, 5.0), bounds, strict=True))
