"""Outbox: a text is repeated only while nobody knows whether it left, and never outlives its use."""

import re
from dataclasses import replace

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import (
    Attempt,
    Delivery,
    NotSubmitted,
    OutboundSms,
    Priority,
    SubmitOutcome,
    SubmitRefused,
    Submitted,
    SubmitUnknown,
)
from smsgw.service.expire import expire
from smsgw.service.outbox import ATTEMPTS_MAX, SUBMIT_LEASE_S, SUBMIT_WITHIN_S, Sender, after
from smsgw.store.lease import BIRTH_LEASE_US
from tests.house import ANNA, BORIS, PAY, HandClock, House, Phones, replies

NOW_US = 1_000_000_000


def test_every_lease_of_a_text_is_as_long() -> None:
    """From its end the sender works out when it began."""
    assert BIRTH_LEASE_US == SUBMIT_LEASE_S * 1_000_000


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
        (SubmitUnknown(), 0, Delivery.QUEUED, 2),
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


def test_a_text_belongs_to_the_link_that_it_left_by() -> None:
    """Its receipt will come there."""
    assert after(row(), Submitted("42"), NOW_US).link == row().link
    assert after(row(), Submitted("42", link="twin"), NOW_US).link == "twin"


def test_only_an_unknown_outcome_makes_a_text_possibly_twice() -> None:
    assert after(row(), SubmitUnknown(), NOW_US).possibly_twice
    assert not after(row(), NotSubmitted(), NOW_US).possibly_twice


def test_a_link_that_is_down_is_no_attempt() -> None:
    assert after(row(3), NotSubmitted(), NOW_US).attempts == 3


@pytest.mark.proves("F3", "F29")
async def test_a_text_without_an_answer_is_sent_again_with_the_same_code() -> None:
    house = House()
    await house.enrol()
    house.phones.outcomes.append(SubmitUnknown())
    await house.text(PAY)
    house.clock.passes(3)
    await house.claim()

    assert house.events == ["code"]
    assert len(house.phones.inbox) == 1


@pytest.mark.proves("F28")
async def code_expires(house: House) -> None:
    """The deadline passes, then the grace of codes that are still coming; then the payment ends."""
    house.clock.passes(301)
    await house.claim()
    assert not any("Too late" in text for _, text in house.phones.inbox), "its code may still be on its way"
    house.clock.passes(20)
    await expire(house.store, house.rules)
    for _ in range(3):
        house.clock.passes(3)
        await house.claim()


@pytest.mark.proves("F28")
async def test_a_code_that_waited_past_its_deadline_is_not_sent() -> None:
    house = House()
    await house.enrol()
    house.phones.outcomes.append(NotSubmitted())
    await house.text(PAY)
    await code_expires(house)

    # Who asked for it still gets an answer.
    (text,) = (text for _, text in house.phones.inbox)
    assert text.startswith("Too late: the code for 50000 UZS to SARKOR has expired. Nothing was charged.")
    assert (await house.store.reads.counts()).get("texts_queued", 0) == 0


@pytest.mark.parametrize("first", [Submitted("1"), NotSubmitted()])
async def test_a_code_that_was_asked_for_again_is_answered_once_if_it_cannot_leave(first: SubmitOutcome) -> None:
    house = House()
    await house.enrol()
    house.phones.outcomes.extend([first, *[NotSubmitted()] * 10])
    await house.text(PAY)
    house.clock.passes(100)
    await house.text("CODE")
    house.clock.passes(200)
    house.phones.outcomes.clear()
    await code_expires(house)

    assert sum(text.startswith("Too late") for _, text in house.phones.inbox) == 1


async def test_no_word_of_an_expired_code_comes_after_the_payment() -> None:
    """Its text may have arrived though nobody said so, and been answered."""
    house = House()
    await house.enrol()
    house.phones.outcomes.append(SubmitUnknown())
    await house.receive(PAY)
    await house.settlement.exchange(house.calls.popleft())
    code = re.findall("[0-9]{6}", house.sender.text_of(house.texts[0]))[0]
    await house.sender.send(house.texts.popleft())
    await house.text(code)
    await code_expires(house)

    assert "PAID" in house.last_text
    assert not any(text.startswith("Too late") for _, text in house.phones.inbox)


async def unanswered(house: House) -> Attempt:
    """The text HELP is answered by a text of which nobody knows what became; returns what waits for its answer."""
    await house.enrol()
    house.phones.outcomes.append(SubmitUnknown())
    await house.text("HELP")
    return house.phones.attempts[-1]


@pytest.mark.proves("F29")
async def test_a_late_yes_ends_a_text_before_its_next_try_and_its_receipt_finds_it() -> None:
    house = House()
    attempt = await unanswered(house)
    await attempt.late(Submitted("late-1", link="twin"))
    house.clock.passes(700)
    await house.claim()

    assert house.phones.inbox == []
    assert await house.store.write("", lambda tx: tx.outbox.receipt("twin", "late-1", Delivery.DELIVERED))


@pytest.mark.proves("F29")
async def test_a_late_yes_changes_nothing_once_the_next_try_has_begun() -> None:
    house = House()
    attempt = await unanswered(house)
    house.clock.passes(3)
    await house.claim()
    await attempt.late(Submitted("late-1"))

    assert len(house.phones.inbox) == 1
    assert await house.store.write("", lambda tx: tx.outbox.receipt("operator", "operator-1", Delivery.DELIVERED))
    assert not await house.store.write("", lambda tx: tx.outbox.receipt("operator", "late-1", Delivery.DELIVERED))


@pytest.mark.proves("F29")
@pytest.mark.parametrize(
    ("refusal", "texts"),
    [(SubmitRefused(0x0B, temporary=False), [0, 0]), (SubmitRefused(0x14, temporary=True, retry_after_s=30.0), [0, 1])],
)
async def test_a_late_no_counts_as_what_it_says(refusal: SubmitRefused, texts: list[int]) -> None:
    house, came = House(), []
    attempt = await unanswered(house)
    await attempt.late(refusal)
    for passes_s in (29, 2):
        house.clock.passes(passes_s)
        await house.claim()
        came.append(len(house.phones.inbox))

    assert came == texts


@pytest.mark.proves("F29")
async def test_a_late_answer_that_cannot_be_committed_is_as_if_it_had_not_come() -> None:
    house = House()
    attempt = await unanswered(house)
    house.store.close()
    await attempt.late(Submitted("late-1"))


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


@pytest.mark.parametrize(
    "first", [NotSubmitted(), SubmitRefused(0x58, temporary=True, retry_after_s=1), SubmitUnknown()]
)
async def test_a_text_that_waits_is_never_overtaken_by_a_later_one(first: SubmitOutcome) -> None:
    """Nobody reads "in processing" after the receipt, or a farewell to the old code after the new code."""
    house = House()
    await house.enrol()
    house.phones.outcomes.append(first)
    await house.text("HELP")
    await house.receive("BALANCE")
    await house.work_off()
    assert house.phones.inbox == []
    for _ in range(3):
        house.clock.passes(3)
        await house.claim()

    assert house.events == ["help", "balance"]


async def test_others_do_not_wait_for_the_text_of_one_number() -> None:
    house = House()
    await house.enrol()
    await house.enrol(BORIS)
    house.phones.outcomes.append(NotSubmitted())
    await house.text("HELP")
    await house.text("HELP", BORIS)

    assert [number for number, _ in house.phones.inbox] == [BORIS]


@pytest.mark.proves("F51")
async def test_a_text_without_words_ends_and_holds_nobody_up() -> None:
    """Its event or its key was taken out of the configuration: no later try can mend that."""
    house = House()
    await house.enrol()
    await house.receive("HELP")
    house.texts[0] = replace(house.texts[0], event="gone")
    await house.work_off()

    assert (await house.store.reads.counts())["texts_queued"] == 0
    assert await house.text("BALANCE") == ["gone", "balance"]
    assert len(house.phones.inbox) == 1


@pytest.mark.proves("I16")
def test_a_text_that_is_never_answered_is_repeated_ever_more_rarely() -> None:
    """An SMSC that delivers and does not answer must not fill a phone."""
    sms, now_us, waits_s = row(), NOW_US, []
    while sms.state is Delivery.QUEUED:
        sms = after(sms, SubmitUnknown(), now_us)
        waits_s.append((sms.due_at_us - now_us) / 1_000_000)
        now_us = max(now_us, sms.due_at_us)

    assert waits_s[:4] == [2, 5, 15, 60]


@pytest.mark.parametrize("ahead_s", [-3600, 3600])
async def test_how_long_a_text_is_of_use_is_told_by_the_clock_of_the_database(ahead_s: float) -> None:
    """A node whose own clock is wrong still sends codes, and none that is too old."""
    house, clock = House(), HandClock()
    await house.enrol()
    clock.passes(ahead_s)
    sender = Sender(house.rules, replies(), house.phones, house.store, clock)
    await house.receive(PAY)
    await house.settlement.exchange(house.calls.popleft())
    await sender.send(house.texts.popleft())

    assert len(house.phones.inbox) == 1
    assert house.phones.attempts[-1].left_s == 300


async def test_a_text_may_leave_for_a_third_of_its_lease_only() -> None:
    """The rest of the lease is for the wait in memory before, and for the answer after."""
    house = House()
    await house.enrol()
    allowed: list[bool] = []

    class Slow(Phones):
        async def submit(self, link: str, to: Msisdn, text: str, attempt: Attempt) -> SubmitOutcome:
            for passes_s in (SUBMIT_WITHIN_S - 1, 2):
                house.clock.passes(passes_s)
                allowed.append(attempt.may_send())
            return await super().submit(link, to, text, replace(attempt, may_send=lambda: True))

    await house.receive("HELP")
    await Sender(house.rules, replies(), Slow(), house.store, house.clock).send(house.texts.popleft())

    assert allowed == [True, False]
