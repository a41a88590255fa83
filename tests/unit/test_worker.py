"""The pump: order for each key, a bound on all, and one bad row stops nobody."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from smsgw import worker
from smsgw.ports import StoreUnavailable
from smsgw.worker import WAITING_MAX, Pump, Work


class Handler:
    """Notes what is handled; a row can be made to wait, or to fail."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.back: list[str] = []
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.claims: list[list[str]] = []
        self.failures: dict[str, Exception] = {}
        self.waiting: set[str] = set()

    async def handle(self, row: str) -> bool:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1
        if row in self.failures:
            raise self.failures[row]
        if row in self.waiting:
            return False
        self.done.append(row)
        return True

    async def put_back(self, row: str) -> None:
        self.back.append(row)

    async def claim(self, rooms: Mapping[str, int]) -> Sequence[str]:
        return self.claims.pop(0)[: rooms["all"]] if self.claims else []

    def pump(self, width: int = 4, **changes: Any) -> Pump[str]:
        plain = {"name": "test", "widths": {"all": width}, "claim": self.claim, "handle": self.handle}
        plain |= {"put_back": self.put_back, "group": lambda _: "all", "key": lambda row: row[0], "drain_s": 10.0}
        return Pump(Work(**{**plain, **changes}))


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_rows_of_one_key_are_handled_in_order_one_at_a_time() -> None:
    handler = Handler()
    pump = handler.pump()
    for row in ("a1", "a2", "a3"):
        pump.offer(row)
    await turns()

    assert (handler.done, handler.most) == (["a1", "a2", "a3"], 1)


async def test_rows_of_different_keys_run_side_by_side_up_to_the_width() -> None:
    handler = Handler()
    handler.gate.clear()
    pump = handler.pump(width=2)
    for row in ("a1", "b1", "c1", "d1"):
        pump.offer(row)
    await turns()
    assert (handler.running, pump.waiting) == (2, 2)
    handler.gate.set()
    await turns()

    assert sorted(handler.done) == ["a1", "b1", "c1", "d1"]


async def test_of_those_that_wait_for_a_place_the_smaller_rank_goes_first() -> None:
    """A code is of use for minutes, a receipt for days; within one rank it is first come, first served."""
    handler = Handler()
    handler.gate.clear()
    pump = handler.pump(1, key=lambda row: row, rank=lambda row: int(row[0]))
    for row in ("2 first", "2 second", "0 third", "2 fourth", "0 fifth"):
        pump.offer(row)
    handler.gate.set()
    await turns(40)

    assert handler.done == ["2 first", "0 third", "0 fifth", "2 second", "2 fourth"]


async def test_a_row_that_fails_does_not_stop_the_others() -> None:
    handler = Handler()
    handler.failures = {"a1": ZeroDivisionError(), "b1": StoreUnavailable("full")}
    pump = handler.pump(width=1)
    for row in ("a1", "b1", "c1"):
        pump.offer(row)
    await turns()

    assert handler.done == ["c1"]


@pytest.mark.parametrize("failure", [None, ZeroDivisionError(), StoreUnavailable("full")])
async def test_what_follows_a_row_that_has_not_ended_waits_in_the_database(failure: Exception | None) -> None:
    """Given back at once, so that it is claimed right after the row before it."""
    handler = Handler()
    handler.waiting = {"a1"}
    handler.failures = {"a1": failure} if failure else {}
    pump = handler.pump()
    for row in ("a1", "a2", "b1"):
        pump.offer(row)
    await turns()
    pump.offer("a3")
    await turns()

    assert (handler.done, handler.back, pump.waiting) == (["b1", "a3"], ["a2"], 0)


@pytest.mark.proves("I25")
async def test_memory_is_bounded_and_the_rest_stays_in_the_database() -> None:
    handler = Handler()
    handler.gate.clear()
    pump = handler.pump(width=1)
    for number in range(WAITING_MAX + 10):
        pump.offer(f"{number}")
    await turns()

    assert pump.waiting <= WAITING_MAX
    handler.gate.set()


async def test_what_is_claimed_is_handled_and_work_in_hand_ends_before_the_pump_does() -> None:
    handler = Handler()
    handler.claims = [["a1", "b1"]]
    stop = asyncio.Event()
    running = asyncio.create_task(handler.pump().run(stop))
    await turns()
    stop.set()
    await running

    assert handler.done == ["a1", "b1"]


async def test_a_backlog_is_worked_off_claim_after_claim_while_rows_end() -> None:
    """Thousands of texts wait after a link was away: ten a second would outlive their codes."""
    handler = Handler()
    handler.claims = [[f"{at}", f"{at + 1}"] for at in range(0, 100, 2)]
    stop = asyncio.Event()
    running = asyncio.create_task(handler.pump(width=2).run(stop))
    await turns(500)
    stop.set()
    await running

    assert len(handler.done) == 100


async def test_a_backlog_that_cannot_end_now_is_looked_at_once_a_second() -> None:
    """The link is down: asking for the next rows at once would only keep the database busy."""
    handler = Handler()
    handler.claims = [["a", "b"], ["c", "d"]]
    handler.waiting = {"a", "b", "c", "d"}
    stop = asyncio.Event()
    running = asyncio.create_task(handler.pump(width=2).run(stop))
    await turns(100)

    assert handler.claims == [["c", "d"]]
    stop.set()
    await running


async def test_a_closed_pump_takes_nothing_more() -> None:
    handler = Handler()
    pump = handler.pump()
    stop = asyncio.Event()
    stop.set()
    await pump.run(stop)
    pump.offer("a1")
    await turns()

    assert handler.done == []


async def test_a_store_that_is_away_does_not_end_the_pump() -> None:
    handler = Handler()

    async def away(_: Mapping[str, int]) -> Sequence[str]:
        raise StoreUnavailable("gone")

    pump = handler.pump(1, claim=away)
    stop = asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    await turns()
    stop.set()
    await running


async def test_a_row_that_waited_too_long_for_its_lease_stays_in_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time it was handled another claim could have it."""
    handler = Handler()
    handler.gate.clear()
    pump = handler.pump(width=1)
    pump.offer("a1")
    pump.offer("b1")
    await turns()
    monkeypatch.setattr(worker, "HELD_S_MAX", 0.0)
    handler.gate.set()
    await turns()

    assert (handler.done, handler.back) == (["a1"], ["b1"])
