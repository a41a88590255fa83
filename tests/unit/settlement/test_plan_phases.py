"""Payments of two phases, withdrawals, cancels, statements: every row by hand, and the property that matters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Kind,
    NotSent,
    Pending,
    Prepared,
    ProviderCall,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.settlement.decisions import Accept, Decision, KeepCredit, Park, Refuse, Retry, Reverse
from smsgw.settlement.exchange import begun, next_verb, unsent, word
from smsgw.settlement.plan import (
    CANCEL_OF_UNKNOWN,
    CANCEL_REFUSED_AGAIN,
    LIFETIME_OVER,
    NEVER_APPLIED,
    NEVER_SENT,
    NOT_FUNDED,
    REPEAT_REFUSED,
    WITHDRAW_WINDOW_S,
    WITHDRAWN,
    decide,
    never_applied,
    overdue,
    unfunded,
)
from tests.unit.settlement.samples import BORN, S, a_call

LIFE_S: Final = 39_600
OTHER: Final = RefusalReason.OTHER

PAYME: Final = Capabilities(
    prepares=True, status=True, withdraws=True, cancels=True, dedupes_by_reference=True, lifetime_s=LIFE_S
)
CLICK: Final = Capabilities(prepares=True, withdraws=True, dedupes_by_reference=True)
STATED: Final = Capabilities(status=True, statement=True, max_late_apply_s=200)
RESERVED: Final = {"transaction": "5123"}
GOOD: Final = Prepared(RESERVED)


def reserving(**changes: Any) -> ProviderCall:
    """The first phase has just been begun."""
    return replace(begun(a_call(), Verb.PREPARE, BORN), **changes)


def paying(**changes: Any) -> ProviderCall:
    """Reserved, and the only pay has just been begun."""
    return replace(begun(a_call(memory=RESERVED, attempts=1), Verb.PAY, BORN + S), **changes)


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (GOOD, Retry(BORN + S, memory=RESERVED)),
        (Accepted("5123"), Accept("5123")),
        (Refused(RefusalReason.NO_ACCOUNT, "-31050"), Refuse(RefusalReason.NO_ACCOUNT, "-31050")),
        (Cancelled("-1"), Refuse(OTHER, "-1")),
        (Unknown("time-out"), Retry(BORN + 6 * S, tell=True)),
        (Pending(), Retry(BORN + 6 * S, tell=True)),
        (Absent(), Retry(BORN + 6 * S, tell=True)),
        (NotSent("refused"), Retry(BORN + 3 * S, tell=True)),
    ],
)
def test_the_first_phase_credits_nothing(answer: Answer, decision: Decision) -> None:
    """So it is repeated freely, its refusal is final, and a good one is followed by the second phase at once."""
    assert decide(reserving(), Verb.PREPARE, answer, PAYME, BORN + S) == decision


def test_a_first_phase_that_never_came_through_ends_with_nothing_charged() -> None:
    late_us = BORN + (LIFE_S - 4) * S
    assert decide(reserving(), Verb.PREPARE, Unknown("?"), PAYME, late_us) == Refuse(OTHER, NEVER_SENT)


@pytest.mark.parametrize("capabilities", [PAYME, CLICK])
def test_a_first_phase_refused_after_a_pay_was_sent_proves_nothing(capabilities: Capabilities) -> None:
    """The reservation that was paid may be an earlier one, which this provider has forgotten to mention."""
    again = begun(paying(memory={}, last_answer="absent"), Verb.PREPARE, BORN + 70 * S)
    decision = decide(again, Verb.PREPARE, Refused(OTHER, "-5"), capabilities, BORN + 70 * S)
    assert decision == Park(REPEAT_REFUSED, tell=True)


@pytest.mark.parametrize(
    ("verb", "answer", "decision"),
    [
        (Verb.PAY, Accepted("5123"), Accept("5123")),
        (Verb.PAY, Refused(OTHER, "-5"), Refuse(OTHER, "-5")),
        (Verb.PAY, Cancelled(), Refuse(OTHER, WITHDRAWN)),
        (Verb.PAY, Absent(), Retry(BORN + 61 * S, tell=True, memory={})),
        (Verb.PAY, Unknown("time-out"), Retry(BORN + 17 * S, tell=True)),
        (Verb.STATUS, Prepared({}), Retry(BORN + 61 * S, tell=True)),
        (Verb.STATUS, Absent(), Retry(BORN + 61 * S, tell=True, memory={})),
        (Verb.STATUS, Cancelled("-1"), Refuse(OTHER, "-1")),
    ],
)
def test_the_second_phase(verb: Verb, answer: Answer, decision: Decision) -> None:
    """Only reserved: the pay may still be at work, so its repeat waits. Unknown there: it is reserved anew first."""
    assert decide(paying(), verb, answer, PAYME, BORN + 2 * S) == decision


@pytest.mark.parametrize(
    ("capabilities", "last_answer", "after_s", "decision"),
    [
        (PAYME, "prepared", LIFE_S - 4, Retry(BORN + LIFE_S * S, tell=True, withdraw=True)),
        (PAYME, "unknown", LIFE_S - 4, Retry(BORN + (LIFE_S + 1) * S, tell=True)),
        (PAYME, "restored", LIFE_S - 4, Retry(BORN + (LIFE_S + 1) * S, tell=True)),
        (PAYME, "pending", LIFE_S + 3595, Retry(BORN + (LIFE_S + 3600) * S, tell=True)),
        (PAYME, "unknown", LIFE_S + 3596, Park(LIFETIME_OVER, tell=True)),
        (CLICK, "unknown", LIFE_S - 4, Retry(BORN + LIFE_S * S, tell=True, withdraw=True)),
        (replace(PAYME, withdraws=False), "prepared", LIFE_S - 4, Park(LIFETIME_OVER, tell=True)),
    ],
)
def test_at_the_end_of_its_life_what_is_only_reserved_is_dropped_and_what_is_in_doubt_asked_about_for_an_hour(
    capabilities: Capabilities, last_answer: str, after_s: int, decision: Decision
) -> None:
    """To drop a credited payment would take it back, and that is a person's decision. Click drops nothing credited."""
    capabilities = replace(capabilities, lifetime_s=LIFE_S)
    call = paying(last_answer=last_answer, attempts=1)
    assert decide(call, Verb.STATUS, Unknown("?"), capabilities, BORN + after_s * S) == decision


def test_a_drop_never_overtakes_the_pay_before_it() -> None:
    """A server that still works on the pay would answer the drop, and credit: deadline and its own time go by first."""
    late_us = BORN + LIFE_S * S
    call = paying(sent_at_us=late_us, last_answer="unknown")
    clicks = replace(CLICK, lifetime_s=LIFE_S)
    assert decide(call, Verb.PAY, Unknown("?"), clicks, late_us) == Retry(
        late_us + (60 + 60) * S, tell=True, withdraw=True
    )


@pytest.mark.parametrize(
    ("verb", "answer", "decision"),
    [
        (Verb.WITHDRAW, Cancelled(), Retry(BORN + LIFE_S * S)),
        (Verb.WITHDRAW, Accepted("5123"), Accept("5123")),
        (Verb.WITHDRAW, Refused(OTHER, "-31007"), Retry(BORN + (LIFE_S + 60) * S)),
        (Verb.WITHDRAW, Absent(), Retry(BORN + (LIFE_S + 60) * S)),
        (Verb.WITHDRAW, Unknown("?"), Retry(BORN + (LIFE_S + 60) * S)),
        (Verb.STATUS, Accepted("5123"), Accept("5123")),
        (Verb.STATUS, Cancelled(), Refuse(OTHER, WITHDRAWN)),
        (Verb.STATUS, Absent(), Retry(BORN + (LIFE_S + 60) * S)),
        (Verb.STATUS, GOOD, Retry(BORN + (LIFE_S + 60) * S)),
    ],
)
def test_a_withdrawal_ends_by_a_definite_word_only(verb: Verb, answer: Answer, decision: Decision) -> None:
    """Where a status can be asked for, both have to say that nothing is left of the payment."""
    call = paying(withdrawn=True, told=1)
    assert decide(call, verb, answer, PAYME, BORN + LIFE_S * S) == decision


def test_without_a_status_the_withdrawals_own_word_is_enough() -> None:
    call = paying(withdrawn=True, told=1)
    assert decide(call, Verb.WITHDRAW, Cancelled("-9"), CLICK, BORN + 86_400 * S) == Refuse(OTHER, "-9")


@pytest.mark.parametrize(
    ("after_s", "decision"),
    [
        (0, Retry(BORN + (LIFE_S + 60) * S)),
        (60, Retry(BORN + (LIFE_S + 180) * S)),
        (1799, Retry(BORN + (LIFE_S + 3599) * S)),
        (1800, Park(LIFETIME_OVER)),
    ],
)
def test_a_withdrawal_without_an_answer_is_tried_for_an_hour_and_then_parked(after_s: int, decision: Decision) -> None:
    """However often the payment was asked about before: it has a ladder of its own, the one of a pay's repeats."""
    assert WITHDRAW_WINDOW_S == 3600
    call = paying(withdrawn=True, told=1, attempts=30)
    assert decide(call, Verb.WITHDRAW, Unknown("?"), PAYME, BORN + (LIFE_S + after_s) * S) == decision


@pytest.mark.parametrize(
    ("verb", "repeat", "memory", "answer", "decision"),
    [
        (Verb.CANCEL, False, {}, Cancelled(), Reverse()),
        (Verb.CANCEL, True, {}, Cancelled("202"), Reverse()),
        (Verb.CANCEL, False, {}, Refused(OTHER, "-31007"), KeepCredit("-31007")),
        (Verb.CANCEL, True, {}, Refused(OTHER, "-31007"), Retry(BORN + 10 * S, memory={"refused": "-31007"})),
        (Verb.CANCEL, False, {}, Absent(), Park(CANCEL_OF_UNKNOWN)),
        (Verb.CANCEL, False, {}, Unknown("time-out"), Retry(BORN + 70 * S)),
        (Verb.CANCEL, False, {}, Pending(), Retry(BORN + 70 * S)),
        (Verb.STATUS, False, {}, Cancelled("-2"), Reverse()),
        (Verb.STATUS, False, {}, Accepted("5123"), Retry(BORN + 70 * S)),
        (Verb.STATUS, True, {"refused": "-31007"}, Accepted("5123"), KeepCredit("-31007")),
        (Verb.STATUS, True, {"refused": "-31007"}, Cancelled("-2"), Reverse()),
        (Verb.STATUS, True, {"refused": "-31007"}, Unknown("?"), Retry(BORN + 70 * S)),
    ],
)
def test_a_cancel_takes_the_credit_back_or_leaves_it_and_never_guesses(
    verb: Verb,
    repeat: bool,  # noqa: FBT001 -- a column of the table
    memory: dict[str, str],
    answer: Answer,
    decision: Decision,
) -> None:
    """A refused repeat may be about a payment that the first cancel took back; the status tells. Nobody is told yet."""
    sent_us = BORN + (5 * S if repeat else 0)
    call = a_call(Kind.CANCEL, attempts=1, first_sent_at_us=BORN, sent_at_us=sent_us, memory=memory)
    assert decide(call, verb, answer, PAYME, BORN + 10 * S) == decision


def test_a_refused_repeat_of_a_cancel_parks_where_nobody_can_be_asked() -> None:
    call = a_call(Kind.CANCEL, attempts=2, first_sent_at_us=BORN, sent_at_us=BORN + S)
    assert decide(call, Verb.CANCEL, Refused(OTHER), CLICK, BORN + 2 * S) == Park(CANCEL_REFUSED_AGAIN)


@pytest.mark.parametrize(("first_sent_s", "parks"), [(0, True), (100_000, False)])
def test_the_life_of_a_cancel_begins_when_the_provider_first_hears_of_it(first_sent_s: int, *, parks: bool) -> None:
    sent_us = BORN + first_sent_s * S
    call = a_call(Kind.CANCEL, attempts=1, first_sent_at_us=sent_us, sent_at_us=sent_us)
    decision = decide(call, Verb.CANCEL, Unknown("?"), PAYME, BORN + 100_000 * S)
    assert isinstance(decision, Park) is parks


SURELY_S: Final = 1 + 60 + 200
LONG_ABSENT: Final = Absent(watched_s=100_000.0)


@pytest.mark.parametrize(
    ("absent_until_s", "after_s", "gone"),
    [
        (0, 10 * SURELY_S, False),
        (SURELY_S - 1, 10 * SURELY_S, False),
        (SURELY_S, 10 * SURELY_S, True),
        (SURELY_S, SURELY_S - 1, False),
    ],
)
def test_absence_is_believed_when_the_statement_says_so_too(absent_until_s: int, after_s: int, *, gone: bool) -> None:
    """Where a provider has statements, its "not found" alone gives no money back, however old the payment is."""
    call = begun(a_call(), Verb.PAY, BORN + S)
    call = replace(call, absent_until_us=BORN + absent_until_s * S)
    now_us = BORN + after_s * S
    absent = Absent(watched_s=after_s)
    assert never_applied(call, absent, STATED, now_us) is gone
    refused = decide(call, Verb.STATUS, absent, STATED, now_us) == Refuse(OTHER, NEVER_APPLIED)
    assert refused is gone


def test_a_provider_that_dedupes_is_refused_only_after_the_life_of_the_payment() -> None:
    """Before, the subscriber's wish is carried out by a repeat, which harms nobody."""
    dedupes = replace(STATED, dedupes_by_reference=True, statement=False)
    call = begun(a_call(), Verb.PAY, BORN + S)
    within_us, over_us = BORN + 80_000 * S, BORN + 86_400 * S + 1
    assert decide(call, Verb.STATUS, LONG_ABSENT, dedupes, within_us) == Retry(within_us, tell=True)
    assert decide(call, Verb.STATUS, LONG_ABSENT, dedupes, over_us) == Refuse(OTHER, NEVER_APPLIED)
    repeated = replace(call, sent_at_us=within_us)
    assert decide(repeated, Verb.STATUS, LONG_ABSENT, dedupes, over_us - 3600 * S) == Refuse(OTHER, NEVER_APPLIED)


@pytest.mark.proves("F44")
@pytest.mark.parametrize(("asked_s", "wait_s"), [(0, 5), (4, 5), (5, 5), (600, 600)])
def test_a_provider_that_asks_for_patience_gets_it(asked_s: int, wait_s: int) -> None:
    answer = Unknown("HTTP 429", retry_after_s=asked_s)
    assert decide(paying(attempts=1), Verb.PAY, answer, PAYME, BORN) == Retry(BORN + wait_s * S, tell=True)


@pytest.mark.parametrize(("attempts", "wait_s"), [(1, 60), (2, 90), (3, 90)])
def test_waits_that_were_agreed_take_the_place_of_ours_and_are_never_shorter_than_the_providers_own_time(
    attempts: int, wait_s: int
) -> None:
    agreed = Capabilities(dedupes_by_reference=True, back_off_s=(30, 90))
    call = begun(a_call(attempts=attempts - 1), Verb.PAY, BORN)
    assert decide(call, Verb.PAY, Unknown("?"), agreed, BORN) == Retry(BORN + wait_s * S, tell=True)


@pytest.mark.parametrize(
    ("call", "verb", "after_s", "decision"),
    [
        (a_call(), Verb.PREPARE, LIFE_S, None),
        (a_call(), Verb.PREPARE, LIFE_S + 1, Refuse(OTHER, NEVER_SENT)),
        # Neither a pause of the provider nor a reservation in doubt keeps what was never paid alive.
        (a_call(last_answer="not_sent"), Verb.PREPARE, LIFE_S + 1, Refuse(OTHER, NEVER_SENT)),
        (reserving(last_answer="unknown"), Verb.PREPARE, LIFE_S + 1, Refuse(OTHER, NEVER_SENT)),
        (paying(last_answer="absent"), Verb.PAY, LIFE_S + 1, Park(LIFETIME_OVER, tell=True)),
        (paying(last_answer="absent"), Verb.STATUS, 10 * LIFE_S, None),
        (paying(withdrawn=True), Verb.WITHDRAW, 10 * LIFE_S, None),
    ],
)
def test_nothing_is_paid_after_the_life_of_its_call(
    call: ProviderCall, verb: Verb, after_s: int, decision: Decision | None
) -> None:
    """After days without us the registry of that day is made, and the subscriber has paid elsewhere. Asking is free."""
    assert overdue(call, verb, PAYME, BORN + after_s * S) == decision


@pytest.mark.parametrize(
    ("age_s", "decision"),
    [(0, Retry(BORN + 5 * S, tell=True)), (40_000, Park(NOT_FUNDED, tell=True))],
)
def test_a_source_that_does_not_answer_is_asked_again_and_not_for_ever(age_s: int, decision: Decision) -> None:
    assert unfunded(a_call(), PAYME, BORN + age_s * S) == decision


def test_an_answer_after_which_no_answer_would_prove_anything_parks() -> None:
    """Our id stands there for a payment of somebody else: its status would be theirs."""
    assert decide(paying(), Verb.PAY, Unknown("exists", park=True), PAYME, BORN + S) == Park("exists", tell=True)


def test_a_withdrawn_payment_that_status_and_statement_lack_is_given_back() -> None:
    gone = replace(PAYME, statement=True, max_late_apply_s=0)
    call = paying(withdrawn=True, told=1, absent_until_us=BORN + 2 * LIFE_S * S)
    assert decide(call, Verb.WITHDRAW, LONG_ABSENT, gone, BORN + LIFE_S * S) == Refuse(OTHER, NEVER_APPLIED)


ANSWERS: Final = st.sampled_from(
    (Refused(OTHER), Pending(), LONG_ABSENT, Unknown("?"), NotSent("?"), GOOD, Cancelled(), Accepted("1")),
)


@pytest.mark.proves("I10")
@settings(max_examples=500)
@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=16),
    capabilities=st.sampled_from((PAYME, CLICK, STATED)),
    slow_s=st.integers(0, 60),
)
def test_whatever_is_answered_nothing_credits_after_a_withdrawal_and_nothing_sent_is_refused_by_time(
    answers: list[Answer], capabilities: Capabilities, slow_s: int
) -> None:
    call, now_us = a_call(), BORN
    for answer in answers:
        verb = next_verb(call, capabilities)
        if verb is None:
            return
        assert not (call.withdrawn and verb in {Verb.PAY, Verb.PREPARE})
        assert verb is not Verb.PAY or call.memory or not capabilities.prepares
        call = begun(call, verb, now_us)
        now_us += slow_s * S
        call = unsent(call, verb) if isinstance(answer, NotSent) else call
        call = replace(call, last_answer=word(answer))
        decision = decide(call, verb, answer, capabilities, now_us)
        if isinstance(decision, Refuse) and call.first_sent_at_us:
            assert isinstance(answer, Refused | Cancelled | Absent)
        if not isinstance(decision, Retry):
            return
        memory = call.memory if decision.memory is None else decision.memory
        call = replace(call, memory=memory, withdrawn=call.withdrawn or decision.withdraw)
        now_us = max(now_us, decision.due_at_us)
