"""A copy comes back while people pay and providers do their worst: nothing is paid twice, and nothing is lost silently.

The world is that of the payments, with one thing more: at some moment the database is what it was some time before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from smsgw.domain.calls import Answer, Kind, NotSent, Pending, Question, Unknown, Verb
from smsgw.domain.payment import State
from smsgw.domain.reconciliation import Difference, Reconciliation
from smsgw.service.expire import expire
from smsgw.service.reconcile import Reconciler
from smsgw.store.restored import come_back
from smsgw.store.sqlite import SqliteConnection
from tests.simulation.test_money import CASH, FIRST_SEED, PHONES, SEEDS, STEPS, World


class RestoredWorld(World):
    """One seed, in which everything after the copy is forgotten by us, and by nobody else."""

    async def live(self) -> None:
        for phone in PHONES:
            await self.house.enrol(phone, money_in=CASH)
        await self._steps(self.random.randrange(STEPS // 2))
        with closing(sqlite3.connect(":memory:")) as copy:
            await self._text("SARKOR*n1234*5000*parol1", PHONES[0])
            self.house.store._database.backup(copy)
            await self._confirm(PHONES[0])
            await self._steps(self.random.randrange(STEPS // 2))
            copy.backup(self.house.store._database)
        await self._start_from_copy()
        await self._steps(STEPS // 4)
        self.provider.weather = type(self.provider.weather)(*([0.0] * 7))
        await self._days_pass(2)
        await self._all_known_or_parked()
        told = await self._findings()
        await self._days_pass(1)
        await self._people_resolve()
        await self._nothing_is_lost_silently(told)

    async def _steps(self, count: int) -> None:
        for _ in range(count):
            await self._step()

    async def _start_from_copy(self) -> None:
        """The node is gone with all that it had in hand; the next one starts from the copy."""
        house = self.house
        come_back(SqliteConnection(house.store._database, house.clock.now_us))
        house.calls.clear()
        house.texts.clear()
        unasked = {
            payment.id
            for payment in await self._payments()
            if payment.state is State.PROCESSING and await self._call(payment) is not None
        }
        self.provider.call = self._watched(unasked)  # type: ignore[method-assign, assignment]
        await expire(house.store, house.rules)
        waiting = [payment for payment in await self._payments() if payment.state is State.AWAITING_CODE]
        assert waiting == [], "a code that was out still pays"

    def _watched(self, unasked: set[int]) -> Callable[[Question, Callable[[], bool]], Awaitable[Answer]]:
        """Fail if anything that was open is paid before the provider has said what became of it."""
        ask = self.provider.call

        async def call(question: Question, may_send: Callable[[], bool]) -> Answer:
            reference = int(question.parameters["reference"])
            if question.parameters["kind"] == Kind.PAY:
                assert question.verb not in {Verb.PAY, Verb.PREPARE} or reference not in unasked, "paid before asked"
            answer = await ask(question, may_send)
            if question.verb is Verb.STATUS and not isinstance(answer, NotSent | Unknown | Pending):
                unasked.discard(reference)
            return answer

        return call

    async def _findings(self) -> dict[str, Difference]:
        """What the reconciliation of the days names, by the provider's key."""
        house = self.house
        reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
        told: dict[str, Difference] = {}
        for day in ("2026-11-18", "2026-11-19"):
            done = await reconciler.reconcile("sarkor", day)
            assert isinstance(done, Reconciliation), done
            told |= {finding.key: finding.difference for finding in done.findings}
        return told

    async def _nothing_is_lost_silently(self, told: dict[str, Difference]) -> None:
        """What the two books have not in common is named where there is a statement; no other book can be asked."""
        credited = {line.reference: line.amount_minor for line in self.provider.lines()}
        payments = await self._payments()
        executed = {p.id: p.amount.minor for p in payments if p.state is State.EXECUTED}
        assert len(credited) == len(self.provider.lines()), "a payment was credited twice"
        assert all(executed[each] == credited[each] for each in executed.keys() & credited.keys())
        assert not [p for p in payments if p.state is State.PROCESSING]
        assert await self.house.store.reads.unbalanced() == []
        if self.provider.capabilities.statement:
            for reference in credited.keys() - executed.keys():
                assert told[str(reference)] is Difference.EXTRA
            for reference in executed.keys() - credited.keys():
                assert told[str(reference)] is Difference.MISSING
        else:
            assert executed.keys() <= credited.keys()


@pytest.mark.proves("F58")
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS // 3))
async def test_a_copy_that_comes_back_pays_nothing_twice_and_hides_nothing(seed: int) -> None:
    world = RestoredWorld(seed)
    await world.live()
