"""The report says everything that is needed to judge a run, and to repeat it; a password is not among it."""

from __future__ import annotations

import json

import pytest

from simulator.load.report import SCHEMA, VERSION, described, distribution, facts, masked
from simulator.load.series import Series, Step
from simulator.load.settings import Behaviour, LoadSettings
from simulator.load.tally import Tally
from tests.unit.simulator.load.reports import a_report

KEYS = [
    "schema", "version", "verdict", "due", "started", "missed", "open", "failed", "endings", "took_s", "done_per_s",
    "redelivered", "repeated", "pending", "stray", "latency", "unexpected", "operators", "warm_up", "series",
    "distribution", "simulator_cpu_s", "began_at", "machine", "versions", "settings",
]  # fmt: skip


def test_the_keys_are_those_that_others_rely_on() -> None:
    report = a_report()
    assert (list(report), report["schema"], report["version"]) == (KEYS, SCHEMA, VERSION)
    assert json.loads(json.dumps(report))["series"] == report["series"], "it is JSON as it stands"


def test_a_distribution_counts_everything_once() -> None:
    tally = Tally(Series(start_s=0.0))
    for seconds in (0.001, 0.001, 0.2):
        tally.time(Step.WHOLE, seconds, 0.0)
    bars = distribution(tally)["whole"]
    assert [count for _, count in bars] == [2, 1]
    assert [bound for bound, _ in bars] == pytest.approx([1.0, 200.0], rel=0.021)
    assert distribution(tally)["mo_to_ack"] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SARKOR*n{account}*{amount}*parol1", "SARKOR*x{account}*{amount}*xxxxxx"),
        ("BALANCE", "BALANCE"),
        ("STATUS {n}", "STATUS {n}"),
        ("САРКОР n25656 50000 пароль1", "САРКОР xxxxxx xxxxx xxxxxxx"),
    ],
)
def test_of_the_text_only_its_form_is_told(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert described(LoadSettings(text=text))["text"] == shown


def test_settings_are_told_in_plain_values() -> None:
    told = described(LoadSettings(shares={Behaviour.CANCEL: 0.1}, steps=((5, 1),), count=0))
    assert json.loads(json.dumps(told))["shares"] == {"cancel": 0.1}
    assert json.loads(json.dumps(told))["steps"] == [[5, 1]]


def test_the_machine_and_the_versions_are_told() -> None:
    told = facts(0.0)
    assert told["began_at"] == "1970-01-01T00:00:00+00:00"
    assert told["machine"]["cores"] >= 1
    assert all(told["machine"].values())
    assert told["versions"]["python"].startswith("3.")
