"""Statements are compiled once, for both databases, with nothing but named values."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import smsgw.store.reads
import smsgw.store.transaction  # noqa: F401 -- together they import every statement
from smsgw.domain.calls import CallState
from smsgw.store.sql import Flavour, Statement, compiled, constant, dialect_of, number
from smsgw.store.tables import payments


@pytest.mark.parametrize("flavour", Flavour)
def test_every_statement_is_compiled_for_every_database(flavour: Flavour) -> None:
    assert set(compiled(flavour)) == set(Statement.known)


def test_sqlite_knows_no_locks_and_postgresql_skips_what_is_locked() -> None:
    texts = {flavour: "\n".join(compiled(flavour).values()) for flavour in Flavour}
    assert "FOR UPDATE" not in texts[Flavour.SQLITE]
    assert texts[Flavour.POSTGRESQL].count("SKIP LOCKED") == 2


def test_a_value_that_would_be_frozen_into_a_statement_is_a_bug() -> None:
    before = list(Statement.known)
    Statement(select(payments).where(payments.c.id == 7))
    try:
        with pytest.raises(AssertionError, match="compiled only once"):
            compiled.__wrapped__(Flavour.SQLITE)
    finally:
        Statement.known[:] = before


def test_the_databases_may_do_a_thing_in_different_ways() -> None:
    before = list(Statement.known)
    each = Statement(select(number("a")), on_postgresql=select(number("b")))
    Statement.known[:] = before
    texts = [str(each.expressions[flavour].compile(dialect=dialect_of(flavour))) for flavour in Flavour]
    assert [text.split(" AS ")[0] for text in texts] == ["SELECT :a", "SELECT %(b)s::BIGINT"]


def test_constants_are_our_own_words() -> None:
    assert str(constant(CallState.DUE)) == "'due'"
