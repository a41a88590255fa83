"""The composition root: the only file that sees every part. It builds them, runs them, and stops them in order.

Stopping: the links leave first (nothing new is taken), then work in hand ends, then the store closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from smsgw.domain.calls import ProviderCall
from smsgw.domain.funds import WALLET
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Ack, Delivery, InboundPart, InboundSms, NotSubmitted, OutboundSms, SubmitOutcome, Submitted
from smsgw.hashing import HashPool
from smsgw.log import get_logger
from smsgw.ports import Provider, Store, StoreUnavailable, Tx, WorkFailed
from smsgw.providers.http import HttpClient
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.registry import build
from smsgw.service.desk import Desk
from smsgw.service.exchanges import Exchanges
from smsgw.service.expire import expire
from smsgw.service.intake import Intake
from smsgw.service.orphans import orphans
from smsgw.service.outbox import SUBMIT_LEASE_S, Sender
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.parts import Parts
from smsgw.service.passwords import PasswordCheck
from smsgw.service.receipts import Receipts
from smsgw.service.rules import US, Rules
from smsgw.service.settle import Settlement
from smsgw.service.wallet import Wallet
from smsgw.sessions.remembered import Remembered
from smsgw.settings.catalogue import ProviderSection
from smsgw.settings.load import Configuration
from smsgw.settings.problems import ConfigurationError, Problem
from smsgw.smpp.link import Link
from smsgw.smpp.routing import Way, choose
from smsgw.smpp.wire import Trace
from smsgw.store.errors import StoreRefused
from smsgw.store.opening import checked_late, open_store
from smsgw.store.store import SqlStore
from smsgw.store.unit import Surroundings
from smsgw.system import SystemChance, SystemClock, jitter
from smsgw.web.facade import Facade
from smsgw.web.operations import Operations
from smsgw.web.server import serve
from smsgw.web.vitals import LinkVitals, SessionVitals
from smsgw.worker import Pump, Work

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
# The lease of a claimed call until its own exchange sets a longer one.
CLAIM_LEASE_S: Final = 30
# A provider leaves the configuration at a restart, which is the first round; another node's calls come later.
ORPHANS_EVERY_S: Final = 3600.0
# Work in hand at a stop: a text, or the commit of a provider's answer.
DRAIN_S: Final = 10.0
# The one group of all texts.
TEXTS: Final = "texts"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Inbound:
    """What the links hand their traffic to; implements `smpp.link.Receiver`."""

    intake: Intake
    parts: Parts
    receipts: Receipts

    async def text(self, sms: InboundSms) -> Ack:
        """A whole text."""
        return await self.intake.receive(sms)

    async def part(self, part: InboundPart) -> Ack:
        """A part of a long text."""
        return await self.parts.receive(part)

    async def receipt(self, link: str, message_id: str, delivery: Delivery) -> Ack:
        """A delivery receipt."""
        return await self.receipts.receive(link, message_id, delivery)


class Links:
    """All links; implements `ports.Texting`."""

    def __init__(self, links: Mapping[str, Link]) -> None:
        self._links = links

    async def submit(
        self, link: str, to: Msisdn, text: str, validity_s: int, may_send: Callable[[], bool]
    ) -> SubmitOutcome:
        """Send through *link*, or through one that may stand in for it; without either, nothing is sent."""
        ways = [Way(name, way.settings.prefixes, way.status.health, way.submits) for name, way in self._links.items()]
        chosen = choose(link, to, ways)
        if chosen not in self._links:
            return NotSubmitted()
        outcome = await self._links[chosen].submit(to, text, validity_s, may_send)
        return replace(outcome, link=chosen) if isinstance(outcome, Submitted) and chosen != link else outcome

    def follow(self, link: str, trace: Trace) -> Callable[[], None] | None:
        """Show every PDU of *link* to *trace*; what it returns ends that. None = there is no such link."""
        return self._links[link].follow(trace) if link in self._links else None

    async def run(self, stop: asyncio.Event) -> None:
        """Run every link until *stop*."""
        async with asyncio.TaskGroup() as group:
            for link in self._links.values():
                group.create_task(link.run(stop))


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The built service."""

    store: SqlStore
    links: Links
    calls: Pump[ProviderCall]
    texts: Pump[OutboundSms]
    parts: Parts
    orphans: Callable[[], Awaitable[int]]
    rules: Rules
    store_url: str

    async def run(self, stop: asyncio.Event) -> None:
        """Run until *stop*; one task that dies stops all, loudly."""
        work_ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._links_then(stop, work_ended), name="links")
            group.create_task(self._watch_store(stop), name="store")
            group.create_task(self.calls.run(work_ended), name="calls")
            group.create_task(self.texts.run(work_ended), name="texts")
            group.create_task(every(EXPIRE_EVERY_S, stop, lambda: expire(self.store, self.rules)), name="expiry")
            group.create_task(every(SWEEP_EVERY_S, stop, self.parts.sweep), name="parts")
            group.create_task(every(ORPHANS_EVERY_S, stop, self.orphans), name="orphans")
            group.create_task(every(RETAIN_EVERY_S, stop, lambda: forget_old(self.store, stop)), name="retention")

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
        settlement = Settlement(Outcomes(rules, parties.sources), parties, exchanges, store, clock)
        sender = Sender(rules, configuration.texts, links, store, clock)
        calls = calls_pump(store, settlement, sections)
        texts = texts_pump(store, sender, texts_in_hand_max(configuration))
        store.subscribe(calls.offer, texts.offer)
        facade = Facade(
            address=configuration.settings.http.address,
            token=configuration.token,
            store=store,
            operations=operations(configuration, store),
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
            parts=parts,
            orphans=lambda: orphans(store, sections, settlement.exchange),
            rules=rules,
            store_url=configuration.settings.store.url,
        )


@asynccontextmanager
async def opened_store(configuration: Configuration) -> AsyncIterator[SqlStore]:
    """The store alone, open and migrated.

    Raises:
        StoreRefused: it cannot be opened; mostly because a running gateway has it.
    """
    around = Surroundings(SystemClock(), SystemChance(), configuration.rules.keyring)
    store = await open_store(configuration.settings.store.url, around)
    try:
        yield store
    finally:
        await store.close()


def operations(configuration: Configuration, store: Store) -> Operations:
    """What people may ask and do, over a store."""
    return Operations(configuration.rules, store, SystemChance())


def vitals(link: Link, now_us: int) -> LinkVitals:
    """One link at this moment."""
    status, window = link.status, link.settings.session.window
    age_s = asyncio.get_running_loop().time() - status.since_s
    sessions = (connection.session for connection in link.connections)
    submits, delivers = link.latencies
    return LinkVitals(
        bound=status.bound,
        configured=status.sessions,
        health=status.health,
        state=status.state,
        reason=status.reason,
        cause=status.cause,
        since_us=now_us - int(age_s * US),
        window=window,
        sessions=tuple(SessionVitals(s.state.value, window - s.window_free, s.unanswered) for s in sessions),
        events={event.value: count for event, count in status.events.items()},
        pdus=link.pdus(),
        faults=link.faults(),
        submits=submits,
        delivers=delivers,
    )


def calls_pump(store: Store, settlement: Settlement, providers: Mapping[str, ProviderSection]) -> Pump[ProviderCall]:
    """Provider calls, one exchange at a time for each payment; a provider has as many places as it allows exchanges.

    An exchange that a stop cut off may be a payment that a person has to look after, so each may end.
    """
    deadlines_s = [s for each in providers.values() for s in (each.check_deadline_s, each.pay_deadline_s)]
    work = Work(
        name="calls",
        widths={name: section.parallel_max for name, section in providers.items()},
        claim=lambda rooms: store.write("", lambda tx: tx.calls.claim(tx.now_us + CLAIM_LEASE_S * US, rooms)),
        handle=settlement.exchange,
        put_back=settlement.put_back,
        group=lambda call: call.provider,
        key=lambda call: str(call.payment_id),
        drain_s=max(deadlines_s, default=0.0) + DRAIN_S,
    )
    return Pump(work)


def texts_in_hand_max(configuration: Configuration) -> int:
    """Texts whose outcome is not committed: no more than the windows hold, for a kill may repeat just these."""
    windows = sum(link.sessions * link.session.window for link in configuration.links.values())
    return min(configuration.settings.settlement.texts_max, windows)


def texts_pump(store: SqlStore, sender: Sender, width: int) -> Pump[OutboundSms]:
    """Texts, in order for each recipient."""
    work = Work(
        name=TEXTS,
        widths={TEXTS: width},
        claim=lambda rooms: store.write("", lambda tx: tx.outbox.claim(tx.now_us + SUBMIT_LEASE_S * US, rooms[TEXTS])),
        handle=sender.send,
        put_back=sender.put_back,
        group=lambda _: TEXTS,
        key=lambda sms: sms.msisdn,
        drain_s=DRAIN_S,
        rank=lambda sms: sms.priority,
    )
    return Pump(work)


def build_providers(
    sections: Mapping[str, ProviderSection], secrets: Mapping[str, str], http: HttpClient
) -> Mapping[str, Provider]:
    """Make every provider of the catalogue; *secrets* are theirs, by the same names.

    Raises:
        ConfigurationError: with every profile that cannot work.
    """
    providers: dict[str, Provider] = {}
    problems: list[Problem] = []
    for name, section in sections.items():
        try:
            providers[name] = build(profile_of(name, section, secrets[name]), http)
        except ProfileError as error:
            problems.append(Problem("providers.toml", f"{name}.{error.key}", error.reason))
    if problems:
        raise ConfigurationError(problems)
    return providers


def profile_of(name: str, section: ProviderSection, secret: str) -> ProviderProfile:
    """The part of a provider's table that its protocol needs."""
    return ProviderProfile(
        name=name,
        protocol=section.protocol,
        url=section.url,
        login=section.login,
        secret=secret,
        account_parts=len(section.account),
        dialect=section.dialect,
        parallel_max=section.parallel_max,
        networks=section.networks,
        tls=section.tls(),
        dedupes_by_reference=section.dedupes_by_reference,
        duplicate_checked_first=section.duplicate_checked_first,
        max_late_apply_s=section.max_late_apply_s,
        repeat_after_s=section.repeat_after_s,
        back_off_s=section.back_off_s,
        lifetime_s=section.lifetime_s,
        check_deadline_s=section.check_deadline_s,
        pay_deadline_s=section.pay_deadline_s,
        time_zone=section.time_zone,
    )
