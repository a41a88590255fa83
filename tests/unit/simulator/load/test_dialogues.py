"""Dialogues as a script: what is sent, what comes back, and how it is counted."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.load.dialogues import Dialogues
from simulator.load.report import distribution
from simulator.load.series import Step
from simulator.load.settings import Behaviour, LoadSettings
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
        self.dialogues = Dialogues(LoadSettings(**settings), self._send, 0.0, lambda number: number[:5])
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
    assert [tally.latencies[step].summary()["max_ms"] for step in Step] == [250.0, 500.0, 1000.0, 1500.0]
    assert stage.dialogues.report()["took_s"] == 1.5


def test_the_code_may_come_before_the_ack() -> None:
    stage = Stage()
    stage.text(CODE, 0.5)
    stage.answer(0.6, mo=0)
    stage.text(RECEIPT, 1.5)
    assert (stage.endings(), stage.dialogues.tally.latencies[Step.MO_TO_ACK].count) == ({Ending.DONE: 1}, 1)


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
    latencies = stage.dialogues.tally.latencies
    assert latencies[Step.MO_TO_ACK].summary()["max_ms"] == 2250.0
    assert latencies[Step.WHOLE].summary()["max_ms"] == 3000.0
    assert latencies[Step.WHOLE].percentile(50) == pytest.approx(2.5, rel=0.02)


def test_answers_to_what_others_sent_are_not_ours() -> None:
    stage = Stage()
    stage.dialogues.take(Entry(1, 1.0, Kind.ANSWER, NUMBER, Answer(99, MoState.REFUSED, 8, 1)))
    assert (stage.endings(), stage.dialogues.open) == ({}, 1)


ALL = 1.0
"""The share of a behaviour that everybody has."""
COMPLAINT = "Wrong code. Tries left: 4. Nothing was charged"
CANCELLED = "Cancelled: 1000 UZS to SARKOR will not be paid"


@pytest.mark.parametrize(
    ("behaviour", "texts", "words", "ending"),
    [
        (Behaviour.WRONG_CODE, [CODE, COMPLAINT, RECEIPT], ["483921", "483920"], Ending.DONE),
        (Behaviour.WRONG_CODE, [CODE, CODE, COMPLAINT, RECEIPT], ["483921", "483920"], Ending.DONE),
        (Behaviour.WRONG_CODE, [CODE, RECEIPT], ["483921"], Ending.PAID_UNASKED),
        (Behaviour.WRONG_CODE, [CODE], ["483921"], Ending.NO_RECEIPT),
        (Behaviour.CANCEL, [CODE, CANCELLED], ["0"], Ending.CANCELLED),
        (Behaviour.CANCEL, [CODE, RECEIPT], ["0"], Ending.PAID_UNASKED),
        (Behaviour.SILENT, [CODE], [], Ending.ABANDONED),
        (Behaviour.SILENT, ["Not registered"], [], Ending.REFUSED),
    ],
)
def test_a_subscriber_who_behaves_otherwise_has_an_end_of_its_own(
    behaviour: Behaviour, texts: list[str], words: list[str], ending: Ending
) -> None:
    stage = Stage(shares={behaviour: ALL})
    for place, text in enumerate(texts):
        stage.text(text, float(place))
    stage.dialogues.step(61.0)
    assert (stage.words()[1:], stage.endings()) == (words, {ending: 1})


@pytest.mark.parametrize("code", ["1000", "1239", "99999999"])
def test_a_wrong_code_is_as_long_as_the_right_one_and_another(code: str) -> None:
    stage = Stage(shares={Behaviour.WRONG_CODE: ALL})
    stage.text(f"Code {code} - 1000 UZS", 1.0)
    wrong = stage.words()[1]
    assert (len(wrong), wrong[:-1], wrong == code) == (len(code), code[:-1], False)


@pytest.mark.parametrize(
    ("behaviour", "replies", "words", "ending"),
    [
        (Behaviour.WRONG_CODE, ["PIN: ABCD", "Sorry", "Wait", "Thanks"], ["ABC0", "ABCD"], Ending.DONE),
        (Behaviour.CANCEL, ["PIN: ABCD", "Wait", "As you like"], ["NO"], Ending.CANCELLED),
    ],
)
def test_another_gateway_words_it_in_its_own_way(
    behaviour: Behaviour, replies: list[str], words: list[str], ending: Ending
) -> None:
    stage = Stage(shares={behaviour: ALL}, code="PIN: ([A-Z]{4})", receipt="^Thanks", pending="^Wait", cancel="NO")
    for place, text in enumerate(replies):
        stage.text(text, float(place))
    assert (stage.words()[1:], stage.endings()) == (words, {ending: 1})


def test_a_reply_whose_group_is_empty_tells_no_code() -> None:
    stage = Stage(code=r"Code( \d+)?")
    stage.text("Code refused", 0.5)
    assert stage.endings() == {Ending.REFUSED: 1}


def test_shares_are_kept_and_the_seed_decides_whose_they_are() -> None:
    def quitters(seed: int) -> list[str]:
        stage = Stage(subscribers=400, count=400, concurrent=400, seed=seed, shares={Behaviour.CANCEL: 0.25})
        for number in range(400):
            stage.text(CODE, 1.0, number=str(int(NUMBER) + number))
        return [mo.number for mo in stage.sent if mo.text.text == "0"]

    assert quitters(1) == quitters(1) != quitters(2)
    assert len(quitters(1)) == pytest.approx(100, abs=30)


def test_thinking_is_the_subscribers_own_time() -> None:
    """The code comes at 1.0, is due back at 4.0, and leaves at 4.5: that half second counts."""
    stage = Stage(think_s=3.0)
    stage.text(CODE, 1.0)
    stage.dialogues.step(3.9)
    assert stage.words()[1:] == []
    stage.dialogues.step(4.5)
    assert stage.words()[1:] == ["483920"]
    stage.answer(4.75)
    stage.text(RECEIPT, 5.0)
    latencies = {step: one.summary()["max_ms"] for step, one in stage.dialogues.tally.latencies.items()}
    assert (latencies[Step.MO_TO_ACK], latencies[Step.CODE_TO_RECEIPT]) == (750.0, 1000.0)
    assert latencies[Step.WHOLE] == 2000.0, "1 s to the code, and 1 s from when it was due"


def test_thinking_takes_nothing_from_the_time_an_answer_may_need() -> None:
    stage = Stage(think_s=50.0, timeout_s=20.0)
    stage.text(CODE, 1.0)
    stage.dialogues.step(51.0)
    stage.dialogues.step(69.9)
    assert (len(stage.sent), stage.endings()) == (2, {})
    stage.dialogues.step(70.0)
    assert stage.endings() == {Ending.NO_RECEIPT: 1}


def test_who_was_given_up_says_no_more() -> None:
    stage = Stage(think_s=50.0, timeout_s=20.0)
    stage.text(CODE, 30.0)
    stage.dialogues.step(70.0)
    stage.dialogues.step(90.0)
    assert (len(stage.sent), stage.endings()) == (1, {Ending.NO_RECEIPT: 1})


def test_a_receipt_before_the_code_was_sent_is_a_payment_nobody_asked_for() -> None:
    stage = Stage(think_s=5.0)
    stage.text(CODE, 1.0)
    stage.text(RECEIPT, 2.0)
    assert stage.endings() == {Ending.PAID_UNASKED: 1}


def test_the_warm_up_is_driven_and_not_counted() -> None:
    stage = Stage(subscribers=4, count=0, duration_s=2.0, rate_per_s=2.0, warm_up_s=1.0, plain=True, text="{n}")
    for now_s in (0.5, 1.0, 1.5):
        stage.dialogues.step(now_s)
    for number in range(4):
        stage.text("Balance", 3.0, number=str(int(NUMBER) + number))
    report = stage.dialogues.report()
    assert (len(stage.sent), report["started"], report["endings"]["done"], report["due"]) == (4, 2, 2, 2)
    assert report["warm_up"] == {"seconds": 1.0, "dialogues": 2}
    assert (report["took_s"], report["done_per_s"]) == (2.0, 1.0), "from the end of the warm-up on"
    assert report["latency"]["whole"]["max_ms"] == 2000.0, "the first that counts was due at 1.0"
    assert sum(point["done"] for point in report["series"]["points"]) == 4, "over time all are shown"


def test_a_gateway_that_stands_still_shows_in_the_latencies_and_not_in_the_number_due() -> None:
    """It answers at once, but not from 1.0 to 2.0: each text due meanwhile has waited since its own moment."""
    stage = Stage(subscribers=100, count=0, duration_s=3.0, rate_per_s=10.0, plain=True, text="{n}")
    answered = 0
    for tick in range(301):
        now_s = tick / 100
        stage.dialogues.step(now_s)
        if not 1.0 <= now_s < 2.0:
            for mo in stage.sent[answered:]:
                stage.text("Balance", now_s, number=mo.number)
            answered = len(stage.sent)
    report = stage.dialogues.report()
    assert [point["due"] for point in report["series"]["points"]][:3] == [10, 10, 10]
    assert report["endings"]["done"] == 30
    whole = report["latency"]["whole"]
    assert (whole["max_ms"], whole["p50_ms"] < 20) == (pytest.approx(1000, rel=0.03), True)
    slow = sum(count for upper_ms, count in _distribution(stage) if upper_ms > 50)
    assert slow == 10, "all that were due in that second, not only the first"


def test_a_driver_that_was_late_itself_does_not_hide_it() -> None:
    """Steps that come half a second late start late, and the clock runs since they were due."""
    stage = Stage(subscribers=9, count=2, rate_per_s=2.0, plain=True, text="{n}")
    stage.text("Balance", 0.0)
    stage.dialogues.step(1.0)
    stage.answer(1.25)
    stage.text("Balance", 1.5, number=stage.sent[1].number)
    latencies = stage.dialogues.tally.latencies
    assert latencies[Step.MO_TO_ACK].summary()["max_ms"] == 750.0
    assert latencies[Step.WHOLE].summary()["max_ms"] == 1000.0


def test_each_operator_has_its_own_outcomes() -> None:
    stage = Stage(subscribers=2, count=2, concurrent=2, prefixes=("99890", "99893"), plain=True, text="{n}")
    stage.text("Balance", 1.0, number="998900000000")
    stage.dialogues.step(60.0)
    operators = stage.dialogues.report()["operators"]
    assert {name: (one["done"], one["failed"]) for name, one in operators.items()} == {"99890": (1, 0), "99893": (0, 1)}
    assert operators["99890"]["whole"]["max_ms"] == 1000.0


def _distribution(stage: Stage) -> list[list[float]]:
    return distribution(stage.dialogues.tally)["whole"]
