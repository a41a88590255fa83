"""Subscribers in a transaction, on every database."""

from __future__ import annotations

from dataclasses import replace

from smsgw.domain.subscriber import FOR_GOOD_US, Subscriber
from smsgw.ports import Store
from tests.contract.store.samples import ALISHER, BARNO


async def test_a_stranger_gets_a_row(store: Store) -> None:
    met = await store.write(ALISHER, lambda tx: (tx.subscribers.lock(ALISHER), tx.now_us))
    assert met[0] == Subscriber(msisdn=ALISHER, created_at_us=met[1])


async def test_every_field_comes_back_as_it_was_saved(store: Store) -> None:
    changed = Subscriber(
        msisdn=ALISHER,
        registered=True,
        blocked=True,
        language="uz",
        verifier="$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        pepper_id="k1",
        credential_version=3,
        wrong_passwords=4,
        wrong_codes=9,
        paused_until_us=FOR_GOOD_US,
        pauses=(1, 2, 3),
        answers_since_us=5,
        answers=6,
        stranger_told_at_us=7,
        level="full",
    )

    created = (await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER))).created_at_us
    await store.write(ALISHER, lambda tx: tx.subscribers.save(replace(changed, created_at_us=1)))
    assert await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER)) == replace(
        changed, created_at_us=created
    )


async def test_a_row_is_one_persons(store: Store) -> None:
    await store.write(ALISHER, lambda tx: tx.subscribers.lock(ALISHER))
    await store.write(ALISHER, lambda tx: tx.subscribers.save(replace(tx.subscribers.lock(ALISHER), wrong_codes=1)))
    assert (await store.write(BARNO, lambda tx: tx.subscribers.lock(BARNO))).wrong_codes == 0
