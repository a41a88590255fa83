"""Runs in the background: one for each day, a few at once, each failure remembered until the next run."""

import asyncio
from functools import partial

import pytest

from smsgw.domain.calls import Capabilities
from smsgw.domain.money import UZS
from smsgw.domain.reconciliation import Reconciliation
from smsgw.service.reconcile import NotReconciled, Reconciler
from smsgw.service.registries import Registries
from smsgw.web.runs import FAILURES_MAX, RUNS_MAX, STOPPED, Runs, reconcile_day
from tests.back_office import DAY, MemoryShelf
from tests.house import House, ScriptedProvider

LONG_S = 5.0


class Statements:
    """Runs that end when they are let, as they are told."""

    def __init__(self, outcome: NotReconciled | OSError | None = None) -> None:
        self.outcome = outcome
        self.go_on = asyncio.Event()
        self.began: list[tuple[str, str]] = []

    async def run(self, provider: str, day: str) -> Reconciliation | NotReconciled:
        self.began.append((provider, day))
        await self.go_on.wait()
        if isinstance(self.outcome, OSError):
            raise self.outcome
        return self.outcome or Reconciliation(provider=provider, day=day, currency=UZS, run_at_us=1)


async def test_whoever_asks_meanwhile_waits_for_the_same_run() -> None:
    statements = Statements()
    async with Runs(statements.run) as runs:
        assert [runs.begin("sarkor", DAY) for _ in range(3)] == [True] * 3
        await runs.wait("sarkor", DAY, 0.001)
        assert runs.goes_on("sarkor", DAY)
        statements.go_on.set()
        await runs.wait("sarkor", DAY, LONG_S)
        assert not runs.goes_on("sarkor", DAY)
    assert statements.began == [("sarkor", DAY)]


async def test_one_run_more_than_the_most_is_not_begun() -> None:
    statements = Statements()
    async with Runs(statements.run) as runs:
        days = [f"2026-11-{number:02d}" for number in range(1, RUNS_MAX + 2)]
        assert [runs.begin("sarkor", day) for day in days] == [True] * RUNS_MAX + [False]
        assert runs.begin("sarkor", days[0])
        statements.go_on.set()
        await runs.wait("sarkor", days[0], LONG_S)
        assert runs.begin("sarkor", days[-1])


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (None, ""),
        (NotReconciled("the statement could not be had: HTTP 502"), "the statement could not be had: HTTP 502"),
        (OSError(28, "No space left"), "the run broke off (OSError); the log line reconciliation.broke_off"),
    ],
)
async def test_why_a_run_came_to_nothing_is_remembered(outcome: NotReconciled | OSError | None, why: str) -> None:
    statements = Statements(outcome)
    statements.go_on.set()
    async with Runs(statements.run) as runs:
        runs.begin("sarkor", DAY)
        await runs.wait("sarkor", DAY, LONG_S)
        assert runs.failure("sarkor", DAY)[: len(why)] == why
        assert bool(runs.failure("sarkor", DAY)) is bool(why)
        statements.outcome = None
        runs.begin("sarkor", DAY)
        await runs.wait("sarkor", DAY, LONG_S)
        assert runs.failure("sarkor", DAY) == ""


async def test_only_the_latest_failures_are_remembered() -> None:
    statements = Statements(NotReconciled("no"))
    statements.go_on.set()
    async with Runs(statements.run) as runs:
        for number in range(FAILURES_MAX + 1):
            runs.begin("sarkor", str(number))
            await runs.wait("sarkor", str(number), LONG_S)
        assert (runs.failure("sarkor", "0"), runs.failure("sarkor", "1")) == ("", "no")


async def test_a_stop_ends_what_goes_on() -> None:
    runs = Runs(Statements().run)
    async with runs:
        runs.begin("sarkor", DAY)
    assert not runs.goes_on("sarkor", DAY)
    assert runs.failure("sarkor", DAY) == STOPPED


@pytest.mark.parametrize(("hours", "files"), [(48, {"SMSGW_sarkor_202611181.csv"}), (0, set())])
async def test_a_reconciled_day_has_its_registry_and_no_other(house: House, hours: int, files: set[str]) -> None:
    house.providers["sarkor"] = ScriptedProvider(Capabilities(registry=True))
    house.clock.passes(hours * 3600)
    shelf = MemoryShelf()
    reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
    registries = Registries(house.rules, house.parties, house.store, shelf)
    await partial(reconcile_day, reconciler, registries)("sarkor", DAY)
    assert set(shelf.files) == files
