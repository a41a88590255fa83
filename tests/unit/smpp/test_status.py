"""How a link stands after what has happened to it."""

from __future__ import annotations

import pytest

from smsgw.smpp.status import LinkEvent, LinkHealth, LinkStatus

STARTING, NOT_CONNECTED, BINDING = LinkEvent.STARTING, LinkEvent.NOT_CONNECTED, LinkEvent.BINDING
BIND_REFUSED, BOUND, LOST = LinkEvent.BIND_REFUSED, LinkEvent.BOUND, LinkEvent.CONNECTION_LOST
THROTTLED, END = LinkEvent.THROTTLED, LinkEvent.THROTTLED_END
UNBINDING, UNBOUND = LinkEvent.UNBINDING, LinkEvent.UNBOUND


def after(*events: LinkEvent, sessions: int = 1) -> LinkStatus:
    """The link after these, one a second; what went wrong says so."""
    status = LinkStatus(sessions)
    for second, event in enumerate(events, start=1):
        trouble = event in {NOT_CONNECTED, BIND_REFUSED, LOST, THROTTLED}
        status.happened(event, float(second), f"why {event.value}" if trouble else "")
    return status


@pytest.mark.parametrize(
    ("events", "health", "state", "reason"),
    [
        ([], LinkHealth.DOWN, "starting", "starting"),
        ([STARTING, NOT_CONNECTED], LinkHealth.DOWN, "not_connected", "not_connected: why not_connected"),
        ([STARTING, BINDING], LinkHealth.DOWN, "binding", "binding"),
        ([BINDING, BIND_REFUSED], LinkHealth.DOWN, "bind_refused", "bind_refused: why bind_refused"),
        ([BINDING, BOUND], LinkHealth.OK, "bound", ""),
        ([BINDING, BOUND, LOST], LinkHealth.DOWN, "connection_lost", "connection_lost: why connection_lost"),
        ([BINDING, BOUND, LOST, BINDING], LinkHealth.DOWN, "binding", "binding: why connection_lost"),
        ([BINDING, BOUND, THROTTLED], LinkHealth.DEGRADED, "throttled", "throttled: why throttled"),
        ([BINDING, BOUND, THROTTLED, END], LinkHealth.OK, "bound", ""),
        ([BINDING, BOUND, THROTTLED, LOST], LinkHealth.DOWN, "connection_lost", "connection_lost: why connection_lost"),
        ([BINDING, BOUND, UNBINDING, UNBOUND], LinkHealth.DOWN, "unbound", "unbound"),
    ],
)
def test_one_session(events: list[LinkEvent], health: LinkHealth, state: str, reason: str) -> None:
    status = after(*events)

    assert (status.health, status.state, status.reason) == (health, state, reason)


def test_of_two_sessions_one_is_better_than_none_and_less_than_all() -> None:
    assert after(BINDING, BOUND, sessions=2).reason == "1 of 2 sessions bound: bound"
    assert after(BINDING, BOUND, BINDING, BOUND, LOST, sessions=2).reason == (
        "1 of 2 sessions bound: why connection_lost"
    )
    assert after(BINDING, BOUND, BINDING, BOUND, sessions=2).health is LinkHealth.OK


def test_since_is_when_the_health_changed_not_when_it_was_tried_again() -> None:
    assert after(STARTING, BINDING, BOUND).since_s == 3.0
    assert after(STARTING, BINDING, BOUND, LOST, BINDING, NOT_CONNECTED).since_s == 4.0
    assert after(STARTING, NOT_CONNECTED, NOT_CONNECTED).since_s == 1.0


def test_every_event_is_counted() -> None:
    assert after(BINDING, BOUND, LOST, BINDING, BOUND).events == {BINDING: 2, BOUND: 2, LOST: 1}


def test_more_sessions_than_there_are_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="2 of 1 sessions"):
        after(BOUND, BOUND)
