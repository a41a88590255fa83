"""The parts that the composition root puts together: the links as one, the pumps, the providers, the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from smsgw.domain.calls import ProviderCall
from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.domain.sms import (
    Ack,
    Attempt,
    Delivery,
    InboundPart,
    InboundSms,
    NotSubmitted,
    OutboundSms,
    SubmitOutcome,
    Submitted,
)
from smsgw.ports import Clock, Provider, Store
from smsgw.providers.http import HttpClient
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.registry import build
from smsgw.service.actions import Actions
from smsgw.service.carrying_out import CarryingOut
from smsgw.service.day_end import DayEnd
from smsgw.service.intake import Intake
from smsgw.service.outbox import SUBMIT_LEASE_S, Sender
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.parts import Parts
from smsgw.service.receipts import Receipts
from smsgw.service.reconcile import Reconciler
from smsgw.service.registries import Registries
from smsgw.service.rules import US
from smsgw.service.settle import Settlement
from smsgw.settings.catalogue import ProviderSection
from smsgw.settings.load import Configuration
from smsgw.settings.problems import ConfigurationError, Problem
from smsgw.shelf import FolderShelf
from smsgw.smpp.link import Link
from smsgw.smpp.routing import Way, choose
from smsgw.smpp.wire import Trace
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from smsgw.store.unit import Surroundings
from smsgw.system import SystemChance, SystemClock
from smsgw.web.money import MoneyOperations
from smsgw.web.runs import Runs, reconcile_day
from smsgw.web.vitals import LinkVitals, SessionVitals
from smsgw.worker import Pump, Work

# The lease of a claimed call until its own exchange sets a longer one.
CLAIM_LEASE_S: Final = 30
# Work in hand at a stop: a text, or the commit of a provider's answer.
DRAIN_S: Final = 10.0
# The one group of all texts.
TEXTS: Final = "texts"


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

    async def submit(self, link: str, to: Msisdn, text: str, attempt: Attempt) -> SubmitOutcome:
        """Send through *link*, or through one that may stand in for it; without either, nothing is sent."""
        ways = [Way(name, way.settings.prefixes, way.status.health, way.submits) for name, way in self._links.items()]
        chosen = choose(link, to, ways)
        if chosen not in self._links:
            return NotSubmitted()
        if chosen == link:
            return await self._links[link].submit(to, text, attempt)

        async def late(outcome: SubmitOutcome) -> None:
            await attempt.late(_by(chosen, outcome))

        return _by(chosen, await self._links[chosen].submit(to, text, replace(attempt, late=late)))

    def follow(self, link: str, trace: Trace) -> Callable[[], None] | None:
        """Show every PDU of *link* to *trace*; what it returns ends that. None = there is no such link."""
        return self._links[link].follow(trace) if link in self._links else None

    async def run(self, stop: asyncio.Event) -> None:
        """Run every link until *stop*."""
        async with asyncio.TaskGroup() as group:
            for link in self._links.values():
                group.create_task(link.run(stop))


def _by(stand_in: str, outcome: SubmitOutcome) -> SubmitOutcome:
    return replace(outcome, link=stand_in) if isinstance(outcome, Submitted) else outcome


@asynccontextmanager
async def opened_store(configuration: Configuration) -> AsyncIterator[SqlStore]:
    """The store alone, open and migrated.

    Raises:
        StoreRefused: it cannot be opened; mostly because a running gateway has it.
    """
    around = Surroundings(SystemClock(), SystemChance(), configuration.rules.keyring)
    store = await open_store(configuration.settings.store.url.get_secret_value(), around)
    try:
        yield store
    finally:
        await store.close()


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


def texts_pump(store: Store, sender: Sender, configuration: Configuration) -> Pump[OutboundSms]:
    """Texts, in order for each recipient."""
    work = Work(
        name=TEXTS,
        widths={TEXTS: texts_in_hand_max(configuration)},
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
    sections: Mapping[str, ProviderSection], secrets: Mapping[str, Secret[str]], http: HttpClient
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


def profile_of(name: str, section: ProviderSection, secret: Secret[str]) -> ProviderProfile:
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
        statement=section.statement,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffice:
    """What people and the end of the day do about money."""

    actions: Actions
    reconciler: Reconciler
    registries: Registries
    day_end: DayEnd

    async def end_day(self) -> int:
        """One round of the day's end."""
        return await self.day_end.round(self.reconciler, self.registries)


def back_office(
    configuration: Configuration, parties: Parties, outcomes: Outcomes, store: Store, clock: Clock
) -> BackOffice:
    """The back office over a store."""
    rules = configuration.rules
    shelf = FolderShelf(Path(configuration.settings.settlement.registry_folder))
    return BackOffice(
        actions=Actions(rules, parties, CarryingOut(parties, outcomes), store),
        reconciler=Reconciler(rules, parties, outcomes, store, clock),
        registries=Registries(rules, parties, store, shelf),
        day_end=DayEnd(rules, parties, store, clock),
    )


@asynccontextmanager
async def money_operations(
    configuration: Configuration, parties: Parties, office: BackOffice, store: Store
) -> AsyncIterator[MoneyOperations]:
    """What people may ask and do about money; runs that go on end with the context."""
    async with Runs(partial(reconcile_day, office.reconciler, office.registries)) as runs:
        yield MoneyOperations(rules=configuration.rules, parties=parties, store=store, taking=office.actions, runs=runs)
