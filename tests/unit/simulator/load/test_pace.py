"""When dialogues start: at a rate, or as others end."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.load import pace as module
from simulator.load.pace import Pace
from simulator.load.settings import LoadSettings


def pace(**settings: Any) -> Pace:
    return Pace(LoadSettings(**{"count": 0, **settings}), start_s=100.0)


def start_all(running: Pace, now_s: float, open_dialogues: int = 0) -> list[float]:
    """Start all that may start now, and say when each was due."""
    running.fall_due(now_s)
    dues = []
    while (due_s := running.start(now_s, open_dialogues)) is not None:
        open_dialogues += 1
        dues.append(due_s)
    return dues


def test_at_a_rate_each_has_its_moment() -> None:
    running = pace(rate_per_s=10, duration_s=1)
    assert start_all(running, 100.0) == [100.0]
    assert start_all(running, 100.25) == [100.1, 100.2]


def test_what_starts_late_was_due_all_the_same() -> None:
    """Coordinated omission: the clock of a dialogue that could not start runs already."""
    assert start_all(pace(rate_per_s=2, duration_s=1), 105.0) == [100.0, 100.5]


def test_what_is_due_is_said_once() -> None:
    running = pace(rate_per_s=2, duration_s=1)
    assert (running.fall_due(100.0), running.fall_due(100.9), running.fall_due(105.0)) == ([100.0], [100.5], [])
    assert (running.due, running.started) == (2, 0)


def test_at_a_rate_it_ends_with_what_was_due_in_its_duration() -> None:
    running = pace(rate_per_s=2, duration_s=1)
    assert not running.over(100.9)
    start_all(running, 100.9)
    assert (running.started, running.over(100.9), running.missed()) == (2, True, 0)


def test_what_nobody_was_free_for_is_missed_in_the_end() -> None:
    running = pace(rate_per_s=2, duration_s=2, timeout_s=10)
    running.fall_due(102.0)
    assert running.start(102.0, 0) == 100.0
    assert not running.over(111.9)
    assert running.over(112.0)
    assert (running.start(112.0, 0), running.missed()) == (None, 3)


def test_more_than_can_wait_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 2)
    running = pace(rate_per_s=1, duration_s=10)
    for second in range(10):
        running.fall_due(100.0 + second)
    while running.start(110.0, 0) is not None:
        pass
    assert (running.due, running.started, running.missed()) == (10, 2, 8)


def test_flat_out_as_many_as_may_be_open_start_at_once() -> None:
    running = pace(concurrent=3, duration_s=10)
    assert start_all(running, 101.0) == [101.0, 101.0, 101.0]
    assert start_all(running, 102.0, open_dialogues=2) == [102.0]
    assert (running.over(109.9), running.over(110.0), running.missed()) == (False, True, 0)


def test_a_count_ends_it_whatever_the_pace() -> None:
    for running in (
        pace(count=2, concurrent=5),
        pace(count=2, rate_per_s=100),
        pace(count=2, rate_per_s=9, duration_s=9),
    ):
        start_all(running, 150.0)
        assert (running.started, running.over(150.0), running.missed()) == (2, True, 0)
