"""The composition root: with `wiring`, the only file that sees every part. It builds, runs, and stops them in order.

Stopping: the links leave first (nothing new is taken), then work in hand ends, then the store closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from smsgw.domain.calls import ProviderCall
from smsgw.domain.funds import WALLET
from smsgw.domain.sms import OutboundSms
from smsgw.hashing import HashPool
from smsgw.log import get_logger
from smsgw.ports import Store, StoreUnavailable, WorkFailed
from smsgw.providers.http import HttpClient
from smsgw.service.desk import Desk
from smsgw.service.exchanges import Exchanges
from smsgw.service.expire import expire
from smsgw.service.follow_up import follow_up
from smsgw.service.intake import Intake
from smsgw.service.orphans import orphans
from smsgw.service.outbox import Sender
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.parts import Parts
from smsgw.service.passwords import PasswordCheck
from smsgw.service.receipts import Receipts
from smsgw.service.rules import US
from smsgw.service.settle import Settlement
from smsgw.service.wallet import Wallet
from smsgw.sessions.remembered import Remembered
from smsgw.settings.load import Configuration
from smsgw.smpp.link import Link
from smsgw.store.errors import StoreRefused
from smsgw.store.opening import checked_late
from smsgw.store.store import SqlStore
from smsgw.system import SystemChance, SystemClock, jitter
from smsgw.transaction import Tx
from smsgw.web.facade import Facade
from smsgw.web.operations import Operations
from smsgw.web.server import serve
from smsgw.wiring import (
    Inbound,
    Links,
    back_office,
    build_providers,
    calls_pump,
    money_operations,
    opened_store,
    texts_pump,
    vitals,
)
from smsgw.worker import Pump

EXPIRE_EVERY_S: Final = 1.0
# Parts wait 300 s for each other; looking every few seconds is soon enough.
SWEEP_EVERY_S: Final = 5.0
# Texts in and out are kept so long, for questions about a bill; an hour more or less matters to nobody.
RETENTION_US: Final = 30 * 24 * 3600 * US
RETAIN_EVERY_S: Final = 3600.0
# Rows of one table deleted in one transaction: some milliseconds, so that no text waits for it.
RETAIN_BATCH: Final = 500
# A storage that failed writes nothing any more; a second of refusals is soon enough.
WATCH_EVERY_S: Final = 1.0
# Whoever waits hears of it after a quarter of an hour; half a minute more or less matters to nobody.
FOLLOW_UP_EVERY_S: Final = 30.0
# From the hour of the day's end on: what is due is looked for each minute, and mostly there is nothing.
DAY_END_EVERY_S: Final = 60.0
# A provider leaves the configuration at a restart, which is the first round; another node's calls come later.
ORPHANS_EVERY_S: Final = 3600.0
log = get_logger(__name__)


class Round(NamedTuple):
    """Work that is looked for again and again, and how often."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The built service. `leave` tells whoever makes several exchanges in one go that a stop has come."""

    store: SqlStore
    links: Links
    calls: Pump[ProviderCall]
    texts: Pump[OutboundSms]
    rounds: Sequence[Round]
    leave: Callable[[], None]
    store_url: str

    async def run(self, stop: asyncio.Event) -> None:
        """Run until *stop*; one task that dies stops all, loudly."""
        work_ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._links_then(stop, work_ended), name="links")
            group.create_task(self._watch_store(stop), name="store")
            group.create_task(self.calls.run(work_ended), name="calls")
            group.create_task(self.texts.run(work_ended), name="texts")
            group.create_task(forget_old_each_hour(self.store, stop), name="retention")
            for each in self.rounds:
                group.create_task(every(each.every_s, stop, each.run), name=each.name)

    async def _watch_store(self, stop: asyncio.Event) -> None:
        """End the process when the storage has failed: only a restart checks the file, and acks nothing meanwhile.

        Raises:
            StoreRefused: the storage failed, or the late check of a large file found damage.
        """
        found = await checked_late(self.store_url)
        while not (found or self.store.broken or stop.is_set()):
            await paused(WATCH_EVERY_S, stop)
        if found or self.store.broken:
            raise StoreRefused(found or "the storage has failed; a restart checks the file before anything is taken")

    async def _links_then(self, stop: asyncio.Event, ended: asyncio.Event) -> None:
        await self.links.run(stop)
        self.leave()
        ended.set()


async def every(interval_s: float, stop: asyncio.Event, round_: Callable[[], Awaitable[int]]) -> None:
    """Run *round_* at once and then each *interval_s* until *stop*; a store that is away is waited for."""
    while not stop.is_set():
        try:
            await round_()
        except (StoreUnavailable, WorkFailed) as reason:
            log.error("round.failed", reason=str(reason))
        await paused(interval_s, stop)


async def paused(interval_s: float, stop: asyncio.Event) -> None:
    """Wait that long, or until *stop*."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), interval_s)


async def forget_old_each_hour(store: SqlStore, stop: asyncio.Event) -> None:
    """Delete old texts until *stop*."""
    await every(RETAIN_EVERY_S, stop, lambda: forget_old(store, stop))


async def forget_old(store: SqlStore, stop: asyncio.Event) -> int:
    """Delete what is older than `RETENTION_US`, a batch a transaction, until *stop*; return how many rows."""

    def batch(tx: Tx) -> int:
        return tx.messages.sweep(tx.now_us - RETENTION_US, RETAIN_BATCH)

    forgotten = 0
    while not stop.is_set() and (found := await store.write("", batch)):
        forgotten += found
    return forgotten


@asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[App]:
    """Build the service: store open and migrated, HTTP served, links not yet connected.

    Raises:
        ConfigurationError: a provider's profile cannot work.
    """
    rules, clock, chance = configuration.rules, SystemClock(), SystemChance()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened_store(configuration))
        http = await stack.enter_async_context(HttpClient())
        hasher = stack.enter_context(HashPool())
        sections = configuration.providers
        parties = Parties(build_providers(sections, configuration.secrets, http), {WALLET: Wallet()})
        passwords = PasswordCheck(store.reads, hasher, rules.keyring, Remembered(chance.octets(32)), clock)
        intake = Intake(Desk(rules, parties, configuration.texts, clock), store, passwords, clock, chance)
        alphabets = {name: link.alphabet for name, link in configuration.links.items()}
        parts = Parts(rules, store, intake, alphabets)
        inbound = Inbound(intake, parts, Receipts(store))
        each_link = {name: Link(link, inbound, jitter) for name, link in configuration.links.items()}
        links = Links(each_link)
        exchanges = Exchanges({name: section.protocol for name, section in sections.items()}, clock)
        outcomes = Outcomes(rules, parties.sources)
        settlement = Settlement(outcomes, parties, exchanges, store, clock)
        office = back_office(configuration, parties, outcomes, store)
        calls = calls_pump(store, settlement, sections)
        texts = texts_pump(store, Sender(rules, configuration.texts, links, store, clock), configuration)
        store.subscribe(calls.offer, texts.offer)
        facade = Facade(
            address=configuration.settings.http.address,
            token=configuration.token,
            operators=configuration.operators,
            store=store,
            operations=operations(configuration, store),
            money=await stack.enter_async_context(money_operations(configuration, parties, office, store)),
            links=lambda: {name: vitals(link, clock.now_us()) for name, link in each_link.items()},
            providers=exchanges.vitals,
            follow=links.follow,
            waiting=lambda: {"calls": calls.waiting, "texts": texts.waiting, "commits": store.waiting},
        )
        await stack.enter_async_context(serve(facade))
        yield App(
            store=store,
            links=links,
            calls=calls,
            texts=texts,
            rounds=(
                Round("expiry", EXPIRE_EVERY_S, lambda: expire(store, rules)),
                Round("parts", SWEEP_EVERY_S, parts.sweep),
                Round("orphans", ORPHANS_EVERY_S, lambda: orphans(store, sections, settlement.exchange)),
                Round("follow-up", FOLLOW_UP_EVERY_S, lambda: follow_up(store, rules)),
                Round("day's end", DAY_END_EVERY_S, office.end_day),
            ),
            leave=settlement.leave,
            store_url=configuration.settings.store.url,
        )


def operations(configuration: Configuration, store: Store) -> Operations:
    """What people may ask and do, over a store."""
    return Operations(configuration.rules, store, SystemChance())
