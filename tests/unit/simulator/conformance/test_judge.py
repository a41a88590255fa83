"""The judge listens to all sessions at once, and says whose breach it was."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from simulator.conformance.judge import Judge, Verdict
from simulator.conformance.session import Limits
from simulator.smsc.journal import Kind, SessionChange
from simulator.smsc.memory import Memory
from simulator.smsc.pdus import Way, Where
from smsgw.smpp.codec import bodiless, encode
from smsgw.smpp.constants import Command
from smsgw.smpp.events import CloseReason
from smsgw.smpp.states import State

BIND = encode(bodiless(Command.BIND_TRANSCEIVER, 0, 1))
BOUND = encode(bodiless(Command.BIND_TRANSCEIVER_RESP, 0, 1))
ASKED = encode(bodiless(Command.ENQUIRE_LINK, 0, 1))


class Stage(NamedTuple):
    memory: Memory
    judge: Judge
    clock: list[float]

    def say(self, operator: str, line_id: int, *octets: tuple[Way, bytes]) -> None:
        tap = self.memory.tap(Where(operator, line_id, "127.0.0.1:1"), lambda: self.clock[0])
        assert tap is not None
        for way, data in octets:
            tap.note(way, data)

    def end(self, operator: str, line_id: int, reason: CloseReason | None) -> None:
        change = SessionChange(line_id, "gateway", State.CLOSED, reason)
        self.memory.journal.add(self.clock[0], Kind.SESSION, "", change, operator)

    def told(self) -> list[tuple[str, int, str]]:
        return [(one.operator, one.line_id, one.rule.name) for one in self.judge.violations.since(0)]


@pytest.fixture
def stage() -> Stage:
    memory, clock = Memory(), [1.8e9]
    limits = {"beeline": Limits(response_s=30.0), "ucell": Limits(response_s=5.0)}
    return Stage(memory, Judge(memory, limits, lambda: clock[0]), clock)


def test_a_breach_is_told_with_its_session_and_pdu(stage: Stage) -> None:
    stage.say("beeline", 1, (Way.IN, BIND), (Way.OUT, BOUND), (Way.IN, BIND))
    (violation,) = [one for one in stage.judge.violations.since(0) if one.rule.name == "bind_again"]
    assert (violation.operator, violation.line_id, violation.pdu_id, violation.at_s) == ("beeline", 1, 3, 1.8e9)
    assert stage.judge.counts["bind_again"] == 1
    assert stage.judge.verdict is Verdict.BROKEN
    assert stage.judge.pdus == 2


def test_a_missing_answer_is_told_by_the_operators_own_time(stage: Stage) -> None:
    for line_id, operator in ((1, "beeline"), (2, "ucell")):
        stage.say(operator, line_id, (Way.IN, BIND), (Way.OUT, BOUND + ASKED))
    stage.clock[0] += 10
    stage.judge.look()
    assert stage.told() == [("ucell", 2, "unanswered")]


def test_advice_breaks_nothing(stage: Stage) -> None:
    assert stage.judge.verdict is Verdict.NO_TRAFFIC
    stage.say("beeline", 1, (Way.IN, BIND), (Way.OUT, BOUND))
    stage.end("beeline", 1, CloseReason.CONNECTION_LOST)
    assert (dict(stage.judge.counts), stage.judge.verdict) == ({"no_unbind": 1}, Verdict.CONFORMANT)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (CloseReason.CONNECTION_LOST, [("beeline", 1, "no_unbind")]),
        (CloseReason.ENQUIRE_LINK_TIMEOUT, [("beeline", 1, "unanswered")]),
        (None, []),
    ],
)
def test_only_who_closes_is_blamed_for_closing(
    stage: Stage, reason: CloseReason | None, told: list[tuple[str, int, str]]
) -> None:
    stage.say("beeline", 1, (Way.IN, BIND), (Way.OUT, BOUND))
    stage.end("beeline", 1, reason)
    assert stage.told() == told
