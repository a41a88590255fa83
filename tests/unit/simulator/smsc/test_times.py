"""SMPP's times are read and written as the specification has them (SMPP 3.4, 7.1.1)."""

from __future__ import annotations

import pytest

from simulator.smsc.times import seconds_until, write_time

NOW_S = 1_795_000_000.0
"""2026-11-18 11:06:40 UTC."""
DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (b"", None),
        (b"000000000005000R", 5.0),
        (b"000000000500000R", 300.0),
        (b"000000010000000R", 3_600.0),
        (b"000001000000000R", DAY_S),
        (b"000100000000000R", 30 * DAY_S),
        (b"010000000000000R", 365 * DAY_S),
        (b"000000000000000R", 0.0),
        (b"000000000005948R", 5.0),  # tenths and quarters mean nothing here
        (b"261118110640000+", 0.0),
        (b"261118110650500+", 10.5),
        (b"261118110630000+", -10.0),
        (b"261118160640020+", 0.0),  # five hours ahead of UTC
        (b"261118060640020-", 0.0),  # five hours behind
        (b"261118230640048+", 0.0),
    ],
)
def test_a_time_is_so_many_seconds_away(written: bytes, seconds: float | None) -> None:
    assert seconds_until(written, NOW_S) == seconds


@pytest.mark.parametrize(
    "written",
    [
        b"tomorrow",
        b"26111811064000+",
        b"2611181106400000+",
        b"261118110640000",
        b"261118110640000Z",
        b"261118110640049+",
        b"261318110640000+",
        b"260230110640000+",
        b"261118250640000+",
        "٢٦١١١٨١١".encode(),
    ],
)
def test_what_is_no_time_is_named(written: bytes) -> None:
    with pytest.raises(ValueError, match=r"no time|quarter hours|must be in|out of range"):
        seconds_until(written, NOW_S)


def test_what_is_written_is_read_again() -> None:
    assert write_time(NOW_S) == b"261118110640000+"
    assert seconds_until(write_time(NOW_S + 60), NOW_S) == 60.0
