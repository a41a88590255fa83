"""Thresholds decide, each with its limit, its value, and whether it passed."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.load.verdict import Share, Thresholds, verdict


def report(*, done: int = 100, failed: int = 0, missed: int = 0, still_open: int = 0) -> dict[str, Any]:
    due = done + failed + missed + still_open
    return {
        "due": due,
        "failed": failed,
        "missed": missed,
        "open": still_open,
        "endings": {"done": done},
        "latency": {"whole": {"p99_ms": 250.0}},
    }


@pytest.mark.parametrize(
    ("words", "of_2000"), [("0", 0), ("5", 5), ("0%", 0), ("0.1%", 2), ("100%", 2000), ("2.5", 2.5)]
)
def test_a_bound_is_a_number_or_a_share(words: str, of_2000: float) -> None:
    assert (Share.read(words).of(2000), str(Share.read(words))) == (of_2000, words)


@pytest.mark.parametrize("words", ["", "%", "-1", "few", "inf", "nan", "1%%"])
def test_what_is_no_bound_is_named(words: str) -> None:
    with pytest.raises(ValueError, match=r"such as 0\.5%"):
        Share.read(words)


@pytest.mark.parametrize(
    ("figures", "thresholds", "failing"),
    [
        (report(), Thresholds(), []),
        (report(done=0), Thresholds(), ["done"]),
        (report(failed=1), Thresholds(), ["failed"]),
        (report(missed=1), Thresholds(), ["failed"]),
        (report(still_open=1), Thresholds(), ["failed"]),
        (report(failed=1, missed=1), Thresholds(max_failed=Share(2)), []),
        (report(failed=2, missed=1), Thresholds(max_failed=Share(2)), ["failed"]),
        (report(done=99, failed=1), Thresholds(max_failed=Share.read("1%")), []),
        (report(done=98, failed=2), Thresholds(max_failed=Share.read("1%")), ["failed"]),
        (report(), Thresholds(p99_ms=250.0), []),
        (report(failed=1), Thresholds(p99_ms=249.9), ["failed", "p99_ms"]),
        (report() | {"breaches": 0}, Thresholds(), []),
        (report() | {"breaches": 2}, Thresholds(), ["breaches"]),
    ],
)
def test_a_run_passes_if_every_check_does(figures: dict[str, Any], thresholds: Thresholds, failing: list[str]) -> None:
    found = verdict(figures, thresholds)
    assert [check["name"] for check in found["checks"] if not check["passed"]] == failing
    assert found["passed"] is not bool(failing)


def test_a_check_says_what_was_wanted_and_what_was_found() -> None:
    checks = verdict(report(failed=3), Thresholds(max_failed=Share.read("0.5%"), p99_ms=100.0))["checks"]
    assert checks[1] == {"name": "failed", "limit": "at most 0.5%", "value": 3, "passed": False}
    assert checks[2] == {"name": "p99_ms", "limit": "at most 100", "value": 250.0, "passed": False}


@pytest.mark.parametrize("p99_ms", [0.0, -1.0, float("inf"), float("nan")])
def test_a_p99_that_cannot_be_is_refused(p99_ms: float) -> None:
    with pytest.raises(ValueError, match="p99-ms"):
        Thresholds(p99_ms=p99_ms)
