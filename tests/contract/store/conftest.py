"""The databases of the store's tests: in memory, a SQLite file, and a real PostgreSQL that the tests start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsgw.store.inline import InlineStore, open_inline
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from tests.contract.store.samples import surroundings


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
