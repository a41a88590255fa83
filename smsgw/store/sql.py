"""Statements: SQLAlchemy Core expressions, compiled once per database, run straight through its driver.

Core's own execution costs 33 microseconds a statement, the driver's 5; so the expression is only the way to write SQL
once. A statement's values are always given by name when it runs; constants stand in the SQL itself, which also lets
SQLite see that a partial index fits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Final, Protocol

from sqlalchemy import BindParameter, Dialect, LargeBinary, Table, Text, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from smsgw.store.columns import INT64

Row = tuple[Any, ...]
Values = Mapping[str, object]

NO_VALUES: Final[Values] = {}


class Cursor(Protocol):
    """What both drivers give back."""

    @property
    def rowcount(self) -> int:
        """How many rows a change has changed."""

    def fetchone(self) -> Row | None:
        """The next row."""

    def fetchall(self) -> Sequence[Row]:
        """All rows that are left."""


class Flavour(StrEnum):
    """Which database's SQL."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Statement:
    """One statement. Modules make theirs when they are imported; `compiled` then knows them all.

    *on_postgresql* is for the rare thing that the two databases do in different ways.
    """

    __slots__ = ("expressions",)
    known: ClassVar[list[Statement]] = []

    def __init__(self, expression: ClauseElement, on_postgresql: ClauseElement | None = None) -> None:
        self.expressions = {
            Flavour.SQLITE: expression,
            Flavour.POSTGRESQL: expression if on_postgresql is None else on_postgresql,
        }
        self.known.append(self)


def number(name: str) -> BindParameter[int]:
    """An integer that is given when the statement runs."""
    return bindparam(name, type_=INT64)


def words(name: str) -> BindParameter[str]:
    """A text that is given when the statement runs."""
    return bindparam(name, type_=Text())


def octets(name: str) -> BindParameter[bytes]:
    """Bytes that are given when the statement runs."""
    return bindparam(name, type_=LargeBinary())


ZERO: Final[ColumnElement[int]] = literal_column("0")
"""Also the OFFSET of every LIMIT: SQLAlchemy writes one for SQLite anyway, and would make a value of it."""
ONE: Final[ColumnElement[int]] = literal_column("1")


def constant(value: StrEnum) -> ColumnElement[str]:
    """A fixed word of ours, written into the SQL."""
    assert value.value.isidentifier(), "a constant of SQL must need no quoting"
    return literal_column(f"'{value.value}'")


def given(table: Table, without: Collection[str] = ()) -> dict[str, BindParameter[Any]]:
    """A value for each column, by the name of the column."""
    return {column.name: bindparam(column.name, type_=column.type) for column in table.c if column.name not in without}


def dialect_of(flavour: Flavour) -> Dialect:
    """SQLAlchemy's dialect, with the driver's own style of named values."""
    if flavour is Flavour.SQLITE:
        return sqlite.dialect(paramstyle="named")
    return postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy left this one untyped


@cache
def compiled(flavour: Flavour) -> Mapping[Statement, str]:
    """The SQL of every statement; called once all modules with statements are imported."""
    dialect = dialect_of(flavour)
    return {statement: _sql(statement.expressions[flavour], dialect) for statement in Statement.known}


def _sql(expression: ClauseElement, dialect: Dialect) -> str:
    compiling = expression.compile(dialect=dialect)
    fixed = {name: value for name, value in compiling.params.items() if value is not None}
    assert not fixed, f"values {fixed} stand in a statement that is compiled only once"
    return str(compiling)
