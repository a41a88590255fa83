"""Days and months are those of the service's time zone."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smsgw.service.rules import Allowance, Limits
from tests.house import house_rules, soums


def test_the_month_ends_at_local_midnight() -> None:
    rules = replace(house_rules(), zone=ZoneInfo("Asia/Tashkent"))
    last_us = 1_796_065_200_000_000 - 1  # 2026-11-30 23:59:59.999999 in Tashkent, 18:59 UTC

    assert (rules.day(last_us), rules.month(last_us)) == ("2026-11-30", "2026-11")
    assert (rules.day(last_us + 1), rules.month(last_us + 1)) == ("2026-12-01", "2026-12")


def test_a_provider_that_was_taken_out_is_missed_by_name() -> None:
    with pytest.raises(LookupError, match=r"nobody.*providers\.toml"):
        house_rules().provider("nobody")


ANONYMOUS = Allowance(payment=soums("10000"), day=soums("20000"), month=soums("60000"))
IDENTIFIED = Allowance(day=soums("5000"), month=soums("900000"))
LIMITS = Limits(day=soums("30000"), month=soums("600000"), levels={"anonymous": ANONYMOUS, "identified": IDENTIFIED})


@pytest.mark.parametrize(
    ("level", "day", "month", "payment"),
    [
        ("", "30000", "600000", None),
        ("anonymous", "20000", "60000", "10000"),
        ("identified", "5000", "900000", None),
        ("taken out", "5000", "60000", "10000"),  # the least of each
    ],
)
def test_each_level_has_its_limits_and_an_unknown_one_the_strictest(
    level: str, day: str, month: str, payment: str | None
) -> None:
    """A level that was taken out of the configuration must not loosen what it held."""
    allowance = LIMITS.of(level)

    assert (allowance.day, allowance.month) == (soums(day), soums(month))
    assert allowance.payment == (None if payment is None else soums(payment))


@pytest.mark.parametrize(("level", "known"), [("", True), ("anonymous", True), ("taken out", False)])
def test_a_level_is_known_if_the_configuration_has_it(level: str, *, known: bool) -> None:
    assert LIMITS.known(level) is known


def test_an_unknown_level_has_no_limit_of_a_payment_where_nobody_has_one() -> None:
    assert Limits(day=soums("1"), month=soums("2")).of("taken out").payment is None
