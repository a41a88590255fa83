"""A rule's numbers and times are what its file says, to the boundary."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulator.faults.chance import Congestion, Delay, DelayKind
from simulator.faults.fault import Fault
from simulator.faults.rule import Rule, Schedule, deeds
from simulator.faults.utterances import Utterance
from simulator.faults.when import CLOCK, PDUS
from smsgw.smpp.constants import MessageState, Status

SUBMIT = frozenset({"submit_sm"})


@pytest.mark.parametrize(
    ("since_s", "passed_s"),
    [
        (0.0, None),
        (59.999, None),
        (60.0, 0.0),
        (119.5, 59.5),
        (120.0, None),
        (659.0, None),
        (660.0, 0.0),
        (720.0, None),
    ],
)
def test_a_schedule_holds_from_its_beginning_to_before_its_end_in_every_period(
    since_s: float, passed_s: float | None
) -> None:
    assert Schedule(from_s=60, until_s=120, period_s=600).passed_s(since_s) == passed_s


def test_a_schedule_without_times_always_holds() -> None:
    assert [Schedule().passed_s(since_s) for since_s in (0.0, 1e6)] == [0.0, 1e6]


@pytest.mark.parametrize(
    ("schedule", "since_s", "next_s"),
    [
        (Schedule(), 0.0, 0.0),
        (Schedule(), 0.001, math.inf),
        (Schedule(from_s=60), 0.0, 60.0),
        (Schedule(from_s=60), 60.0, 60.0),
        (Schedule(from_s=60), 60.001, math.inf),
        (Schedule(from_s=60, period_s=600), 61.0, 660.0),
        (Schedule(from_s=60, period_s=600), 660.0, 660.0),
        (Schedule(from_s=60, period_s=600), 660.1, 1_260.0),
        (Schedule(period_s=10), 95.0, 100.0),
    ],
)
def test_a_schedule_knows_when_it_begins_next(schedule: Schedule, since_s: float, next_s: float) -> None:
    assert schedule.next_s(since_s) == next_s


@pytest.mark.parametrize(
    ("times", "hint"),
    [
        ({"from_s": -1}, "from_s: 0 to"),
        ({"from_s": math.nan}, "from_s: 0 to"),
        ({"from_s": 5, "until_s": 5}, "until_s: later than from_s"),
        ({"period_s": -1}, "period_s: above 0"),
        ({"until_s": 11, "period_s": 10}, "period_s: not shorter"),
        ({"from_s": 11, "period_s": 10}, "period_s: not shorter"),
    ],
)
def test_times_that_cannot_be_are_refused(times: dict[str, float], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Schedule(**times)


@pytest.mark.parametrize(
    ("numbers", "chosen"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": (1,)}, [1]),
        ({"nth": (3, 6)}, [3, 6]),
        ({"every": 1}, [1, 2, 3, 4, 5, 6]),
        ({"every": 3}, [3, 6]),
        ({"nth": (2, 4), "every": 4}, [4]),
    ],
)
def test_numbers_choose(numbers: dict[str, Any], chosen: list[int]) -> None:
    rule = Rule(label="rule 1", pdus=SUBMIT, **numbers)
    assert [count for count in range(1, 7) if rule.chooses(count)] == chosen


@pytest.mark.parametrize(
    ("numbers", "hint"),
    [
        ({"share": -0.1}, "share: 0 to 1"),
        ({"share": 1.1}, "share: 0 to 1"),
        ({"nth": (0,)}, "nth: each 1 to"),
        ({"every": -1}, "every: 1 to"),
        ({"above_per_s": 1e7}, "above_per_s: above 0, at most 1000000"),
        ({"then_for_s": 1e6}, "then_for_s: 0 to"),
        ({"pdus": frozenset({CLOCK}), "above_per_s": 1}, "clock: it is a moment"),
        ({"pdus": frozenset({CLOCK}), "then_for_s": 1}, "clock: it is a moment"),
        ({"pdus": frozenset({CLOCK}), "schedule": Schedule(until_s=1)}, "clock: it is a moment"),
    ],
)
def test_numbers_that_cannot_be_are_refused(numbers: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Rule(**{"label": "rule 1", "pdus": SUBMIT, **numbers})


def test_everything_that_a_fault_can_do_can_be_done_to_something() -> None:
    can_be_done = {deed for pdu in PDUS for deed in deeds(pdu)}
    assert can_be_done == set(Fault().described()) - {"count", "for_s"}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, {}),
        ({"fault": Fault(status=Status.ESME_RTHROTTLED)}, {"status": "ESME_RTHROTTLED"}),
        ({"fault": Fault(say=(Utterance.UNBIND,))}, {"say": (Utterance.UNBIND,)}),
        ({"fault": Fault(state=MessageState.EXPIRED)}, {"state": "EXPIRED"}),
        ({"delay": Delay(DelayKind.FIXED, (2.0,))}, {"delay_s": 2.0}),
        ({"delay": Delay(DelayKind.NORMAL, (2.0, 1.0))}, {"delay_s": {"normal": [2.0, 1.0]}}),
        ({"congestion": Congestion(over_s=60)}, {"congestion": {"most": 100, "over_s": 60}}),
    ],
)
def test_what_it_does_is_shown_without_what_is_as_usual(changes: dict[str, Any], shown: dict[str, object]) -> None:
    assert Rule(label="rule 1", pdus=SUBMIT, **changes).described() == shown
