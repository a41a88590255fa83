"""The timers, told the time."""

import math
from dataclasses import replace

import pytest

from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.timers import Alarm, Timers

SETTINGS = SessionSettings(
    session_init_s=20.0, enquire_link_interval_s=30.0, enquire_link_timeout_s=15.0, inactivity_s=100.0, pdu_read_s=10.0
)


def bound(settings: SessionSettings = SETTINGS) -> Timers:
    """Connected and bound at 0."""
    timers = Timers.start(settings, 0.0)
    timers.bound()
    return timers


@pytest.mark.parametrize(("now_s", "alarm"), [(0.0, None), (19.9, None), (20.0, Alarm.SESSION_INIT)])
def test_a_bind_must_come_in_time(now_s: float, alarm: Alarm | None) -> None:
    """session_init runs from the connection."""
    timers = Timers.start(SETTINGS, 0.0)
    assert timers.due(now_s) == alarm
    assert timers.next_deadline_s() == 20.0


@pytest.mark.parametrize(("now_s", "alarm"), [(20.0, None), (29.9, None), (30.0, Alarm.ENQUIRE_LINK)])
def test_silence_is_questioned(now_s: float, alarm: Alarm | None) -> None:
    """Once bound, session_init is over and the line is watched."""
    assert bound().due(now_s) == alarm


def test_any_pdu_is_life() -> None:
    """The interval runs from the last PDU, and an answer of any kind ends the wait."""
    timers = bound()
    timers.heard(25.0)
    assert timers.next_deadline_s() == 55.0
    timers.asked(55.0)
    timers.heard(56.0)
    assert timers.next_deadline_s() == 86.0


@pytest.mark.parametrize(("now_s", "alarm"), [(44.9, None), (45.0, Alarm.ENQUIRE_LINK_TIMEOUT)])
def test_silence_after_the_question_is_death(now_s: float, alarm: Alarm | None) -> None:
    """Asked at 30, fifteen seconds to answer."""
    timers = bound()
    timers.asked(30.0)
    assert timers.due(now_s) == alarm


@pytest.mark.parametrize(("now_s", "alarm"), [(12.9, None), (13.0, Alarm.PDU_READ)])
def test_a_pdu_must_be_completed(now_s: float, alarm: Alarm | None) -> None:
    """Begun at 3; octets that drip in later do not prolong it."""
    timers = bound()
    timers.pdu_waits(3.0)
    timers.pdu_waits(9.0)
    assert timers.due(now_s) == alarm


def test_a_completed_pdu_stops_its_timer() -> None:
    """The next one has its own ten seconds."""
    timers = bound()
    timers.pdu_waits(3.0)
    timers.heard(9.0)
    timers.pdu_waits(9.0)
    assert timers.next_deadline_s() == 19.0


def test_a_pdu_must_be_completed_before_the_bind_too() -> None:
    """A stranger that drips octets is gone before session_init."""
    timers = Timers.start(SETTINGS, 0.0)
    timers.pdu_waits(1.0)
    assert timers.due(11.0) == Alarm.PDU_READ


@pytest.mark.parametrize(("now_s", "alarm"), [(149.9, None), (150.0, Alarm.INACTIVITY)])
def test_a_session_without_messages_is_idle(now_s: float, alarm: Alarm | None) -> None:
    """enquire_link is no message."""
    timers = bound()
    timers.message(50.0)
    timers.heard(149.0)
    assert timers.due(now_s) == alarm


def test_inactivity_is_off_unless_asked_for() -> None:
    """A night without payments is no fault."""
    timers = bound(replace(SETTINGS, inactivity_s=math.inf))
    timers.heard(1e9)
    assert timers.due(1e9) is None
