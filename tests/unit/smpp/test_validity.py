"""How long a text is of use, in the form that an SMSC takes."""

import pytest

from simulator.smsc.times import seconds_until
from smsgw.smpp.validity import Validity

NOON_US = 1_795_694_400_000_000
"""2026-11-26 12:00:00 UTC."""


@pytest.mark.parametrize(
    ("left_s", "written"),
    [
        (300, b"000000000500000R"),
        (0, b"000000000001000R"),
        (59, b"000000000059000R"),
        (3600, b"000000010000000R"),
        (3 * 24 * 3600, b"000003000000000R"),
        (31 * 24 * 3600, b"000101000000000R"),
        (10**9, b"000203000000000R"),
    ],
)
def test_a_relative_validity_has_sixteen_octets(left_s: int, written: bytes) -> None:
    """SMPP 3.4, 7.1.1: YYMMDDhhmmsstnnp with p = R."""
    assert Validity.RELATIVE.period(left_s, NOON_US) == written


@pytest.mark.parametrize(
    ("expires_at_us", "written"),
    [(NOON_US, b"261126120000000+"), (NOON_US + 999_999, b"261126120000900+"), (NOON_US - 1, b"261126115959900+")],
)
def test_an_absolute_validity_is_a_moment_in_utc(expires_at_us: int, written: bytes) -> None:
    """With tenths of a second, and no quarter of an hour from UTC."""
    assert Validity.ABSOLUTE.period(300, expires_at_us) == written
    assert seconds_until(written, NOON_US / 1e6) == pytest.approx((expires_at_us - NOON_US) / 1e6, abs=0.1)


def test_without_a_form_nothing_is_said() -> None:
    assert Validity.NONE.period(300, NOON_US) == b""
