"""The days of the books are hashed once they are over, and can be compared with their hashes ever after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Final

from smsgw.ledger.day_hash import NO_DAY_BEFORE, DayHash, DayHashing
from smsgw.ledger.transfers import Transfer
from smsgw.log import get_logger
from smsgw.ports import Reads, Store
from smsgw.service.reconcile import day_period
from smsgw.service.rules import US, Rules
from smsgw.transaction import Tx

# After midnight no node is still busy with a transaction of the day before, even with a clock that is minutes wrong.
MARGIN_S: Final = 3600
# Rows read at once: some ten milliseconds of a reader and of the loop.
PAGE: Final = 2000
# Days read at once by whoever compares them all.
DAYS: Final = 400
NO_DAY: Final = ""

log = get_logger(__name__)


async def hash_days(store: Store, rules: Rules) -> int:
    """Hash every day that is over and has no hash yet, the oldest first; return how many."""
    over = rules.day(await store.write("", _now_us) - MARGIN_S * US)
    done = 0
    while (day := await _next_day(store.reads, rules)) is not None and day < over:
        before = await _hash_of(store.reads, _day_before(day))
        made = await _hashed(store.reads, rules, day, before)
        await store.write("", partial(_keep, made))
        log.info("day.hashed", day=made.day, transfers=made.transfers, sha256=made.sha256)
        done += 1
    return done


async def changed_days(reads: Reads, rules: Rules) -> list[str]:
    """Days whose transfers are not what they were when they were hashed, in words; empty = all are."""
    found: list[str] = []
    before, after = NO_DAY_BEFORE, NO_DAY
    while days := await reads.day_hashes(after, DAYS):
        for kept in days:
            now = await _hashed(reads, rules, kept.day, before)
            if now != kept:
                found.append(_difference(kept, now))
            # From the hash that was kept: one changed day must not make all that follow look changed.
            before, after = kept.sha256, kept.day
    return found


def _difference(kept: DayHash, now: DayHash) -> str:
    what = "others than" if now.transfers == kept.transfers else f"{now.transfers} instead of"
    return f"day {kept.day}: its transfers are {what} the {kept.transfers} that it was closed with"


async def _hashed(reads: Reads, rules: Rules, day: str, before: str) -> DayHash:
    """Add a day up as it stands now."""
    hashing, period = DayHashing(day, before), day_period(day, rules.zone)
    after: tuple[int, str] = (period.since_us, "")
    while page := await reads.transfers(after, period.until_us, PAGE):
        for transfer in page:
            hashing.add(transfer)
        after = _place(page)
    return hashing.result()


def _place(page: Sequence[Transfer]) -> tuple[int, str]:
    return page[-1].created_at_us, page[-1].id


async def _next_day(reads: Reads, rules: Rules) -> str | None:
    """The first day without a hash; None before the first transfer."""
    latest = await reads.latest_day_hash()
    if latest is not None:
        return (date.fromisoformat(latest) + timedelta(days=1)).isoformat()
    first_us = await reads.first_transfer_us()
    return None if first_us is None else rules.day(first_us)


async def _hash_of(reads: Reads, day: str) -> str:
    kept = await reads.day_hashes(_day_before(day), 1)
    return kept[0].sha256 if kept and kept[0].day == day else NO_DAY_BEFORE


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _now_us(tx: Tx) -> int:
    return tx.now_us


def _keep(made: DayHash, tx: Tx) -> None:
    tx.ledger.keep_day(made)
