"""Hashes of days and the transfers they are made of, on every database."""

from __future__ import annotations

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.ledger.day_hash import DayHash
from smsgw.ledger.rules import top_up
from smsgw.ports import Store, WorkFailed
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER

FIRST, SECOND = DayHash("2026-11-21", 3, "a" * 64), DayHash("2026-11-22", 0, "b" * 64)


async def keep(store: Store, *days: DayHash) -> None:
    def work(tx: Tx) -> None:
        for day in days:
            tx.ledger.keep_day(day)

    await store.write("", work)


async def test_days_come_in_their_order_and_keep_their_first_hash(store: Store) -> None:
    """Two nodes may hash a day at the same time."""
    assert await store.reads.latest_day_hash() is None
    await keep(store, SECOND, FIRST, DayHash(FIRST.day, 4, "c" * 64))
    assert await store.reads.day_hashes("", 10) == [FIRST, SECOND]
    assert await store.reads.day_hashes(FIRST.day, 10) == [SECOND]
    assert await store.reads.day_hashes("", 1) == [FIRST]
    assert await store.reads.latest_day_hash() == SECOND.day


async def test_transfers_come_by_their_times_page_by_page(store: Store) -> None:
    assert await store.reads.first_transfer_us() is None
    for key in ("b", "a", "c"):
        await store.write("", lambda tx, key=key: tx.ledger.apply(top_up(key, ALISHER, "till", Money(1, UZS))))  # type: ignore[misc]
    first_us = await store.reads.first_transfer_us()
    assert first_us is not None
    after, until_us, ids = (first_us, ""), first_us + 60_000_000, []
    while page := await store.reads.transfers(after, until_us, 1):
        ids.append(page[0].id)
        after = page[0].created_at_us, page[0].id
    assert sorted(ids) == ["topup:till:a", "topup:till:b", "topup:till:c"]
    assert await store.reads.transfers((first_us, ""), first_us, 10) == []


@pytest.mark.proves("I7")
@pytest.mark.parametrize("table", ["transfers", "day_hashes"])
@pytest.mark.parametrize("deed", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
async def test_neither_can_be_changed(store: Store, table: str, deed: str) -> None:
    """The database itself refuses, whoever asks."""
    await keep(store, FIRST)
    await store.write("", lambda tx: tx.ledger.apply(top_up("k", ALISHER, "till", Money(1, UZS))))
    column = "amount_minor" if table == "transfers" else "transfers"
    with pytest.raises(WorkFailed) as refused:
        await store.write("", lambda tx: tx._unit._connection.execute(deed.format(table, column, column), {}))  # type: ignore[attr-defined]
    assert "immutable" in str(refused.value.__cause__)
