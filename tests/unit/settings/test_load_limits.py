"""Limits: those of everybody, and those of a level of identification, which name only what differs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from smsgw.domain.money import UZS, Money, money
from smsgw.settings.load import load
from smsgw.settings.problems import ConfigurationError

Spoil = Callable[[str, str, str], None]

LEVELS = """answers_per_hour = 20
[limits.levels.anonymous]
payment = "20000"
month = "60000"
[limits.levels.identified]
day = "9000000.50"
"""


def soums(text: str) -> Money:
    return money(text, UZS)


def test_a_level_has_the_limits_of_everybody_but_for_those_that_it_names(
    config: Path, environment: Mapping[str, str], spoil: Spoil
) -> None:
    spoil("smsgw.toml", "answers_per_hour = 20\n", LEVELS)
    spoil("smsgw.toml", 'day = "5000000"', 'payment = "1000000"\nday = "5000000"')
    limits = load(config, environment).rules.limits
    anonymous, identified = limits.levels["anonymous"], limits.levels["identified"]

    assert limits.payment == soums("1000000")
    assert (anonymous.payment, anonymous.day, anonymous.month) == (soums("20000"), limits.day, soums("60000"))
    assert (identified.payment, identified.day, identified.month) == (limits.payment, soums("9000000.50"), limits.month)
    assert limits.answers_per_hour == 20


def test_without_a_word_there_is_no_limit_for_one_payment_and_no_level(
    config: Path, environment: Mapping[str, str]
) -> None:
    limits = load(config, environment).rules.limits

    assert (limits.payment, limits.levels) == (None, {})


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ('[limits.levels.anonymous]\nmonth = "lots"', "limits.levels.anonymous.month|'lots' is no sum in UZS"),
        ('[limits.levels.anonymous]\nyear = "1"', "limits.levels.anonymous.year|there is no such key"),
        ('[limits.levels.KYC]\nmonth = "1"', "a level has 1 to 32 of a-z"),
        ('payment = "1,5"', "limits.payment|'1,5' is no sum in UZS"),
    ],
)
def test_a_limit_that_cannot_be_meant_is_named(
    config: Path, environment: Mapping[str, str], spoil: Spoil, levels: str, expected: str
) -> None:
    spoil("smsgw.toml", "answers_per_hour = 20\n", f"answers_per_hour = 20\n{levels}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(config, environment)

    assert expected in "\n".join(f"{problem.key}|{problem.reason}" for problem in caught.value.problems)


def test_the_environment_may_set_a_level_s_limit(
    config: Path, environment: Mapping[str, str], spoil: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil("smsgw.toml", "answers_per_hour = 20\n", LEVELS)
    monkeypatch.setenv("SMSGW_LIMITS__LEVELS__ANONYMOUS__MONTH", "70000")

    assert load(config, environment).rules.limits.levels["anonymous"].month == soums("70000")
