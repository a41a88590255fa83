"""The PostgreSQL server is lost and its standby takes over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

import psycopg
import pytest

from smsgw.domain.money import UZS, Money
from smsgw.ledger.accounts import wallet_of
from smsgw.ledger.rules import top_up
from smsgw.ports import StoreUnavailable
from smsgw.store import opening
from smsgw.store.errors import StoreRefused, TransactionFailed
from smsgw.store.opening import open_store
from smsgw.store.postgres import PostgresConnection
from smsgw.store.postgres_reader import PostgresReader
from smsgw.store.reads import SqlReads
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, opened, surroundings
from tests.contract.store.standby import Pair, replicated
from tests.integration.said import Said

pytestmark = pytest.mark.postgres

WRITERS = 8
OUTAGE_S_MAX = 30.0


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """One pair for all; the test that loses the first server comes last."""
    with replicated() as both:
        yield both


def paid_in(key: str, tx: Tx) -> bool:
    tx.subscribers.lock(ALISHER)
    return tx.ledger.apply(top_up(key, ALISHER, "till", Money(1000, UZS))).done


class Tills:
    """Tills that pay in, one top-up after another, and repeat what was not acknowledged."""

    def __init__(self, store: SqlStore) -> None:
        self.acked: list[str] = []
        self.refused = 0
        self._store = store
        self._stop = asyncio.Event()

    async def till(self, name: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            await self._until_acked(f"{name}-{number}")

    async def _until_acked(self, key: str) -> None:
        while True:
            try:
                assert await self._store.write(key, partial(paid_in, key))
            except StoreUnavailable:
                self.refused += 1
                await asyncio.sleep(0.05)
            else:
                self.acked.append(key)
                return

    async def more(self, count: int) -> None:
        """Wait until so many more are acknowledged."""
        least = len(self.acked) + count
        async with asyncio.timeout(OUTAGE_S_MAX):
            while len(self.acked) < least:  # noqa: ASYNC110 -- counted, not told
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        self._stop.set()


@pytest.mark.proves("F23")
async def test_a_standby_is_never_read_nor_written(pair: Pair) -> None:
    """What a standby knows may be old: a question that only it could answer is an outage."""
    reader = PostgresReader(pair.standby)
    with pytest.raises(StoreUnavailable):
        await reader.snapshot([])
    with pytest.raises(StoreUnavailable):
        await SqlReads(reader).payments(None, 1)
    with pytest.raises(TransactionFailed):
        PostgresConnection(pair.standby).begin()
    with pytest.raises(StoreRefused):
        await open_store(pair.standby, surroundings())


async def test_tables_are_made_on_the_server_that_writes_wherever_it_is_named(pair: Pair) -> None:
    with psycopg.connect(pair.primary, autocommit=True) as session:
        session.execute("CREATE DATABASE another")
    url = pair.url_of("another", standby_first=True)
    async with asyncio.timeout(OUTAGE_S_MAX):
        # The standby follows within a moment; until then it does not know the database.
        while not standby_has(pair, "another"):  # noqa: ASYNC110 -- a server tells nobody
            await asyncio.sleep(0.02)
    async with opened(url) as store:
        assert await store.write("", partial(paid_in, "first"))


def standby_has(pair: Pair, database: str) -> bool:
    with psycopg.connect(pair.standby) as session:
        return session.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).fetchone() is not None


@pytest.mark.proves("F20")
@pytest.mark.parametrize(("standbys", "nodes", "warned"), [("", 1, 0), ("", 2, 1), ("*", 2, 0)])
async def test_a_second_node_says_that_there_is_no_standby(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, standbys: str, nodes: int, warned: int
) -> None:
    said = Said()
    monkeypatch.setattr(opening, "log", said)
    pair.set("synchronous_standby_names", standbys)
    async with AsyncExitStack() as stack:
        for _ in range(nodes):
            store = await stack.enter_async_context(opened(pair.url))
            await store.write("", lambda tx: tx.now_us)
    assert [event for event, _ in said.lines] == ["store.no_standby"] * warned


@pytest.mark.proves("F19")
async def test_a_standby_takes_over_with_every_commit_that_was_acknowledged(pair: Pair) -> None:
    pair.set("synchronous_standby_names", "*")
    async with opened(pair.url) as store:
        tills = Tills(store)
        running = asyncio.gather(*map(tills.till, range(WRITERS)))
        await tills.more(100)
        await asyncio.to_thread(pair.lose_primary)
        lost_s = time.monotonic()
        await asyncio.to_thread(pair.promote)
        await tills.more(100)
        outage_s = time.monotonic() - lost_s
        tills.stop()
        await running
        wallet = await store.write("", lambda tx: tx.ledger.account(wallet_of(ALISHER), UZS))
        assert await store.reads.unbalanced() == []
    assert wallet.credits_posted == len(tills.acked) * 1000, "lost, or moved twice"
    assert tills.refused > 0, "nobody noticed"
    assert outage_s < OUTAGE_S_MAX
