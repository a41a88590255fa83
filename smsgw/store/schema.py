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

_REFUSAL: Final = "transfers are immutable"

_TRIGGER_SQLITE: Final = (
    f"CREATE TRIGGER transfers_no_{{verb}} BEFORE {{verb}} ON transfers BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
)
_FUNCTION_POSTGRESQL: Final = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
)
_TRIGGER_POSTGRESQL: Final = (
    "CREATE TRIGGER transfers_no_{verb} BEFORE {verb} ON transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

IMMUTABLE_TRANSFERS: Final = {
    Flavour.SQLITE: tuple(_TRIGGER_SQLITE.format(verb=verb) for verb in ("update", "delete")),
    Flavour.POSTGRESQL: (
        _FUNCTION_POSTGRESQL,
        *(_TRIGGER_POSTGRESQL.format(verb=verb) for verb in ("update", "delete", "truncate")),
    ),
}
"""What was written into the books stays as it was written; both databases see to it."""

FIRST_NUMBER_ROW: Final = insert(numbers).values(only=ONE, next=literal_column(str(FIRST_NUMBER)))
"""SQLite's counter before the first payment."""


@cache
def schema(flavour: Flavour) -> tuple[str, ...]:
    """Every statement that makes an empty database."""
    dialect = dialect_of(flavour)
    if flavour is Flavour.SQLITE:
        return (*_tables(dialect), *IMMUTABLE_TRANSFERS[flavour], str(FIRST_NUMBER_ROW.compile(dialect=dialect)))
    sequence = str(CreateSequence(payment_numbers).compile(dialect=dialect))
    return (sequence, *_tables(dialect), *IMMUTABLE_TRANSFERS[flavour])


def _tables(dialect: Dialect) -> list[str]:
    homes = [metadata] if dialect.name == Flavour.POSTGRESQL else [metadata, sqlite_metadata]
    made: list[DDLElement] = []
    for table in (table for home in homes for table in home.sorted_tables):
        made.append(CreateTable(table))
        made += [CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))]
        made += [SetTableComment(table)] if dialect.supports_comments else []
    return [str(each.compile(dialect=dialect)) for each in made]
