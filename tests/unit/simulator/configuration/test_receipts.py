"""What becomes of messages, as people write it in the file and to the API."""

from __future__ import annotations

import re

import pytest

from simulator.configuration.receipts import read_receipts
from simulator.smsc.fates import Delay, FateSettings, Shape
from smsgw.smpp.constants import MessageState

BASE = FateSettings(states={"REJECTED": 1.0}, delay=Delay(9.0), intermediate=(), seed=5)


def test_everything_can_be_written() -> None:
    written = {
        "mode": "manual",
        "states": {"delivered": 0.9, "UNDELIVERABLE": 1, "none": 0},
        "delay_s": {"normal": [2, 0.5]},
        "intermediate": ["enroute", "ACCEPTED"],
        "seed": 7,
    }
    assert read_receipts(written, BASE) == FateSettings(
        manual=True,
        states={"DELIVERED": 0.9, "UNDELIVERABLE": 1.0, "none": 0.0},
        delay=Delay(2.0, 0.5, Shape.NORMAL),
        intermediate=(MessageState.ENROUTE, MessageState.ACCEPTED),
        seed=7,
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, BASE),
        ({"mode": "auto"}, BASE),
        ({"seed": 6}, FateSettings(states={"REJECTED": 1.0}, delay=Delay(9.0), intermediate=(), seed=6)),
        ({"delay_s": 0}, FateSettings(states={"REJECTED": 1.0}, delay=Delay(0.0), intermediate=(), seed=5)),
    ],
)
def test_what_is_not_written_is_as_it_was(written: object, read: FateSettings) -> None:
    assert read_receipts(written, BASE) == read


@pytest.mark.parametrize(
    ("written", "delay"),
    [
        (2, Delay(2.0)),
        (0.5, Delay(0.5)),
        ({"fixed": 0.5}, Delay(0.5)),
        ({"fixed": [0.5]}, Delay(0.5)),
        ({"uniform": [0.1, 2]}, Delay(0.1, 2.0, Shape.UNIFORM)),
        ({"normal": [1, 0]}, Delay(1.0, 0.0, Shape.NORMAL)),
    ],
)
def test_a_delay_is_a_number_or_has_a_shape(written: object, delay: Delay) -> None:
    assert read_receipts({"delay_s": written}, BASE).delay == delay


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ([], "a table is needed"),
        ({"mod": "auto"}, "mod: there is no such key: there are mode, states, delay_s, intermediate, seed"),
        ({"mode": "weighted"}, "mode: it is one of 'auto' or 'manual'"),
        ({"states": []}, "states: a table is needed"),
        ({"states": {}}, "states: one weight at least is above 0"),
        ({"states": {"delivered": 0}}, "states: one weight at least is above 0"),
        ({"states": {"delivered": -1, "none": 2}}, "states: a weight is a number, not negative"),
        ({"states": {"delivered": True}}, "states: a weight is a number, not negative"),
        ({"states": {"delivered": "1"}}, "states: a weight is a number, not negative"),
        ({"states": {"delivered": float("nan")}}, "states: a weight is a number, not negative"),
        ({"states": {"lost": 1}}, "states: 'lost' is none of enroute, delivered"),
        ({"delay_s": "soon"}, "delay_s: seconds are needed, or"),
        ({"delay_s": True}, "delay_s: seconds are needed, or"),
        ({"delay_s": [1, 2]}, "delay_s: seconds are needed, or"),
        ({"delay_s": {"uniform": [1]}}, "delay_s: seconds are needed, or"),
        ({"delay_s": {"poisson": [1, 2]}}, "delay_s: seconds are needed, or"),
        ({"delay_s": {"uniform": [1, 2], "normal": [1, 2]}}, "delay_s: seconds are needed, or"),
        ({"delay_s": {"uniform": [2, 1]}}, "delay_s: a uniform delay is [shortest, longest]"),
        ({"delay_s": -1}, "delay_s: a delay is 0 to 86400 seconds"),
        ({"intermediate": "ENROUTE"}, "intermediate: a list is needed"),
        ({"intermediate": ["none"]}, "intermediate: none is no state on the way"),
        ({"seed": 1.5}, "seed: "),
    ],
)
def test_a_mistake_is_named_with_its_mend(written: object, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        read_receipts(written, BASE)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"mode: .*; seed: "):
        read_receipts({"mode": 1, "seed": "x"}, BASE)


@pytest.mark.parametrize("written", [2.5, {"uniform": [0.1, 2.0]}, {"normal": [1.0, 0.5]}])
def test_what_is_shown_can_be_written_again(written: object) -> None:
    settings = read_receipts({"delay_s": written, "states": {"delivered": 3, "none": 1}, "seed": 4}, BASE)
    assert read_receipts(settings.described(), FateSettings()) == settings
