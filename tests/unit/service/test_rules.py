"""Days and months are those of the service's time zone."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.house import house_rules


def test_the_month_ends_at_local_midnight() -> None:
    rules = replace(house_rules(), zone=ZoneInfo("Asia/Tashkent"))
    last_us = 1_796_065_200_000_000 - 1  # 2026-11-30 23:59:59.999999 in Tashkent, 18:59 UTC

    assert (rules.day(last_us), rules.month(last_us)) == ("2026-11-30", "2026-11")
    assert (rules.day(last_us + 1), rules.month(last_us + 1)) == ("2026-12-01", "2026-12")


def test_a_provider_that_was_taken_out_is_missed_by_name() -> None:
    with pytest.raises(LookupError, match=r"nobody.*providers\.toml"):
        house_rules().provider("nobody")
