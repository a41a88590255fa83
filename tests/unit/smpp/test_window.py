"""Requests that wait for their answer, in each direction."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.constants import RESPONSE_BIT, SEQUENCE_LAST, Command
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.window import LATE_MAX, LATE_S, Arrival, InboundWindow, InFlight, OutboundWindow


def submit(sequence: int) -> Pdu:
    return Pdu(Command.SUBMIT_SM, 0, sequence, {})


def answer(sequence: int, command: int = Command.SUBMIT_SM_RESP) -> Pdu:
    return Pdu(command, 0, sequence, {})


def filled(*sequences: int, size: int = 3) -> OutboundWindow:
    """One request a second, from the first second on."""
    window = OutboundWindow(size, response_s=60.0)
    for now_s, sequence in enumerate(sequences, start=1):
        window.add(submit(sequence), float(now_s))
    return window


def test_sequences_begin_at_one() -> None:
    """SMPP 5.0, 2.6.3 recommends it; smaller and larger ones are not allowed."""
    window = OutboundWindow(3, 60.0)
    assert [window.next_sequence() for _ in range(3)] == [1, 2, 3]


def test_sequences_wrap_and_skip_what_is_in_flight() -> None:
    """After 0x7FFFFFFF comes 1, but not while 1 and 2 are still open."""
    window = OutboundWindow(3, 60.0, last_sequence=SEQUENCE_LAST - 1)
    window.add(submit(1), 0.0)
    window.add(submit(2), 0.0)
    assert [window.next_sequence() for _ in range(2)] == [SEQUENCE_LAST, 3]


def test_the_answer_frees_the_slot() -> None:
    """Once, and only once."""
    window = filled(1, 2)
    assert (len(window), window.free) == (2, 1)
    assert window.take(answer(2)) == InFlight(submit(2), 2.0)
    assert window.free == 2
    assert window.take(answer(2)) is None


@pytest.mark.parametrize(
    ("response", "matches"),
    [
        (answer(1), True),
        (answer(1, Command.GENERIC_NACK), True),
        (answer(1, Command.DELIVER_SM_RESP), False),
        (answer(2), False),
        (answer(0, Command.GENERIC_NACK), False),
    ],
)
def test_which_response_answers(response: Pdu, matches: bool) -> None:  # noqa: FBT001 - a column of the table
    """Same sequence and the request's own response, or a generic_nack."""
    window = filled(1)
    assert (window.take(response) is not None) is matches
    assert len(window) == (0 if matches else 1)


@pytest.mark.parametrize(
    ("now_s", "expired"), [(60.9, []), (61.0, [1]), (61.9, [1]), (62.0, [1, 2]), (999.0, [1, 2, 3])]
)
def test_the_response_timer_frees_slots(now_s: float, expired: list[int]) -> None:
    """Sent at 1, 2 and 3 seconds, sixty seconds of patience each."""
    window = filled(1, 2, 3)
    assert [request.sequence for request in window.take_expired(now_s)] == expired
    assert len(window) == 3 - len(expired)


def test_what_has_expired_may_be_answered_late_and_once() -> None:
    window = filled(1, 2)
    window.take_expired(62.0)
    assert window.take(answer(2)) is None
    assert window.take_late(answer(2, Command.DELIVER_SM_RESP), 63.0) is None
    assert window.take_late(answer(2), 63.0) == InFlight(submit(2), 2.0)
    assert window.take_late(answer(2), 63.0) is None
    assert window.take_late(answer(1, Command.GENERIC_NACK), 63.0) == InFlight(submit(1), 1.0)


def test_what_was_answered_cannot_be_late() -> None:
    window = filled(1)
    window.take(answer(1))
    assert window.take_expired(999.0) == []
    assert window.take_late(answer(1), 999.0) is None


@pytest.mark.parametrize(("after_s", "remembered"), [(LATE_S, True), (LATE_S + 0.1, False)])
def test_an_expired_request_is_forgotten_in_time(after_s: float, remembered: bool) -> None:  # noqa: FBT001 - a column
    window = filled(1)
    window.take_expired(61.0)
    assert (window.take_late(answer(1), 61.0 + after_s) is not None) is remembered


def test_of_expired_requests_the_latest_are_remembered() -> None:
    window = OutboundWindow(LATE_MAX + 2, response_s=60.0)
    for sequence in range(1, LATE_MAX + 3):
        window.add(submit(sequence), 0.0)
    window.take_expired(60.0)
    late = [window.take_late(answer(sequence), 60.0) for sequence in range(1, LATE_MAX + 3)]
    assert [expired is None for expired in late] == [True, True, *[False] * LATE_MAX]


def test_the_number_of_what_may_be_answered_late_is_not_given_again() -> None:
    """Its late answer would pass for that of another request."""
    window = OutboundWindow(3, 60.0)
    window.add(submit(1), 0.0)
    window.take_expired(60.0)
    assert window.next_sequence() == 2


def test_the_next_deadline_is_the_oldest_ones() -> None:
    """It moves on as the oldest is answered."""
    window = filled(1, 2)
    assert window.next_deadline_s() == 61.0
    window.take(answer(1))
    assert window.next_deadline_s() == 62.0
    window.take(answer(2))
    assert window.next_deadline_s() == math.inf


@pytest.mark.parametrize("command", [Command.BIND_RECEIVER, Command.UNBIND, Command.ENQUIRE_LINK])
def test_the_sessions_own_requests_take_no_place(command: Command) -> None:
    """They may go out when the window is full, and an ignored one does not shut it."""
    window = filled(1, 2)
    window.add(Pdu(command, 0, 3, {}), 3.0)
    assert (len(window), window.free) == (3, 1)
    assert [request.sequence for request in window.take_expired(999.0)] == [1, 2]
    assert window.free == 3
    assert window.take_late(answer(3, command | RESPONSE_BIT), 999.0) is None


def test_all_are_given_back_at_the_end() -> None:
    """In the order in which they were sent."""
    window = filled(5, 3, 4)
    assert [request.sequence for request in window.take_all()] == [5, 3, 4]
    assert (len(window), window.free) == (0, 3)


@settings(max_examples=100)
@given(st.lists(st.integers(0, 2)), st.integers(0, SEQUENCE_LAST - 1))
def test_no_sequence_is_ever_in_flight_twice(steps: list[int], last: int) -> None:
    """Whatever the order of sending and answering; `add` asserts it."""
    window = OutboundWindow(3, 60.0, last_sequence=last)
    for step in steps:
        if step and window.free:
            window.add(submit(window.next_sequence()), 0.0)
        elif window.take_expired(60.0 * step):
            assert not len(window)


def test_inbound_requests_are_closed_once() -> None:
    """A second answer is our bug."""
    window = InboundWindow(2)
    assert window.add(submit(7)) is Arrival.NEW
    assert window.command_of(7) == Command.SUBMIT_SM
    window.remove(7)
    with pytest.raises(AssertionError, match="answered already"):
        window.remove(7)
    with pytest.raises(AssertionError, match="answered already"):
        window.command_of(7)


def test_an_open_sequence_is_not_taken_twice() -> None:
    """The same again is owed one answer more and takes a place; another one clashes; answered, the number is free."""
    window = InboundWindow(3)
    assert (window.add(submit(7)), window.answers_due(7)) == (Arrival.NEW, 1)
    assert (window.add(submit(7)), window.answers_due(7), len(window)) == (Arrival.REPEAT, 2, 2)
    other = submit(7)._replace(fields={"short_message": b"another"})
    assert (window.add(other), len(window), window.is_full) == (Arrival.CLASH, 2, False)
    assert (window.add(submit(7)), window.is_full) == (Arrival.REPEAT, True)
    window.remove(7)
    assert len(window) == 0
    assert (window.add(submit(7)), window.answers_due(7)) == (Arrival.NEW, 1)


@pytest.mark.parametrize(("count", "full"), [(0, False), (1, False), (2, True)])
def test_an_inbound_window_is_full_at_its_size(count: int, full: bool) -> None:  # noqa: FBT001 - a column of the table
    """Then the owner stops reading."""
    window = InboundWindow(2)
    for sequence in range(count):
        window.add(submit(sequence))
    assert window.is_full is full
    assert len(window) == count
    window.clear()
    assert not window.is_full
