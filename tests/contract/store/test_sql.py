"""How SQLite means to answer each statement: by a key or a partial index, however much has been stored."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

import smsgw.store.reads
import smsgw.store.transaction  # noqa: F401 -- together they import every statement
from smsgw.domain.actions import ActionState
from smsgw.store.actions import LATEST_IN_STATE
from smsgw.store.calls import CLAIM, PROVIDERS, SLOW, UNRESOLVED
from smsgw.store.messages import VERDICT
from smsgw.store.payments import CONFIRMED
from smsgw.store.schema import schema
from smsgw.store.sql import Flavour, Statement, compiled


@pytest.fixture(scope="module")
def empty() -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in schema(Flavour.SQLITE):
        database.execute(statement)
    yield database
    database.close()


class Anything(dict[str, object]):
    """A value for every name."""

    def __missing__(self, name: str) -> int:
        return 1


def test_ten_million_finished_rows_cost_a_question_nothing(empty: sqlite3.Connection) -> None:
    """No statement of a transaction scans a table that grows: each is a search by key, or by a partial index."""
    growing = {"payments", "messages", "outbox", "transfers", "provider_calls", "subscribers", "turnover", "accounts"}
    growing |= {"actions", "reconciliations", "registries"}
    scans = []
    for sql in compiled(Flavour.SQLITE).values():
        plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {sql}", Anything())]
        scans += [f"{step}: {sql}" for step in plan if step.startswith("SCAN ") and step.split()[1] in growing]
    unexpected = [each for each in scans if not _may_scan(each)]
    assert unexpected == []


def _may_scan(scan: str) -> bool:
    """The first rows by id or by time, a partial index, or the proof of the books."""
    step, _, sql = scan.partition(": ")
    first = r"ORDER BY ((payments|messages|outbox)\.id|actions\.asked_at_us|reconciliations\.day)"
    first_rows = "LIMIT" in sql and re.search(first, sql) is not None
    partial = re.search("outbox_in_order|transfers_one_end_of_hold|provider_calls_unfinished", step) is not None
    return first_rows or partial or "GROUP BY" in sql


@pytest.mark.parametrize(
    ("statement", "search"),
    [
        (CLAIM, "COVERING INDEX provider_calls_unfinished (provider=? AND state=? AND due_at_us<?)"),
        (SLOW, "INDEX provider_calls_slow (told=? AND created_at_us<?)"),
        (UNRESOLVED, "INDEX provider_calls_unfinished (provider=? AND state=?)"),
        (PROVIDERS, "COVERING INDEX provider_calls_unfinished (provider>?)"),
        (CONFIRMED, "INDEX payments_confirmed (provider=? AND confirmed_at_us>? AND confirmed_at_us<?)"),
        (VERDICT, "INDEX messages_of_subscriber (msisdn=?)"),
        (LATEST_IN_STATE[ActionState.SENT], "INDEX actions_open (state=?)"),
    ],
)
def test_what_is_looked_for_again_and_again_has_its_index(
    empty: sqlite3.Connection, statement: Statement, search: str
) -> None:
    sql = compiled(Flavour.SQLITE)[statement]
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {sql}", Anything())]
    assert any(step.startswith("SEARCH ") and step.endswith(f"USING {search}") for step in plan), plan
