"""Opening a store by its URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from smsgw.store.errors import StoreRefused
from smsgw.store.opening import open_store
from tests.contract.store.samples import ALISHER, add_payment, opened, payment, surroundings


async def test_a_new_database_is_made_and_an_old_one_found_again(url: str) -> None:
    async with opened(url) as store:
        await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
    async with opened(url) as store:
        assert await store.reads.payment(payment().number) == payment()


@pytest.mark.postgres
async def test_an_empty_postgresql_database_gets_its_tables(postgres_empty_url: str) -> None:
    async with opened(postgres_empty_url) as store:
        assert await store.reads.unbalanced() == []


async def test_a_relative_path_is_a_file_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened("sqlite:///smsgw.db") as store:
        assert await store.reads.payments(None, 1) == []
    assert (tmp_path / "smsgw.db").stat().st_size > 0


async def test_a_server_out_of_reach_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        await open_store(f"postgresql://postgres@/smsgw?host={tmp_path}", surroundings())
