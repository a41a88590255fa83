"""How SQLite means to answer each statement: by a key or a partial index, however much has been stored."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

import smsgw.store.reads
import smsgw.store.transaction  # noqa: F401 -- together they import every statement
from smsgw.store.schema import schema
from smsgw.store.sql import Flavour, compiled


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
    scans = []
    for sql in compiled(Flavour.SQLITE).values():
        plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {sql}", Anything())]
        scans += [f"{step}: {sql}" for step in plan if step.startswith("SCAN ") and step.split()[1] in growing]
    unexpected = [each for each in scans if not _may_scan(each)]
    assert unexpected == []


def _may_scan(scan: str) -> bool:
    """The first rows by id, a partial index, or the proof of the books."""
    step, _, sql = scan.partition(": ")
    first_rows = "LIMIT" in sql and re.search(r"ORDER BY (payments|messages|outbox)\.id", sql) is not None
    partial = "outbox_in_order" in step or "transfers_one_end_of_hold" in step
    return first_rows or partial or "GROUP BY" in sql
