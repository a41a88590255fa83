"""One transaction: all its parts see the same moment and each other's rows."""

from __future__ import annotations

from smsgw.domain.payment import Payment
from smsgw.ports import Store
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, add_payment, payment


async def test_time_stands_within_a_unit(store: Store) -> None:
    first, last = await store.write(ALISHER, lambda tx: (tx.now_us, (tx.subscribers.lock(ALISHER), tx.now_us)[1]))
    assert first == last > 0


async def test_a_part_sees_what_another_has_written(store: Store) -> None:
    def work(tx: Tx) -> Payment | None:
        add_payment(tx, payment())
        tx.messages.add(ALISHER, "main", b"0123456789abcdef", "pay", 77)
        assert tx.messages.seen(ALISHER, b"0123456789abcdef", tx.now_us)
        return tx.payments.open(ALISHER)

    assert await store.write(ALISHER, work) == payment()
