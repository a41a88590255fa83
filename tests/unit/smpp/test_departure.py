"""Ending in good order: which step is due."""

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
    ("unanswered", "now_s", "step"),
    [(0, 0.0, Leave.ANSWER_UNBIND), (1, 9.9, None), (1, 10.0, Leave.ANSWER_UNBIND)],
)
def test_the_peer_leaves(unanswered: int, now_s: float, step: Leave | None) -> None:
    """Its open requests come first; ours in flight hold nothing up."""
    departure = Departure(by_s=10.0, peer_sequence=3)
    assert departure.due(now_s, in_flight=5, unanswered=unanswered) == step
