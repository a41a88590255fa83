"""A rule is read key by key, and every mistake in it is told at once."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.faults.chance import Congestion, Delay, DelayKind
from simulator.faults.fault import BIND_NAMES, REQUESTS, Fault, Form, IdForm
from simulator.faults.rule import Rule, Schedule
from simulator.faults.rule_reading import read_rule
from simulator.faults.utterances import Utterance
from simulator.faults.when import CLOCK
from smsgw.smpp.constants import MessageState, Status


def read(**keys: Any) -> Rule:
    mistakes: list[str] = []
    rule = read_rule(keys, "rule 1", mistakes)
    assert mistakes == []
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    ("pdu", "pdus"),
    [
        ("submit_sm", {"submit_sm"}),
        (["submit_sm", "data_sm"], {"submit_sm", "data_sm"}),
        ("bind", set(BIND_NAMES)),
        ("any", {*REQUESTS, "enquire_link", "unbind"}),
        (["bind", CLOCK], {*BIND_NAMES, CLOCK}),
    ],
)
def test_a_rule_is_about_what_it_names(pdu: object, pdus: set[str]) -> None:
    assert read(pdu=pdu).pdus == pdus


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ({"share": 0}, "share", 0),
        ({"share": 1}, "share", 1),
        ({"nth": 3}, "nth", (3,)),
        ({"nth": [3, 7]}, "nth", (3, 7)),
        ({"every": 100}, "every", 100),
        ({"above_per_s": 0.5}, "above_per_s", 0.5),
        ({"then_for_s": 5}, "then_for_s", 5),
        ({"from_s": 1, "until_s": 2, "period_s": 9}, "schedule", Schedule(from_s=1, until_s=2, period_s=9)),
        ({"delay_s": 2}, "delay", Delay(DelayKind.FIXED, (2,))),
        ({"delay_s": {"uniform": [0.1, 2]}}, "delay", Delay(DelayKind.UNIFORM, (0.1, 2))),
        ({"delay_s": {"normal": [0.3, 0.1]}}, "delay", Delay(DelayKind.NORMAL, (0.3, 0.1))),
        ({"delay_s": {"spike": [0.1, 9, 0.01]}}, "delay", Delay(DelayKind.SPIKE, (0.1, 9, 0.01))),
        ({"congestion": {"from": 10, "to": 90, "over_s": 5}}, "congestion", Congestion(least=10, most=90, over_s=5)),
        ({"congestion": {"full_at_per_s": 50}}, "congestion", Congestion(full_at_per_s=50)),
        ({"congestion": 80}, "fault", Fault(congestion=80)),
        ({"status": "ESME_RTHROTTLED"}, "fault", Fault(status=Status.ESME_RTHROTTLED)),
        ({"no_response": True}, "fault", Fault(no_response=True)),
        ({"say": "generic_nack"}, "fault", Fault(say=(Utterance.GENERIC_NACK,))),
        ({"until_unbind": True}, "fault", Fault(until_unbind=True)),
        ({"unbind_after": True}, "fault", Fault(unbind_after=True)),
        ({"disconnect_before": True}, "fault", Fault(disconnect_before=True)),
        ({"disconnect_after": True}, "fault", Fault(disconnect_after=True)),
        ({"mute_after": True}, "fault", Fault(mute_after=True)),
        ({"octet_every_s": 0.1}, "fault", Fault(octet_every_s=0.1)),
        ({"stall_s": 3}, "fault", Fault(stall_s=3)),
        ({"pdu": "receipt", "state": "expired"}, "fault", Fault(state=MessageState.EXPIRED)),
        ({"pdu": "receipt", "early": True, "copies": 2}, "fault", Fault(early=True, copies=2)),
        ({"pdu": "receipt", "form": "text", "id": "hex"}, "fault", Fault(form=Form.TEXT, id=IdForm.HEX)),
        ({"pdu": "deliver_sm", "copies": 2}, "fault", Fault(copies=2)),
    ],
)
def test_every_key_is_read(keys: dict[str, Any], field: str, value: object) -> None:
    assert getattr(read(**{"pdu": "submit_sm", **keys}), field) == value


@pytest.mark.parametrize(
    ("table", "mistakes"),
    [
        (3, ["a table is needed"]),
        ({}, ["pdu: missing; there are connection, bind_transmitter"]),
        ({"pdu": "submit"}, ["pdu: 'submit': there are connection"]),
        ({"pdu": []}, ["pdu: nothing: there are"]),
        ({"pdu": ["submit_sm", 3]}, ["pdu: 3: there are"]),
        ({"pdu": "unbind", "colour": 1}, ["colour: unknown; there are pdu, when, share"]),
        ({"pdu": "unbind", "count": 1}, ["count: unknown"]),
        ({"pdu": "submit_sm", "share": "all"}, ["share: a number is needed"]),
        ({"pdu": "submit_sm", "share": 2}, ["share: 0 to 1"]),
        ({"pdu": "submit_sm", "nth": 0}, ["nth: a whole number above 0"]),
        ({"pdu": "submit_sm", "nth": []}, ["nth: a whole number above 0"]),
        ({"pdu": "submit_sm", "every": 1.5}, ["every: a whole number above 0"]),
        ({"pdu": "submit_sm", "above_per_s": 0}, ["above_per_s: a number above 0"]),
        ({"pdu": "submit_sm", "period_s": float("inf")}, ["period_s: a number above 0"]),
        ({"pdu": "submit_sm", "delay_s": {"uniform": 1}}, ["delay_s: a number, { uniform = [least, most] }"]),
        ({"pdu": "submit_sm", "delay_s": {"pareto": [1]}}, ["delay_s: a number, { uniform"]),
        ({"pdu": "submit_sm", "delay_s": {}}, ["delay_s: a number, { uniform"]),
        ({"pdu": "submit_sm", "delay_s": {"normal": ["1", 2]}}, ["delay_s: a number is needed"]),
        ({"pdu": "submit_sm", "congestion": "full"}, ["congestion: a whole number, { from"]),
        ({"pdu": "submit_sm", "congestion": {"at": 1}}, ["congestion: a whole number, { from"]),
        ({"pdu": "submit_sm", "congestion": 256}, ["congestion: 0 to 255"]),
        ({"pdu": "submit_sm", "status": "LATER"}, ["status: 'LATER' is no status"]),
        ({"pdu": "submit_sm", "when": {"colour": "x"}}, ["when: colour: not to be asked"]),
        ({"pdu": "submit_sm", "state": "EXPIRED"}, ["state: not for submit_sm, which can be given congestion"]),
        ({"pdu": ["submit_sm", CLOCK], "status": 8}, ["status: not for clock"]),
        ({"pdu": "submit", "share": 2, "stall_s": -1}, ["pdu: 'submit'", "share: 0 to 1", "stall_s: 0 to"]),
        (
            {"pdu": "submit_sm", "share": -1, "from_s": -1, "every": 10**9, "copies": 0, "say": "x"},
            [
                "say: 'x' is none",
                "share: 0 to 1",
                "every: 1 to",
                "copies, say: at most",
                "from_s: 0 to",
                "copies: not for",
            ],
        ),
        (
            {"pdu": "any", "share": "x", "until_unbind": True, "stauts": 8},
            [
                "stauts: unknown",
                "share: a number",
                "until_unbind: not for enquire_link",
                "until_unbind: not for unbind",
            ],
        ),
    ],
)
def test_every_mistake_is_told_with_what_may_stand_there(table: object, mistakes: list[str]) -> None:
    found: list[str] = []
    assert read_rule(table, "rule 4", found) is None
    assert len(found) == len(mistakes)
    for line, hint in zip(found, mistakes, strict=True):
        assert line.startswith(f"rule 4: {hint}")
