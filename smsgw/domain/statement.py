"""Statements: what a provider says it has credited in a period.

A line's key is our reference. What bears another key is not ours, and stands there with reference 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Period(NamedTuple):
    """From and until, UTC microseconds; the end is not in it."""

    since_us: int
    until_us: int


class StatementLine(NamedTuple):
    """One credited payment. `amount_minor` is None where the provider names no sum."""

    reference: int
    key: str
    amount_minor: int | None
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is credited in a period (cancelled payments are left out), and the digest of what it was read from."""

    lines: tuple[StatementLine, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class NoStatement:
    """It could not be had; nothing may be concluded from that."""

    why: str
