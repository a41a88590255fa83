"""Documents: sums are text, times are UTC, what is not known is null."""

from dataclasses import replace
from typing import Any

import pytest

from smsgw.domain.calls import Kind
from smsgw.domain.money import UZS, Money
from smsgw.domain.sms import Delivery, OutboundSms, Priority
from smsgw.domain.subscriber import FOR_GOOD_US, Subscriber
from smsgw.ledger.accounts import Account, wallet_of
from smsgw.web.documents import (
    UNTIL_UNBLOCKED,
    call_document,
    payment_document,
    subscriber_document,
    sum_document,
    text_document,
    time_text,
)
from tests.house import ANNA, PAY, House

NOON_US = 1_795_262_400_000_000


@pytest.mark.parametrize(("minor", "text"), [(0, "0.00"), (1, "0.01"), (5_000_000, "50000.00"), (-150, "-1.50")])
def test_a_sum_is_decimal_text_with_its_currency(minor: int, text: str) -> None:
    assert sum_document(Money(minor, UZS)) == {"amount": text, "currency": "UZS"}


def test_times_are_utc_and_never_is_null() -> None:
    assert time_text(NOON_US + 999_999) == "2026-11-21T12:00:00+00:00"
    assert time_text(0) is None


@pytest.mark.parametrize(
    ("paused_until_us", "shown"),
    [
        (0, None),
        (NOON_US, None),
        (NOON_US + 1_000_000, "2026-11-21T12:00:01+00:00"),
        (FOR_GOOD_US, UNTIL_UNBLOCKED),
    ],
)
def test_a_pause_is_shown_while_it_lasts(paused_until_us: int, shown: str | None) -> None:
    wallet = Account(wallet_of(ANNA), UZS)
    subscriber = Subscriber(msisdn=ANNA, paused_until_us=paused_until_us)

    assert subscriber_document(subscriber, wallet, NOON_US)["paused_until"] == shown


def test_held_money_is_in_the_balance_and_not_available() -> None:
    wallet = Account(wallet_of(ANNA), UZS, debits_pending=300, credits_posted=1000)
    shown = subscriber_document(Subscriber(msisdn=ANNA), wallet, NOON_US)

    assert shown["balance"] == {"amount": "10.00", "currency": "UZS"}
    assert shown["available"] == {"amount": "7.00", "currency": "UZS"}


async def test_a_payment_s_document_holds_no_secret(house: House) -> None:
    await house.text(PAY)
    payment = replace(await house.payment(), nonce=b"nonce", tried=b"tried")
    shown = payment_document(payment, whole_number=False)

    assert shown["subscriber"] == "+998*******67"
    assert shown["reference"] == str(payment.id)
    assert not {"nonce", "tried", "key_id"} & shown.keys()


async def test_a_call_is_shown_as_far_as_it_came(house: House) -> None:
    await house.text(PAY)
    payment = await house.payment()
    shown = call_document(await house.store.reads.call(payment.id, Kind.CHECK))

    assert shown is not None
    assert (shown["state"], shown["attempts"], shown["due_at"]) == ("done", 1, None)
    assert call_document(None) is None


def text_(**changes: Any) -> OutboundSms:
    """A code that was just written."""
    plain: dict[str, Any] = {"id": 1, "msisdn": ANNA, "link": "operator", "event": "code", "values": {"sum": "5"}}
    plain |= {"language": "en", "payment_id": 7, "priority": Priority.CODE, "created_at_us": NOON_US}
    return OutboundSms(**{**plain, "expires_at_us": NOON_US + 1, "due_at_us": NOON_US, **changes})


def test_a_text_shows_how_far_it_has_come_and_none_of_its_values() -> None:
    assert text_document(text_()) == {
        "event": "code",
        "state": "queued",
        "link": "operator",
        "created_at": "2026-11-21T12:00:00+00:00",
        "attempts": 0,
        "next_try_at": "2026-11-21T12:00:00+00:00",
        "possibly_twice": False,
    }


def test_a_text_that_was_sent_again_after_an_unknown_outcome_says_so() -> None:
    shown = text_document(text_(state=Delivery.DELIVERED, attempts=2, possibly_twice=True))
    assert (shown["attempts"], shown["possibly_twice"], shown["next_try_at"]) == (2, True, None)
