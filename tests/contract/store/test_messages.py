"""Texts that came in: digests, encrypted parts, failures, retention; on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.sms import PartVerdict
from smsgw.ports import Store
from smsgw.sessions.keys import SealBroken
from smsgw.store.inline import open_inline
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, BARNO, SECOND_US, part, surroundings

DIGEST = b"0123456789abcdef"


async def test_a_delivery_is_seen_by_the_same_person_and_digest_only(store: Store) -> None:
    await store.write(ALISHER, lambda tx: tx.messages.add(ALISHER, "main", DIGEST, "pay", None))
    seen = await store.write(
        ALISHER,
        lambda tx: (
            tx.messages.seen(ALISHER, DIGEST, tx.now_us - 60 * SECOND_US),
            tx.messages.seen(BARNO, DIGEST, tx.now_us - 60 * SECOND_US),
            tx.messages.seen(ALISHER, DIGEST[::-1], tx.now_us - 60 * SECOND_US),
        ),
    )
    assert seen == (True, False, False)


async def test_a_delivery_counts_as_seen_from_its_own_moment_on(store: Store) -> None:
    def add(tx: Tx) -> int:
        tx.messages.add(ALISHER, "main", DIGEST, "pay", 77)
        return tx.now_us

    taken_us = await store.write(ALISHER, add)
    seen = await store.write(
        ALISHER,
        lambda tx: (tx.messages.seen(ALISHER, DIGEST, taken_us), tx.messages.seen(ALISHER, DIGEST, taken_us + 1)),
    )
    assert seen == (True, False)


async def test_the_latest_text_is_the_last_one_of_this_subscriber_on_this_link_that_is_no_part(store: Store) -> None:
    """Also of two in one moment."""

    def add(tx: Tx) -> tuple[int, bytes | None]:
        none = tx.messages.latest(ALISHER, "main", tx.now_us)
        for who, link, digest, verdict in (
            (ALISHER, "main", DIGEST[::-1], "help"),
            (ALISHER, "main", DIGEST, "code"),
            (ALISHER, "main", b"the first part", PartVerdict.KEPT),
            (ALISHER, "main", b"once more", PartVerdict.AGAIN),
            (ALISHER, "backup", b"another link", "help"),
            (BARNO, "main", b"another person", "help"),
        ):
            tx.messages.add(who, link, digest, verdict, None)
        return tx.now_us, none

    taken_us, none = await store.write(ALISHER, add)
    latest = await store.write(
        ALISHER,
        lambda tx: [tx.messages.latest(ALISHER, "main", since_us) for since_us in (taken_us, taken_us + 1)],
    )
    assert (none, latest) == (None, [DIGEST, None])


async def test_the_last_verdict_on_a_delivery_counts(store: Store) -> None:
    """Also of two in one moment; another person's and another text's are not asked for."""

    def add(tx: Tx) -> None:
        for who, digest, verdict in (
            (ALISHER, DIGEST, "part"),
            (ALISHER, DIGEST, "part_again"),
            (BARNO, DIGEST, "pay"),
        ):
            tx.messages.add(who, "main", digest, verdict, None)
        tx.messages.add(ALISHER, "main", DIGEST[::-1], "help", None)

    await store.write(ALISHER, add)
    verdicts = await store.write(
        ALISHER, lambda tx: [tx.messages.verdict(ALISHER, digest) for digest in (DIGEST, DIGEST[::-1], b"none")]
    )
    assert verdicts == ["part_again", "help", None]


async def test_parts_come_back_in_the_order_of_their_arrival(store: Store) -> None:
    last, first = part(2, b"*Secret1"), part(1, b"SARKOR*n25656*50000")

    def keep(tx: Tx) -> None:
        for each in (last, first):
            tx.messages.add_part(ALISHER, each)

    await store.write(ALISHER, keep)
    assert await store.write(ALISHER, lambda tx: tx.messages.parts(ALISHER, first)) == [last, first]


async def test_of_two_parts_with_one_number_the_first_stays(store: Store) -> None:
    await store.write(ALISHER, lambda tx: tx.messages.add_part(ALISHER, part(1, b"first")))
    await store.write(ALISHER, lambda tx: tx.messages.add_part(ALISHER, part(1, b"second")))
    assert await store.write(ALISHER, lambda tx: tx.messages.parts(ALISHER, part())) == [part(1, b"first")]


async def test_the_parts_of_one_subscriber_are_counted_over_all_texts(store: Store) -> None:
    def work(tx: Tx) -> tuple[int, int]:
        for each in (part(1), part(1, reference=8), part(1, link="backup"), part(1, b"again")):
            tx.messages.add_part(ALISHER, each)
        return tx.messages.parts_kept(ALISHER), tx.messages.parts_kept(BARNO)

    assert await store.write(ALISHER, work) == (3, 0)


@pytest.mark.parametrize(
    "other",
    [part(link="backup"), part(destination="1401"), part(reference=8), part(total=3)],
    ids=["link", "recipient", "reference", "total"],
)
async def test_parts_of_other_texts_stay_apart(store: Store, other: object) -> None:
    def work(tx: Tx) -> tuple[int, int]:
        tx.messages.add_part(ALISHER, part())
        tx.messages.add_part(ALISHER, other)  # type: ignore[arg-type]  # parametrize loses the type
        tx.messages.add_part(BARNO, part())
        tx.messages.drop_parts(ALISHER, part())
        return len(tx.messages.parts(ALISHER, part())), len(tx.messages.parts(BARNO, part()))

    assert await store.write(ALISHER, work) == (0, 1)
    assert len(await store.write(ALISHER, lambda tx: tx.messages.parts(ALISHER, other))) == 1  # type: ignore[arg-type]


@pytest.mark.proves("F27")
async def test_a_stale_text_is_named_once_however_many_parts_wait(store: Store) -> None:
    def work(tx: Tx) -> None:
        for each in (part(2, b"two"), part(1, b"one"), part(1, b"alone", reference=9)):
            tx.messages.add_part(ALISHER, each)

    await store.write(ALISHER, work)
    stale = await store.write("", lambda tx: tx.messages.stale_parts(tx.now_us + 1, 10))
    # Unopened: a row that does not open must not stop the others.
    places = (part(2, b"", identity=b""), part(1, b"", reference=9, identity=b""))
    assert stale == [(ALISHER, place) for place in places], (
        "unopened: a row that does not open must not stop the others"
    )
    assert not await store.write("", lambda tx: tx.messages.stale_parts(tx.now_us - 60 * SECOND_US, 10))


async def test_a_failing_delivery_is_counted_by_its_digest(store: Store) -> None:
    counts = [await store.write("", lambda tx: tx.messages.count_failure(DIGEST)) for _ in range(3)]
    assert [*counts, await store.write("", lambda tx: tx.messages.count_failure(DIGEST[::-1]))] == [1, 2, 3, 1]


async def test_a_part_moved_to_another_row_does_not_open() -> None:
    store = open_inline(surroundings())
    await store.write(ALISHER, lambda tx: tx.messages.add_part(ALISHER, part()))
    store._database.execute("UPDATE message_parts SET msisdn = ?", (BARNO,))
    with pytest.raises(Exception, match="raised SealBroken") as failed:
        await store.write(BARNO, lambda tx: tx.messages.parts(BARNO, part()))
    assert isinstance(failed.value.__cause__, SealBroken)
    store.close()


async def test_no_part_of_a_text_stands_in_the_row() -> None:
    store = open_inline(surroundings())
    secret = replace(part(), payload=b"canary-password", identity=b"identity:canary-password")
    await store.write(ALISHER, lambda tx: tx.messages.add_part(ALISHER, secret))
    row = store._database.execute("SELECT * FROM message_parts").fetchone()
    assert not any(b"canary" in (column if isinstance(column, bytes) else str(column).encode()) for column in row)
    store.close()
