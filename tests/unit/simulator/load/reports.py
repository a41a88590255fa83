"""A report to write pages of: a payment, a stranger, a subscriber who was never answered."""

from __future__ import annotations

from typing import Any

from simulator.load.report import complete, distribution, facts
from simulator.load.series import Event, Series, Step
from simulator.load.settings import LoadSettings
from simulator.load.tally import Ending, Tally
from simulator.load.verdict import Thresholds

HOSTILE = "<script>alert('x')</script> & \"more\""


def a_report(settings: LoadSettings | None = None, thresholds: Thresholds | None = None) -> dict[str, Any]:
    series = Series(start_s=0.0)
    tally = Tally(series)
    for number in range(200):
        now_s = 0.5 + number / 40
        series.at(now_s).events[Event.DUE] += 1
        tally.begin(now_s)
        tally.time(Step.MO_TO_ACK, 0.001 + number / 1e5, now_s)
        tally.time(Step.PAY_TO_CODE, 0.02, now_s)
        tally.time(Step.CODE_TO_RECEIPT, 0.03 + number / 1e3, now_s)
        tally.end(Ending.DONE, "beeline" if number % 2 else "ucell", now_s)
        tally.time_whole("beeline" if number % 2 else "ucell", 0.05 + number / 1e3, now_s)
    tally.begin(5.0)
    tally.end(Ending.NOT_PAID, "ucell", 5.1)
    tally.surprise(HOSTILE)
    figures = {
        "due": 202,
        **tally.report(missed=1, took_s=5.5),
        "warm_up": {"seconds": 1.0, "dialogues": 3},
        "series": series.report(),
        "distribution": distribution(tally),
        "simulator_cpu_s": 0.125,
        **facts(1_795_000_000.0),
    }
    return complete(figures, settings or LoadSettings(rate_per_s=40, duration_s=5.0), thresholds or Thresholds())
