"""What holds for every table."""

from __future__ import annotations

import pytest
from sqlalchemy import Index, LargeBinary, Table, Text

from smsgw.store.columns import INT64
from smsgw.store.tables import metadata, sqlite_metadata

TABLES = [*metadata.sorted_tables, *sqlite_metadata.sorted_tables]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_says_what_it_is_for(table: Table) -> None:
    assert table.comment
    assert table.comment.endswith(".")


@pytest.mark.proves("I3")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_are_integers_texts_or_octets(table: Table) -> None:
    assert all(column.type is INT64 or isinstance(column.type, Text | LargeBinary) for column in table.c)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_nothing_is_null_but_a_reference_to_no_payment(table: Table) -> None:
    assert {column.name for column in table.c if column.nullable} <= {"payment_id"}


@pytest.mark.proves("I3")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_sqlite_checks_types(table: Table) -> None:
    assert table.dialect_kwargs["sqlite_strict"] is True


def conditions(index: Index) -> set[str]:
    return {str(index.dialect_kwargs.get(f"{name}_where")) for name in ("sqlite", "postgresql")}


INDEXES = sorted((index for table in TABLES for index in table.indexes), key=lambda index: str(index.name))


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: str(index.name))
def test_an_index_is_the_same_on_both_databases(index: Index) -> None:
    assert len(conditions(index)) == 1
