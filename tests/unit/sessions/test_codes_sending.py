"""One-time codes: when they are sent, sent again and given up, and which policies are safe."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.sessions.codes import (
    CodePolicy,
    Resend,
    ResendVerdict,
    after_issue,
    after_send,
    binding_of,
    derive,
    expired_before_us,
    may_resend,
)

S = 1_000_000
KEY = b"k" * 32
POLICY = CodePolicy()
ISSUED_US = 1_000 * S
DEADLINE_US = ISSUED_US + 300 * S
PAYMENT = Payment(
    id=77,
    number=44742441,
    msisdn=Msisdn("+998901234567"),
    link="operator",
    provider="sarkor",
    account=("n25656",),
    amount=Money(5_000_000, UZS),
    fee=Money(50_000, UZS),
    state=State.AWAITING_CODE,
    nonce=bytes(16),
    key_id="k1",
    language="ru",
    created_at_us=ISSUED_US - 2 * S,
    code_deadline_us=DEADLINE_US,
    code_sends=1,
    code_sent_at_us=ISSUED_US,
)
BINDING = binding_of(PAYMENT)
RIGHT = derive(KEY, BINDING, 6)
WRONG = [code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code != RIGHT]


# --- sending ---


def test_the_first_send_sets_the_deadline_and_is_counted() -> None:
    fresh = replace(PAYMENT, code_deadline_us=0, code_sends=0, code_sent_at_us=0)

    assert after_issue(fresh, ISSUED_US, POLICY) == PAYMENT


def test_setting_the_deadline_twice_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="set once"):
        after_issue(PAYMENT, ISSUED_US, POLICY)


def test_sending_again_is_counted_and_moves_no_deadline() -> None:
    assert after_send(PAYMENT, ISSUED_US + 40 * S) == replace(PAYMENT, code_sends=2, code_sent_at_us=ISSUED_US + 40 * S)


@pytest.mark.parametrize(
    ("code_sends", "after_us", "resend"),
    [
        (1, 0, Resend(ResendVerdict.WAIT, 30)),
        (1, 1, Resend(ResendVerdict.WAIT, 30)),
        (1, 29 * S, Resend(ResendVerdict.WAIT, 1)),
        (1, 30 * S - 1, Resend(ResendVerdict.WAIT, 1)),
        (1, 30 * S, Resend(ResendVerdict.RESEND)),
        (3, 30 * S, Resend(ResendVerdict.RESEND)),
        (4, 30 * S, Resend(ResendVerdict.NO_MORE)),
        (4, 0, Resend(ResendVerdict.NO_MORE)),
        (1, 300 * S, Resend(ResendVerdict.RESEND)),
        (1, 300 * S + 1, Resend(ResendVerdict.EXPIRED)),
        (4, 300 * S + 1, Resend(ResendVerdict.EXPIRED)),
    ],
)
def test_a_code_is_sent_again_three_times_with_half_a_minute_between(
    code_sends: int, after_us: int, resend: Resend
) -> None:
    """The waiting time is whole seconds, never 0; after the deadline there is nothing left to send."""
    payment = replace(PAYMENT, code_sends=code_sends)

    assert resend == may_resend(payment, ISSUED_US + after_us, POLICY)


def test_a_policy_without_resends_sends_once() -> None:
    assert may_resend(PAYMENT, ISSUED_US + 60 * S, CodePolicy(resends_max=0)) == (ResendVerdict.NO_MORE, 0)


@pytest.mark.parametrize(("after_us", "due"), [(10 * S - 1, False), (10 * S, False), (10 * S + 1, True)])
def test_expiry_waits_ten_seconds_for_codes_that_came_in_time(after_us: int, *, due: bool) -> None:
    assert due is (expired_before_us(DEADLINE_US + after_us, POLICY) > DEADLINE_US)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"digits": 5}, "digits 5"),
        ({"digits": 9}, "digits 9"),
        ({"ttl_s": 0}, "ttl_s 0"),
        ({"ttl_s": 601}, "ttl_s 601"),
        ({"attempts_max": 0}, "attempts_max 0"),
        ({"attempts_max": 11}, "attempts_max 11"),
        ({"resends_max": -1}, "below 0"),
        ({"resend_gap_s": -1}, "below 0"),
        ({"expiry_grace_s": -1}, "below 0"),
    ],
)
def test_a_policy_that_would_be_unsafe_is_refused(changes: dict[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        CodePolicy(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"digits": 8},
        {"ttl_s": 600},
        {"ttl_s": 1},
        {"attempts_max": 10},
        {"attempts_max": 1},
        {"resends_max": 0, "resend_gap_s": 0, "expiry_grace_s": 0},
    ],
)
def test_the_ends_of_every_range_are_allowed(changes: dict[str, int]) -> None:
    assert {**asdict(CodePolicy()), **changes} == asdict(CodePolicy(**changes))
