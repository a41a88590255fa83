"""What is swept, and what never is; on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.sms import Delivery
from smsgw.ports import Store
from smsgw.store.messages import SqlMessages
from smsgw.store.transaction import SqlTx
from tests.contract.store.samples import ALISHER, BARNO, add_payment, payment, sms

DIGEST = b"0123456789abcdef"


def fill(tx: SqlTx) -> int:
    """Two texts in, two out, a failure, a receipt that nobody waits for, and a payment."""
    for _ in range(2):
        tx.messages.add(ALISHER, "main", DIGEST, "pay", None)
        tx.outbox.add(sms(created_at_us=tx.now_us))
    tx.messages.count_failure(DIGEST)
    tx.outbox.receipt("main", "unknown", Delivery.DELIVERED)
    add_payment(tx, payment())
    return tx.now_us


def sweep(tx: SqlTx, before_us: int, limit: int) -> int:
    messages = tx.messages
    assert isinstance(messages, SqlMessages)
    return messages.sweep(before_us, limit)


async def test_what_is_old_is_deleted_in_batches(store: Store) -> None:
    filled_us = await store.write(ALISHER, fill)  # type: ignore[arg-type]  # the store's own transaction
    swept = [await store.write("", lambda tx: sweep(tx, filled_us + 1, 1)) for _ in range(3)]  # type: ignore[arg-type]
    assert swept == [4, 2, 0]


async def test_what_is_younger_stays(store: Store) -> None:
    filled_us = await store.write(ALISHER, fill)  # type: ignore[arg-type]  # the store's own transaction
    assert await store.write("", lambda tx: sweep(tx, filled_us, 10)) == 0  # type: ignore[arg-type]


async def test_a_payment_is_never_swept(store: Store) -> None:
    filled_us = await store.write(ALISHER, fill)  # type: ignore[arg-type]  # the store's own transaction
    await store.write("", lambda tx: sweep(tx, filled_us + 1, 100))  # type: ignore[arg-type]
    assert await store.reads.payment(payment().number) == payment()


def told(tx: SqlTx, **changes: object) -> int:
    """A stranger has texted and was told so; perhaps more has happened since."""
    tx.subscribers.save(replace(tx.subscribers.lock(BARNO), stranger_told_at_us=tx.now_us, **changes))  # type: ignore[arg-type]
    tx.messages.add(BARNO, "main", DIGEST, "not_registered", None)
    return tx.now_us


async def test_a_stranger_is_forgotten_with_the_text(store: Store) -> None:
    """A flood of invented numbers does not stay on the disk for good."""
    told_us = await store.write(BARNO, told)  # type: ignore[arg-type]  # the store's own transaction
    await store.write("", lambda tx: sweep(tx, told_us, 10))  # type: ignore[arg-type]
    assert await store.reads.subscriber(BARNO) is not None
    assert await store.write("", lambda tx: sweep(tx, told_us + 1, 10)) == 2  # type: ignore[arg-type]
    assert await store.reads.subscriber(BARNO) is None


@pytest.mark.parametrize(
    "since",
    [{"registered": True, "verifier": "x"}, {"blocked": True}, {"credential_version": 1}],
    ids=["registered", "blocked", "unblocked"],
)
async def test_whoever_the_house_knows_is_kept(store: Store, since: dict[str, object]) -> None:
    told_us = await store.write(BARNO, lambda tx: told(tx, **since))  # type: ignore[arg-type]  # the store's own
    await store.write("", lambda tx: sweep(tx, told_us + 1, 10))  # type: ignore[arg-type]
    assert await store.reads.subscriber(BARNO) is not None
