"""The migrations come to the very schema that the tables describe, on both databases, and refuse what is newer."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text

from smsgw.store.errors import StoreRefused
from smsgw.store.migrate import migrate, postgres_engine, sqlite_path, upgrade
from smsgw.store.opening import open_store
from smsgw.store.schema import schema
from smsgw.store.sql import Flavour
from smsgw.store.tables import metadata
from tests.contract.store.migrations.steps import engine_of, migrate_to
from tests.contract.store.migrations.versions.test_m0002_after_the_payment import PERSON, fill
from tests.contract.store.samples import opened, surroundings

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


@pytest.mark.proves("A87")
def test_a_server_out_of_reach_is_told_without_its_password() -> None:
    with pytest.raises(StoreRefused) as refused:
        migrate("postgresql://smsgw:hunter2secret@127.0.0.1:1/books")
    assert "hunter2secret" not in str(refused.value)
    assert str(refused.value).startswith("the database: ")


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


@pytest.mark.proves("F57")
def test_a_step_that_fails_leaves_nothing_half_done(tmp_path: Path, sqlite_url: str) -> None:
    with closing(sqlite3.connect(tmp_path / "smsgw.db")) as database:
        database.execute("CREATE TABLE transfers (id INTEGER)")
    with pytest.raises(StoreRefused, match="transfers"):
        migrate(sqlite_url)
    assert [name for _, name, _ in described(tmp_path / "smsgw.db")] == ["transfers"]


def tables_of(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every table with its columns, and its rows."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name in sorted(inspect(connection).get_table_names()):
        columns = tuple(sorted(column["name"] for column in inspect(connection).get_columns(name)))
        rows = connection.execute(text(f"SELECT * FROM {name}")).all()  # noqa: S608 -- names of tables
        found[name] = [columns, *map(tuple, rows)]
    return found


class PowerFails(Exception):  # noqa: N818 -- what happened
    """The process ends in the middle of a migration."""


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_empty_url", marks=pytest.mark.postgres)])
def first_release(request: pytest.FixtureRequest) -> str:
    """A database of the first release, with something in each kind of table."""
    url: str = request.getfixturevalue(request.param)
    migrate_to(url, "0001")
    with engine_of(url).begin() as connection:
        fill(connection)
    return url


@pytest.mark.proves("F57")
def test_an_upgrade_that_is_interrupted_at_any_statement_has_changed_nothing(first_release: str) -> None:
    """All of its steps are one transaction; the next start begins again, and comes to its end."""
    with engine_of(first_release).begin() as connection:
        before = tables_of(connection)
    statements = 0
    # A server takes a second for each try, and is interrupted at every fifth.
    for stop_at in count(1, 5 if first_release.startswith("postgresql") else 1):
        seen = 0

        def interrupt(_: Any, __: Any, statement: str, *___: Any, stop_at: int = stop_at) -> None:
            nonlocal seen
            seen += not statement.startswith(("SELECT", "PRAGMA"))
            if seen == stop_at:
                raise PowerFails

        engine = engine_of(first_release)
        event.listen(engine, "before_cursor_execute", interrupt)
        try:
            upgrade(engine, "the database")
        except PowerFails:
            statements += 1
            with engine_of(first_release).begin() as connection:
                assert tables_of(connection) == before
        else:
            break
    assert statements > 3
    with engine_of(first_release).begin() as connection:
        after = tables_of(connection)
    assert after["alembic_version"][1] != before["alembic_version"][1]
    assert all(len(after[name]) == len(rows) for name, rows in before.items())


@pytest.mark.proves("F57")
async def test_a_kill_in_the_middle_of_an_upgrade_is_undone_by_the_next_start(tmp_path: Path, sqlite_url: str) -> None:
    """What the disk has then: the file half changed, and beside it what undoes that."""
    migrate_to(sqlite_url, "0001")
    with engine_of(sqlite_url).begin() as connection:
        fill(connection)
        before = tables_of(connection)
    left = tmp_path / "left"
    left.mkdir()

    def copy_files(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if statement.startswith("INSERT INTO provider_calls") and not list(left.iterdir()):
            for name in ("smsgw.db", "smsgw.db-journal"):
                shutil.copy(tmp_path / name, left / name)

    engine = engine_of(sqlite_url)
    # So small a cache that the file itself is changed before the commit.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA cache_size = 1"))
    event.listen(engine, "after_cursor_execute", copy_files)
    upgrade(engine, "the database")
    assert (left / "smsgw.db-journal").stat().st_size > 0
    assert (left / "smsgw.db").read_bytes() != (tmp_path / "smsgw.db").read_bytes()
    with engine_of(f"sqlite:///{left}/smsgw.db").begin() as connection:
        assert tables_of(connection) == before
    async with opened(f"sqlite:///{left}/smsgw.db") as store:
        assert await store.reads.subscriber(PERSON.msisdn) == PERSON


@pytest.mark.parametrize("url", ["mysql://localhost/smsgw", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StoreRefused, match="sqlite:///FILE or postgresql://"):
        sqlite_path(url)


def test_a_server_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        migrate(f"postgresql://postgres@/smsgw?host={tmp_path}")
