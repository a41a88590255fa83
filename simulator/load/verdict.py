"""Whether a run was good enough: thresholds, and the checks that a report passes or fails."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.load.series import Step


@dataclass(frozen=True, slots=True)
class Share:
    """A bound on a number of dialogues: so many, or so many per cent of those that were due."""

    value: float
    is_percent: bool = False

    @classmethod
    def read(cls, words: str) -> Share:
        """`5`, or `0.5%`. Raises ValueError."""
        number = words.removesuffix("%")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf or (number != words and value > 100):
            raise ValueError(f"{words!r} is no number of dialogues, such as 5, and no share of them, such as 0.5%")
        return cls(value, number != words)

    def of(self, due: int) -> float:
        """How many of *due* dialogues that is."""
        return due * self.value / 100 if self.is_percent else self.value

    def __str__(self) -> str:
        return f"{self.value:g}{'%' if self.is_percent else ''}"


NONE: Share = Share(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a run must keep.

    `max_failed` bounds the dialogues that failed, were missed or are still open; `p99_ms` the time that 99 % of the
    whole dialogues do not exceed, None = any time will do.
    """

    max_failed: Share = NONE
    p99_ms: float | None = None

    def __post_init__(self) -> None:
        if self.p99_ms is not None and not 0 < self.p99_ms < math.inf:
            raise ValueError("p99-ms: above 0")


def verdict(report: Mapping[str, Any], thresholds: Thresholds) -> dict[str, Any]:
    """Every check with its limit and its value, and whether all passed; a run in which nothing was done never does."""
    failed = report["failed"] + report["missed"] + report["open"]
    bound = thresholds.max_failed.of(report["due"])
    checks = [
        _check("done", "at least 1", report["endings"]["done"], passed=report["endings"]["done"] > 0),
        _check("failed", f"at most {thresholds.max_failed}", failed, passed=failed <= bound),
    ]
    if thresholds.p99_ms is not None:
        p99_ms = report["latency"][Step.WHOLE]["p99_ms"]
        checks.append(_check("p99_ms", f"at most {thresholds.p99_ms:g}", p99_ms, passed=p99_ms <= thresholds.p99_ms))
    if "breaches" in report:
        checks.append(_check("breaches", "at most 0", report["breaches"], passed=not report["breaches"]))
    return {"passed": all(check["passed"] for check in checks), "checks": checks}


def _check(name: str, limit: str, value: float, *, passed: bool) -> dict[str, Any]:
    return {"name": name, "limit": limit, "value": value, "passed": passed}
