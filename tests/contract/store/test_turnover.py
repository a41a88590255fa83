"""Turnover, on every database."""

from __future__ import annotations

import pytest

from smsgw.ports import Store, WorkFailed
from tests.contract.store.samples import ALISHER, BARNO


async def test_turnover_is_kept_for_a_person_and_a_period(store: Store) -> None:
    for minor in (500, 250, -100):
        await store.write(ALISHER, lambda tx, minor=minor: tx.turnover.add(ALISHER, "2026-11", minor))  # type: ignore[misc]
    spent = await store.write(
        ALISHER,
        lambda tx: (
            tx.turnover.of(ALISHER, "2026-11"),
            tx.turnover.of(ALISHER, "2026-11-21"),
            tx.turnover.of(BARNO, "2026-11"),
        ),
    )
    assert spent == (650, 0, 0)


async def test_no_more_is_given_back_than_was_taken(store: Store) -> None:
    await store.write(ALISHER, lambda tx: tx.turnover.add(ALISHER, "2026-11", 500))
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, lambda tx: tx.turnover.add(ALISHER, "2026-11", -501))
