"""A payment moves only along the rows of its table, and cannot be built wrong."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.money import KGS, UZS, Money
from smsgw.domain.payment import (
    FINAL,
    NEXT,
    OPEN,
    RANDOM_BITS,
    Event,
    IllegalTransition,
    Payment,
    State,
    advance,
    new_reference,
)
from smsgw.domain.phones import Msisdn

PAYMENT = Payment(
    id=1 << 40,
    number=44742441,
    msisdn=Msisdn("+998901234567"),
    link="operator",
    provider="sarkor",
    account=("n25656",),
    amount=Money(5_000_000, UZS),
    fee=Money(50_000, UZS),
    state=State.CHECKING,
    nonce=b"nonce",
    key_id="k1",
    language="ru",
    created_at_us=1_000_000,
)

# Written out once more by hand: the table of the program is held against it, row by row.
STEPS = {
    State.CHECKING: {
        Event.ACCOUNT_FOUND: State.AWAITING_CODE,
        Event.ACCOUNT_REFUSED: State.NOT_EXECUTED,
        Event.CHECK_GAVE_UP: State.NOT_EXECUTED,
        Event.CANCELLED: State.CANCELLED,
        Event.REPLACED: State.REPLACED,
    },
    State.AWAITING_CODE: {
        Event.CODE_MISSED: State.AWAITING_CODE,
        Event.CODE_TRIES_SPENT: State.CODE_SPENT,
        Event.CODE_MATCHED: State.PROCESSING,
        Event.NO_MONEY: State.NOT_EXECUTED,
        Event.OVER_LIMIT: State.NOT_EXECUTED,
        Event.CANCELLED: State.CANCELLED,
        Event.REPLACED: State.REPLACED,
        Event.DEADLINE_PASSED: State.EXPIRED,
    },
    State.PROCESSING: {
        Event.PROVIDER_ACCEPTED: State.EXECUTED,
        Event.PROVIDER_REFUSED: State.NOT_EXECUTED,
        Event.NO_MONEY: State.NOT_EXECUTED,
    },
    State.EXECUTED: {Event.RETURNED: State.RETURNED},
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_step_is_a_row_of_the_table_or_a_bug(state: State, event: Event) -> None:
    """Each (state, event) pair leads to the state that it should, or is refused."""
    payment = replace(PAYMENT, state=state)
    target = STEPS.get(state, {}).get(event)
    if target is None:
        with pytest.raises(IllegalTransition, match=f"{event} in {state}"):
            advance(payment, event, now_us=2)
    else:
        assert target is advance(payment, event, now_us=2).state


def test_the_table_has_no_row_beyond_those_written_here() -> None:
    assert {(state, event) for state, steps in STEPS.items() for event in steps} == set(NEXT)


def test_time_alone_never_closes_a_payment_whose_money_may_have_moved() -> None:
    assert (State.PROCESSING, Event.DEADLINE_PASSED) not in NEXT


def test_final_states_are_those_that_nothing_leaves() -> None:
    endings = {"not_executed", "cancelled", "expired", "replaced", "code_spent", "returned"}

    assert endings == {state.value for state in FINAL}
    assert not OPEN & FINAL


@pytest.mark.parametrize(("state", "event"), list(NEXT))
def test_a_step_stamps_the_end_of_a_payment_and_changes_nothing_else(state: State, event: Event) -> None:
    """Open and processing payments have no end; all others ended at the time of the step."""
    payment = replace(PAYMENT, state=state)
    after = advance(payment, event, now_us=7)
    ended = after.state not in {State.CHECKING, State.AWAITING_CODE, State.PROCESSING}

    assert replace(payment, state=after.state, finished_at_us=7 if ended else 0) == after


def test_the_total_is_amount_and_fee() -> None:
    assert Money(5_050_000, UZS) == PAYMENT.total


def test_an_account_of_several_fields_reads_as_one() -> None:
    assert replace(PAYMENT, account=("01", "A123BC")).account_text == "01 A123BC"


@pytest.mark.parametrize(
    ("provider", "account", "amount", "same"),
    [
        ("sarkor", ("n25656",), Money(5_000_000, UZS), True),
        ("other", ("n25656",), Money(5_000_000, UZS), False),
        ("sarkor", ("n25657",), Money(5_000_000, UZS), False),
        ("sarkor", ("n25656", ""), Money(5_000_000, UZS), False),
        ("sarkor", ("n25656",), Money(5_000_001, UZS), False),
        ("sarkor", ("n25656",), Money(5_000_000, KGS), False),
    ],
)
def test_the_same_order_has_the_same_payee_account_and_amount(
    provider: str, account: tuple[str, ...], amount: Money, *, same: bool
) -> None:
    assert same is PAYMENT.same_order(provider, account, amount)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 0},
        {"id": 1 << 63},
        {"amount": Money(0, UZS)},
        {"fee": Money(-1, UZS)},
        {"fee": Money(1, KGS)},
        {"account": ()},
    ],
)
def test_a_payment_cannot_be_built_wrong(changes: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        replace(PAYMENT, **changes)  # type: ignore[arg-type]


def test_the_smallest_payment_without_a_fee_is_a_payment() -> None:
    smallest = replace(PAYMENT, id=1, amount=Money(1, UZS), fee=Money(0, UZS))

    assert smallest.total == Money(1, UZS)


def test_a_new_payment_has_no_code_no_confirmation_and_no_end() -> None:
    times = (PAYMENT.code_deadline_us, PAYMENT.code_sent_at_us, PAYMENT.confirmed_at_us, PAYMENT.finished_at_us)

    assert times == (0, 0, 0, 0)
    assert (PAYMENT.code_sends, PAYMENT.wrong_codes, PAYMENT.tried) == (0, 0, b"")


def test_the_largest_reference_is_a_payment() -> None:
    assert replace(PAYMENT, id=(1 << 63) - 1).id == 2**63 - 1


@given(
    st.integers(min_value=1_000, max_value=2**41 * 1_000 - 1),
    st.integers(min_value=0, max_value=(1 << RANDOM_BITS) - 1),
)
@settings(max_examples=100)
def test_a_reference_fits_its_column_and_holds_time_and_chance(now_us: int, chance: int) -> None:
    """63 bits: milliseconds above, chance below."""
    reference = new_reference(now_us, chance)

    assert 0 < reference < 1 << 63
    assert (now_us // 1000, chance) == divmod(reference, 1 << RANDOM_BITS)


def test_references_start_again_below_all_earlier_ones_when_the_milliseconds_are_used_up() -> None:
    """In September 2039; the first reference of 2026 is higher than any for fifty years after that."""
    assert new_reference(2**41 * 1_000 + 1_000, 5) == 1 << RANDOM_BITS | 5


@pytest.mark.parametrize("chance", [-1, 1 << RANDOM_BITS])
def test_a_reference_refuses_chance_of_the_wrong_size(chance: int) -> None:
    with pytest.raises(AssertionError, match="chance"):
        new_reference(1_000_000, chance)
