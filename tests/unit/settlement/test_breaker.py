"""The breaker: five failures in a row, pauses that double, one probe at a time, and wishes that are kept."""

from __future__ import annotations

import pytest

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Found,
    NotSent,
    Pending,
    Prepared,
    RefusalReason,
    Refused,
    Unknown,
)
from smsgw.settlement.breaker import (
    FAILURES_MAX,
    PAUSE_S,
    PROBE_BEGINS_S,
    PROBE_ENDS_S,
    WISH_S_MAX,
    Breaker,
    Standing,
    admitted,
    answered,
    begun,
    standing,
)

START_S = 1000.0
GOOD: list[Answer] = [
    Found(),
    Prepared({}),
    Accepted(),
    Accepted(alarm="another sum"),
    Refused(RefusalReason.NO_ACCOUNT),
    Pending(),
    Absent(),
    Cancelled(),
]
BAD: list[Answer] = [
    Unknown("TimeoutError"),
    Unknown("HTTP 500"),
    Unknown("HTTP 401", alarm=True),
    NotSent("ConnectionRefusedError"),
    NotSent("ClientConnectorCertificateError", alarm=True),
]
FAILURE = BAD[0]
PAUSED = Breaker(until_s=START_S + 30, pause_s=30)
WISHED = Breaker(until_s=START_S + 30, wished=True)


def after(breaker: Breaker, *answers: Answer, now_s: float = START_S) -> Breaker:
    for answer in answers:
        breaker = answered(breaker, answer, now_s)
    return breaker


@pytest.mark.proves("F43")
@pytest.mark.parametrize("failure", BAD, ids=repr)
def test_the_fifth_failure_in_a_row_pauses(failure: Answer) -> None:
    four = after(Breaker(), *[failure] * (FAILURES_MAX - 1))
    five = after(four, failure)

    assert (standing(four, START_S), standing(five, START_S)) == (Standing.OK, Standing.PAUSED)
    assert five.until_s == START_S + PAUSE_S


@pytest.mark.parametrize("good", GOOD, ids=repr)
def test_any_answer_with_a_meaning_ends_the_row(good: Answer) -> None:
    """A refusal is as healthy as a credit."""
    assert after(Breaker(), *[FAILURE] * (FAILURES_MAX - 1), good) == Breaker()


@pytest.mark.parametrize(("gap_s", "failures"), [(0, 3), (30, 3), (30.001, 1)])
def test_failures_further_apart_than_half_a_minute_are_no_row(gap_s: float, failures: int) -> None:
    """One payment in doubt, asked about ever more rarely, must not turn other subscribers away."""
    two = after(Breaker(), FAILURE, FAILURE)

    assert answered(two, FAILURE, START_S + gap_s).failures == failures


@pytest.mark.parametrize(
    ("breaker", "now_s", "expected"),
    [
        (Breaker(), START_S, Standing.OK),
        (PAUSED, START_S, Standing.PAUSED),
        (PAUSED, START_S + 29.999, Standing.PAUSED),
        (PAUSED, START_S + 30, Standing.PROBING),
        (PAUSED, START_S + 86_400, Standing.PROBING),
    ],
)
def test_a_pause_ends_in_a_probe(breaker: Breaker, now_s: float, expected: Standing) -> None:
    assert standing(breaker, now_s) is expected
    assert (admitted(breaker, now_s) is None) == (expected is Standing.PAUSED)


def test_only_one_probe_is_out_at_a_time() -> None:
    now_s = START_S + 30
    probing = admitted(PAUSED, now_s)
    assert probing is not None
    assert admitted(probing, now_s + PROBE_BEGINS_S - 0.001) is None
    out = begun(probing, now_s + 1)

    assert admitted(out, now_s + 1 + PROBE_ENDS_S - 0.001) is None


@pytest.mark.parametrize(("begins", "wait_s"), [("never", PROBE_BEGINS_S), ("at once", PROBE_ENDS_S)])
def test_a_probe_that_got_lost_frees_its_place(begins: str, wait_s: int) -> None:
    """Its intent was not committed, or a bug swallowed its answer: the provider must not stay paused for ever."""
    now_s = START_S + 30
    probing = admitted(PAUSED, now_s)
    assert probing is not None
    out = begun(probing, now_s) if begins == "at once" else probing

    assert admitted(out, now_s + wait_s) is not None


@pytest.mark.parametrize("good", GOOD, ids=repr)
def test_a_probe_with_an_answer_ends_the_pause(good: Answer) -> None:
    probing = admitted(PAUSED, START_S + 30)
    assert probing is not None

    assert answered(probing, good, START_S + 31) == Breaker()


def test_each_failed_probe_doubles_the_pause_up_to_five_minutes() -> None:
    breaker, now_s, pauses = PAUSED, START_S + 30, []
    for _ in range(5):
        probing = admitted(breaker, now_s)
        assert probing is not None
        breaker = answered(begun(probing, now_s), FAILURE, now_s)
        assert breaker.until_s is not None
        pauses.append(breaker.until_s - now_s)
        now_s = breaker.until_s

    assert pauses == [60, 120, 240, 300, 300]


def test_the_first_pause_after_a_good_time_is_a_short_one_again() -> None:
    again = after(answered(Breaker(until_s=START_S, pause_s=300), Found(), START_S), *[FAILURE] * FAILURES_MAX)

    assert again == PAUSED


@pytest.mark.parametrize("now_s", [START_S, START_S + 30])
def test_a_failure_that_began_before_the_pause_does_not_lengthen_it(now_s: float) -> None:
    """Eight hung exchanges end one after another; five of them have said it all."""
    assert answered(PAUSED, FAILURE, now_s) == PAUSED


def test_an_answer_that_comes_during_the_pause_ends_it() -> None:
    assert answered(PAUSED, Accepted(), START_S) == Breaker()


@pytest.mark.proves("F44")
@pytest.mark.parametrize(("wish_s", "pause_s"), [(1, 1), (600, 600), (601, WISH_S_MAX), (10**9, WISH_S_MAX)])
def test_a_provider_that_names_a_time_is_left_alone_for_so_long_at_once(wish_s: int, pause_s: int) -> None:
    wished = after(Breaker(), Unknown("HTTP 429", retry_after_s=wish_s))

    assert admitted(wished, START_S + pause_s - 0.001) is None
    assert admitted(wished, START_S + pause_s) is not None


def test_a_wish_is_kept_whatever_earlier_exchanges_answer() -> None:
    assert after(WISHED, Accepted(), FAILURE) == WISHED
    assert answered(WISHED, Accepted(), START_S + 30) == Breaker()


def test_a_probe_that_is_answered_with_a_wish_has_ended() -> None:
    probing = admitted(PAUSED, START_S + 30)
    assert probing is not None
    wished = answered(begun(probing, START_S + 30), Unknown("HTTP 429", retry_after_s=10), START_S + 31)

    assert admitted(wished, START_S + 40) is None
    assert admitted(wished, START_S + 41) is not None


def test_a_wish_never_shortens_a_pause() -> None:
    assert after(PAUSED, Unknown("HTTP 429", retry_after_s=5)).until_s == START_S + 30
    assert after(WISHED, Unknown("HTTP 429", retry_after_s=40)).until_s == START_S + 40


def test_an_exchange_of_a_provider_that_is_well_is_no_probe() -> None:
    assert begun(Breaker(), START_S) == Breaker()
    assert admitted(Breaker(), START_S) == Breaker()
