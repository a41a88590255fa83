"""Random payments over every protocol, with faults: in the end the gateway's books and every provider's say the same.

The use cases, the books, the adapters and HTTP are the real ones; the billings are the simulator's, whose books share
no code with ours. Time is virtual, so that days pass and answers that get lost are not waited for. `make books` makes
10,000 payments; `make test` some hundred.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final, cast

import pytest
from aiohttp import web

from simulator.billing.faults import Fault, FaultKind
from simulator.billing.provider import BillingSetup
from smsgw.domain.actions import ActionKind
from smsgw.domain.calls import CallState, Kind
from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Category, Provider
from smsgw.domain.money import UZS
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation
from smsgw.parser.words import Lexicon
from smsgw.service.actions import Request
from smsgw.service.reconcile import Reconciler
from tests.back_office import desk
from tests.contract.billings import World, serving
from tests.house import PASSWORD, House, house_rules, soums, words

PAYMENTS: Final = int(os.environ.get("SMSGW_BOOKS_PAYMENTS", "280"))
SEED: Final = int(os.environ.get("SMSGW_BOOKS_SEED", "1"))
PHONES: Final = tuple(Msisdn(f"+9989012345{digits:02d}") for digits in range(100))
CASH_SOUMS: Final = 50_000_000
# So that ten thousand payments take two days, and a phone has half an hour between two of its own.
PAUSE_S: Final = 20
QUARTER_S: Final = 900
FAULT_RATE: Final = 0.15
WAITING_MAX: Final = 20
REFUND_RATE: Final = 0.03
CASE: Final = Request("night shift", "looked into the provider's books")

# What a billing of each protocol needs beside its address.
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "osmp": {},
    "sber": {"protocol": "osmp", "dialect": {"preset": "sber"}},
    "payme": {},
    "paynet": {"dialect": {"service_id": 1}},
    "click": {"dialect": {"service_id": 77}},
    # Its statement goes by the billing's own clock, and time is virtual here.
    "json": {"statement": False},
    "sarkor": {},
}
SETUPS: Final = tuple(
    BillingSetup(name=name, protocol=name, login="Paycom" if name == "payme" else "smsgw", password="canary")
    for name in SETTINGS
)
STATING: Final = ("payme", "paynet")
LATE_ONLY: Final = {FaultKind.APPLY_LATE, FaultKind.SLOW, FaultKind.DRIP}
FAULTS: Final = tuple(kind for kind in FaultKind if kind not in LATE_ONLY)
COMMANDS: Final = ("pay", "pay", "pay", "prepare", "check", "status", "cancel")


def catalogue() -> Catalogue:
    """Everybody who can be paid."""
    account = AccountPart("[a-z]+[0-9]*")
    return Catalogue(
        tuple(
            Provider(
                name=name,
                title=name.upper(),
                currency=UZS,
                amount=AmountRule(soums("500"), soums("5000000")),
                category=Category.INTERNET,
                account=(account,),
            )
            for name in SETTINGS
        )
    )


class Books:
    """One run over all protocols."""

    def __init__(self, world: World) -> None:
        paid = catalogue()
        self.house = House(replace(house_rules(), catalogue=paid, lexicon=Lexicon.of(words(), paid)))
        self.world = world
        self.random = Random(SEED)  # noqa: S311 -- the same seed must draw the same payments
        self.days: set[str] = set()
        self.seen: Counter[str] = Counter()
        for name, settings in SETTINGS.items():
            self.house.providers[name] = cast("Any", world.provider(name, **settings))

    async def pay(self) -> None:
        """One payment of somebody to somebody, perhaps with something that goes wrong."""
        name, phone = self.random.choice(list(SETTINGS)), self.random.choice(PHONES)
        if self.random.random() < FAULT_RATE:
            command, kind = self.random.choice(COMMANDS), self.random.choice(FAULTS)
            faults = self.world.billings[name].faults
            if len(faults.waiting()) >= WAITING_MAX:
                faults.clear()  # for requests that its protocol does not have
            faults.put(Fault(kind=kind, command=command, count=self.random.randint(1, 3)))
        account, sum_soums = f"ali{self.random.randint(1, 1200)}", self.random.randint(500, 90_000)
        events = await self.house.text(f"{name.upper()}*{account}*{sum_soums}*{PASSWORD}", phone)
        if "code" in events:
            events += await self.house.text(self.house.code, phone)
        self.seen.update(events)
        if self.random.random() < REFUND_RATE:
            await self.refund(phone)
        await self.time_passes(PAUSE_S)

    async def refund(self, phone: Msisdn) -> None:
        """Ask the provider to take the phone's latest payment back; some cannot."""
        for payment in await self.house.store.reads.payments(phone, 1):
            await desk(self.house).about_payment(ActionKind.REFUND, payment.number, CASE)
            await self.house.work_off()

    async def time_passes(self, seconds: float) -> None:
        """Time goes by, and what is due is done."""
        self.house.clock.passes(seconds)
        self.house.events.clear()
        await self.house.claim()

    async def days_pass(self, count: int) -> None:
        """Every provider is well again; whatever can be known becomes known."""
        for billing in self.world.billings.values():
            billing.faults.clear()
        for _ in range(count * 24 * 3600 // QUARTER_S):
            await self.time_passes(QUARTER_S)

    async def payments(self) -> list[Payment]:
        """All of them."""
        return [p for phone in PHONES for p in await self.house.store.reads.payments(phone, PAYMENTS)]

    async def reconcile(self) -> list[Reconciliation]:
        """Compare every day of every provider."""
        house = self.house
        reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
        ours = {date.fromisoformat(payment.day) for payment in await self.payments() if payment.day}
        # The providers' days begin five hours before ours.
        days = sorted({str(day + timedelta(days=more)) for day in ours for more in (0, 1)})
        reports = [await reconciler.reconcile(name, day) for name in SETTINGS for day in days]
        await house.claim()
        assert all(isinstance(report, Reconciliation) for report in reports), reports
        return cast("list[Reconciliation]", reports)

    async def people_resolve(self) -> None:
        """Whatever is parked ends by what the provider's books say."""
        books = {name: {line[0] for line in self.world.credited(name)} for name in SETTINGS}
        for payment in await self.payments():
            credited = payment.id in books[payment.provider]
            cancel = await self.house.store.reads.call(payment.id, Kind.CANCEL)
            if payment.state is State.PROCESSING:
                await self._say(ActionKind.PAID if credited else ActionKind.NOT_PAID, payment)
            elif cancel is not None and cancel.state is CallState.PARKED and not credited:
                await self._say(ActionKind.TAKEN_BACK, payment)

    async def _say(self, kind: ActionKind, payment: Payment) -> None:
        action = await desk(self.house).about_payment(kind, payment.number, CASE)
        assert not hasattr(action, "refusal"), (payment, action)
        self.seen[f"a person: {kind}"] += 1


@pytest.mark.timeout(0)
async def test_ledger_and_reconciliation_agree_with_every_providers_books() -> None:
    async with serving(web.Application(), SETUPS) as world:
        books = Books(world)
        for phone in PHONES:
            await books.house.enrol(phone, money_in=str(CASH_SOUMS))
        for _ in range(PAYMENTS):
            await books.pay()
        await books.days_pass(3)
        await books.reconcile()
        await books.people_resolve()
        await books.house.work_off()
        reports = await books.reconcile()

        payments = await books.payments()
        for name in SETTINGS:
            executed = [(p.id, p.account[0], p.amount.minor) for p in payments if is_paid(p, name)]
            assert sorted(world.credited(name)) == sorted(executed), name
            compared = [report.matched for report in reports if report.provider == name and report.compared]
            # One of the minutes around midnight may stand in the statements of both days.
            assert name not in STATING or sum([tally.payments for tally in compared]) >= len(executed)
        assert [report for report in reports if not report.equal or report.open.payments] == []
        assert await books.house.store.reads.unbalanced() == []
        spent_minor = sum(p.total.minor for p in payments if p.state is State.EXECUTED)
        left_minor = sum([soums(await books.house.available(phone)).minor for phone in PHONES])
        assert left_minor + spent_minor == CASH_SOUMS * 100 * len(PHONES)
        states = Counter(payment.state.value for payment in payments)
        print(len(payments), "payments:", dict(states), dict(books.seen))  # noqa: T201 -- what `make books` shows


def is_paid(payment: Payment, name: str) -> bool:
    return payment.provider == name and payment.state is State.EXECUTED
