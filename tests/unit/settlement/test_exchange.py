"""One exchange: what is asked next, and what is written down before and after it."""

from __future__ import annotations

from typing import Final

import pytest

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
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
from smsgw.settlement.exchange import begun, deadline_s, last_answer, next_verb, orphan_due_us, question, unsent, word
from tests.unit.settlement.samples import BORN, PARKS, S, a_call, first_pay, repeated_pay

DEDUPES: Final = Capabilities(dedupes_by_reference=True)
ASKS: Final = Capabilities(status=True)
ASKS_AND_DEDUPES: Final = Capabilities(status=True, dedupes_by_reference=True)
TWO_PHASES: Final = Capabilities(prepares=True, status=True, dedupes_by_reference=True, withdraws=True)
RESERVED: Final = {"transaction": "5123"}


@pytest.mark.parametrize(
    ("answer", "stored"),
    [
        (Found(), "found"),
        (Accepted(), "accepted"),
        (Prepared({}), "prepared"),
        (Refused(RefusalReason.OTHER), "refused"),
        (Cancelled(), "cancelled"),
        (Pending(), "pending"),
        (Absent(), "absent"),
        (Unknown("?"), "unknown"),
        (NotSent("?"), "not_sent"),
    ],
)
def test_answers_are_stored_under_their_names(answer: Answer, stored: str) -> None:
    assert word(answer) == stored


@pytest.mark.parametrize(
    ("call", "capabilities", "verb"),
    [
        (a_call(Kind.CHECK), PARKS, Verb.CHECK),
        (a_call(Kind.CHECK, first_sent_at_us=BORN, attempts=1), ASKS, Verb.CHECK),
        (a_call(Kind.CHECK, first_sent_at_us=BORN, attempts=2), ASKS, None),
        (a_call(), PARKS, Verb.PAY),
        (a_call(), ASKS, Verb.PAY),
        (a_call(last_answer="not_sent", attempts=3), ASKS_AND_DEDUPES, Verb.PAY),
        (first_pay(), PARKS, None),
        (first_pay(last_answer="absent"), PARKS, None),
        (first_pay(), DEDUPES, Verb.PAY),
        (first_pay(), ASKS, Verb.STATUS),
        (first_pay(last_answer="absent"), ASKS, Verb.STATUS),
        (first_pay(last_answer="unknown"), ASKS_AND_DEDUPES, Verb.STATUS),
        (first_pay(), ASKS_AND_DEDUPES, Verb.STATUS),
        (first_pay(last_answer="absent"), ASKS_AND_DEDUPES, Verb.PAY),
        (a_call(), TWO_PHASES, Verb.PREPARE),
        (a_call(last_answer="unknown", attempts=1), TWO_PHASES, Verb.PREPARE),
        (a_call(memory=RESERVED, last_answer="prepared"), TWO_PHASES, Verb.PAY),
        (first_pay(memory=RESERVED, last_answer="unknown"), TWO_PHASES, Verb.STATUS),
        (first_pay(memory=RESERVED, last_answer="prepared"), TWO_PHASES, Verb.PAY),
        (first_pay(last_answer="absent"), TWO_PHASES, Verb.PREPARE),
        (first_pay(memory=RESERVED, last_answer="prepared", withdrawn=True), TWO_PHASES, Verb.WITHDRAW),
        (first_pay(memory=RESERVED, last_answer="refused", withdrawn=True), TWO_PHASES, Verb.STATUS),
        (first_pay(last_answer="refused", withdrawn=True), DEDUPES, Verb.WITHDRAW),
        (a_call(last_answer="restored"), ASKS_AND_DEDUPES, Verb.STATUS),
        (first_pay(last_answer="restored"), DEDUPES, None),
        (first_pay(last_answer="restored"), TWO_PHASES, Verb.STATUS),
        (a_call(Kind.CANCEL, last_answer="restored"), ASKS, Verb.STATUS),
        (a_call(Kind.CHECK, last_answer="restored"), ASKS, None),
        (a_call(Kind.CANCEL), TWO_PHASES, Verb.CANCEL),
        (a_call(Kind.CANCEL, attempts=7, last_answer="unknown", first_sent_at_us=BORN), PARKS, Verb.CANCEL),
        (a_call(Kind.CANCEL, last_answer="unknown", first_sent_at_us=BORN), TWO_PHASES, Verb.STATUS),
        (a_call(Kind.CANCEL, last_answer="accepted", first_sent_at_us=BORN), TWO_PHASES, Verb.CANCEL),
        (a_call(Kind.CANCEL, memory={"refused": "77"}, first_sent_at_us=BORN), TWO_PHASES, Verb.STATUS),
        (a_call(Kind.CANCEL, last_answer="not_sent"), TWO_PHASES, Verb.CANCEL),
        (first_pay(last_answer="cancelled", withdrawn=True), TWO_PHASES, Verb.STATUS),
        (first_pay(last_answer="unknown"), TWO_PHASES, Verb.STATUS),
        (first_pay(last_answer=""), TWO_PHASES, Verb.STATUS),
    ],
)
def test_what_is_asked_next(call: ProviderCall, capabilities: Capabilities, verb: Verb | None) -> None:
    """A pay is repeated only where that is harmless; where nothing is harmless nothing is asked."""
    assert next_verb(call, capabilities) is verb


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        ("restored", NotSent("?"), "restored"),
        ("restored", Unknown("?"), "unknown"),
        ("restored", Accepted(), "accepted"),
        ("unknown", NotSent("?"), "not_sent"),
        ("", NotSent("?"), "not_sent"),
    ],
)
def test_what_came_back_stays_so_until_somebody_was_asked(before: str, answer: Answer, after: str) -> None:
    assert last_answer(a_call(last_answer=before), answer) == after


def test_beginning_a_pay_remembers_the_first_and_the_latest_time() -> None:
    call = begun(a_call(), Verb.PAY, BORN + S)
    assert (call.attempts, call.first_sent_at_us, call.sent_at_us) == (1, BORN + S, BORN + S)
    call = begun(call, Verb.PAY, BORN + 61 * S)
    assert (call.attempts, call.first_sent_at_us, call.sent_at_us) == (2, BORN + S, BORN + 61 * S)


def test_a_status_question_does_not_move_the_time_of_the_pay() -> None:
    call = begun(first_pay(), Verb.STATUS, BORN + 9 * S)
    assert (call.attempts, call.first_sent_at_us, call.sent_at_us) == (2, BORN + S, BORN + S)


def test_a_first_pay_of_which_no_byte_left_counts_as_never_tried() -> None:
    assert unsent(first_pay(), Verb.PAY) == a_call()


def test_an_unsent_status_question_or_repeat_does_not_undo_the_pay_before_it() -> None:
    asked = begun(first_pay(), Verb.STATUS, BORN + 9 * S)
    assert unsent(asked, Verb.STATUS) == asked
    assert unsent(repeated_pay(), Verb.PAY) == repeated_pay()


def test_an_unsent_check_is_counted_all_the_same() -> None:
    """Its count is what ends it."""
    check = begun(a_call(Kind.CHECK), Verb.CHECK, BORN)
    assert unsent(check, Verb.CHECK).attempts == 1


@pytest.mark.parametrize(
    ("verb", "kind", "capabilities", "after_s"),
    [
        (Verb.CHECK, Kind.CHECK, PARKS, 15 + 60),
        (Verb.PAY, Kind.PAY, PARKS, 60 + 60),
        (Verb.STATUS, Kind.PAY, ASKS, 15 + 60),
        (Verb.PAY, Kind.PAY, Capabilities(dedupes_by_reference=True, repeat_after_s=600), 60 + 600),
        (Verb.CHECK, Kind.CHECK, Capabilities(repeat_after_s=600), 15 + 60),
    ],
)
def test_what_a_dead_process_left_is_looked_at_when_its_exchange_must_be_over(
    verb: Verb, kind: Kind, capabilities: Capabilities, after_s: int
) -> None:
    assert orphan_due_us(a_call(kind), verb, capabilities, BORN) == BORN + after_s * S


@pytest.mark.parametrize(("verb", "withdrawn"), [(Verb.WITHDRAW, True), (Verb.PAY, False), (Verb.STATUS, False)])
def test_a_withdrawal_is_written_down_before_its_first_byte(verb: Verb, *, withdrawn: bool) -> None:
    """After a crash nothing that credits may be sent again, whether the withdrawal arrived or not."""
    assert begun(first_pay(), verb, BORN + 9 * S).withdrawn is withdrawn


def test_a_reservation_is_no_pay() -> None:
    """What credits nothing leaves no trace in the times from which lateness is counted."""
    call = begun(a_call(), Verb.PREPARE, BORN + S)
    assert (call.attempts, call.first_sent_at_us, call.sent_at_us) == (1, 0, 0)
    assert unsent(call, Verb.PREPARE) == a_call()


@pytest.mark.parametrize(
    ("call", "verb", "repeat"),
    [
        (begun(a_call(), Verb.PREPARE, BORN), Verb.PREPARE, False),
        (begun(a_call(attempts=1), Verb.PREPARE, BORN), Verb.PREPARE, True),
        (begun(first_pay(), Verb.PREPARE, BORN + 9 * S), Verb.PREPARE, True),
        (first_pay(), Verb.PAY, False),
        (first_pay(attempts=3), Verb.PAY, False),
        (repeated_pay(), Verb.PAY, True),
        (begun(a_call(Kind.CANCEL), Verb.CANCEL, BORN), Verb.CANCEL, False),
        (begun(a_call(Kind.CANCEL, attempts=1, first_sent_at_us=BORN - S), Verb.CANCEL, BORN), Verb.CANCEL, True),
    ],
)
def test_the_protocol_is_told_whether_an_answer_may_be_about_an_earlier_exchange(
    call: ProviderCall, verb: Verb, *, repeat: bool
) -> None:
    assert question(call, verb).repeat is repeat


def test_the_protocol_gets_what_was_stored_and_what_it_remembered() -> None:
    asked = question(first_pay(memory=RESERVED), Verb.PAY)
    assert (asked.parameters, asked.memory) == ({"query": "command=pay"}, RESERVED)


@pytest.mark.parametrize(
    ("verb", "seconds"),
    [(Verb.CHECK, 15), (Verb.STATUS, 15), (Verb.PREPARE, 60), (Verb.PAY, 60), (Verb.WITHDRAW, 60), (Verb.CANCEL, 60)],
)
def test_what_changes_something_may_take_longer_than_a_question(verb: Verb, seconds: int) -> None:
    assert deadline_s(verb, PARKS) == seconds


def test_a_cancel_of_which_no_byte_left_counts_as_never_tried() -> None:
    """Else one failed connection would make the provider's refusal a doubt."""
    assert unsent(begun(a_call(Kind.CANCEL), Verb.CANCEL, BORN + S), Verb.CANCEL) == a_call(Kind.CANCEL)
