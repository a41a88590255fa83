"""Hashes of days and the transfers they are made of, on every database."""

from __future__ import annotations

from functools import partial

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.ledger.day_hash import DayHash
from smsgw.ledger.rules import top_up
from smsgw.ledger.transfers import Outcome
from smsgw.ports import Store, WorkFailed
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER

FIRST, SECOND = DayHash("2026-11-21", 1, 2, 3, "a" * 64), DayHash("2026-11-22", 2, 3, 0, "b" * 64)


async def keep(store: Store, *days: DayHash) -> None:
    def work(tx: Tx) -> None:
        for day in days:
            tx.ledger.keep_day(day)

    await store.write("", work)


def topped_up(keys: str, tx: Tx) -> list[Outcome]:
    return [tx.ledger.apply(top_up(key, ALISHER, "till", Money(1, UZS))) for key in keys]


async def test_the_newest_day_comes_first_and_each_keeps_its_first_hash(store: Store) -> None:
    """Two nodes may hash a day at the same time."""
    assert await store.reads.day_hashes(1) == []
    await keep(store, SECOND, FIRST, DayHash(FIRST.day, 1, 2, 4, "c" * 64))
    assert await store.reads.day_hashes(10) == [SECOND, FIRST]
    assert await store.reads.day_hashes(1) == [SECOND]


async def test_transfers_come_by_their_times_and_the_octets_of_their_ids_page_by_page(store: Store) -> None:
    """Those of one transaction have one time; an alphabet would sort them in each country in another way."""
    assert await store.reads.first_transfer_us() is None
    await store.write("", partial(topped_up, "bA_a-B"))
    first_us = await store.reads.first_transfer_us()
    assert first_us is not None
    after, until_us, keys = (first_us, ""), first_us + 1, ""
    while page := await store.reads.transfers(after, until_us, 1):
        keys += page[0].id.removeprefix("topup:till:")
        after = page[0].created_at_us, page[0].id
    assert keys == "-AB_ab"
    assert await store.reads.transfers((first_us, ""), first_us, 10) == []


@pytest.mark.proves("I7")
@pytest.mark.parametrize("table", ["transfers", "day_hashes"])
@pytest.mark.parametrize("deed", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
async def test_neither_can_be_changed(store: Store, table: str, deed: str) -> None:
    """The database itself refuses, whoever asks."""
    await keep(store, FIRST)
    await store.write("", partial(topped_up, "k"))
    column = "amount_minor" if table == "transfers" else "transfers"
    with pytest.raises(WorkFailed) as refused:
        await store.write("", lambda tx: tx._unit._connection.execute(deed.format(table, column, column), {}))  # type: ignore[attr-defined]
    assert "immutable" in str(refused.value.__cause__)
