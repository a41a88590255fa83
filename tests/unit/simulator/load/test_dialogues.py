"""Dialogues as a script: what is sent, what comes back, and how it is counted."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.load.dialogues import Dialogues
from simulator.load.settings import LoadSettings
from simulator.load.tally import Ending
from simulator.smsc.journal import Answer, Entry, Kind
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from smsgw.smpp.constants import Status

CODE = "Code 483920 - 1000 UZS to SARKOR n10001, fee 0. If all is right, send the code to 1400"
RECEIPT = "44742441 PAID 21.11.26 21:26. SARKOR n10001: 1000 UZS"
NUMBER = "998900000000"


class Stage:
    """A run of dialogues with one subscriber, played by hand."""

    def __init__(self, **settings: Any) -> None:
        settings = {"subscribers": 1, "count": 1, "timeout_s": 60.0, **settings}
        self.sent: list[Mo] = []
        self.dialogues = Dialogues(LoadSettings(**settings), self._send, start_s=0.0)
        self.dialogues.step(0.0)

    def _send(self, text: Text) -> Mo:
        self.sent.append(Mo(len(self.sent) + 1, text, 0.0, lambda _: None))
        return self.sent[-1]

    def words(self) -> list[str]:
        return [mo.text.text for mo in self.sent]

    def answer(self, at_s: float, state: MoState = MoState.ACKED, mo: int = -1) -> None:
        item = Answer(self.sent[mo].id, state, Status.ESME_ROK, 1)
        self.dialogues.take(Entry(1, at_s, Kind.ANSWER, self.sent[mo].number, item))

    def text(self, words: str, at_s: float, number: str = NUMBER) -> None:
        mt = Mt("1400", number, words, 0, ("1",), 0, "", "gateway")
        self.dialogues.take(Entry(1, at_s, Kind.MT, number, mt))

    def endings(self) -> dict[Ending, int]:
        return dict(self.dialogues.tally.endings)


def test_a_payment_from_its_text_to_its_receipt() -> None:
    stage = Stage()
    stage.answer(0.25)
    stage.text(CODE, 0.5)
    stage.answer(0.75)
    stage.text(RECEIPT, 1.5)
    assert stage.words() == ["SARKOR*n10001*1000*parol1", "483920"]
    assert stage.endings() == {Ending.DONE: 1}
    assert stage.dialogues.finished(1.5)
    tally = stage.dialogues.tally
    latencies = [each.summary()["max_ms"] for each in (tally.ack, tally.to_code, tally.to_receipt, tally.whole)]
    assert latencies == [250.0, 500.0, 1000.0, 1500.0]
    assert stage.dialogues.report()["took_s"] == 1.5


def test_the_code_may_come_before_the_ack() -> None:
    stage = Stage()
    stage.text(CODE, 0.5)
    stage.answer(0.6, mo=0)
    stage.text(RECEIPT, 1.5)
    assert (stage.endings(), stage.dialogues.tally.ack.count) == ({Ending.DONE: 1}, 1)


@pytest.mark.parametrize(
    ("texts", "ending"),
    [
        (["Not registered. Nothing was charged"], Ending.REFUSED),
        ([CODE, "10000000 NOT EXECUTED: SARKOR refused"], Ending.NOT_PAID),
        ([], Ending.NO_ANSWER),
        ([CODE], Ending.NO_RECEIPT),
    ],
)
def test_another_end_is_counted_as_what_it_is(texts: list[str], ending: Ending) -> None:
    stage = Stage()
    for place, words in enumerate(texts):
        stage.text(words, float(place))
    stage.dialogues.step(60.0)
    assert stage.endings() == {ending: 1}


def test_pending_and_a_repeated_code_end_nothing() -> None:
    stage = Stage()
    stage.text(CODE, 1.0)
    stage.text(CODE, 2.0)
    stage.text("10000000 IN PROCESSING: 1000 UZS to SARKOR", 3.0)
    stage.text(RECEIPT, 4.0)
    tally = stage.dialogues.tally
    assert (tally.repeated, tally.pending, stage.endings()) == (1, 1, {Ending.DONE: 1})
    assert stage.words()[1:] == ["483920"], "the code is sent once"


@pytest.mark.parametrize("state", [MoState.REFUSED, MoState.GIVEN_UP])
def test_a_text_that_is_not_taken_ends_its_dialogue(state: MoState) -> None:
    stage = Stage()
    stage.answer(1.0, MoState.RETRYING)
    stage.answer(2.0, state)
    assert (stage.endings(), stage.dialogues.tally.redelivered) == ({Ending.NOT_TAKEN: 1}, 1)


def test_a_stray_text_is_counted_and_changes_nothing() -> None:
    stage = Stage()
    stage.text(RECEIPT, 1.0, number="998911111111")
    assert (stage.dialogues.tally.stray, stage.dialogues.open, stage.endings()) == (1, 1, {})


def test_of_a_plain_text_the_first_answer_is_the_end() -> None:
    stage = Stage(plain=True, text="BALANCE")
    stage.text("Balance: 0 UZS", 0.5)
    assert (stage.endings(), stage.words()) == ({Ending.DONE: 1}, ["BALANCE"])


def test_flat_out_one_end_is_the_next_beginning() -> None:
    stage = Stage(count=2, concurrent=1, plain=True, text="{n}")
    stage.text("0", 0.5)
    assert (stage.words(), stage.dialogues.finished(0.5)) == (["0", "1"], False)
    stage.text("1", 0.5)
    assert stage.dialogues.finished(0.5)


def test_a_subscriber_has_one_dialogue_at_a_time_and_who_waits_is_late() -> None:
    """At a rate of one a second the second dialogue is due at 1.0; its only subscriber is free at 3.0."""
    stage = Stage(count=2, rate_per_s=1.0, plain=True, text="BALANCE")
    stage.dialogues.step(2.0)
    assert len(stage.sent) == 1
    stage.text("first", 3.0)
    stage.answer(3.25)
    stage.text("second", 3.5)
    assert stage.dialogues.tally.ack.summary()["max_ms"] == 2250.0
    assert stage.dialogues.tally.whole.summary()["max_ms"] == 3000.0
    assert stage.dialogues.tally.whole.percentile(50) == pytest.approx(2.5, rel=0.02)


def test_answers_to_what_others_sent_are_not_ours() -> None:
    stage = Stage()
    stage.dialogues.take(Entry(1, 1.0, Kind.ANSWER, NUMBER, Answer(99, MoState.REFUSED, 8, 1)))
    assert (stage.endings(), stage.dialogues.open) == ({}, 1)
