"""A run is described once, and no two dialogues of it look alike."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulator.load.arrivals import Stage
from simulator.load.settings import ACCOUNTS, SUBSCRIBERS_MAX, Behaviour, LoadSettings


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"subscribers": 0}, "subscribers"),
        ({"subscribers": SUBSCRIBERS_MAX + 1}, "subscribers"),
        ({"concurrent": 0}, "concurrent"),
        ({"timeout_s": 0}, "timeout"),
        ({"rate_per_s": -1}, "rate"),
        ({"count": 0}, "count"),
        ({"rate_per_s": float("inf")}, "rate"),
        ({"think_s": -1}, "think"),
        ({"ramp_s": 5}, "ramp: a rate to rise to"),
        ({"steps": ((10, 5),), "rate_per_s": 5}, "ramp: stages say both"),
        ({"steps": ((10, 5),), "duration_s": 5}, "ramp: stages say both"),
        ({"steps": ((10, 0),)}, "ramp: of each stage"),
        ({"steps": ((-1, 5),)}, "ramp: of each stage"),
        ({"rate_per_s": 5, "ramp_s": 6, "duration_s": 5}, "must end before the run"),
        ({"warm_up_s": 5, "duration_s": 5}, "must end before the run"),
        ({"shares": {Behaviour.CANCEL: -0.1}}, "share"),
        ({"shares": {Behaviour.CANCEL: 0.6, Behaviour.SILENT: 0.6}}, "share"),
        ({"shares": {Behaviour.CANCEL: float("nan")}}, "share"),
        ({"prefixes": ("+99890",)}, "prefixes"),
        ({"text": "PAY {acount}"}, "text: 'acount'; there are {account}"),
        ({"text": "PAY {"}, "text: "),
        ({"text": "PAY {n.x}"}, "text: .*there are {account}"),
        ({"text": "PAY {n[a]}"}, "text: .*there are {account}"),
        ({"text": ""}, "text: 1 to"),
        ({"short_code": ""}, "short_code: 1 to"),
        ({"first_number": -5}, "first_number: digits only"),
        ({"first_number": 10**20 - 1}, "first_number: 1 to"),
        ({"code": "("}, "code: no regular expression"),
        ({"code": r"\d{4}"}, "code: .* has no group around the code"),
        ({"receipt": "["}, "receipt: no regular expression"),
        ({"pending": "*"}, "pending: no regular expression"),
        ({"cancel": ""}, "cancel: 1 to"),
    ],
)
def test_a_mistake_is_named(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        LoadSettings(**wrong)


def test_accounts_exist_and_texts_never_repeat() -> None:
    settings = LoadSettings(text="{account} {amount}")
    texts = [settings.words(number) for number in (*range(3_000), *range(ACCOUNTS - 1, ACCOUNTS + 1))]
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if text.split()[0].endswith("000")]
    assert (texts[0], texts[998], texts[999]) == ("10001 1000", "10999 1000", "11001 1000")
    assert (texts[-2], texts[-1]) == ("99999 1000", "10001 1100")


def test_subscribers_are_numbered_from_the_first() -> None:
    assert LoadSettings(first_number=998_901_000_000).number(7) == "998901000007"


def test_subscribers_of_several_operators_take_turns() -> None:
    settings = LoadSettings(prefixes=("99890", "99893", "998951234"))
    numbers = [settings.number(index) for index in range(6)]
    assert numbers == [
        "998900000000",
        "998930000000",
        "99895123400000",
        "998900000001",
        "998930000001",
        "99895123400001",
    ]
    assert len({settings.number(index) for index in range(SUBSCRIBERS_MAX)}) == SUBSCRIBERS_MAX


@pytest.mark.parametrize(
    ("settings", "stages", "arrivals_s"),
    [
        ({}, (), math.inf),
        ({"rate_per_s": 5}, (Stage(5, 5, math.inf),), math.inf),
        ({"rate_per_s": 5, "duration_s": 9}, (Stage(5, 5, 9),), 9),
        ({"rate_per_s": 5, "duration_s": 9, "ramp_s": 4}, (Stage(0, 5, 4), Stage(5, 5, 5)), 9),
        ({"steps": ((5, 1), (9, 2)), "count": 0}, (Stage(5, 5, 1), Stage(9, 9, 2)), 3),
    ],
)
def test_the_pace_is_a_row_of_stages(settings: dict[str, Any], stages: tuple[Stage, ...], arrivals_s: float) -> None:
    one = LoadSettings(**settings)
    assert (one.stages, one.arrivals_s, one.open_loop) == (stages, arrivals_s, bool(stages))


@pytest.mark.parametrize(("shares", "patience_s"), [({}, 70.0), ({Behaviour.WRONG_CODE: 0.1}, 80.0)])
def test_patience_begins_when_the_thinking_is_over(shares: dict[Behaviour, float], patience_s: float) -> None:
    assert LoadSettings(timeout_s=60.0, think_s=10.0, shares=shares).patience_s == patience_s
