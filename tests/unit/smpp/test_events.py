"""Events are values."""

from dataclasses import FrozenInstanceError

import pytest

from smsgw.smpp.events import (
    BindRefused,
    BindRequested,
    Bound,
    Closed,
    CloseReason,
    Event,
    NotificationReceived,
    RequestReceived,
)
from smsgw.smpp.pdu import Pdu

PDU = Pdu(0x111, 0, 1, {})


def test_an_event_cannot_be_changed() -> None:
    """Whoever gets it may keep it."""
    with pytest.raises(FrozenInstanceError):
        BindRefused(0x0E).status = 0  # type: ignore[misc] # that it must not be assigned is the test


def test_events_are_equal_by_value_and_kind() -> None:
    """Two kinds are never equal, however alike."""
    assert Closed(CloseReason.BAD_FRAME) == Closed(CloseReason.BAD_FRAME)
    events: list[Event] = [BindRequested(PDU), RequestReceived(PDU), NotificationReceived(PDU), Bound(PDU)]
    assert len(set(map(repr, events))) == len(events)
    assert events[0] != events[1]
