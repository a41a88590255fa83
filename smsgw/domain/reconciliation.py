"""What came of comparing one day of a provider's payments: both sides' books, counted and added up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.domain.money import Currency


class Difference(StrEnum):
    """How one payment differs, or why it is named all the same."""

    MISSING = "missing"
    """We have paid it, the provider's books lack it."""
    EXTRA = "extra"
    """The provider has credited it, and our books do not say so."""
    MISMATCHED = "mismatched"
    """Both have it, with different sums."""
    RESOLVED = "resolved"
    """The provider's books answered what it had left open."""
    OPEN = "open"
    """Its outcome is not known yet; the money is held."""


class Tally(NamedTuple):
    """How many payments, and their sum in minor units."""

    payments: int = 0
    minor: int = 0

    def plus(self, minor: int) -> Tally:
        """With one more."""
        return Tally(self.payments + 1, self.minor + minor)


NOTHING: Final = Tally()


class Finding(NamedTuple):
    """One payment that a person may want to look at. What one side does not have is None."""

    difference: Difference
    number: int | None
    key: str
    our_minor: int | None
    their_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One run for one provider and one of its days, `2026-11-21`.

    The tallies count what the findings name (ours of `matched`, `missing`, `mismatched`, `resolved` and `open`; theirs
    of `extra`); `findings` holds the first of them only. `statement_sha256` is empty where the provider has no
    statement, so that nothing could be compared.
    """

    provider: str
    day: str
    currency: Currency
    run_at_us: int
    statement_sha256: str = ""
    matched: Tally = NOTHING
    missing: Tally = NOTHING
    extra: Tally = NOTHING
    mismatched: Tally = NOTHING
    resolved: Tally = NOTHING
    open: Tally = NOTHING
    findings: tuple[Finding, ...] = ()

    @property
    def compared(self) -> bool:
        """True if there was a statement to compare with."""
        return bool(self.statement_sha256)

    @property
    def equal(self) -> bool:
        """True if nothing is missing, extra or mismatched."""
        return not (self.missing.payments or self.extra.payments or self.mismatched.payments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One file that was made for a provider: the `serial`-th of its day, with its payments, their sum, its digest."""

    provider: str
    day: str
    serial: int
    name: str
    payments: int
    sum_minor: int
    sha256: str
    made_at_us: int
