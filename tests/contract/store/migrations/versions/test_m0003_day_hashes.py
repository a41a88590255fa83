"""The third step: a database of the second one gets hashes of its days, those that are long over too."""

from __future__ import annotations

import pytest

from smsgw.service.day_hashes import close_days, compare_days
from smsgw.store.migrate import migrate
from smsgw.store.rows import row_of_transfer
from tests.contract.store.migrations.steps import engine_of, migrate_to
from tests.contract.store.migrations.versions.test_m0002_after_the_payment import MONEY, insert
from tests.contract.store.samples import opened
from tests.house import house_rules

LONG_AGO_US = 1_795_000_000_000_000


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_empty_url", marks=pytest.mark.postgres)])
def old_url(request: pytest.FixtureRequest) -> str:
    """A database of the step before, with a transfer of a day that is over."""
    url: str = request.getfixturevalue(request.param)
    migrate_to(url, "0002")
    with engine_of(url).begin() as connection:
        row = row_of_transfer(MONEY[0]) | {"shard": 0, "created_at_us": LONG_AGO_US}
        insert(connection, "transfers", row)
    return url


@pytest.mark.proves("F57")
async def test_days_before_the_step_are_hashed_after_it(old_url: str) -> None:
    migrate(old_url)
    async with opened(old_url) as store:
        days = await close_days(store, house_rules())
        assert days >= 1
        compared = await compare_days(store.reads, days)
        assert [each.closed.transfers for each in compared] == [0] * (days - 1) + [1]
        assert all(each.as_closed for each in compared)
