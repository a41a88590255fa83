"""Whoever waits is woken by what passes, and not kept for ever."""

from __future__ import annotations

import asyncio

from simulator.smsc.journal import Journal, Kind, ReceiptSent
from simulator.smsc.waiters import ANYONE, Waiters
from smsgw.smpp.constants import MessageState

ITEM = ReceiptSent("1", MessageState.DELIVERED)
NUMBER = "998901234567"
# Long enough that a test which waits for it has failed.
NEVER_S = 60.0


async def test_who_waits_for_a_number_or_for_anyone_is_woken() -> None:
    journal = Journal(10)
    waiters = Waiters()
    journal.watchers.append(lambda entry: waiters.ring(entry.number))
    waits = [asyncio.create_task(waiters.until(who, lambda: journal.since(0), NEVER_S)) for who in (NUMBER, ANYONE)]
    await asyncio.sleep(0)
    journal.add(0.0, Kind.RECEIPT, NUMBER, ITEM)
    assert [len(found) for found in await asyncio.gather(*waits)] == [1, 1]


async def test_what_is_there_already_is_not_waited_for() -> None:
    assert await Waiters().until(NUMBER, lambda: "found", NEVER_S) == "found"


async def test_the_last_look_is_returned_when_the_time_is_over() -> None:
    assert await Waiters().until(NUMBER, list[int], 0.0) == []


async def test_closing_sends_everyone_home() -> None:
    waiters = Waiters()
    wait = asyncio.create_task(waiters.until(NUMBER, list[int], NEVER_S))
    await asyncio.sleep(0)
    waiters.close()
    assert await wait == []
