"""The inline store: everything at once, and the same run again."""

from __future__ import annotations

import pytest

from smsgw.ports import WorkFailed
from smsgw.store.inline import open_inline
from tests.contract.store.samples import ALISHER, add_payment, payment, sms, surroundings


async def test_twins_share_a_database_and_keep_their_own_clocks() -> None:
    around = surroundings()
    one = open_inline(around)
    later = surroundings()
    later.clock.time_us += 5  # type: ignore[attr-defined]  # the test's own clock
    two = one.twin(later)
    await one.write(ALISHER, lambda tx: add_payment(tx, payment()))
    assert await two.reads.payment(payment().number) == payment()
    times = [await store.write("", lambda tx: tx.now_us) for store in (one, two)]
    assert times[1] - times[0] == 5
    one.close()


async def test_a_twin_hands_over_to_its_own_takers() -> None:
    one = open_inline(surroundings())
    two = one.twin(surroundings())
    handed: list[object] = []
    one.subscribe(handed.append, handed.append)
    await two.write(ALISHER, lambda tx: tx.outbox.add(sms()))
    assert handed == []
    one.close()


async def test_after_a_unit_that_raised_the_next_one_runs() -> None:
    store = open_inline(surroundings())
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, lambda tx: tx.payments.save(payment()))
    assert await store.write(ALISHER, lambda tx: add_payment(tx, payment())) == payment()
    store.close()
