"""Bringing a database to this program's schema: a new one is made, an older one is changed, a newer one is refused.

The steps stand in `migrations/versions`, for Alembic. Each runs in a transaction on both databases.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from smsgw.store.errors import StoreRefused
from smsgw.store.lockfile import LockFile
from smsgw.store.postgres import CONNECTING
from smsgw.store.sqlite_file import prepare

SCRIPTS: Final = Path(__file__).with_name("migrations")
# Two nodes that start together must not both make the tables ("smsm").
MIGRATION_LOCK: Final = 0x736D736D


def sqlite_path(url: str) -> Path | None:
    """The file of a `sqlite:///…` URL; None for another database.

    Raises:
        StoreRefused: a URL without a file, or of a database that we do not know.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return None
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreRefused(f"store url {parsed.render_as_string()!r}: sqlite:///FILE or postgresql://… is needed")
    return Path(parsed.database)


def migrate(url: str) -> None:
    """Make or change the tables of the database at *url*; no service may be running on a SQLite file.

    Raises:
        StoreRefused: in use, damaged, newer than this program, or out of reach.
    """
    path = sqlite_path(url)
    if path is None:
        upgrade(postgres_engine(url), "the database")
        return
    lock = LockFile(path)
    try:
        prepare(path)
        upgrade(sqlite_engine(path), str(path))
    finally:
        lock.release()


def upgrade(engine: Engine, name: str) -> None:
    """Run the steps that the database has not had yet. *name* is what a refusal calls it."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    try:
        with engine.begin() as connection:
            _lock(connection)
            current = MigrationContext.configure(connection).get_current_heads()
            if not known.issuperset(current):
                raise StoreRefused(f"{name} has schema {', '.join(current)}, made by a newer smsgw: run that one")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as error:
        raise StoreRefused(f"{name}: {_said(error)}") from error


def sqlite_engine(path: Path) -> Engine:
    """An engine over a file, for the migrations only; SQLite's driver leaves transactions to us."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def postgres_engine(url: str) -> Engine:
    """An engine over a server, for the migrations only."""
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url, **CONNECTING), poolclass=NullPool
    )


def _said(error: SQLAlchemyError) -> object:
    """What the driver said, without SQLAlchemy's own words around it."""
    return error.orig if isinstance(error, DBAPIError) else error


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
