"""What tables are made of: the three kinds of columns, checks by name, partial indexes, conditions as SQL.

Rule 1: a column is never NULL, unless a table says so itself.
Rule 2: a column that was added after the first release has a default: a node of the release before knows nothing of it,
    and may still be writing while another already runs the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Text, text

INT64: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer: BIGINT on PostgreSQL; SQLite's INTEGER has 64 bits anyway."""


def one_of(column: str, values: Iterable[StrEnum]) -> str:
    """`(state = 'a' OR state = 'b')`, always in the same order: SQLite uses a partial index only for the same words.

    Not `IN (…)`: for three values or more SQLite builds a table each time, 3 microseconds for every change of a row.
    """
    return f"({' OR '.join(f'{column} = {value.value!r}' for value in sorted(values, key=str))})"


def int_column(name: str, *items: ForeignKey, primary_key: bool = False, default: str | None = None) -> Column[int]:
    """A whole number of 64 bits. *default* is SQL."""
    default_sql = None if default is None else text(default)
    return Column(
        name, INT64, *items, primary_key=primary_key, nullable=False, autoincrement=False, server_default=default_sql
    )


def text_column(name: str, *items: ForeignKey, primary_key: bool = False, default: str | None = None) -> Column[str]:
    """A text, perhaps empty. *default* is the text itself."""
    return Column(name, Text, *items, primary_key=primary_key, nullable=False, server_default=default)


def blob_column(name: str, *, primary_key: bool = False) -> Column[bytes]:
    """Octets."""
    return Column(name, LargeBinary, primary_key=primary_key, nullable=False)


def check(name: str, condition: str) -> CheckConstraint:
    """A condition for every row; the table's name is put before *name*."""
    return CheckConstraint(condition, name=name)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows for which *where* holds."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
