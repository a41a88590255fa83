"""Payments against providers that do their worst, on virtual time: the gateway's books and theirs agree in the end.

The use cases, the books and the database are the real ones. A seed draws providers, their faults, kills of the node,
and what people text; then everything heals, days are reconciled, and people resolve what is left by looking into the
provider's books. Whatever happened, nobody's money is lost, doubled, or with two owners.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any, Final, cast

import pytest

from smsgw.domain.actions import Action, ActionKind
from smsgw.domain.calls import CallState, Capabilities, Kind, ProviderCall
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation
from smsgw.service.actions import Actions, Request
from smsgw.service.carrying_out import CarryingOut
from smsgw.service.follow_up import follow_up
from smsgw.service.reconcile import Reconciler
from tests.house import House
from tests.simulation.provider import CALM, BookProvider, NodeDied

SEEDS: Final = int(os.environ.get("SMSGW_SIMULATION_SEEDS", "60"))
FIRST_SEED: Final = int(os.environ.get("SMSGW_SIMULATION_FIRST_SEED", "0"))
PHONES: Final = tuple(Msisdn(f"+99890123456{digit}") for digit in range(4))
STEPS: Final = 60
# How many send the code at once; the others think about it, or never do.
MEANS_IT: Final = 0.7
DAY_S: Final = 24 * 3600
# So short that the end of a payment's life comes while the faults last.
SHORT_LIFE_S: Final = 1800
CASH: Final = "1000000"
CASE: Final = Request("night shift", "looked into the provider's books")

# One of each kind that there is, and their likes.
KINDS: Final[dict[str, Capabilities]] = {
    "parks": Capabilities(),
    "parks, states": Capabilities(statement=True),
    "repeats": Capabilities(dedupes_by_reference=True, repeat_after_s=60, lifetime_s=SHORT_LIFE_S),
    "repeats, looks first": Capabilities(dedupes_by_reference=True, duplicate_checked_first=True),
    "asks": Capabilities(status=True, lifetime_s=SHORT_LIFE_S),
    "asks, bounded": Capabilities(status=True, max_late_apply_s=600),
    "asks, bounded, states": Capabilities(status=True, max_late_apply_s=600, statement=True, lifetime_s=SHORT_LIFE_S),
    "asks, repeats, states": Capabilities(status=True, dedupes_by_reference=True, statement=True, cancels=True),
    "two phases": Capabilities(
        prepares=True, dedupes_by_reference=True, withdraws=True, lifetime_s=SHORT_LIFE_S, repeat_after_s=60
    ),
    "two phases, asks, states": Capabilities(
        prepares=True,
        status=True,
        dedupes_by_reference=True,
        withdraws=True,
        cancels=True,
        statement=True,
        lifetime_s=SHORT_LIFE_S,
    ),
}


class World:
    """One seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 -- the same seed must draw the same world
        self.house = House()
        self.kind = self.random.choice(list(KINDS))
        self.provider = BookProvider(KINDS[self.kind], self.random, self.house.clock.now_us)
        self.house.providers["sarkor"] = cast("Any", self.provider)
        self.seen: Counter[str] = Counter()

    async def live(self) -> None:
        """Enrol, let people pay and things break, heal, reconcile, and let people resolve."""
        for phone in PHONES:
            await self.house.enrol(phone, money_in=CASH)
        for _ in range(STEPS):
            await self._step()
        self.provider.weather = CALM
        await self._days_pass(2)
        await self._all_known_or_parked()
        await self._reconcile()
        await self._days_pass(1)
        await self._people_resolve()
        await self._agree()

    async def _step(self) -> None:
        phone = self.random.choice(PHONES)
        match self.random.randrange(4):
            case 0:
                account, soums = f"n{self.random.randint(1001, 1099)}", self.random.randint(500, 90_000)
                await self._text(f"SARKOR*{account}*{soums}*parol1", phone)
                if self.random.random() < MEANS_IT:
                    await self._confirm(phone)
            case 1:
                await self._confirm(phone)
            case 2:
                await self._time_passes(self.random.choice((1, 30, 61, 600, 3600)))
            case _:
                await self._refund(phone)
        await self._at_most_once()

    async def _text(self, text: str, phone: Msisdn) -> None:
        await self.house.receive(text, phone)
        await self._work_off()

    async def _confirm(self, phone: Msisdn) -> None:
        with suppress(StopIteration):
            await self._text(self._code_of(phone), phone)

    def _code_of(self, phone: Msisdn) -> str:
        """The code that this phone read last."""
        texts = (text for to, text in reversed(self.house.phones.inbox) if to == phone)
        return next(text.split()[1] for text in texts if text.startswith("Code "))

    async def _refund(self, phone: Msisdn) -> None:
        executed = [p for p in await self.house.store.reads.payments(phone, 5) if p.state is State.EXECUTED]
        if executed and self.provider.capabilities.cancels:
            await self._desk().about_payment(ActionKind.REFUND, executed[0].number, CASE)
            await self._work_off()

    async def _work_off(self) -> None:
        """A node that dies leaves its call to whoever claims it later."""
        while self.house.calls or self.house.texts:
            with suppress(NodeDied):
                await self.house.work_off()

    async def _time_passes(self, seconds: float) -> None:
        self.house.clock.passes(seconds)
        self.provider.time_passes()
        lease_us = self.house.clock.now_us() + 30_000_000
        calls = await self.house.store.write("", lambda tx: tx.calls.claim(lease_us, {"sarkor": 100}))
        self.house.calls.extend(calls)
        self.house.texts.extend(await self.house.store.write("", lambda tx: tx.outbox.claim(lease_us, 100)))
        await self._work_off()

    async def _days_pass(self, days: int) -> None:
        for _ in range(days * 96):
            await self._time_passes(DAY_S / 96)
            await follow_up(self.house.store, self.house.rules)
        await self._at_most_once()

    async def _at_most_once(self) -> None:
        counted = Counter(line.reference for line in self.provider.lines())
        assert all(count == 1 for count in counted.values()), "a payment was credited twice"
        assert await self.house.store.reads.unbalanced() == []

    async def _payments(self) -> list[Payment]:
        return [p for phone in PHONES for p in await self.house.store.reads.payments(phone, 1000)]

    async def _call(self, payment: Payment, kind: Kind = Kind.PAY) -> ProviderCall | None:
        return await self.house.store.reads.call(payment.id, kind)

    async def _all_known_or_parked(self) -> None:
        """Once faults have stopped, everything comes to an end that is named."""
        for payment in await self._payments():
            self.seen[payment.state.value] += 1
            if payment.state is State.PROCESSING:
                call = await self._call(payment)
                assert call is not None
                assert call.state is CallState.PARKED, f"{payment.number} is neither known nor parked"
                self.seen["parked"] += 1

    async def _reconcile(self) -> None:
        house = self.house
        reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
        for day in ("2026-11-18", "2026-11-19"):
            done = await reconciler.reconcile("sarkor", day)
            assert isinstance(done, Reconciliation), done
            self.seen["resolved"] += done.resolved.payments
            assert done.missing.payments == done.mismatched.payments == 0, done
            assert done.extra.payments == 0, done

    def _desk(self) -> Actions:
        house = self.house
        return Actions(house.rules, house.parties, CarryingOut(house.parties, house.outcomes), house.store)

    async def _people_resolve(self) -> None:
        for payment in await self._payments():
            if payment.state is State.PROCESSING:
                self.seen["by people"] += 1
                kind = ActionKind.PAID if self.provider.credited(payment.id) else ActionKind.NOT_PAID
                action = await self._desk().about_payment(kind, payment.number, CASE)
                assert isinstance(action, Action), action
        await self._work_off()

    async def _agree(self) -> None:
        """The provider's books and ours tell one story, and the wallets have the rest."""
        payments = await self._payments()
        credited = {line.reference: (line.account, line.amount_minor) for line in self.provider.lines()}
        executed = {p.id: (p.account[0], p.amount.minor) for p in payments if p.state is State.EXECUTED}
        assert credited == executed
        for phone in PHONES:
            spent = sum(p.total.minor for p in payments if p.msisdn == phone and p.state is State.EXECUTED)
            left = await self.house.available(phone)
            assert self._minor(left) == self._minor(CASH) - spent
        assert await self.house.store.reads.unbalanced() == []

    @staticmethod
    def _minor(soums: str) -> int:
        whole, _, fraction = soums.partition(".")
        return int(whole) * 100 + int(fraction.ljust(2, "0") or "0")


@pytest.mark.proves("I1", "I5", "I6", "I8", "F35", "F36", "F45")
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
async def test_both_books_agree_in_the_end(seed: int) -> None:
    world = World(seed)
    await world.live()
