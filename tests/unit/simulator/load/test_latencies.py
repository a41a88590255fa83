"""Percentiles are right to two per cent, whatever is counted."""

from __future__ import annotations

import math

from hypothesis import given, settings, strategies as st

from simulator.load.latencies import PERCENTILES, SHORTEST_S, Latencies


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
