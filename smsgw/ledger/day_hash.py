"""One hash over each day of the books, chained to the day before: what is changed afterwards shows.

A trigger already refuses to change a transfer; but whoever owns the database can drop a trigger. The hash of a day,
noted outside (it is in the log), binds all transfers up to that day.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from smsgw.ledger.transfers import Transfer

SHA256_DIGITS: Final = 64
# What the first day is chained to.
NO_DAY_BEFORE: Final = "0" * SHA256_DIGITS


@dataclass(frozen=True, slots=True)
class DayHash:
    """A day as it was closed: its name (`2026-11-21`), its transfers, and the hash up to its end.

    It is the time from `since_us` on and before `until_us`, whatever the time zone was called then; the next day
    begins where it ends.
    """

    day: str
    since_us: int
    until_us: int
    transfers: int
    sha256: str

    def __post_init__(self) -> None:
        assert self.since_us < self.until_us, "a day ends after it has begun"
        assert len(self.sha256) == SHA256_DIGITS, f"a SHA-256 of {len(self.sha256)} digits"
        assert self.transfers >= 0, "a day has no fewer than no transfers"


class DayHashing:
    """Adds up one day. The transfers come in the order of their times, then of the octets of their ids."""

    def __init__(self, day: str, since_us: int, until_us: int, before: str) -> None:
        self._day = day
        self._since_us = since_us
        self._until_us = until_us
        self._hash = hashlib.sha256(f"smsgw day 1\n{before}\n{day} {since_us} {until_us}\n".encode())
        self._transfers = 0

    def add(self, transfer: Transfer) -> None:
        """One more transfer."""
        self._transfers += 1
        self._hash.update(_line(transfer))

    def result(self) -> DayHash:
        """The day as it stands."""
        return DayHash(self._day, self._since_us, self._until_us, self._transfers, self._hash.hexdigest())


def _line(transfer: Transfer) -> bytes:
    """Everything of a transfer, in one form only."""
    fields = (
        transfer.id,
        transfer.kind.value,
        transfer.debit,
        transfer.credit,
        transfer.amount.currency.code,
        transfer.amount.minor,
        transfer.code.value,
        transfer.payment_id,
        transfer.pending_id,
        transfer.created_at_us,
    )
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"
