"""The end of the day: at the configured hour every provider's yesterday is reconciled, and its registry made.

A node that was down catches up on the days it missed. Two nodes may do the same work at the same time; both come to
the same rows and the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smsgw.log import get_logger
from smsgw.ports import Clock, Provider, Store, StoreUnavailable, WorkFailed
from smsgw.service.parties import Parties
from smsgw.service.reconcile import NotReconciled, Reconciler
from smsgw.service.registries import Registries
from smsgw.service.rules import Rules

# What was missed longer ago is asked for by name: `smsgw reconcile`.
DAYS_BACK_MAX: Final = 7
# The newest reports of a provider, among which those of all the days looked back at must be.
REPORTS: Final = 4 * DAYS_BACK_MAX
# A statement that cannot be had now is mostly there in some minutes; providers write theirs at night too.
AGAIN_AFTER_S: Final = 600.0
# Statements in hand at once: each may take minutes and some memory, and no provider waits long for its turn.
AT_ONCE_MAX: Final = 4

log = get_logger(__name__)


class DayEnd:
    """See the module."""

    def __init__(self, rules: Rules, parties: Parties, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._parties = parties
        self._store = store
        self._clock = clock
        self._resting_until_s: dict[str, float] = {}

    async def round(self, reconciler: Reconciler, registries: Registries) -> int:
        """Reconcile whatever is due; return how many days were."""
        local = self._rules.local(self._clock.now_us())
        if local.time() < self._rules.reconcile_at:
            return 0
        places = asyncio.Semaphore(AT_ONCE_MAX)

        async def one(name: str, provider: Provider) -> int:
            async with places:
                return await self._catch_up(name, provider, reconciler, registries)

        wanting = {n: p for n, p in self._parties.providers.items() if self._wants(n, p)}
        return sum(await asyncio.gather(*(one(name, provider) for name, provider in wanting.items())))

    def _wants(self, name: str, provider: Provider) -> bool:
        capabilities = provider.capabilities
        rested = self._clock.monotonic_s() >= self._resting_until_s.get(name, 0.0)
        return rested and (capabilities.statement or capabilities.registry)

    async def _catch_up(self, name: str, provider: Provider, reconciler: Reconciler, registries: Registries) -> int:
        """The days of one provider, oldest first; the first that cannot be done stops the rest."""
        done = 0
        try:
            for day in await self._due(name, provider):
                if isinstance(await reconciler.reconcile(name, day), NotReconciled):
                    break
                await registries.make(name, day)
                done += 1
            else:
                return done
        except (StoreUnavailable, WorkFailed, OSError) as reason:
            log.error("day_end.failed", provider=name, reason=repr(reason))
        self._resting_until_s[name] = self._clock.monotonic_s() + AGAIN_AFTER_S
        return done

    async def _due(self, name: str, provider: Provider) -> list[str]:
        zone = ZoneInfo(provider.capabilities.time_zone)
        yesterday = self._rules.local(self._clock.now_us()).astimezone(zone).date() - timedelta(days=1)
        reports = await self._store.reads.reconciliations(name, REPORTS)
        return list(days_due({date.fromisoformat(report.day) for report in reports}, yesterday))


def days_due(done: Collection[date], yesterday: date) -> Iterator[str]:
    """The days of the last DAYS_BACK_MAX without a report, oldest first; a new house begins with yesterday."""
    first = max(min(done, default=yesterday), yesterday - timedelta(days=DAYS_BACK_MAX - 1))
    for number in range((yesterday - first).days + 1):
        day = first + timedelta(days=number)
        if day not in done:
            yield day.isoformat()
