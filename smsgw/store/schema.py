"""The whole schema as SQL: the tables, and what SQLAlchemy's tables cannot say (triggers, the first number).

An in-memory database is made with it; a database on disk is made and changed by the migrations, and a test proves that
both come to the same.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import Dialect, insert, literal_column
from sqlalchemy.schema import CreateIndex, CreateSequence, CreateTable, DDLElement, SetTableComment

from smsgw.store.sql import ONE, Flavour, dialect_of
from smsgw.store.tables import FIRST_NUMBER, metadata, numbers, payment_numbers, sqlite_metadata

_TRIGGER_SQLITE: Final = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} are immutable'); END"
)
_FUNCTION_POSTGRESQL: Final = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' are immutable', "
    "ERRCODE = 'integrity_constraint_violation'; END $$"
)
_TRIGGER_POSTGRESQL: Final = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)
_BOOKS: Final = ("transfers", "day_hashes")


def _triggers(pattern: str, *verbs: str) -> tuple[str, ...]:
    return tuple(pattern.format(table=table, verb=verb) for table in _BOOKS for verb in verbs)


IMMUTABLE_BOOKS: Final = {
    Flavour.SQLITE: _triggers(_TRIGGER_SQLITE, "update", "delete"),
    Flavour.POSTGRESQL: (_FUNCTION_POSTGRESQL, *_triggers(_TRIGGER_POSTGRESQL, "update", "delete", "truncate")),
}
"""What was written into the books stays as it was written; both databases see to it."""

FIRST_NUMBER_ROW: Final = insert(numbers).values(only=ONE, next=literal_column(str(FIRST_NUMBER)))
"""SQLite's counter before the first payment."""


@cache
def schema(flavour: Flavour) -> tuple[str, ...]:
    """Every statement that makes an empty database."""
    dialect = dialect_of(flavour)
    if flavour is Flavour.SQLITE:
        return (*_tables(dialect), *IMMUTABLE_BOOKS[flavour], str(FIRST_NUMBER_ROW.compile(dialect=dialect)))
    sequence = str(CreateSequence(payment_numbers).compile(dialect=dialect))
    return (sequence, *_tables(dialect), *IMMUTABLE_BOOKS[flavour])


def _tables(dialect: Dialect) -> list[str]:
    homes = [metadata] if dialect.name == Flavour.POSTGRESQL else [metadata, sqlite_metadata]
    made: list[DDLElement] = []
    for table in (table for home in homes for table in home.sorted_tables):
        made.append(CreateTable(table))
        made += [CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))]
        made += [SetTableComment(table)] if dialect.supports_comments else []
    return [str(each.compile(dialect=dialect)) for each in made]
