"""Latencies in buckets."""

from __future__ import annotations

import pytest

from smsgw.smpp.latency import BOUNDS_S, Histogram, Latencies


def test_each_latency_counts_in_its_bucket_and_in_all_above() -> None:
    latencies = Latencies()
    for latency_s in (0.0, 0.001, 0.0011, 10.0, 10.1):
        latencies.add(latency_s)

    counts, total_s = latencies.histogram()
    assert counts == (2, *[3] * (len(BOUNDS_S) - 2), 4, 5)
    assert total_s == pytest.approx(20.1021)


def test_nothing_counted_is_an_empty_histogram() -> None:
    assert Latencies().histogram() == Histogram()
