"""The record of exchanges: everything is counted, what stays open is logged, and a provider that is down is paused."""

from __future__ import annotations

from typing import Any

import pytest

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Found,
    NotSent,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.service import exchanges
from smsgw.service.exchanges import Exchanges, alarm_of
from smsgw.settlement.breaker import FAILURES_MAX, Standing
from tests.house import HandClock
from tests.integration.said import Said

TIMEOUT = Unknown("TimeoutError")
PROTOCOLS = {"sarkor": "sarkor", "comnet": "osmp"}


class Calls:
    """Exchanges on a clock that is set by hand; `take` makes them from beginning to end."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.clock = HandClock()
        self.exchanges = Exchanges(PROTOCOLS, self.clock)

    def take(self, *answers: Answer, provider: str = "sarkor", verb: Verb = Verb.PAY) -> list[tuple[str, Any]]:
        """Make one exchange for each answer; return the lines that were logged meanwhile."""
        self.said.lines.clear()
        for answer in answers:
            self.exchanges.begins(provider)
            self.exchanges.note(provider, verb, answer, 0.2)
        return list(self.said.lines)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    said = Said()
    monkeypatch.setattr(exchanges, "log", said)
    return Calls(said)


def test_answers_are_counted_by_verb_and_word_and_timed(calls: Calls) -> None:
    calls.take(Found(), Found(), verb=Verb.CHECK)
    calls.take(Refused(RefusalReason.OTHER), TIMEOUT)
    sarkor, comnet = (calls.exchanges.vitals()[name] for name in PROTOCOLS)

    assert sarkor.answers == {("check", "found"): 2, ("pay", "refused"): 1, ("pay", "unknown"): 1}
    assert sarkor.seconds["check"].counts[-1] == 2
    assert sarkor.seconds["pay"].total_s == pytest.approx(0.4)
    assert (comnet.protocol, comnet.answers) == ("osmp", {})


def test_what_is_in_flight_is_known(calls: Calls) -> None:
    for _ in range(3):
        calls.exchanges.begins("sarkor")
    calls.exchanges.note("sarkor", Verb.PAY, Accepted(), 1.0)

    assert calls.exchanges.vitals()["sarkor"].in_flight == 2
    assert calls.exchanges.vitals()["comnet"].in_flight == 0


@pytest.mark.parametrize("answer", [Unknown("not XML"), NotSent("ConnectionRefusedError")])
def test_an_answer_that_leaves_the_outcome_open_is_logged(calls: Calls, answer: Unknown | NotSent) -> None:
    assert calls.take(answer) == [("call.unknown", {"provider": "sarkor", "verb": "pay", "why": answer.why})]


@pytest.mark.parametrize("answer", [Accepted(), Pending(), Absent(), Refused(RefusalReason.AMOUNT), Found()])
def test_an_answer_with_a_meaning_is_not_logged(calls: Calls, answer: Answer) -> None:
    assert calls.take(answer) == []


@pytest.mark.proves("F39")
@pytest.mark.parametrize(
    ("answer", "alarm"),
    [
        (Unknown("HTTP 401", alarm=True), "HTTP 401"),
        (NotSent("a certificate of somebody else", alarm=True), "a certificate of somebody else"),
        (Accepted("1", alarm="another sum was credited"), "another sum was credited"),
        (Absent(alarm="it knew the payment before"), "it knew the payment before"),
        (Unknown("TimeoutError"), ""),
        (Accepted("1"), ""),
        (Found(), ""),
    ],
)
def test_the_last_alarm_is_kept_with_its_time(calls: Calls, answer: Answer, alarm: str) -> None:
    """Its line is written by the settlement, which knows the payment."""
    assert alarm_of(answer) == alarm
    logged = calls.take(answer)
    sarkor = calls.exchanges.vitals()["sarkor"]

    assert (sarkor.alarm, sarkor.alarms) == (alarm, int(bool(alarm)))
    assert sarkor.alarm_at_us == (calls.clock.now_us() if alarm else 0)
    assert not (alarm and logged)


@pytest.mark.proves("F39")
def test_a_provider_that_fails_in_a_row_is_paused_and_the_others_are_not(calls: Calls) -> None:
    *_, last = calls.take(*[TIMEOUT] * FAILURES_MAX)

    assert last == ("provider.paused", {"provider": "sarkor", "seconds": 30, "why": "TimeoutError"})
    assert [calls.exchanges.allows(name) for name in PROTOCOLS] == [False, True]
    sarkor = calls.exchanges.vitals()["sarkor"]
    assert (sarkor.standing, sarkor.why) == (Standing.PAUSED, "TimeoutError")
    assert sarkor.paused_until_us == calls.clock.now_us() + 30_000_000


def test_a_pause_is_told_once_however_many_exchanges_were_out(calls: Calls) -> None:
    wish = Unknown("HTTP 429", retry_after_s=10)
    logged = calls.take(*[wish] * 8, *[TIMEOUT] * 8)

    assert [event for event, _ in logged].count("provider.paused") == 1


def test_after_the_pause_one_probe_decides(calls: Calls) -> None:
    calls.take(*[TIMEOUT] * FAILURES_MAX)
    calls.clock.passes(30)
    assert calls.exchanges.vitals()["sarkor"].standing is Standing.PROBING
    assert [calls.exchanges.allows("sarkor") for _ in range(3)] == [True, False, False]
    *_, paused = calls.take(TIMEOUT)
    assert paused == ("provider.paused", {"provider": "sarkor", "seconds": 60, "why": "TimeoutError"})

    calls.clock.passes(60)
    assert calls.exchanges.allows("sarkor")
    assert calls.take(Accepted()) == [("provider.resumed", {"provider": "sarkor"})]
    sarkor = calls.exchanges.vitals()["sarkor"]
    assert (sarkor.standing, sarkor.why, sarkor.paused_until_us) == (Standing.OK, "", 0)
    assert all(calls.exchanges.allows("sarkor") for _ in range(10))
