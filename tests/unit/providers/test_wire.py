"""Values as the wire has them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from smsgw.providers.wire import local_time, scalar_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-9, "-9"),
        (2**63 - 1, "9223372036854775807"),
        ("0", "0"),
        (" 77\n", "77"),
        ("a" * 65, "a" * 64),
        ("", ""),
        (None, ""),
        (True, ""),
        (1.0, ""),
        ([1], ""),
        ({"a": 1}, ""),
    ],
)
def test_a_scalar_is_a_number_with_or_without_quotes(value: object, text: str) -> None:
    assert scalar_text(value) == text


@pytest.mark.parametrize(
    ("at_us", "zone", "text"),
    [
        (1_795_289_389_000_000, "Asia/Tashkent", "2026-11-22 00:29:49"),
        (1_795_289_389_999_999, "Asia/Tashkent", "2026-11-22 00:29:49"),
        (1_795_289_389_000_000, "UTC", "2026-11-21 19:29:49"),
        (1_795_289_389_000_000, "Europe/Moscow", "2026-11-21 22:29:49"),
        (0, "Asia/Tashkent", "1970-01-01 06:00:00"),
    ],
)
def test_a_time_is_what_a_clock_in_the_zone_shows(at_us: int, zone: str, text: str) -> None:
    """Tashkent kept UTC+6 in 1970, which the database of zones knows."""
    assert local_time(at_us, ZoneInfo(zone)) == text
