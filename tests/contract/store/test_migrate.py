"""The migrations come to the very schema that the tables describe, on both databases, and refuse what is newer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from smsgw.store.errors import StoreRefused
from smsgw.store.migrate import migrate, postgres_engine, sqlite_path
from smsgw.store.opening import open_store
from smsgw.store.schema import schema
from smsgw.store.sql import Flavour
from smsgw.store.tables import metadata
from tests.contract.store.samples import surroundings

SQLITE_SCHEMA: Final = (
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%'"
)
POSTGRES_SCHEMA: Final = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT sequencename, data_type::text, start_value, increment_by, max_value, cycle, cache_size FROM pg_sequences",
    "SELECT relname, obj_description(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    "SELECT prosrc FROM pg_proc WHERE proname = 'refuse_change'",
)


def described(path: Path) -> set[tuple[str, str, str]]:
    """A SQLite schema without the spaces that nobody reads."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(SQLITE_SCHEMA).fetchall()
    return {
        (kind, name, "".join((sql or "").split()))
        for kind, name, sql in rows
        if not name.startswith(("alembic", "sqlite"))
    }


def catalogued(url: str) -> list[set[tuple[object, ...]]]:
    """What a PostgreSQL catalogue says of our tables, without Alembic's own."""
    with psycopg.connect(url) as session:
        answers = [session.execute(question).fetchall() for question in POSTGRES_SCHEMA]
    return [{row for row in rows if "alembic" not in str(row[0])} for rows in answers]


def test_the_steps_come_to_the_tables_on_sqlite(tmp_path: Path, sqlite_url: str) -> None:
    migrate(sqlite_url)
    with closing(sqlite3.connect(tmp_path / "tables.db")) as database:
        for statement in schema(Flavour.SQLITE):
            database.execute(statement)
    assert described(tmp_path / "smsgw.db") == described(tmp_path / "tables.db")


@pytest.mark.postgres
def test_the_steps_come_to_the_tables_on_postgresql(postgres_url: str, postgres_empty_url: str) -> None:
    with psycopg.connect(postgres_empty_url) as session:
        for statement in schema(Flavour.POSTGRESQL):
            session.execute(statement)
    assert catalogued(postgres_url) == catalogued(postgres_empty_url)


@pytest.mark.postgres
def test_alembic_finds_no_difference_either(postgres_url: str) -> None:
    with postgres_engine(postgres_url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    migrate(url)


async def test_a_newer_database_is_refused_by_name(tmp_path: Path, sqlite_url: str) -> None:
    migrate(sqlite_url)
    with closing(sqlite3.connect(tmp_path / "smsgw.db", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreRefused, match=r"smsgw\.db has schema 9999, made by a newer smsgw"):
        await open_store(sqlite_url, surroundings())


@pytest.mark.postgres
async def test_a_newer_postgresql_database_is_refused(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as session:
        session.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreRefused, match="9999"):
        await open_store(postgres_url, surroundings())


def test_a_step_that_fails_leaves_nothing_half_done(tmp_path: Path, sqlite_url: str) -> None:
    with closing(sqlite3.connect(tmp_path / "smsgw.db")) as database:
        database.execute("CREATE TABLE transfers (id INTEGER)")
    with pytest.raises(StoreRefused, match="transfers"):
        migrate(sqlite_url)
    assert [name for _, name, _ in described(tmp_path / "smsgw.db")] == ["transfers"]


@pytest.mark.parametrize("url", ["mysql://localhost/smsgw", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StoreRefused, match="sqlite:///FILE or postgresql://"):
        sqlite_path(url)


def test_a_server_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        migrate(f"postgresql://postgres@/smsgw?host={tmp_path}")
