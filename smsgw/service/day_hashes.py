"""The days of the books are hashed once they are over, and can be compared with their hashes ever after.

Rule 1: a day is closed only by a clock that has gone evenly for an hour: one that was set forward would close the day
that is still going on, and every later transfer of it would look like a forgery.
Rule 2: a day begins where the day before ended, so that a changed time zone moves a border and loses no transfer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from smsgw.ledger.day_hash import NO_DAY_BEFORE, DayHash, DayHashing
from smsgw.log import get_logger
from smsgw.ports import Clock, Reads, Store
from smsgw.service.reconcile import day_period
from smsgw.service.rules import US, Rules
from smsgw.transaction import Tx

# After midnight no node is still busy with a transaction of the day before, even with a clock that is minutes wrong.
MARGIN_S: Final = 3600
# Network time keeps clocks within milliseconds; more is somebody's hand.
STEP_S_MAX: Final = 5
# Rows read and hashed at once: two milliseconds of the loop, less than anybody notices.
PAGE: Final = 200

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Compared:
    """A day as it was closed, and whether it is so still."""

    closed: DayHash
    now: DayHash

    @property
    def as_closed(self) -> bool:
        """True if nothing of it has changed."""
        return self.closed == self.now


class DayCloser:
    """Closes days in rounds, as far as the clock can be believed."""

    def __init__(self, rules: Rules, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._store = store
        self._clock = clock
        self._offset_us: int | None = None
        self._even_since_s = 0.0

    async def round(self) -> int:
        """Close what is over; return how many days."""
        return await close_days(self._store, self._rules) if await self._even() else 0

    async def _even(self) -> bool:
        """Whether the database's clock has gone as this process's own seconds did, for an hour."""
        now_s = self._clock.monotonic_s()
        offset_us = await self._store.write("", _now_us) - int(now_s * US)
        if self._offset_us is None or abs(offset_us - self._offset_us) > STEP_S_MAX * US:
            self._offset_us, self._even_since_s = offset_us, now_s
        return now_s - self._even_since_s >= MARGIN_S


async def close_days(store: Store, rules: Rules) -> int:
    """Hash every day that is over and has no hash yet, the oldest first; return how many."""
    over_us = await store.write("", _now_us) - MARGIN_S * US
    closed = 0
    while (following := await _following(store.reads, rules)) is not None and following.until_us <= over_us:
        made = await _added_up(store.reads, following)
        await store.write("", partial(_keep, made))
        log.info("day.hashed", day=made.day, transfers=made.transfers, sha256=made.sha256)
        closed += 1
    return closed


async def compare_days(reads: Reads, last: int) -> list[Compared]:
    """Add the *last* closed days up again, the newest first."""
    days = list(await reads.day_hashes(last + 1))
    befores = [*(day.sha256 for day in days[1:]), NO_DAY_BEFORE]
    return [
        Compared(day, await _added_up(reads, _Day(day.day, day.since_us, day.until_us, before)))
        for day, before in zip(days[:last], befores, strict=False)
    ]


@dataclass(frozen=True, slots=True)
class _Day:
    """A day that is to be added up, and the hash that it is chained to."""

    name: str
    since_us: int
    until_us: int
    before: str


async def _following(reads: Reads, rules: Rules) -> _Day | None:
    """The first day without a hash; None before the first transfer."""
    latest = next(iter(await reads.day_hashes(1)), None)
    if latest is None:
        first_us = await reads.first_transfer_us()
        if first_us is None:
            return None
        name = rules.day(first_us)
        return _Day(name, first_us, day_period(name, rules.zone).until_us, NO_DAY_BEFORE)
    name = (date.fromisoformat(latest.day) + timedelta(days=1)).isoformat()
    return _Day(name, latest.until_us, day_period(name, rules.zone).until_us, latest.sha256)


async def _added_up(reads: Reads, day: _Day) -> DayHash:
    """A day as it stands now."""
    hashing = DayHashing(day.name, day.since_us, day.until_us, day.before)
    after = (day.since_us, "")
    while page := await reads.transfers(after, day.until_us, PAGE):
        for transfer in page:
            hashing.add(transfer)
        after = page[-1].created_at_us, page[-1].id
    return hashing.result()


def _now_us(tx: Tx) -> int:
    return tx.now_us


def _keep(made: DayHash, tx: Tx) -> None:
    tx.ledger.keep_day(made)
