"""The real store as its callers see it: commits in groups, cancelled callers, hand-overs; on both databases."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from smsgw.domain.calls import ProviderCall
from smsgw.domain.money import UZS, Money
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import OutboundSms
from smsgw.ledger.rules import top_up
from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.store import writer
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, BARNO, add_payment, call, payment, sms, surroundings


@pytest.fixture
async def opened(url: str) -> AsyncIterator[SqlStore]:
    store = await open_store(url, surroundings())
    yield store
    await store.close()


class Gate:
    """Holds the writer inside a unit until the test lets it go on, so that others queue up behind it."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()

    def __call__(self, _: Tx) -> None:
        self._reached.set()
        assert self._open.wait(10)

    async def reached(self) -> None:
        await asyncio.to_thread(self._reached.wait, 10)

    def open(self) -> None:
        self._open.set()


@pytest.mark.proves("I27")
async def test_a_result_is_returned_once_it_is_committed(opened: SqlStore, url: str) -> None:
    assert await opened.write(ALISHER, lambda tx: add_payment(tx, payment())) == payment()
    assert await opened.reads.payment(payment().number) == payment()


async def test_a_unit_that_raises_is_rolled_back_alone(opened: SqlStore) -> None:
    def fail(tx: Tx) -> None:
        add_payment(tx, payment(1))
        tx.calls.add(call(1))
        raise LookupError("a bug")

    handed: list[ProviderCall | OutboundSms] = []
    opened.subscribe(handed.append, handed.append)
    gate = Gate()
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(opened.write(ALISHER, gate))]
    await gate.reached()
    waiting.append(asyncio.create_task(opened.write(ALISHER, fail)))
    waiting.append(asyncio.create_task(opened.write(ALISHER, lambda tx: add_payment(tx, payment(2)))))
    await asyncio.sleep(0)
    gate.open()
    _, failed, fine = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(failed, WorkFailed)
    assert isinstance(failed.__cause__, LookupError)
    assert fine == payment(2)
    assert [each.id for each in await opened.reads.payments(None, 10)] == [2]
    assert handed == []


async def test_units_of_one_key_run_in_the_order_of_their_calls(opened: SqlStore) -> None:
    ran: list[str] = []
    gate = Gate()
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(opened.write(ALISHER, gate))]
    await gate.reached()
    for note in ("a1", "b1", "a2", "b2"):
        key = ALISHER + note[0]
        waiting.append(asyncio.create_task(opened.write(key, lambda _, note=note: ran.append(note))))  # type: ignore[misc]
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(*waiting)
    assert [note for note in ran if note[0] == "a"] == ["a1", "a2"]
    assert [note for note in ran if note[0] == "b"] == ["b1", "b2"]


async def test_a_cancelled_caller_does_not_stop_its_unit(opened: SqlStore) -> None:
    handed: list[ProviderCall | OutboundSms] = []
    opened.subscribe(handed.append, handed.append)

    def work(tx: Tx) -> None:
        add_payment(tx, payment())
        tx.outbox.add(sms())

    gate = Gate()
    first = asyncio.create_task(opened.write(ALISHER, gate))
    await gate.reached()
    cancelled = asyncio.create_task(opened.write(ALISHER, work))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.open()
    await first
    await opened.write(ALISHER, lambda tx: tx.now_us)
    assert cancelled.cancelled()
    assert await opened.reads.payment(payment().number) == payment()
    assert len(handed) == 1


async def test_rows_are_handed_over_on_the_event_loop(opened: SqlStore) -> None:
    threads: list[int] = []
    opened.subscribe(lambda _: threads.append(threading.get_ident()), lambda _: threads.append(threading.get_ident()))

    def work(tx: Tx) -> None:
        add_payment(tx, payment())
        tx.calls.add(call())
        tx.outbox.add(sms())

    await opened.write(ALISHER, work)
    assert threads == [threading.get_ident()] * 2


async def test_closing_runs_what_is_queued_to_its_end(url: str) -> None:
    store = await open_store(url, surroundings())
    gate = Gate()
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(store.write(ALISHER, gate))]
    await gate.reached()
    waiting.append(asyncio.create_task(store.write(ALISHER, lambda tx: add_payment(tx, payment()))))
    await asyncio.sleep(0)
    gate.open()
    await store.close()
    assert await asyncio.gather(*waiting) == [None, payment()]
    with pytest.raises(StoreUnavailable):
        await store.write(ALISHER, lambda tx: tx.now_us)


@pytest.mark.proves("F55")
async def test_the_queue_has_an_end(opened: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "QUEUE_MAX", 1)
    gate = Gate()
    first = asyncio.create_task(opened.write(ALISHER, gate))
    await gate.reached()
    second = asyncio.create_task(opened.write(ALISHER, lambda tx: tx.now_us))
    await asyncio.sleep(0)
    assert opened.waiting == 1
    with pytest.raises(StoreUnavailable):
        await opened.write(ALISHER, lambda tx: tx.now_us)
    gate.open()
    await asyncio.gather(first, second)


async def test_many_callers_share_few_transactions_and_lose_nothing(opened: SqlStore) -> None:
    def fund(number: int, who: Msisdn, tx: Tx) -> bool:
        tx.subscribers.lock(who)
        return tx.ledger.apply(top_up(f"key{number}", who, "till", Money(1, UZS))).done

    people = [ALISHER, BARNO] * 250
    done = await asyncio.gather(*(opened.write(who, partial(fund, n, who)) for n, who in enumerate(people)))
    assert done == [True] * 500
    wallets = {each.name: each.credits_posted for each in await opened.reads.accounts()}
    assert wallets == {"cash:till": 0, f"wallet:{ALISHER}": 250, f"wallet:{BARNO}": 250}
    assert await opened.reads.unbalanced() == []
    assert not opened.broken


async def test_time_comes_from_the_database_where_nodes_share_one(opened: SqlStore, url: str) -> None:
    now_us = await opened.write("", lambda tx: tx.now_us)
    assert (now_us == surroundings().clock.now_us()) == url.startswith("sqlite")


async def test_a_second_store_reads_what_the_first_has_written(url: str) -> None:
    first = await open_store(url, surroundings())
    await first.write(ALISHER, lambda tx: add_payment(tx, payment()))
    await first.close()
    second = await open_store(url, surroundings())
    assert await second.reads.payment(payment().number) == payment()
    saved = replace(payment(), refusal="x")
    await second.write(ALISHER, lambda tx: tx.payments.save(saved))
    assert await second.reads.payment(payment().number) == saved
    await second.close()
