"""Ending in good order: which step is due."""

import math

import pytest

from smsgw.smpp.departure import Departure, Leave


@pytest.mark.parametrize(
    ("in_flight", "unanswered", "now_s", "step"),
    [
        (0, 0, 0.0, Leave.SEND_UNBIND),
        (1, 0, 9.9, None),
        (0, 1, 9.9, None),
        (1, 1, 10.0, Leave.SEND_UNBIND),
    ],
)
def test_we_leave(in_flight: int, unanswered: int, now_s: float, step: Leave | None) -> None:
    """After all answers, or when patience ends."""
    assert Departure(by_s=10.0).due(now_s, in_flight=in_flight, unanswered=unanswered) == step


@pytest.mark.parametrize(("now_s", "step"), [(0.0, None), (4.9, None), (5.0, Leave.GIVE_UP)])
def test_our_unbind_waits_for_its_answer(now_s: float, step: Leave | None) -> None:
    """Not for ever."""
    assert Departure(by_s=5.0, unbind_sent=True).due(now_s, in_flight=1, unanswered=1) == step


@pytest.mark.parametrize(
    ("in_flight", "unanswered", "now_s", "step"),
    [
        (0, 0, 0.0, Leave.ANSWER_UNBIND),
        (5, 0, 0.9, None),
        (5, 0, 1.0, Leave.ANSWER_UNBIND),
        (5, 1, 1.0, None),
        (0, 1, 9.9, None),
        (5, 1, 10.0, Leave.ANSWER_UNBIND),
    ],
)
def test_the_peer_leaves(in_flight: int, unanswered: int, now_s: float, step: Leave | None) -> None:
    """Its open requests come first; its answers to ours have a moment."""
    departure = Departure(by_s=10.0, answers_by_s=1.0, peer_sequence=3)
    assert departure.due(now_s, in_flight=in_flight, unanswered=unanswered) == step


@pytest.mark.parametrize(
    ("departure", "unanswered", "deadline_s"),
    [
        (Departure(), 0, math.inf),
        (Departure(by_s=10.0), 0, 10.0),
        (Departure(by_s=10.0, answers_by_s=1.0, peer_sequence=3), 0, 1.0),
        (Departure(by_s=10.0, answers_by_s=1.0, peer_sequence=3), 1, 10.0),
        (Departure(by_s=10.0, answers_by_s=1.0, peer_sequence=3, unbind_sent=True), 0, 10.0),
    ],
)
def test_when_to_look_again(departure: Departure, unanswered: int, deadline_s: float) -> None:
    """Only where time alone changes something: the owner would come back to a moment that is past for ever."""
    assert departure.next_deadline_s(unanswered=unanswered) == deadline_s
