"""PostgreSQL under the transactions: lost links, unknown commits, deadlocks, several nodes on one database."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from functools import partial

import psycopg
import pytest

from smsgw.domain.calls import ProviderCall
from smsgw.domain.money import UZS, Money
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Delivery, OutboundSms
from smsgw.ledger.rules import post, top_up, void
from smsgw.ledger.transfers import Outcome
from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.store.batch import Batches, Job
from smsgw.store.errors import Fault, TransactionFailed
from smsgw.store.postgres import PostgresConnection, fault_of
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
from tests.contract.store.samples import (
    ALISHER,
    BARNO,
    SECOND_US,
    action,
    add_payment,
    call,
    fund,
    held,
    nobody,
    opened,
    payment,
    sms,
    surroundings,
)

pytestmark = pytest.mark.postgres

LEASE_US = 60 * SECOND_US
SET_DATABASE = "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET SETTING'; END $$"
TOP_UP = top_up("key-1", ALISHER, "till", Money(1000, UZS))


@pytest.mark.parametrize(
    ("sqlstate", "fault"),
    [
        (None, Fault.LOST),
        ("08006", Fault.LOST),
        ("57P01", Fault.LOST),
        ("25006", Fault.LOST),
        ("40001", Fault.CONFLICT),
        ("40P01", Fault.CONFLICT),
        ("55P03", Fault.CONFLICT),
        ("57014", Fault.CONFLICT),
        ("53100", Fault.REFUSED),
        ("58030", Fault.REFUSED),
        ("XX001", Fault.REFUSED),
        ("23505", None),
        ("22003", None),
    ],
)
def test_what_a_sqlstate_means(sqlstate: str | None, fault: Fault | None) -> None:
    assert fault_of(sqlstate) == fault


def end_sessions(url: str) -> int:
    """End every session of ours on the server, as a failover does."""
    with psycopg.connect(url) as session:
        ended = session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'smsgw' AND datname = current_database()"
        ).fetchall()
    return len(ended)


@pytest.mark.proves("F17")
async def test_a_lost_link_is_opened_anew(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        await store.write(ALISHER, fund)
        assert await store.reads.payments(None, 1) == []
        assert end_sessions(postgres_url) > 0
        assert await store.write(ALISHER, lambda tx: add_payment(tx, payment())) == payment()


async def test_reads_find_their_way_back_too(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        assert await store.reads.payments(None, 1) == []
        assert end_sessions(postgres_url) > 0
        assert await store.reads.payments(None, 1) == []


@pytest.mark.proves("F17")
async def test_a_link_lost_within_a_unit_runs_it_again(postgres_url: str) -> None:
    ran: list[int] = []

    def work(tx: Tx) -> bool:
        tx.subscribers.lock(ALISHER)
        ran.append(len(ran))
        if len(ran) == 1:
            end_sessions(postgres_url)
        return tx.ledger.apply(TOP_UP).done

    async with opened(postgres_url) as store:
        assert await store.write(ALISHER, work)
        assert ran == [0, 1]
        assert await store.reads.unbalanced() == []


class ForgetfulConnection(PostgresConnection):
    """Loses the link right after its first commit, before the answer."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._forgotten = False

    def commit(self) -> None:
        super().commit()
        if not self._forgotten:
            self._forgotten = True
            self.close()
            raise TransactionFailed(Fault.LOST, "no answer to COMMIT")


@pytest.mark.proves("F18")
def test_a_repeat_after_an_unknown_commit_moves_no_money_twice(postgres_url: str) -> None:
    connection = ForgetfulConnection(postgres_url)
    batches = Batches(connection, surroundings())
    outcomes: list[Outcome] = []

    def work(tx: Tx) -> bool:
        tx.subscribers.lock(ALISHER)
        outcomes.append(tx.ledger.apply(TOP_UP))
        return outcomes[-1].done

    job = Job(ALISHER, work)
    batches.run([job])
    look = Job("", lambda tx: tx.ledger.account(TOP_UP.credit, UZS).credits_posted)
    batches.run([look])
    batches.close()
    assert (job.error, job.result, outcomes) == (None, True, [Outcome.POSTED, Outcome.EXISTS])
    assert look.result == 1000


@pytest.mark.proves("F22")
async def test_a_deadlock_between_nodes_ends_in_two_commits(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET deadlock_timeout = 50'; END $$"
        )
    both = threading.Barrier(2, timeout=10)
    ran: list[Msisdn] = []

    def work(first: Msisdn, second: Msisdn, tx: Tx) -> None:
        tx.subscribers.lock(first)
        ran.append(first)
        if ran.count(first) == 1:
            both.wait()
        tx.subscribers.lock(second)

    async with opened(postgres_url) as one, opened(postgres_url) as two:
        await one.write("", lambda tx: (tx.subscribers.lock(ALISHER), tx.subscribers.lock(BARNO)))
        await asyncio.gather(
            one.write(ALISHER, partial(work, ALISHER, BARNO)), two.write(BARNO, partial(work, BARNO, ALISHER))
        )
    assert len(ran) > 2


async def test_two_nodes_add_the_same_stranger_once(postgres_url: str) -> None:
    async with opened(postgres_url) as one, opened(postgres_url) as two:
        people = [Msisdn(f"+9989000000{number:02}") for number in range(20)]
        locks = [partial(lambda who, tx: tx.subscribers.lock(who), who) for who in people]
        await asyncio.gather(*(node.write(work.args[0], work) for work in locks for node in (one, two)))
        found = [await one.reads.subscriber(who) for who in people]
    assert all(found)


async def claimed_by(store: SqlStore) -> list[tuple[str, int, int]]:
    """Claim in small bites until nothing is left; (kind of row, id, epoch)."""
    taken: list[tuple[str, int, int]] = []
    while True:
        calls = await store.write("", lambda tx: tx.calls.claim(tx.now_us + LEASE_US, {"sarkor": 3}))
        texts = await store.write("", lambda tx: tx.outbox.claim(tx.now_us + LEASE_US, 3))
        if not calls and not texts:
            return taken
        taken += [("call", each.payment_id, each.epoch) for each in calls]
        taken += [("text", each.id, each.epoch) for each in texts]


@pytest.mark.proves("F48")
async def test_two_nodes_claim_every_row_once(postgres_url: str) -> None:
    def fill(tx: Tx) -> None:
        for number in range(1, 61):
            who = Msisdn(f"+9989000000{number:02}")
            add_payment(tx, payment(number, who))
            tx.calls.add(call(number, msisdn=who))
            tx.calls.save(call(number, msisdn=who))
            tx.outbox.add(sms(who, due_at_us=tx.now_us + 1))

    async with opened(postgres_url) as one, opened(postgres_url) as two:
        await one.write("", fill)
        first, second = await asyncio.gather(claimed_by(one), claimed_by(two))
    expected = {(kind, number, 2) for kind in ("call", "text") for number in range(1, 61)}
    assert sorted(first + second) == sorted(expected)
    assert first, "one node took everything: nothing was tried"
    assert second, "one node took everything: nothing was tried"


@pytest.mark.proves("F50")
async def test_a_paused_node_changes_nothing_once_another_has_claimed(postgres_url: str) -> None:
    async with opened(postgres_url) as one, opened(postgres_url) as two:
        handed: list[ProviderCall] = []
        one.subscribe(handed.append, nobody)
        await one.write(ALISHER, lambda tx: add_payment(tx, payment()))
        await one.write(ALISHER, lambda tx: tx.calls.add(call()))
        (mine,) = handed
        await one.write(ALISHER, lambda tx: tx.calls.save(replace(mine, lease_until_us=0)))
        (theirs,) = await two.write("", lambda tx: tx.calls.claim(tx.now_us + LEASE_US, {"sarkor": 1}))
        assert theirs.epoch == mine.epoch + 1
        assert not await one.write(ALISHER, lambda tx: tx.calls.save(replace(mine, last_answer="late")))
        assert await two.write(ALISHER, lambda tx: tx.calls.save(replace(theirs, last_answer="in time")))


async def test_each_writer_adds_to_a_row_of_its_own(postgres_url: str) -> None:
    async with opened(postgres_url) as one, opened(postgres_url) as two:
        people = [Msisdn(f"+9989000000{number:02}") for number in range(20)]
        works = [partial(lambda who, tx: fund(tx, who, 100), who) for who in people]
        await asyncio.gather(*((one, two)[i % 2].write(people[i], work) for i, work in enumerate(works)))
        cash = (await one.reads.accounts())[0]
        with psycopg.connect(postgres_url) as session:
            shards = session.execute("SELECT shard, debits_posted FROM accounts WHERE name = 'cash:till'").fetchall()
    assert (cash.name, cash.debits_posted) == ("cash:till", 2000)
    assert len(shards) == 4
    assert sum(minor for _, minor in shards) == 2000


@pytest.mark.parametrize("end", [post, void], ids=["post", "void"])
async def test_a_hold_of_one_node_is_ended_by_another(postgres_url: str, end: object) -> None:
    assert callable(end)
    async with opened(postgres_url) as one, opened(postgres_url) as two:
        await one.write(ALISHER, fund)
        await one.write(ALISHER, lambda tx: held(tx, payment()))
        outcomes = await two.write(BARNO, lambda tx: [tx.ledger.apply(each) for each in end(payment())])
        assert outcomes == [Outcome.POSTED] * 2
        accounts = {each.name: each for each in await one.reads.accounts()}
    assert accounts["provider:sarkor"].credits_pending == 0


@pytest.fixture
def impatient_url(postgres_url: str) -> str:
    """A database on which nobody waits for a lock for long."""
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET lock_timeout = 20'; END $$"
        )
    return postgres_url


async def test_a_sleeping_rival_is_waited_for_and_then_refused(impatient_url: str) -> None:
    """Somebody who holds a row for good ends in "ask again later", not in a writer that hangs."""
    async with opened(impatient_url) as store:
        await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER))
        with psycopg.connect(impatient_url) as rival:
            rival.execute("SELECT * FROM subscribers FOR UPDATE")
            with pytest.raises(StoreUnavailable):
                await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER))
        await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER))


async def test_an_action_is_decided_by_one_person_at_a_time(impatient_url: str) -> None:
    """Whoever comes second waits, and then reads what the first has decided."""
    async with opened(impatient_url) as store:
        await store.write("", lambda tx: tx.actions.add(action()))
        with psycopg.connect(impatient_url) as rival:
            rival.execute("SELECT * FROM actions FOR UPDATE")
            with pytest.raises(StoreUnavailable):
                await store.write("", lambda tx: tx.actions.get("a1"))
            rival.execute("UPDATE actions SET note = 'first'")
        assert await store.write("", lambda tx: tx.actions.get("a1")) == action(note="first")


async def test_a_value_that_no_column_takes_is_the_units_own_fault(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        with pytest.raises(WorkFailed):
            await store.write(ALISHER, lambda tx: tx.turnover.add(ALISHER, "2026-11", 2**63))
        assert await store.write(ALISHER, lambda tx: tx.turnover.of(ALISHER, "2026-11")) == 0


async def test_a_server_that_is_gone_is_an_outage_not_a_hang(postgres_url: str) -> None:
    connection = PostgresConnection(postgres_url.replace("?host=/", "?host=/nowhere/"))
    batches = Batches(connection, surroundings())
    jobs = [Job(ALISHER, lambda tx: tx.now_us), Job(BARNO, lambda tx: tx.now_us)]
    batches.run(jobs)
    assert [type(job.error) for job in jobs] == [StoreUnavailable] * 2
    assert not batches.broken


async def test_texts_keep_their_order_on_two_nodes(postgres_url: str) -> None:
    async with opened(postgres_url) as one, opened(postgres_url) as two:
        handed: list[OutboundSms] = []
        one.subscribe(nobody, handed.append)
        await one.write(ALISHER, lambda tx: tx.outbox.add(sms(event="replaced")))
        await one.write(ALISHER, lambda tx: tx.outbox.add(sms(event="code")))
        for each in handed:
            await one.write(ALISHER, lambda tx, each=each: tx.outbox.save(replace(each, lease_until_us=0)))  # type: ignore[misc]
        claims = [node.write("", lambda tx: tx.outbox.claim(tx.now_us + LEASE_US, 5)) for node in (one, two)]
        taken = [each.event for texts in await asyncio.gather(*claims) for each in texts]
    assert taken == ["replaced"]


async def test_a_receipt_that_two_writers_missed_between_them_is_followed_afterwards(postgres_url: str) -> None:
    """One commits the answer to a submit_sm while the other parks its delivery receipt; neither sees the other."""
    both = threading.Barrier(2, timeout=10)

    def answered(text: OutboundSms, tx: Tx) -> None:
        assert tx.outbox.save(replace(text, state=Delivery.SENT, message_id="m1"))
        both.wait()

    def received(tx: Tx) -> None:
        assert not tx.outbox.receipt("main", "m1", Delivery.DELIVERED)
        both.wait()

    def text(tx: Tx) -> None:
        tx.outbox.add(sms(payment_id=add_payment(tx, payment()).id))

    async with opened(postgres_url) as one, opened(postgres_url) as two:
        handed: list[OutboundSms] = []
        one.subscribe(nobody, handed.append)
        await one.write(ALISHER, text)
        await asyncio.gather(one.write(ALISHER, partial(answered, handed[0])), two.write("", received))
        caught_up = [await node.write("", lambda tx: tx.outbox.follow_overtaken(10)) for node in (one, two)]
        (followed,) = await one.reads.texts(payment().id)
    assert (caught_up, followed.state) == ([1, 0], Delivery.DELIVERED)
