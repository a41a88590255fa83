"""The first step makes every table of the first release, on both databases, and says that it was made."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text

from smsgw.store.tables import metadata
from tests.contract.store.migrations.steps import engine_of, migrate_to

LATER = {"day_hashes", "actions", "reconciliations", "registries"}


@pytest.mark.parametrize(
    ("place", "own"),
    [("sqlite_url", {"numbers"}), pytest.param("postgres_empty_url", set(), marks=pytest.mark.postgres)],
)
def test_a_new_database_has_every_table_and_the_step(request: pytest.FixtureRequest, place: str, own: set[str]) -> None:
    url: str = request.getfixturevalue(place)
    migrate_to(url, "0001")
    with engine_of(url).connect() as connection:
        tables = set(inspect(connection).get_table_names())
        steps = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    assert tables == metadata.tables.keys() - LATER | own | {"alembic_version"}
    assert steps == ["0001"]
