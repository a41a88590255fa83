"""One node: the use cases, links, pumps and rounds put together over the outside that it is given.

What is outside (time, chance, the store, the hash, the providers) comes as arguments. `app` gives the real ones; the
simulation gives its own, and so runs this very code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from smsgw.domain.calls import ProviderCall
from smsgw.domain.funds import WALLET
from smsgw.domain.sms import OutboundSms
from smsgw.log import get_logger
from smsgw.ports import Chance, Clock, PasswordHasher, Provider, Store, StoreUnavailable, WorkFailed
from smsgw.service.day_hashes import DayCloser
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
from smsgw.transaction import Tx
from smsgw.wiring import BackOffice, Inbound, Links, back_office, calls_pump, texts_pump
from smsgw.worker import Pump

EXPIRE_EVERY_S: Final = 1.0
# Parts wait 300 s for each other; looking every few seconds is soon enough.
SWEEP_EVERY_S: Final = 5.0
# A delivery receipt that two writers missed between them is followed a few seconds later.
CATCH_UP_EVERY_S: Final = 5.0
# Texts in and out are kept so long, for questions about a bill; an hour more or less matters to nobody.
RETENTION_US: Final = 30 * 24 * 3600 * US
RETAIN_EVERY_S: Final = 3600.0
# Rows of one table deleted in one transaction: some milliseconds, so that no text waits for it.
RETAIN_BATCH: Final = 500
# Whoever waits hears of it after a quarter of an hour; half a minute more or less matters to nobody.
FOLLOW_UP_EVERY_S: Final = 30.0
# From the hour of the day's end on: what is due is looked for each minute, and mostly there is nothing.
DAY_END_EVERY_S: Final = 60.0
# A provider leaves the configuration at a restart, which is the first round; another node's calls come later.
ORPHANS_EVERY_S: Final = 3600.0
# The key of the memory of right passwords; it dies with the process.
REMEMBERED_KEY_OCTETS: Final = 32
# Fine enough that no two of many nodes draw the same wait.
JITTER_BITS: Final = 20

log = get_logger(__name__)


class HandingStore(Store, Protocol):
    """A store that gives what it has committed to this node's pumps."""

    def subscribe(self, on_call: Callable[[ProviderCall], None], on_sms: Callable[[OutboundSms], None]) -> None:
        """From now on give committed calls and texts to these, on the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a node reaches the world through."""

    clock: Clock
    chance: Chance
    store: HandingStore
    hasher: PasswordHasher
    providers: Mapping[str, Provider]


class Round(NamedTuple):
    """Work that is looked for again and again, and how often."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The built service. `leave` tells whoever makes several exchanges in one go that a stop has come."""

    store: Store
    links: Links
    each_link: Mapping[str, Link]
    calls: Pump[ProviderCall]
    texts: Pump[OutboundSms]
    exchanges: Exchanges
    parties: Parties
    office: BackOffice
    rounds: Sequence[Round]
    leave: Callable[[], None]

    async def run(self, stop: asyncio.Event) -> None:
        """Run until *stop*; one task that dies stops all, loudly."""
        work_ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._links_then(stop, work_ended), name="links")
            group.create_task(self.calls.run(work_ended), name="calls")
            group.create_task(self.texts.run(work_ended), name="texts")
            group.create_task(forget_old_each_hour(self.store, stop), name="retention")
            for each in self.rounds:
                group.create_task(every(each.every_s, stop, each.run), name=each.name)

    async def _links_then(self, stop: asyncio.Event, ended: asyncio.Event) -> None:
        await self.links.run(stop)
        self.leave()
        ended.set()


def assemble(configuration: Configuration, outside: Outside) -> Node:
    """Build a node; nothing runs yet."""
    rules, clock, chance, store = configuration.rules, outside.clock, outside.chance, outside.store
    sections = configuration.providers
    parties = Parties(outside.providers, {WALLET: Wallet()})
    remembered = Remembered(chance.octets(REMEMBERED_KEY_OCTETS))
    passwords = PasswordCheck(store.reads, outside.hasher, rules.keyring, remembered, clock)
    intake = Intake(Desk(rules, parties, configuration.texts, clock), store, passwords, clock, chance)
    alphabets = {name: link.alphabet for name, link in configuration.links.items()}
    parts = Parts(rules, store, intake, alphabets)
    inbound = Inbound(intake, parts, Receipts(store))
    each_link = {
        name: Link(link, inbound, lambda: chance.bits(JITTER_BITS) / (1 << JITTER_BITS))
        for name, link in configuration.links.items()
    }
    links = Links(each_link)
    exchanges = Exchanges({name: section.protocol for name, section in sections.items()}, clock)
    outcomes = Outcomes(rules, parties.sources)
    settlement = Settlement(outcomes, parties, exchanges, store, clock)
    closer = DayCloser(rules, store, clock)
    office = back_office(configuration, parties, outcomes, store, clock)
    calls = calls_pump(store, settlement, sections)
    texts = texts_pump(store, Sender(rules, configuration.texts, links, store, clock), configuration)
    store.subscribe(calls.offer, texts.offer)
    return Node(
        store=store,
        links=links,
        each_link=each_link,
        calls=calls,
        texts=texts,
        exchanges=exchanges,
        parties=parties,
        office=office,
        rounds=(
            Round("expiry", EXPIRE_EVERY_S, lambda: expire(store, rules)),
            Round("parts", SWEEP_EVERY_S, parts.sweep),
            Round("receipts", CATCH_UP_EVERY_S, inbound.receipts.catch_up),
            Round("orphans", ORPHANS_EVERY_S, lambda: orphans(store, sections, settlement.exchange)),
            Round("follow-up", FOLLOW_UP_EVERY_S, lambda: follow_up(store, rules)),
            Round("day's end", DAY_END_EVERY_S, office.end_day),
            Round("day's hash", DAY_END_EVERY_S, closer.round),
        ),
        leave=settlement.leave,
    )


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


async def forget_old_each_hour(store: Store, stop: asyncio.Event) -> None:
    """Delete old texts until *stop*."""
    await every(RETAIN_EVERY_S, stop, lambda: forget_old(store, stop))


async def forget_old(store: Store, stop: asyncio.Event) -> int:
    """Delete what is older than `RETENTION_US`, a batch a transaction, until *stop*; return how many rows."""

    def batch(tx: Tx) -> int:
        return tx.messages.sweep(tx.now_us - RETENTION_US, RETAIN_BATCH)

    forgotten = 0
    while not stop.is_set() and (found := await store.write("", batch)):
        forgotten += found
    return forgotten
