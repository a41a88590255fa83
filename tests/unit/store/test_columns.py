"""What tables are made of."""

from __future__ import annotations

from enum import StrEnum

import pytest
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.schema import CreateTable

from smsgw.domain.payment import State
from smsgw.store.columns import blob_column, check, int_column, one_of, partial, text_column
from smsgw.store.sql import Flavour, dialect_of


@pytest.mark.parametrize(
    ("column", "on_sqlite", "on_postgresql"),
    [
        (int_column("n"), "n INTEGER NOT NULL", "n BIGINT NOT NULL"),
        (text_column("t"), "t TEXT NOT NULL", "t TEXT NOT NULL"),
        (blob_column("b"), "b BLOB NOT NULL", "b BYTEA NOT NULL"),
        (int_column("n", default="0"), "n INTEGER DEFAULT 0 NOT NULL", "n BIGINT DEFAULT 0 NOT NULL"),
        (text_column("t", default=""), "t TEXT DEFAULT '' NOT NULL", "t TEXT DEFAULT '' NOT NULL"),
        (text_column("t", default="it's"), "t TEXT DEFAULT 'it''s' NOT NULL", "t TEXT DEFAULT 'it''s' NOT NULL"),
    ],
)
def test_a_column_is_never_null(column: Column[object], on_sqlite: str, on_postgresql: str) -> None:
    table = Table("made", MetaData(), column)
    for flavour, expected in zip(Flavour, (on_sqlite, on_postgresql), strict=True):
        made = str(CreateTable(table).compile(dialect=dialect_of(flavour)))
        assert [line.strip() for line in made.strip().splitlines()][1] == expected


def test_checks_and_indexes_say_what_holds() -> None:
    assert str(check("amount", "amount > 0").sqltext) == "amount > 0"
    index = partial("open_ones", "state", where="state = 'open'")
    Table("made", MetaData(), text_column("state"), index)
    assert {str(index.dialect_kwargs[f"{flavour}_where"]) for flavour in Flavour} == {"state = 'open'"}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_a_condition_reads_the_same_however_its_values_are_given() -> None:
    assert one_of("colour", [Colour.RED, Colour.BLUE]) == "(colour = 'blue' OR colour = 'red')"
    assert one_of("colour", {Colour.BLUE, Colour.RED}) == one_of("colour", Colour)
    assert one_of("state", [State.EXECUTED]) == "(state = 'executed')"
