"""Every row of the plan by hand, and the property that matters: money goes back only when surely nobody took it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Pending,
    ProviderCall,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.settlement.decisions import Accept, CheckPassed, Decision, GiveUp, Park, Refuse, Retry
from smsgw.settlement.exchange import begun, next_verb, unsent, word
from smsgw.settlement.plan import CANNOT_ASK, LIFETIME_OVER, NEVER_APPLIED, NEVER_SENT, REPEAT_REFUSED, decide, let_go
from tests.unit.settlement.samples import BORN, PARKS, S, a_call, first_pay, repeated_pay

MAYBE: Final = (Unknown("time-out"), Pending("in progress"))

DEDUPES: Final = Capabilities(dedupes_by_reference=True)
CAREFUL_DEDUPES: Final = Capabilities(dedupes_by_reference=True, duplicate_checked_first=True)
ASKS: Final = Capabilities(status=True)
ASKS_AND_DEDUPES: Final = Capabilities(status=True, dedupes_by_reference=True)
ASKS_BOUNDED: Final = Capabilities(status=True, max_late_apply_s=200)
ALL: Final = (PARKS, DEDUPES, CAREFUL_DEDUPES, ASKS, ASKS_AND_DEDUPES, ASKS_BOUNDED)


@pytest.mark.parametrize(
    ("call", "decision"),
    [
        (a_call(Kind.CHECK, attempts=2), GiveUp()),
        (first_pay(), Park("why", tell=True)),
        (first_pay(told=1), Park("why", tell=False)),
    ],
)
def test_what_may_not_be_asked_any_more(call: ProviderCall, decision: Decision) -> None:
    """A check has charged nothing; a pay keeps the money held."""
    assert let_go(call, "why") == decision


def test_a_check_that_found_the_account_goes_on() -> None:
    assert decide(begun(a_call(Kind.CHECK), Verb.CHECK, BORN), Verb.CHECK, Found(), PARKS, BORN + S) == CheckPassed()


def test_a_refused_check_refuses_with_the_providers_reason() -> None:
    call = begun(a_call(Kind.CHECK), Verb.CHECK, BORN)
    assert decide(call, Verb.CHECK, Refused(RefusalReason.NO_ACCOUNT, "5"), PARKS, BORN + S) == Refuse(
        RefusalReason.NO_ACCOUNT, "5"
    )


@pytest.mark.parametrize("answer", [*MAYBE, NotSent("refused"), Absent(), Accepted()])
@pytest.mark.parametrize(
    ("attempts", "now_us", "decision"),
    [
        (1, BORN, Retry(BORN + S)),
        (1, BORN + 19 * S, Retry(BORN + 20 * S)),
        (1, BORN + 19 * S + 1, GiveUp()),
        (2, BORN + S, GiveUp()),
        (3, BORN + S, GiveUp()),
    ],
)
def test_a_check_has_two_tries_and_twenty_seconds(
    answer: Answer, attempts: int, now_us: int, decision: Decision
) -> None:
    """Nothing is charged yet, so no doubt is worth a longer wait, and nobody is told that anything is processed."""
    assert decide(a_call(Kind.CHECK, attempts=attempts), Verb.CHECK, answer, ASKS, now_us) == decision


@pytest.mark.proves("F45")
@pytest.mark.parametrize("capabilities", ALL)
@pytest.mark.parametrize("call", [first_pay(), repeated_pay(), repeated_pay(told=1)])
def test_an_accepted_pay_is_accepted_whenever_it_comes(call: ProviderCall, capabilities: Capabilities) -> None:
    late = BORN + 2 * 86_400 * S
    assert decide(call, Verb.PAY, Accepted("2016", "sum differs"), capabilities, late) == Accept("2016")


@pytest.mark.parametrize("capabilities", ALL)
def test_the_first_pay_refused_is_refused(capabilities: Capabilities) -> None:
    decision = decide(first_pay(), Verb.PAY, Refused(RefusalReason.NO_ACCOUNT, "5"), capabilities, BORN + 2 * S)
    assert decision == Refuse(RefusalReason.NO_ACCOUNT, "5")


def test_a_status_that_refuses_the_only_pay_refuses() -> None:
    call = begun(first_pay(last_answer="unknown"), Verb.STATUS, BORN + 9 * S)
    assert decide(call, Verb.STATUS, Refused(RefusalReason.OTHER, "-1"), ASKS, BORN + 9 * S) == Refuse(
        RefusalReason.OTHER, "-1"
    )


@pytest.mark.parametrize(
    ("capabilities", "decision"),
    [
        (DEDUPES, Park(REPEAT_REFUSED, tell=True)),
        (ASKS_AND_DEDUPES, Park(REPEAT_REFUSED, tell=True)),
        (CAREFUL_DEDUPES, Refuse(RefusalReason.NO_ACCOUNT, "5")),
    ],
)
def test_a_refused_repeat_counts_only_where_the_duplicate_is_looked_for_first(
    capabilities: Capabilities, decision: Decision
) -> None:
    """Another billing says "no such account" of a payment that it credited before the account was closed."""
    assert (
        decide(repeated_pay(), Verb.PAY, Refused(RefusalReason.NO_ACCOUNT, "5"), capabilities, BORN + 62 * S)
        == decision
    )


@pytest.mark.parametrize("answer", MAYBE)
@pytest.mark.parametrize(
    ("capabilities", "attempts", "decision"),
    [
        (PARKS, 1, Park(CANNOT_ASK, tell=True)),
        (DEDUPES, 1, Retry(BORN + 70 * S, tell=True)),
        (DEDUPES, 2, Retry(BORN + 130 * S, tell=True)),
        (Capabilities(dedupes_by_reference=True, repeat_after_s=2), 1, Retry(BORN + 12 * S, tell=True)),
        (ASKS, 1, Retry(BORN + 15 * S, tell=True)),
        (ASKS, 2, Retry(BORN + 25 * S, tell=True)),
        (ASKS, 4, Retry(BORN + 310 * S, tell=True)),
        (ASKS_AND_DEDUPES, 1, Retry(BORN + 15 * S, tell=True)),
        (ASKS_BOUNDED, 1, Retry(BORN + 15 * S, tell=True)),
    ],
)
def test_a_pay_in_doubt_is_asked_about_or_repeated_or_parked(
    answer: Answer, capabilities: Capabilities, attempts: int, decision: Decision
) -> None:
    assert decide(first_pay(attempts=attempts), Verb.PAY, answer, capabilities, BORN + 10 * S) == decision


def test_absent_from_a_provider_without_a_status_is_no_answer() -> None:
    assert decide(first_pay(), Verb.PAY, Absent(), PARKS, BORN + 400 * S) == Park(CANNOT_ASK, tell=True)


@pytest.mark.proves("F36", "F45")
@pytest.mark.parametrize(
    ("capabilities", "after_s", "decision"),
    [
        (ASKS, 10, Retry(BORN + 25 * S, tell=True)),
        (ASKS, 80_000, Retry(BORN + 80_015 * S, tell=True)),
        (ASKS_AND_DEDUPES, 10, Retry(BORN + 61 * S, tell=True)),
        (ASKS_BOUNDED, 1 + 60 + 199, Retry(BORN + 275 * S, tell=True)),
        (ASKS_BOUNDED, 1 + 60 + 200, Refuse(RefusalReason.OTHER, NEVER_APPLIED)),
    ],
)
def test_absent_refuses_only_when_the_provider_can_no_longer_be_late(
    capabilities: Capabilities, after_s: int, decision: Decision
) -> None:
    """The limit counts from the last byte that can have left: time of sending, deadline, and the declared lateness."""
    call = begun(first_pay(), Verb.STATUS, BORN + after_s * S)
    absent = Absent(watched_s=after_s - 1)
    assert decide(call, Verb.STATUS, absent, capabilities, BORN + after_s * S) == decision


@pytest.mark.proves("F47")
@pytest.mark.parametrize(("watched_s", "gone"), [(0.0, False), (259.9, False), (260.0, True)])
def test_a_clock_set_forward_is_no_time_that_has_passed(watched_s: float, *, gone: bool) -> None:
    """By the calendar the provider can no longer be late; what was really waited says otherwise."""
    decision = decide(first_pay(), Verb.STATUS, Absent(watched_s=watched_s), ASKS_BOUNDED, BORN + 40_000 * S)
    assert (decision == Refuse(RefusalReason.OTHER, NEVER_APPLIED)) is gone


@pytest.mark.proves("F34")
@pytest.mark.parametrize(
    ("age_s", "decision"),
    [
        (0, Retry(BORN + 2 * S, tell=True)),
        (20, Retry(BORN + 80 * S, tell=True)),
        (86_100, Retry(BORN + 86_400 * S, tell=True)),
        (86_101, Refuse(RefusalReason.OTHER, NEVER_SENT)),
    ],
)
def test_a_pay_of_which_no_byte_left_is_tried_for_its_lifetime_and_then_surely_not_charged(
    age_s: int, decision: Decision
) -> None:
    call = unsent(first_pay(), Verb.PAY)
    assert decide(call, Verb.PAY, NotSent("refused"), PARKS, BORN + age_s * S) == decision


def test_an_unsent_question_about_a_sent_pay_parks_at_the_end() -> None:
    call = begun(first_pay(), Verb.STATUS, BORN + 86_200 * S)
    assert decide(call, Verb.STATUS, NotSent("refused"), ASKS, BORN + 86_200 * S) == Park(LIFETIME_OVER, tell=True)


@pytest.mark.parametrize(("answer", "capabilities"), [*product(MAYBE, (DEDUPES, ASKS)), (Absent(), ASKS)])
@pytest.mark.parametrize(("wait_over_s", "parks"), [(0, False), (1, True)])
def test_the_end_of_the_lifetime_parks_what_was_sent(
    answer: Answer, capabilities: Capabilities, wait_over_s: int, *, parks: bool
) -> None:
    """A question that would come after the end is not asked; one at the very end still is."""
    now_us = BORN + (86_400 - 3_600 + wait_over_s) * S
    decision = decide(first_pay(attempts=20), Verb.STATUS, answer, capabilities, now_us)
    assert decision == (Park(LIFETIME_OVER, tell=True) if parks else Retry(BORN + 86_400 * S, tell=True))


@pytest.mark.parametrize(("answer", "capabilities"), [(MAYBE[0], PARKS), (MAYBE[0], ASKS), (NotSent("?"), ASKS)])
def test_the_subscriber_is_told_once(answer: Answer, capabilities: Capabilities) -> None:
    decision = decide(first_pay(told=1), Verb.PAY, answer, capabilities, BORN + 2 * S)
    assert isinstance(decision, Retry | Park)
    assert not decision.tell


ANSWERS: Final = st.sampled_from(
    (Refused(RefusalReason.OTHER), Pending(), Absent(), Unknown("?"), NotSent("?"), Accepted("1")),
)


@pytest.mark.proves("F36")
@settings(max_examples=300)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=12), capabilities=st.sampled_from(ALL), slow_s=st.integers(0, 60))
def test_nothing_that_may_have_been_credited_is_refused(
    answers: list[Answer], capabilities: Capabilities, slow_s: int
) -> None:
    """After an answer in doubt, a refusal needs a reference looked for first, a status, or a declared limit."""
    call, now_us, doubt = a_call(), BORN, False
    for answer in answers:
        verb = next_verb(call, capabilities)
        assert verb is not None, "a call that may not be asked was to be asked again"
        assert verb is Verb.PAY or capabilities.status
        assert not (verb is Verb.PAY and doubt) or capabilities.dedupes_by_reference
        call = begun(call, verb, now_us)
        now_us += slow_s * S
        call = unsent(call, verb) if isinstance(answer, NotSent) else call
        call = replace(call, last_answer=word(answer))
        decision = decide(call, verb, answer, capabilities, now_us)
        if isinstance(decision, Refuse) and doubt:
            by_limit = isinstance(answer, Absent) and capabilities.max_late_apply_s is not None
            by_status = isinstance(answer, Refused) and verb is Verb.STATUS
            by_reference = isinstance(answer, Refused) and capabilities.duplicate_checked_first
            assert by_limit or by_status or by_reference
        if not isinstance(decision, Retry):
            return
        # Only a repeat whose time has come goes at once.
        assert decision.due_at_us > now_us or (
            decision.due_at_us == now_us and next_verb(call, capabilities) is Verb.PAY
        )
        doubt = doubt or isinstance(answer, Unknown | Pending | Absent)
        now_us = decision.due_at_us
