"""The report of a run as JSON: figures, series, verdict, and on what and with what it was measured.

Rule: keys stay; what is new is added. Whatever changes the meaning of a key raises VERSION.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from simulator.load.latencies import upper_s
from simulator.load.settings import LoadSettings
from simulator.load.tally import Tally
from simulator.load.verdict import Thresholds, verdict

SCHEMA: Final = "smsgw-load-report"
VERSION: Final = 1

PACKAGES: Final = ("smsgw", "uvloop")
"""What the speed of the simulator hangs on, besides Python."""


def distribution(tally: Tally) -> dict[str, list[list[float]]]:
    """Of each step how many were not longer than so many milliseconds, bucket by bucket."""
    return {
        step.value: [[round(upper_s(bucket) * 1000, 3), count] for bucket, count in latencies.buckets()]
        for step, latencies in tally.latencies.items()
    }


def described(settings: LoadSettings) -> dict[str, Any]:
    """The settings of a run; the first text without the last of its words, which is the password."""
    values = asdict(settings) | {"duration_s": settings.duration_s, "text": masked(settings.text)}
    return values | {"shares": {str(name): share for name, share in settings.shares.items()}}


def masked(text: str) -> str:
    """The text with x for letters and digits, but for {placeholders} and the first word."""
    parts, depth, first = [], 0, True
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        first = first and character.isalnum()
        hidden = character.isalnum() and not depth and not first
        parts.append("x" if hidden else character)
    return "".join(parts)


def facts(began_at_s: float) -> dict[str, Any]:
    """When, on what, and with which versions."""
    return {
        "began_at": datetime.fromtimestamp(began_at_s, UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count() or 1,
            "system": f"{platform.system()} {platform.release()}",
        },
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }


def complete(figures: Mapping[str, Any], settings: LoadSettings, thresholds: Thresholds) -> dict[str, Any]:
    """The whole report: *figures* of `run_load`, with their verdict and what they were measured under."""
    head = {"schema": SCHEMA, "version": VERSION, "verdict": verdict(figures, thresholds)}
    return {**head, **figures, "settings": described(settings)}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
