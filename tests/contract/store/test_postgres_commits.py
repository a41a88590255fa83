"""COMMITs on PostgreSQL that end in doubt: the link is lost, the standby is slow, two nodes are in each other's way."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from functools import partial

import psycopg
import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import State
from smsgw.ledger.accounts import wallet_of
from smsgw.ledger.rules import hold, top_up
from smsgw.ledger.transfers import Outcome
from smsgw.store import postgres
from smsgw.store.batch import Batches, Job
from smsgw.store.postgres import PostgresConnection
from smsgw.transaction import Tx
from tests.contract.store.cutting import Cut, CuttingProxy
from tests.contract.store.samples import ALISHER, add_payment, fund, opened, payment, surroundings

pytestmark = pytest.mark.postgres

UNITS = 60
WALLET = wallet_of(ALISHER)


def paid_in(number: int, outcomes: list[Outcome], tx: Tx) -> bool:
    """Pay 1000 into the wallet under a key that is used once."""
    tx.subscribers.lock(ALISHER)
    outcomes.append(tx.ledger.apply(top_up(f"key-{number}", ALISHER, "till", Money(1000, UZS))))
    return outcomes[-1].done


@pytest.mark.proves("F18")
@pytest.mark.parametrize(
    ("cut", "second"),
    [(Cut.BEFORE, {Outcome.POSTED}), (Cut.AT, {Outcome.POSTED, Outcome.EXISTS}), (Cut.AFTER, {Outcome.EXISTS})],
)
def test_a_link_cut_at_a_commit_moves_money_once(postgres_url: str, cut: Cut, second: set[Outcome]) -> None:
    """The unit runs again on a new link, and finds by its key whether the first run stands."""
    outcomes: list[Outcome] = []
    with CuttingProxy(postgres_url) as proxy:
        batches = Batches(PostgresConnection(proxy.url), surroundings())
        proxy.cuts.append(cut)
        job = Job(ALISHER, partial(paid_in, 1, outcomes))
        look = Job("", lambda tx: tx.ledger.account(WALLET, UZS).credits_posted)
        batches.run([job])
        batches.run([look])
        batches.close()
    assert (job.error, job.result, look.result) == (None, True, 1000)
    assert outcomes[0] is Outcome.POSTED
    assert outcomes[1] in second


@pytest.mark.proves("F17", "F18")
async def test_many_commits_in_doubt_lose_nothing_and_double_nothing(postgres_url: str) -> None:
    chance = random.Random(18)  # noqa: S311 -- cuts that can be had again
    with CuttingProxy(postgres_url) as proxy:
        async with opened(proxy.url) as store:
            for number in range(UNITS):
                proxy.cuts.append(chance.choice([None, *Cut]))
                assert await store.write(ALISHER, partial(paid_in, number, []))
            proxy.cuts.clear()
            wallet = await store.write(ALISHER, lambda tx: tx.ledger.account(WALLET, UZS))
            assert await store.reads.unbalanced() == []
    assert wallet.credits_posted == UNITS * 1000
    assert proxy.made > UNITS // 3, "hardly anything was cut"


@pytest.fixture
def slow_standby(postgres_server: str) -> Iterator[psycopg.Connection]:
    """Every COMMIT waits for a standby that is not there; end that by `no_standby`."""
    with psycopg.connect(postgres_server, autocommit=True) as session:
        session.execute("SET synchronous_commit = local")
        session.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        session.execute("SELECT pg_reload_conf()")
        yield session
        no_standby(session)


def no_standby(session: psycopg.Connection) -> None:
    session.execute("ALTER SYSTEM RESET synchronous_standby_names")
    session.execute("SELECT pg_reload_conf()")


async def commits_that_wait(session: psycopg.Connection, least: int) -> None:
    """Until so many COMMITs wait for the standby, longer than any statement may take."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'smsgw'"
        " AND clock_timestamp() - query_start > interval '0.3 s'"
    )
    async with asyncio.timeout(10):
        while (session.execute(waiting).fetchone() or (0,))[0] < least:  # noqa: ASYNC110 -- the server tells nobody
            await asyncio.sleep(0.02)


@pytest.mark.proves("F21")
async def test_a_commit_that_waits_for_a_standby_is_neither_cut_short_nor_run_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, slow_standby: psycopg.Connection
) -> None:
    """No time limit ends it, and no caller who has gone: "committed here, perhaps not there" never comes up."""
    monkeypatch.setattr(
        postgres, "SETTINGS", postgres.SETTINGS.replace("statement_timeout = 10000", "statement_timeout = 100")
    )
    outcomes: list[Outcome] = []
    async with opened(postgres_url) as store:
        gone = asyncio.ensure_future(store.write(ALISHER, partial(paid_in, 1, outcomes)))
        await commits_that_wait(slow_standby, 1)
        gone.cancel()
        waiting = asyncio.ensure_future(store.write(ALISHER, partial(paid_in, 2, outcomes)))
        await asyncio.sleep(0)
        assert not waiting.done()
        no_standby(slow_standby)
        assert await asyncio.wait_for(waiting, 10)
        wallet = await store.write(ALISHER, lambda tx: tx.ledger.account(WALLET, UZS))
    assert gone.cancelled()
    assert (outcomes, wallet.credits_posted) == ([Outcome.POSTED] * 2, 2000)


@pytest.mark.proves("F22")
async def test_what_cannot_be_serialized_runs_again(postgres_url: str) -> None:
    """Even where the server is set up to refuse what another node has overtaken (40001), every unit is done once."""
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database()"
            " || ' SET default_transaction_isolation = serializable'; END $$"
        )
    both = threading.Barrier(2, timeout=10)
    ran: list[int] = []

    def work(number: int, tx: Tx) -> bool:
        tx.ledger.account(WALLET, UZS)
        ran.append(number)
        if ran.count(number) == 1:
            both.wait()
        return paid_in(number, [], tx)

    async with opened(postgres_url) as one, opened(postgres_url) as two:
        await one.write(ALISHER, partial(paid_in, 0, []))
        done = await asyncio.gather(one.write(ALISHER, partial(work, 1)), two.write(ALISHER, partial(work, 2)))
        wallet = await one.write(ALISHER, lambda tx: tx.ledger.account(WALLET, UZS))
    assert (list(done), wallet.credits_posted) == ([True, True], 3000)
    assert len(ran) > 2, "nobody was in anybody's way"


@pytest.mark.proves("F54")
async def test_the_last_money_is_held_by_as_many_as_it_is_enough_for(postgres_url: str) -> None:
    """Twenty payments of one wallet, at two nodes at once; there is money for three and a half."""

    def hold_or_not(number: int, tx: Tx) -> bool:
        made = add_payment(tx, payment(number, number=20_000_000 + number, state=State.PROCESSING))
        return all(tx.ledger.apply(each).done for each in hold(made))

    total = payment().amount.minor + payment().fee.minor
    async with opened(postgres_url) as one, opened(postgres_url) as two:
        await one.write(ALISHER, partial(fund, minor=total * 7 // 2))
        done = await asyncio.gather(*((one, two)[n % 2].write(ALISHER, partial(hold_or_not, n)) for n in range(1, 21)))
        wallet = await one.write(ALISHER, lambda tx: tx.ledger.account(WALLET, UZS))
    assert done.count(True) == 3
    assert 0 <= wallet.available.minor < total
