"""The read side on PostgreSQL: it cannot write, and sees one moment."""

from __future__ import annotations

import psycopg
import pytest

from smsgw.ports import StoreUnavailable
from smsgw.store.payments import NEXT_NUMBER
from smsgw.store.postgres_reader import PostgresReader
from smsgw.store.proof import ACCOUNTS
from tests.contract.store.samples import ALISHER, fund, opened

pytestmark = pytest.mark.postgres


async def test_a_reader_cannot_write(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        with pytest.raises(StoreUnavailable) as failed:
            await store._reader.rows(NEXT_NUMBER, {})
    assert isinstance(failed.value.__cause__, psycopg.errors.ReadOnlySqlTransaction)


async def test_a_snapshot_is_about_one_moment(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        await store.write(ALISHER, fund)
        answers = await store._reader.snapshot([ACCOUNTS, ACCOUNTS])
    assert answers[0] == answers[1] != []


async def test_a_server_that_is_gone_is_an_outage() -> None:
    reader = PostgresReader("postgresql://postgres@/smsgw?host=/nowhere")
    with pytest.raises(StoreUnavailable):
        await reader.rows(ACCOUNTS, {})
    with pytest.raises(StoreUnavailable):
        await reader.snapshot([ACCOUNTS])
    await reader.close()
