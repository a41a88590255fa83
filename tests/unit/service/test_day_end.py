"""The end of the day: at its hour, once, with what was missed, and one provider's trouble is its own."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from smsgw.domain.calls import Capabilities
from smsgw.domain.reconciliation import Reconciliation
from smsgw.domain.statement import NoStatement, Statement
from smsgw.service.day_end import AGAIN_AFTER_S, DAYS_BACK_MAX, DayEnd, days_due
from smsgw.service.reconcile import Reconciler
from smsgw.service.registries import Registries
from tests.house import House, ScriptedProvider

EMPTY: Final = Statement((), "e3b0")
HOUR_S: Final = 3600
# The house is in UTC; its clock stands at 11:06:40, so the next 06:00 is 18:53:20 away.
TO_THE_HOUR_S: Final = 18 * HOUR_S + 53 * 60 + 20


class NoShelf:
    """Implements `ports.Shelf`; nobody reads it."""

    def put(self, name: str, octets: bytes) -> None:
        assert name
        assert octets


class Evening:
    """A house with its day's end; `sarkor` has statements, the others want nothing."""

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        self.house = House()
        self.provider = ScriptedProvider(capabilities or Capabilities(statement=True))
        self.house.providers["sarkor"] = self.provider
        house = self.house
        self._reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
        self._registries = Registries(house.rules, house.parties, house.store, NoShelf())
        self._day_end = DayEnd(house.rules, house.parties, house.store, house.clock)

    async def round(self, after_s: float = 0, *statements: Statement | NoStatement) -> int:
        self.house.clock.passes(after_s)
        self.provider.statements.extend(statements)
        return await self._day_end.round(self._reconciler, self._registries)

    async def by_hand(self, day: str, statement: Statement) -> bool:
        self.provider.statements.append(statement)
        return isinstance(await self._reconciler.reconcile("sarkor", day), Reconciliation)

    async def days(self) -> list[str]:
        return [each.day for each in await self.house.store.reads.reconciliations("sarkor", 100)]


async def test_nothing_happens_before_the_hour_and_once_after_it() -> None:
    evening = Evening()
    assert await evening.round(TO_THE_HOUR_S - 1, EMPTY) == 0
    assert await evening.round(1) == 1
    assert await evening.round(60) == 0
    assert await evening.days() == ["2026-11-18"]


async def test_a_node_that_was_down_catches_up_on_the_days_it_missed() -> None:
    evening = Evening()
    await evening.round(TO_THE_HOUR_S, EMPTY)
    assert await evening.round(3 * 24 * HOUR_S, EMPTY, EMPTY, EMPTY) == 3
    assert await evening.days() == ["2026-11-21", "2026-11-20", "2026-11-19", "2026-11-18"]


async def test_a_statement_that_cannot_be_had_is_asked_for_again_after_a_rest() -> None:
    evening = Evening()
    assert await evening.round(TO_THE_HOUR_S, NoStatement("HTTP 502"), EMPTY) == 0
    assert await evening.round(AGAIN_AFTER_S - 1) == 0
    assert await evening.round(1) == 1


async def test_a_day_that_cannot_be_had_keeps_its_place_before_the_next() -> None:
    evening = Evening()
    await evening.round(TO_THE_HOUR_S, EMPTY)
    assert await evening.round(2 * 24 * HOUR_S, NoStatement("HTTP 502"), EMPTY, EMPTY) == 0
    assert await evening.round(AGAIN_AFTER_S) == 2


async def test_a_provider_with_a_registry_only_has_its_day_ended_too() -> None:
    evening = Evening(Capabilities(registry=True))
    assert await evening.round(TO_THE_HOUR_S) == 1
    made = await evening.house.store.reads.registries("sarkor", "2026-11-18")
    assert [each.serial for each in made] == [1]


async def test_a_provider_with_neither_is_left_alone() -> None:
    assert await Evening(Capabilities()).round(TO_THE_HOUR_S) == 0


async def test_one_provider_without_its_statement_stops_no_other() -> None:
    evening = Evening()
    other = evening.house.providers["comnet"] = ScriptedProvider(Capabilities(statement=True))
    other.statements.append(EMPTY)
    assert await evening.round(TO_THE_HOUR_S, NoStatement("HTTP 502")) == 1


@pytest.mark.parametrize(
    ("done", "days"),
    [
        ([], [20]),
        ([20], []),
        ([18], [19, 20]),
        ([14, 20], [15, 16, 17, 18, 19]),
        ([13], [14, 15, 16, 17, 18, 19, 20]),
        ([1], [14, 15, 16, 17, 18, 19, 20]),
        ([15, 16, 17, 18, 19, 20], []),
    ],
)
def test_which_days_are_due(done: list[int], days: list[int]) -> None:
    """Every day of the last week that has no report, whatever was done by hand since; what is older, by name only."""
    due = list(days_due({date(2026, 11, day) for day in done}, date(2026, 11, 20)))
    assert due == [f"2026-11-{day}" for day in days]
    assert len(due) <= DAYS_BACK_MAX


async def test_a_day_done_by_hand_hides_none_of_those_before_it() -> None:
    evening = Evening()
    await evening.round(TO_THE_HOUR_S, EMPTY)
    evening.house.clock.passes(3 * 24 * HOUR_S)
    assert await evening.by_hand("2026-11-21", EMPTY)
    assert await evening.round(0, EMPTY, EMPTY) == 2
    assert await evening.days() == ["2026-11-21", "2026-11-20", "2026-11-19", "2026-11-18"]
