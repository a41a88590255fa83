"""Databases as an earlier release left them."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from smsgw.store.migrate import SCRIPTS, postgres_engine, sqlite_engine, sqlite_path


def engine_of(url: str) -> Engine:
    """An engine below the store."""
    path = sqlite_path(url)
    return postgres_engine(url) if path is None else sqlite_engine(path)


def migrate_to(url: str, step: str) -> None:
    """Run the steps up to *step* and no further."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine_of(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, step)
