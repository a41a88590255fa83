"""The first step makes every table, on both databases, and says that it was made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from smsgw.store.migrate import migrate
from smsgw.store.tables import metadata


def test_sqlite_has_every_table_and_the_step(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/smsgw.db")
    with closing(sqlite3.connect(tmp_path / "smsgw.db")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        steps = database.execute("SELECT version_num FROM alembic_version").fetchall()
    assert tables == {*metadata.tables, "numbers", "alembic_version"}
    assert steps == [("0001",)]


@pytest.mark.postgres
def test_postgresql_has_every_table_and_the_step(postgres_empty_url: str) -> None:
    migrate(postgres_empty_url)
    with psycopg.connect(postgres_empty_url) as session:
        tables = {name for (name,) in session.execute("SELECT relname FROM pg_stat_user_tables")}
        steps = session.execute("SELECT version_num FROM alembic_version").fetchall()
    assert tables == {*metadata.tables, "alembic_version"}
    assert steps == [("0001",)]
