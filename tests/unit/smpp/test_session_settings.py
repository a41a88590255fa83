"""Limits and time-outs of a session."""

from dataclasses import fields

import pytest

from smsgw.smpp.session_settings import SessionSettings


@pytest.mark.parametrize("name", [field.name for field in fields(SessionSettings)])
def test_no_limit_may_be_nothing(name: str) -> None:
    """A window or a time of 0 could never work."""
    with pytest.raises(AssertionError):
        SessionSettings(**{name: 0})


def test_the_smallest_window() -> None:
    """One at a time is allowed, both ways."""
    assert SessionSettings(window=1, inbound_window=1).window == 1
