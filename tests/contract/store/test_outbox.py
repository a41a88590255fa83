"""The outbox: leased, claimed in order, fenced, followed to the receipt; on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Delivery, OutboundSms, Priority
from smsgw.ports import Store
from smsgw.store import outbox
from smsgw.store.inline import InlineStore
from smsgw.store.lease import BIRTH_LEASE_US
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, BARNO, SECOND_US, nobody, sms

LEASE_US = 60 * SECOND_US
ENDS = [Delivery.DELIVERED, Delivery.FAILED, Delivery.EXPIRED]


async def handed_over(store: InlineStore | SqlStore, *texts: OutboundSms) -> list[OutboundSms]:
    """Write texts; return them as the sender of this node gets them."""
    handed: list[OutboundSms] = []
    store.subscribe(nobody, handed.append)

    def work(tx: Tx) -> None:
        for each in texts:
            tx.outbox.add(each)

    await store.write(ALISHER, work)
    return handed


async def abandoned(store: InlineStore | SqlStore, *texts: OutboundSms) -> list[OutboundSms]:
    """Texts whose leases have just ended."""
    handed = [replace(each, lease_until_us=0) for each in await handed_over(store, *texts)]
    for each in handed:
        assert await save(store, each)
    return handed


def sent(text: OutboundSms, message_id: str) -> OutboundSms:
    """The row after a good answer to its only try."""
    return replace(text, state=Delivery.SENT, message_id=message_id, possibly_twice=False)


async def save(store: Store, text: OutboundSms) -> bool:
    return await store.write(text.msisdn, lambda tx: tx.outbox.save(text))


async def claim(store: Store, limit: int = 10) -> list[OutboundSms]:
    return list(await store.write("", lambda tx: tx.outbox.claim(tx.now_us + LEASE_US, limit)))


async def receipt(store: Store, delivery: Delivery = Delivery.DELIVERED, message_id: str = "m1") -> bool:
    return await store.write("", lambda tx: tx.outbox.receipt("main", message_id, delivery))


async def state_of(store: Store, text: OutboundSms) -> Delivery:
    """The state of a row, which no port tells."""

    def look(tx: Tx) -> dict[int, str]:
        connection = tx._unit._connection  # type: ignore[attr-defined]  # below the port
        return dict(connection.execute("SELECT id, state FROM outbox", {}).fetchall())

    return Delivery((await store.write("", look))[text.id])


async def test_a_new_text_gets_an_id_a_lease_and_is_handed_over(store: InlineStore | SqlStore) -> None:
    handed = await handed_over(store, sms(), sms(event="receipt"))
    assert [replace(each, id=0, lease_until_us=0) for each in handed] == [sms(), sms(event="receipt")]
    assert handed[0].id < handed[1].id
    assert all(each.lease_until_us >= BIRTH_LEASE_US for each in handed)
    assert await claim(store) == []


async def test_a_text_behind_one_that_waits_is_handed_to_nobody_and_claimed_after_it(
    store: InlineStore | SqlStore,
) -> None:
    """It would overtake it: the first was refused for now, and is due again."""
    (first,) = await abandoned(store, sms())
    (other,) = await handed_over(store, sms(BARNO))
    assert await handed_over(store, sms(event="receipt")) == []

    (claimed,) = await claim(store)
    assert (claimed.id, other.msisdn) == (first.id, BARNO)
    assert await save(store, replace(claimed, state=Delivery.SENT, message_id="m1"))
    assert [each.event for each in await claim(store)] == ["receipt"]


async def test_a_text_that_is_due_later_is_handed_to_nobody(store: InlineStore | SqlStore) -> None:
    later_us = await store.write("", lambda tx: tx.now_us + SECOND_US)
    assert await handed_over(store, sms(due_at_us=later_us)) == []
    assert await claim(store) == []


@pytest.mark.proves("F49")
async def test_an_abandoned_text_is_claimed_under_the_next_epoch(store: InlineStore | SqlStore) -> None:
    (text,) = await abandoned(store, sms(values={"имя": "Барно"}, payment_id=77))
    (claimed,) = await claim(store)
    assert claimed == replace(text, epoch=2, lease_until_us=claimed.lease_until_us)
    assert await claim(store) == []


async def test_order_is_kept_for_a_recipient(store: InlineStore | SqlStore) -> None:
    """`replaced` leaves before `code`, although a code has priority between recipients."""
    await abandoned(store, sms(event="replaced", priority=Priority.RECEIPT), sms(event="code", priority=Priority.CODE))
    (first,) = await claim(store)
    assert (first.event, await claim(store)) == ("replaced", [])
    assert await save(store, replace(first, state=Delivery.SENT))
    (second,) = await claim(store)
    assert second.event == "code"


async def test_codes_leave_before_receipts_of_others(store: InlineStore | SqlStore) -> None:
    people = [Msisdn(f"+99890000000{i}") for i in range(3)]
    priorities = [Priority.RECEIPT, Priority.CODE, Priority.ANSWER]
    await abandoned(store, *(sms(who, priority=first) for who, first in zip(people, priorities, strict=True)))
    claimed = [*await claim(store, 1), *await claim(store, 2)]
    assert [each.priority for each in claimed] == [Priority.CODE, Priority.ANSWER, Priority.RECEIPT]


async def test_whoever_holds_an_older_epoch_changes_nothing(store: InlineStore | SqlStore) -> None:
    (text,) = await abandoned(store, sms())
    (claimed,) = await claim(store)
    assert not await save(store, replace(text, state=Delivery.SENT))
    assert await save(store, replace(claimed, state=Delivery.FAILED))
    assert await state_of(store, text) is Delivery.FAILED


@pytest.mark.proves("F29")
async def test_a_late_answer_settles_a_text_until_it_is_claimed_again(store: InlineStore | SqlStore) -> None:
    """It is written under the epoch of its own try, after that try was written down as unknown."""
    settled, claimed = await abandoned(
        store, sms(possibly_twice=True, attempts=1), sms(BARNO, possibly_twice=True, attempts=1)
    )
    assert await save(store, sent(settled, "m1"))
    assert [each.id for each in await claim(store)] == [claimed.id]
    assert not await save(store, sent(claimed, "m2"))
    assert await receipt(store)
    assert not await receipt(store, message_id="m2")
    assert await state_of(store, settled) is Delivery.DELIVERED
    assert await state_of(store, claimed) is Delivery.QUEUED


@pytest.mark.parametrize("end", ENDS)
async def test_a_receipt_ends_a_sent_text(store: InlineStore | SqlStore, end: Delivery) -> None:
    (text,) = await handed_over(store, sms())
    await save(store, replace(text, state=Delivery.SENT, message_id="m1"))
    assert await receipt(store, Delivery.SENT)
    assert await state_of(store, text) is Delivery.SENT
    assert await receipt(store, end)
    assert await state_of(store, text) is end


async def test_a_receipt_comes_by_the_link_that_stood_in(store: InlineStore | SqlStore) -> None:
    (text,) = await handed_over(store, sms(link="backup"))
    await save(store, replace(text, state=Delivery.SENT, message_id="m1", link=sms().link))
    assert await receipt(store, Delivery.DELIVERED)
    assert await state_of(store, text) is Delivery.DELIVERED


@pytest.mark.proves("F31")
async def test_the_first_end_stays(store: InlineStore | SqlStore) -> None:
    (text,) = await handed_over(store, sms())
    await save(store, replace(text, state=Delivery.SENT, message_id="m1"))
    assert await receipt(store, Delivery.DELIVERED)
    assert await receipt(store, Delivery.EXPIRED)
    assert await state_of(store, text) is Delivery.DELIVERED


@pytest.mark.proves("F32")
async def test_a_receipt_that_overtakes_its_submit_sm_resp_is_parked(store: InlineStore | SqlStore) -> None:
    (text,) = await handed_over(store, sms())
    assert not await receipt(store, Delivery.DELIVERED)
    await save(store, replace(text, state=Delivery.SENT, message_id="m1"))
    assert await state_of(store, text) is Delivery.DELIVERED


async def test_a_parked_receipt_is_of_its_link_only(store: InlineStore | SqlStore) -> None:
    (text,) = await handed_over(store, sms(link="backup"))
    assert not await receipt(store, Delivery.DELIVERED)
    await save(store, replace(text, state=Delivery.SENT, message_id="m1"))
    assert await state_of(store, text) is Delivery.SENT


@pytest.mark.proves("I25", "F32", "A13")
async def test_only_the_latest_receipts_stay_parked(
    store: InlineStore | SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PARKED_MAX", 2)
    (text,) = await handed_over(store, sms())
    for message_id in ("m1", "m2", "m3"):
        assert not await receipt(store, message_id=message_id)
    await save(store, replace(text, state=Delivery.SENT, message_id="m1"))
    assert await state_of(store, text) is Delivery.SENT


async def test_a_message_id_used_again_means_the_newest_text(store: InlineStore | SqlStore) -> None:
    old, new = await handed_over(store, sms(), sms(BARNO))
    for each in (old, new):
        await save(store, replace(each, state=Delivery.SENT, message_id="m1"))
    await receipt(store)
    assert (await state_of(store, old), await state_of(store, new)) == (Delivery.SENT, Delivery.DELIVERED)
