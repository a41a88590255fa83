"""The second step: what a database of the first one holds is still there afterwards, and can be worked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from smsgw.domain.calls import CallState, Kind
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.rules import hold, top_up
from smsgw.store.migrate import migrate
from smsgw.store.rows import row_of_call, row_of_payment, row_of_subscriber, row_of_transfer
from tests.contract.store.migrations.steps import engine_of, migrate_to
from tests.contract.store.samples import ALISHER, NOW_US, call, opened, payment

NEW_COLUMNS = {"level", "source", "memory", "withdrawn", "failures", "absent_until_us"}
PERSON = Subscriber(msisdn=ALISHER, registered=True, verifier="$argon2id$x", wrong_codes=2, created_at_us=5)
PAID = payment(1, state=State.EXECUTED, confirmed_at_us=NOW_US, day="2026-11-21", month="2026-11", tried=b"\x00\xff")
HELD = payment(2, state=State.PROCESSING, confirmed_at_us=NOW_US + 1)
CALLS = (
    call(1, Kind.CHECK, state=CallState.DONE, attempts=1, last_answer="found"),
    call(1, Kind.PAY, state=CallState.DONE, attempts=3, first_sent_at_us=3, sent_at_us=4, told=1, epoch=7),
    call(2, Kind.CHECK, state=CallState.DUE, due_at_us=9),
    call(2, Kind.PAY, state=CallState.PARKED, due_at_us=9, told=1, last_answer="Отказ"),
)
# One payment in each state, each with a call in each state that it can have there.
STATES = tuple(
    payment(10 + place, Msisdn(f"+9989000000{place:02d}"), state=state, created_at_us=NOW_US)
    for place, state in enumerate(State)
    if state is not State.RETURNED
)
OPEN_CALLS = tuple(
    call(each.id, kind, msisdn=each.msisdn, state=state, epoch=3, due_at_us=4, last_answer="unknown")
    for each in STATES
    for kind, state in zip((Kind.CHECK, Kind.PAY), CallState, strict=False)
)
MONEY = (top_up("1", ALISHER, "till", HELD.total), *hold(HELD))
ACCOUNTS = (
    ("cash:till", 0, HELD.total.minor, 0, 0),
    (f"wallet:{ALISHER}", HELD.total.minor, 0, 0, HELD.total.minor),
    ("provider:sarkor", 0, 0, HELD.amount.minor, 0),
    ("fee:sarkor", 0, 0, HELD.fee.minor, 0),
)


WITHOUT_MONEY = [PAID.number, *(each.number for each in STATES if each.state in {State.PROCESSING, State.EXECUTED})]


def insert(connection: Connection, table: str, row: Mapping[str, Any]) -> None:
    """A row as the first release wrote it."""
    old = {name: value for name, value in row.items() if name not in NEW_COLUMNS}
    values = ", ".join(f":{name}" for name in old)
    connection.execute(text(f"INSERT INTO {table} ({', '.join(old)}) VALUES ({values})"), old)  # noqa: S608 -- our names


def fill(connection: Connection) -> None:
    for person in (PERSON, *(replace(PERSON, msisdn=each.msisdn) for each in STATES)):
        insert(connection, "subscribers", row_of_subscriber(person))
    for each in (PAID, HELD, *STATES):
        insert(connection, "payments", row_of_payment(each))
    for made in (*CALLS, *OPEN_CALLS):
        insert(connection, "provider_calls", row_of_call(made))
    for moved in MONEY:
        insert(connection, "transfers", row_of_transfer(moved) | {"shard": 0, "created_at_us": NOW_US})
    counters = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    for name, *counts in ACCOUNTS:
        row = {"name": name, "currency": "UZS", "shard": 0, **dict(zip(counters, counts, strict=True))}
        insert(connection, "accounts", row)


def dumped(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that has any, without the new columns."""
    tables = ("subscribers", "payments", "provider_calls", "transfers", "accounts")
    rows = {table: connection.execute(text(f"SELECT * FROM {table}")).mappings() for table in tables}  # noqa: S608 -- our names
    return {
        table: sorted(({name: row[name] for name in row if name not in NEW_COLUMNS} for row in found), key=str)
        for table, found in rows.items()
    }


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_empty_url", marks=pytest.mark.postgres)])
def old_url(request: pytest.FixtureRequest) -> str:
    """A database of the first release, with a payment in the air."""
    url: str = request.getfixturevalue(request.param)
    migrate_to(url, "0001")
    with engine_of(url).begin() as connection:
        fill(connection)
    return url


@pytest.mark.proves("F57")
def test_every_row_of_the_first_release_survives(old_url: str) -> None:
    with engine_of(old_url).begin() as connection:
        before = dumped(connection)
    migrate(old_url)
    with engine_of(old_url).begin() as connection:
        after = dumped(connection)
        steps = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    assert steps == ["0003"]
    assert {table: len(rows) for table, rows in before.items()} == {
        "subscribers": 1 + len(STATES),
        "payments": 2 + len(STATES),
        "provider_calls": 4 + len(OPEN_CALLS),
        "transfers": 3,
        "accounts": 4,
    }
    assert after == before


@pytest.mark.proves("F57")
async def test_what_was_in_the_air_is_read_and_worked_with(old_url: str) -> None:
    migrate(old_url)
    async with opened(old_url) as store:
        assert await store.reads.subscriber(ALISHER) == PERSON
        for each in (PAID, HELD, *STATES):
            assert await store.reads.reference(each.id) == each
        for made in (*CALLS, *OPEN_CALLS):
            assert await store.reads.call(made.payment_id, made.kind) == made
        # The samples' payments have no transfers; the one that is held has all of its own.
        wrong = [line.split(" is ")[0] for line in await store.reads.unbalanced()]
        assert wrong == [f"payment {number}" for number in WITHOUT_MONEY]
        claimed = await store.write("", lambda tx: tx.calls.claim(tx.now_us + 1, {"sarkor": 100}))
        due = [each for each in (*CALLS, *OPEN_CALLS) if each.state is CallState.DUE]
        assert {(each.payment_id, each.kind, each.epoch) for each in claimed} == {
            (each.payment_id, each.kind, each.epoch + 1) for each in due
        }
        seized = await store.write("", lambda tx: tx.calls.seize(2, Kind.PAY))
        assert seized == replace(CALLS[3], epoch=2)


async def test_nothing_of_the_old_table_of_calls_is_left_on_sqlite(sqlite_url: str) -> None:
    migrate(sqlite_url)
    with engine_of(sqlite_url).begin() as connection:
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        left = connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%provider_calls_0001%'")).all()
    assert (broken, left) == ([], [])


@pytest.mark.postgres
def test_a_node_of_the_first_release_may_still_write(postgres_url: str) -> None:
    """It does not name the new columns: they have defaults."""
    with engine_of(postgres_url).begin() as connection:
        fill(connection)
        new = connection.execute(
            text("SELECT DISTINCT memory, withdrawn, failures, absent_until_us FROM provider_calls")
        ).one()
    assert tuple(new) == ("{}", 0, 0, 0)
