"""A code is bound to its payment, judged by the time it came, counted once, and cannot be worn down."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.money import KGS, UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.sessions.codes import (
    CodeBinding,
    CodePolicy,
    CodeVerdict,
    Judgement,
    after_miss,
    binding_of,
    derive,
    encode,
    judge,
    matches,
    truncate,
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


def missed(times: int) -> Payment:
    """The payment after so many different wrong codes."""
    payment = PAYMENT
    for code in WRONG[:times]:
        payment = after_miss(payment, judge(payment, code, KEY, ISSUED_US, POLICY).digest)
    return payment


# --- the number itself ---


@pytest.mark.parametrize(
    ("counter", "mac", "code"),
    [
        (0, "cc93cf18508d94934c64b65d8ba7667fb7cde4b0", "755224"),
        (1, "75a48a19d4cbe100644e8ac1397eea747a2d33ab", "287082"),
        (2, "0bacb7fa082fef30782211938bc1c5e70416ff44", "359152"),
        (3, "66c28227d03a2d5529262ff016a1e6ef76557ece", "969429"),
        (4, "a904c900a64b35909874b33e61c5938a8e15ed1c", "338314"),
        (5, "a37e783d7b7233c083d4f62926c7a25f238d0316", "254676"),
        (6, "bc9cd28561042c83f219324d3c607256c03272ae", "287922"),
        (7, "a4fb960c0bc06e1eabb804e5b397cdc4b45596fa", "162583"),
        (8, "1b3c89f65e6c9e883012052823443f048b4332db", "399871"),
        (9, "1637409809a679dc698207310c8c7fc07290d9e5", "520489"),
    ],
)
def test_truncation_gives_the_vectors_of_rfc_4226(counter: int, mac: str, code: str) -> None:
    """Appendix D: its HMAC-SHA-1 values, and the codes of six digits that they end in."""
    assert mac == hmac.digest(b"12345678901234567890", counter.to_bytes(8, "big"), "sha1").hex()
    assert code == truncate(bytes.fromhex(mac), 6)


@pytest.mark.parametrize(
    ("time_s", "code"),
    [
        (59, "46119246"),
        (1111111109, "68084774"),
        (1111111111, "67062674"),
        (1234567890, "91819424"),
        (2000000000, "90698825"),
        (20000000000, "77737706"),
    ],
)
def test_truncation_of_sha_256_gives_the_vectors_of_rfc_6238(time_s: int, code: str) -> None:
    """Appendix B: the same truncation of a longer HMAC, to eight digits."""
    mac = hmac.digest(b"12345678901234567890123456789012", (time_s // 30).to_bytes(8, "big"), "sha256")

    assert code == truncate(mac, 8)


def test_leading_zeros_are_digits_of_the_code() -> None:
    assert truncate(bytes(32), 6) == "000000"


def test_the_top_bit_is_masked() -> None:
    """RFC 4226, 5.3: 31 bits, so that signed and unsigned machines agree."""
    assert truncate(b"\xff" * 4 + bytes(16), 8) == truncate(b"\x7f" + b"\xff" * 3 + bytes(16), 8)


def test_a_code_that_was_sent_before_an_upgrade_is_right_after_it() -> None:
    """Pinned: whoever changes the encoding changes every code that is on its way."""
    assert derive(KEY, BINDING, 6) == "160588"
    assert derive(KEY, BINDING, 8) == "89160588"


def test_the_same_payment_has_the_same_code_however_its_life_goes() -> None:
    """A re-send, a miss or a step of the state change nothing that the code is bound to."""
    later = replace(missed(2), state=State.PROCESSING, code_sends=3, language="en", provider_reference="x")

    assert derive(KEY, binding_of(later), 6) == RIGHT


CHANGES: dict[str, Any] = {
    "payment_id": 78,
    "nonce": bytes(15) + b"\x01",
    "msisdn": "+998901234568",
    "provider": "sarkos",
    "account": ("n25657",),
    "amount_minor": 5_000_001,
    "fee_minor": 50_001,
    "currency": "KGS",
}


@pytest.mark.proves("I19")
@pytest.mark.proves("A62")
@pytest.mark.parametrize("field", CodeBinding._fields)
def test_every_field_is_bound(field: str) -> None:
    """Another value of any one field gives another code, under each of 20 keys (six equal digits: once in 10**6)."""
    other = BINDING._replace(**{field: CHANGES[field]})
    codes = [(derive(bytes([n]) * 32, BINDING, 6), derive(bytes([n]) * 32, other, 6)) for n in range(20)]

    assert all(one != another for one, another in codes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": 78}, "payment_id"),
        ({"nonce": b"x"}, "nonce"),
        ({"msisdn": Msisdn("+1")}, "msisdn"),
        ({"provider": "x"}, "provider"),
        ({"account": ("x",)}, "account"),
        ({"amount": Money(1, UZS)}, "amount_minor"),
        ({"fee": Money(1, UZS)}, "fee_minor"),
        ({"amount": Money(5_000_000, KGS), "fee": Money(50_000, KGS)}, "currency"),
    ],
)
def test_a_binding_takes_each_field_from_the_payment(changes: dict[str, object], field: str) -> None:
    changed = binding_of(replace(PAYMENT, **changes))  # type: ignore[arg-type]

    assert {field} == {name for name in CodeBinding._fields if getattr(changed, name) != getattr(BINDING, name)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"provider": "ab", "account": ("c",)}, {"provider": "a", "account": ("bc",)}),
        ({"account": ("ab", "c")}, {"account": ("a", "bc")}),
        ({"account": ("a", "b")}, {"account": ("ab",)}),
        ({"account": ("a", "")}, {"account": ("a",)}),
        ({"payment_id": 1, "nonce": b"12"}, {"payment_id": 11, "nonce": b"2"}),
        ({"amount_minor": 1, "fee_minor": 23}, {"amount_minor": 12, "fee_minor": 3}),
        ({"account": ("1", "2"), "amount_minor": 3}, {"account": ("1",), "amount_minor": 2, "fee_minor": 3}),
    ],
)
def test_no_field_can_lend_its_octets_to_its_neighbour(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert encode(BINDING._replace(**one)) != encode(BINDING._replace(**other))


bindings = st.builds(
    CodeBinding,
    payment_id=st.integers(1, 200),
    nonce=st.binary(max_size=3),
    msisdn=st.text("+12", max_size=3).map(Msisdn),
    provider=st.text("a1", max_size=3),
    account=st.lists(st.text("a1", max_size=2), min_size=1, max_size=3).map(tuple),
    amount_minor=st.integers(1, 200),
    fee_minor=st.integers(0, 200),
    currency=st.sampled_from(["UZS", "KGS"]),
)


@given(bindings, bindings)
@settings(max_examples=150)
def test_two_bindings_share_an_encoding_only_if_they_are_one(one: CodeBinding, other: CodeBinding) -> None:
    assert (one == other) is (encode(one) == encode(other))


@pytest.mark.proves("A61")
def test_codes_are_spread_evenly() -> None:
    """3,000 payments: each first digit between 220 and 380 times (300 expected, five standard deviations are 82)."""
    firsts = [derive(KEY, BINDING._replace(payment_id=number), 6)[0] for number in range(1, 3_001)]

    assert all(218 <= firsts.count(digit) <= 382 for digit in "0123456789")


# --- judging an attempt ---


@pytest.mark.proves("I21", "F47")
@pytest.mark.parametrize(
    ("received_at_us", "verdict"),
    [
        (ISSUED_US, CodeVerdict.MATCHED),
        (DEADLINE_US - 1, CodeVerdict.MATCHED),
        (DEADLINE_US, CodeVerdict.MATCHED),
        (DEADLINE_US + 1, CodeVerdict.EXPIRED),
        (PAYMENT.created_at_us - 10 * S, CodeVerdict.MATCHED),
        (PAYMENT.created_at_us - 10 * S - 1, CodeVerdict.EXPIRED),
    ],
)
def test_a_code_counts_up_to_and_including_its_deadline(received_at_us: int, verdict: CodeVerdict) -> None:
    """To the microsecond; and a clock that was set back gives no code a longer life."""
    assert verdict is judge(PAYMENT, RIGHT, KEY, received_at_us, POLICY).verdict


def test_after_the_deadline_a_wrong_code_is_too_late_as_well_and_not_counted() -> None:
    assert judge(PAYMENT, WRONG[0], KEY, DEADLINE_US + 1, POLICY) == (CodeVerdict.EXPIRED, 0, b"")


@pytest.mark.parametrize(
    ("before", "verdict", "left"),
    [
        (0, CodeVerdict.MISSED, 4),
        (1, CodeVerdict.MISSED, 3),
        (2, CodeVerdict.MISSED, 2),
        (3, CodeVerdict.MISSED, 1),
        (4, CodeVerdict.SPENT, 0),
    ],
)
def test_the_fifth_different_wrong_code_ends_the_payment(before: int, verdict: CodeVerdict, left: int) -> None:
    judgement = judge(missed(before), WRONG[before], KEY, ISSUED_US, POLICY)

    assert (verdict, left, 8) == (judgement.verdict, judgement.left, len(judgement.digest))


@pytest.mark.parametrize("before", range(5))
def test_the_right_code_matches_until_the_tries_are_spent(before: int) -> None:
    assert judge(missed(before), RIGHT, KEY, ISSUED_US, POLICY) == Judgement(CodeVerdict.MATCHED, 5 - before)


@pytest.mark.parametrize("tries", range(1, 5))
def test_a_wrong_code_that_comes_again_is_answered_and_not_counted(tries: int) -> None:
    """Whichever of the earlier ones it is; the attempts left stay as they were."""
    judgements = [judge(missed(tries), code, KEY, ISSUED_US, POLICY) for code in WRONG[:tries]]

    assert [Judgement(CodeVerdict.REPEATED_MISS, 5 - tries)] * tries == judgements


def test_a_wrong_code_of_another_payment_is_new_to_this_one() -> None:
    """What was tried is known per payment: its digests say nothing about another's."""
    here = judge(PAYMENT, WRONG[0], KEY, ISSUED_US, POLICY)
    there = judge(replace(PAYMENT, id=78), WRONG[0], KEY, ISSUED_US, POLICY)

    assert here.digest != there.digest


def test_the_digests_of_wrong_codes_need_the_key() -> None:
    """Whoever has the database alone cannot tell which codes are still to be tried."""
    here = judge(PAYMENT, WRONG[0], KEY, ISSUED_US, POLICY)
    elsewhere = judge(PAYMENT, WRONG[0], b"x" * 32, ISSUED_US, POLICY)

    assert here.digest != elsewhere.digest


def test_what_is_kept_of_wrong_codes_is_bounded() -> None:
    payment = missed(5)

    assert (payment.wrong_codes, len(payment.tried)) == (5, 40)


@pytest.mark.parametrize("attempt", ["", "1", RIGHT[:5], RIGHT + "0", RIGHT + "\n", " " + RIGHT, "４８３９２０", "код"])
def test_nothing_but_the_exact_code_matches(attempt: str) -> None:
    """Of whatever length and script; nothing raises."""
    assert not matches(PAYMENT, attempt, KEY, 6)


@given(st.text(max_size=8))
@settings(max_examples=100)
def test_any_text_is_judged(attempt: str) -> None:
    verdict = judge(PAYMENT, attempt, KEY, ISSUED_US, POLICY).verdict

    assert verdict is (CodeVerdict.MATCHED if attempt == RIGHT else CodeVerdict.MISSED)


def test_the_code_of_a_replaced_payment_is_still_recognised() -> None:
    """So that it gets its own text, and is never called wrong."""
    assert matches(replace(PAYMENT, state=State.REPLACED), RIGHT, KEY, 6)


@pytest.mark.parametrize("state", [state for state in State if state is not State.AWAITING_CODE])
def test_judging_a_payment_that_awaits_no_code_is_a_bug(state: State) -> None:
    with pytest.raises(AssertionError, match="awaits its code"):
        judge(replace(PAYMENT, state=state), RIGHT, KEY, ISSUED_US, POLICY)


def test_a_policy_that_became_stricter_spends_the_tries_at_once() -> None:
    """A restart with fewer attempts leaves payments that are beyond them: one more miss ends them, a hit still pays."""
    strict = CodePolicy(attempts_max=2)

    assert judge(missed(4), WRONG[4], KEY, ISSUED_US, strict).verdict is CodeVerdict.SPENT
    assert judge(missed(4), RIGHT, KEY, ISSUED_US, strict) == Judgement(CodeVerdict.MATCHED, 0)


@pytest.mark.parametrize("digest", [b"", bytes(7), bytes(9)])
def test_counting_a_miss_without_its_digest_is_a_bug(digest: bytes) -> None:
    with pytest.raises(AssertionError, match="8 octets"):
        after_miss(PAYMENT, digest)


def test_counted_and_kept_misses_that_differ_are_a_bug() -> None:
    with pytest.raises(AssertionError, match="one digest"):
        after_miss(replace(PAYMENT, wrong_codes=1), bytes(8))


@pytest.mark.proves("A55")
@given(st.lists(st.sampled_from([*WRONG, RIGHT]), max_size=15))
@settings(max_examples=100)
def test_any_sequence_of_attempts_compares_at_most_five_different_wrong_codes(attempts: list[str]) -> None:
    """A shadow that counts with a set agrees to the end of the payment."""
    payment, seen = PAYMENT, set[str]()
    for attempt in attempts:
        judgement = judge(payment, attempt, KEY, ISSUED_US, POLICY)
        if attempt == RIGHT:
            assert judgement.verdict is CodeVerdict.MATCHED
            return
        if attempt in seen:
            assert judgement == Judgement(CodeVerdict.REPEATED_MISS, 5 - len(seen))
            continue
        seen.add(attempt)
        payment = after_miss(payment, judgement.digest)
        assert (len(seen), 5 - len(seen)) == (payment.wrong_codes, judgement.left)
        if judgement.verdict is CodeVerdict.SPENT:
            assert len(seen) == 5
            return
