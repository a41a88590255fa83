"""Registries: the file of a day for each provider that wants one, made after the day was reconciled.

Rule 1: the same payments are the same bytes under the same name; what has changed gets the next number of its day.
Rule 2: the row is committed before the file is put on its shelf, and a file that a crash kept from there is put there
by the next run.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from smsgw.domain.reconciliation import Registry
from smsgw.log import get_logger
from smsgw.ports import Shelf, Store
from smsgw.service.parties import Parties
from smsgw.service.reconcile import executed_on
from smsgw.service.rules import Rules
from smsgw.settlement.registry_file import RegistryFile, RegistryOf, next_registry, registry_file
from smsgw.transaction import Tx

# A correction of a day is rare; so many are a mistake that somebody should look at.
SERIALS_MAX: Final = 99

log = get_logger(__name__)


class Registries:
    """See the module."""

    def __init__(self, rules: Rules, parties: Parties, store: Store, shelf: Shelf) -> None:
        self._rules = rules
        self._parties = parties
        self._store = store
        self._shelf = shelf

    async def make(self, name: str, day: str) -> Registry | None:
        """Make the registry of a day, or find that the latest one still says it all; None = the provider wants none.

        Raises:
            ValueError: *day* is no date.
        """
        provider = self._parties.providers.get(name)
        if provider is None or not provider.capabilities.registry:
            return None
        zone = ZoneInfo(provider.capabilities.time_zone)
        payments = await executed_on(self._store, name, day, zone)
        file = registry_file(payments, self._rules.provider(name).currency, zone)
        made = await self._store.write("", partial(_made, RegistryOf(name, day, zone), file))
        await asyncio.to_thread(self._shelf.put, made.name, file.octets)
        log.info("registry.made", provider=name, day=day, name=made.name, payments=made.payments, sha256=made.sha256)
        return made


def _made(of: RegistryOf, file: RegistryFile, tx: Tx) -> Registry:
    earlier = tx.reconciliations.registries(of.provider, of.day)
    new = next_registry(of, earlier, file, tx.now_us)
    if new is None:
        return earlier[-1]
    assert new.serial <= SERIALS_MAX, f"{of.provider} {of.day}: {SERIALS_MAX} registries of one day"
    tx.reconciliations.add_registry(new)
    return new
