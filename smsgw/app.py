"""The composition root: with `wiring` and `node` it sees every part. It builds, runs, and stops them in order.

Stopping: the links leave first (nothing new is taken), then work in hand ends, then the store closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from smsgw.hashing import HashPool
from smsgw.log import get_logger
from smsgw.node import Node, Outside, assemble, every, paused
from smsgw.ports import Store
from smsgw.providers.http import HttpClient
from smsgw.settings.load import Configuration
from smsgw.store.errors import StoreDamaged, StoreRefused
from smsgw.store.migrate import sqlite_path
from smsgw.store.opening import checked_late
from smsgw.store.store import SqlStore
from smsgw.store.wal import LOOK_EVERY_S, WalWatch
from smsgw.system import SystemChance, SystemClock
from smsgw.web.facade import Facade
from smsgw.web.money import MoneyOperations
from smsgw.web.operations import Operations
from smsgw.web.server import serve
from smsgw.wiring import build_providers, money_operations, opened_store, vitals

# A storage that failed writes nothing any more; a second of refusals is soon enough.
WATCH_EVERY_S: Final = 1.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A node over its real store."""

    node: Node
    store: SqlStore
    store_url: SecretStr
    wal: WalWatch

    async def run(self, stop: asyncio.Event) -> None:
        """Run until *stop*; one task that dies stops all, loudly."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_store(stop), name="store")
            group.create_task(every(LOOK_EVERY_S, stop, self.wal.look), name="wal")
            group.create_task(self.node.run(stop), name="node")

    async def _watch_store(self, stop: asyncio.Event) -> None:
        """End the process when the storage has failed: only a restart checks the file, and acks nothing meanwhile.

        Raises:
            StoreDamaged: the late check of a large file found damage.
            StoreRefused: the storage failed.
        """
        found = await checked_late(self.store_url.get_secret_value())
        while not (found or self.store.broken or stop.is_set()):
            await paused(WATCH_EVERY_S, stop)
        if found:
            log.critical("store.damaged", found=found)
            raise StoreDamaged(f"the database is damaged ({found}); restore the latest backup")
        if self.store.broken:
            log.critical("store.broken")
            raise StoreRefused("the storage has failed; a restart checks the file before anything is taken")


@asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[App]:
    """Build the service: store open and migrated, HTTP served, links not yet connected.

    Raises:
        ConfigurationError: a provider's profile cannot work.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened_store(configuration))
        http = await stack.enter_async_context(HttpClient())
        outside = Outside(
            clock=SystemClock(),
            chance=SystemChance(),
            store=store,
            hasher=stack.enter_context(HashPool()),
            providers=build_providers(configuration.providers, configuration.secrets, http),
        )
        node = assemble(configuration, outside)
        money = await stack.enter_async_context(money_operations(configuration, node.parties, node.office, store))
        wal = WalWatch(sqlite_path(configuration.settings.store.url.get_secret_value()))
        await stack.enter_async_context(serve(facade(configuration, node, store, money, wal)))
        yield App(node=node, store=store, store_url=configuration.settings.store.url, wal=wal)


def facade(configuration: Configuration, node: Node, store: SqlStore, money: MoneyOperations, wal: WalWatch) -> Facade:
    """What the HTTP side is given."""
    clock = SystemClock()
    return Facade(
        address=configuration.settings.http.address,
        token=configuration.token,
        operators=configuration.operators,
        store=store,
        operations=operations(configuration, store),
        money=money,
        links=lambda: {name: vitals(link, clock.now_us()) for name, link in node.each_link.items()},
        providers=node.exchanges.vitals,
        follow=node.links.follow,
        wal_octets=wal.octets,
        waiting=lambda: {"calls": node.calls.waiting, "texts": node.texts.waiting, "commits": store.waiting},
    )


def operations(configuration: Configuration, store: Store) -> Operations:
    """What people may ask and do, over a store."""
    return Operations(configuration.rules, store, SystemChance())
