"""The same wish twice is answered, never paid twice; another wish takes the place of the one that waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.sessions.duplicates import Judgement, Meaning, Request, judge

MINUTE = 60_000_000
NOW = 1_000 * MINUTE
SAME = Request("sarkor", ("n25656",), Money(5_000, UZS))
OTHER = Request("sarkor", ("n25657",), Money(5_000, UZS))
AWAITING = Payment(
    id=77,
    number=44742441,
    msisdn=Msisdn("+998901234567"),
    link="operator",
    provider="sarkor",
    account=("n25656",),
    amount=Money(5_000, UZS),
    fee=Money(50, UZS),
    state=State.AWAITING_CODE,
    nonce=b"nonce",
    key_id="k1",
    language="ru",
    created_at_us=NOW - MINUTE,
    code_deadline_us=NOW + 4 * MINUTE,
)
CHECKING = replace(AWAITING, state=State.CHECKING, code_deadline_us=0)
LATE = replace(AWAITING, code_deadline_us=NOW - 1)
LAST_MOMENT = replace(AWAITING, code_deadline_us=NOW)
PROCESSING = replace(AWAITING, id=78, state=State.PROCESSING)


def executed(ago_us: int) -> Payment:
    return replace(AWAITING, id=79, state=State.EXECUTED, finished_at_us=NOW - ago_us)


JUST_NOW = executed(3 * MINUTE)
OTHER_PROCESSING, OTHER_JUST_NOW = (replace(payment, account=("n25657",)) for payment in (PROCESSING, JUST_NOW))


@pytest.mark.proves("F25")
@pytest.mark.parametrize(
    ("request_", "open_payment", "recent", "judgement"),
    [
        (SAME, None, [], Judgement(Meaning.NEW)),
        # The same wish, where it stands.
        (SAME, CHECKING, [CHECKING], Judgement(Meaning.STILL_CHECKING, CHECKING)),
        (SAME, AWAITING, [AWAITING], Judgement(Meaning.RESEND_CODE, AWAITING)),
        (SAME, None, [PROCESSING], Judgement(Meaning.PROCESSING, PROCESSING)),
        (SAME, None, [JUST_NOW], Judgement(Meaning.DUPLICATE, JUST_NOW, 3)),
        # Another wish takes the place of the one that waits.
        (OTHER, CHECKING, [CHECKING], Judgement(Meaning.REPLACES, CHECKING)),
        (OTHER, AWAITING, [AWAITING, PROCESSING, JUST_NOW], Judgement(Meaning.REPLACES, AWAITING)),
        (OTHER, None, [PROCESSING, JUST_NOW], Judgement(Meaning.NEW)),
        # A repeat of something settled does not disturb what waits.
        (OTHER, AWAITING, [AWAITING, OTHER_PROCESSING], Judgement(Meaning.PROCESSING, OTHER_PROCESSING)),
        (OTHER, AWAITING, [AWAITING, OTHER_JUST_NOW], Judgement(Meaning.DUPLICATE, OTHER_JUST_NOW, 3)),
        # What is unsettled is named before what is done.
        (SAME, None, [JUST_NOW, PROCESSING], Judgement(Meaning.PROCESSING, PROCESSING)),
        (SAME, None, [executed(11 * MINUTE), JUST_NOW], Judgement(Meaning.DUPLICATE, JUST_NOW, 3)),
        # A code that is too old to be sent again gives way to a new one.
        (SAME, LATE, [LATE], Judgement(Meaning.REPLACES, LATE)),
        (SAME, LAST_MOMENT, [], Judgement(Meaning.RESEND_CODE, LAST_MOMENT)),
    ],
)
def test_a_new_request_is_held_against_the_earlier_ones(
    request_: Request, open_payment: Payment | None, recent: list[Payment], judgement: Judgement
) -> None:
    assert judgement == judge(request_, open_payment, recent, NOW)


@pytest.mark.parametrize(
    ("ago_us", "judgement"),
    [
        (0, (Meaning.DUPLICATE, 1)),
        (2 * MINUTE - 1, (Meaning.DUPLICATE, 1)),
        (2 * MINUTE, (Meaning.DUPLICATE, 2)),
        (10 * MINUTE - 1, (Meaning.DUPLICATE, 9)),
        (10 * MINUTE, (Meaning.DUPLICATE, 10)),
        (10 * MINUTE + 1, (Meaning.NEW, 0)),
    ],
)
def test_the_guard_against_paying_twice_lasts_ten_minutes(ago_us: int, judgement: tuple[Meaning, int]) -> None:
    found = judge(SAME, None, [executed(ago_us)], NOW)

    assert judgement == (found.meaning, found.minutes)


@pytest.mark.parametrize(
    "state",
    [State.NOT_EXECUTED, State.CANCELLED, State.EXPIRED, State.REPLACED, State.CODE_SPENT, State.RETURNED],
)
def test_a_payment_that_took_no_money_is_no_duplicate(state: State) -> None:
    """Nor one whose money is back."""
    ended = replace(AWAITING, state=state, finished_at_us=NOW - MINUTE)

    assert judge(SAME, None, [ended], NOW) == Judgement(Meaning.NEW)


@pytest.mark.parametrize(
    "request_",
    [
        replace(SAME, provider="other"),
        replace(SAME, account=("n25656", "2")),
        replace(SAME, amount=Money(5_001, UZS)),
    ],
)
def test_the_same_wish_has_the_same_payee_account_and_amount(request_: Request) -> None:
    assert judge(request_, None, [PROCESSING, JUST_NOW], NOW) == Judgement(Meaning.NEW)


@pytest.mark.parametrize("state", [State.PROCESSING, State.EXECUTED, State.CANCELLED])
def test_an_open_payment_that_is_not_open_is_a_bug(state: State) -> None:
    with pytest.raises(AssertionError, match="open payment"):
        judge(SAME, replace(AWAITING, state=state), [], NOW)
