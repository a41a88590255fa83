"""Outbox: a text is repeated only while nobody knows whether it left, and never outlives its use."""

import pytest

from smsgw.domain.sms import (
    Delivery,
    NotSubmitted,
    OutboundSms,
    Priority,
    SubmitOutcome,
    SubmitRefused,
    Submitted,
    SubmitUnknown,
)
from smsgw.service.outbox import ATTEMPTS_MAX, after
from tests.house import ANNA, PAY, House

NOW_US = 1_000_000_000


def row(attempts: int = 0) -> OutboundSms:
    return OutboundSms(
        id=1,
        msisdn=ANNA,
        link="operator",
        event="help",
        values={},
        language="en",
        payment_id=None,
        priority=Priority.ANSWER,
        created_at_us=0,
        expires_at_us=NOW_US * 10,
        attempts=attempts,
        lease_until_us=NOW_US + 1,
    )


@pytest.mark.parametrize(
    ("outcome", "attempts", "state", "due_in_s"),
    [
        (Submitted("42"), 0, Delivery.SENT, None),
        (NotSubmitted(), 0, Delivery.QUEUED, 2),
        (NotSubmitted(), ATTEMPTS_MAX, Delivery.QUEUED, 2),
        (SubmitUnknown(), 0, Delivery.QUEUED, 0),
        (SubmitUnknown(), ATTEMPTS_MAX - 1, Delivery.FAILED, None),
        (SubmitRefused(0x58, temporary=True, retry_after_s=1), 0, Delivery.QUEUED, 2),
        (SubmitRefused(0x58, temporary=True, retry_after_s=90), 0, Delivery.QUEUED, 90),
        (SubmitRefused(0x58, temporary=True, retry_after_s=1), 5, Delivery.QUEUED, 600),
        (SubmitRefused(0x58, temporary=True, retry_after_s=1), ATTEMPTS_MAX - 1, Delivery.FAILED, None),
        (SubmitRefused(0x0B, temporary=False), 0, Delivery.FAILED, None),
    ],
)
def test_the_row_after_one_submit(outcome: SubmitOutcome, attempts: int, state: Delivery, due_in_s: int | None) -> None:
    later = after(row(attempts), outcome, NOW_US)

    assert (later.state, later.lease_until_us) == (state, 0)
    assert due_in_s is None or later.due_at_us == NOW_US + due_in_s * 1_000_000


def test_only_an_unknown_outcome_makes_a_text_possibly_twice() -> None:
    assert after(row(), SubmitUnknown(), NOW_US).possibly_twice
    assert not after(row(), NotSubmitted(), NOW_US).possibly_twice


def test_a_link_that_is_down_is_no_attempt() -> None:
    assert after(row(3), NotSubmitted(), NOW_US).attempts == 3


async def test_a_text_without_an_answer_is_sent_again_with_the_same_code() -> None:
    house = House()
    await house.enrol()
    house.phones.outcomes.append(SubmitUnknown())
    await house.text(PAY)
    house.clock.passes(1)
    await house.claim()

    assert house.events == ["code"]
    assert len(house.phones.inbox) == 1


async def test_a_code_that_waited_past_its_deadline_is_not_sent() -> None:
    house = House()
    await house.enrol()
    house.phones.outcomes.append(NotSubmitted())
    await house.text(PAY)
    house.clock.passes(301)
    await house.claim()

    assert house.phones.inbox == []
    assert (await house.store.reads.counts()).get("texts_queued", 0) == 0


async def test_neither_words_nor_codes_stand_in_the_outbox() -> None:
    house = House()
    await house.enrol()
    await house.receive(PAY)
    await house.settlement.exchange(house.calls.popleft())
    (sms,) = house.texts
    text = house.sender.text_of(sms)
    await house.work_off()

    assert house.code in text
    assert house.code not in repr(sms)
