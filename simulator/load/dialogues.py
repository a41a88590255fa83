"""Many subscribers who pay, without I/O: texts out by a function, what happens in as journal entries.

Rule 1: each dialogue is one subscriber's, and a subscriber has one at a time: what a text answers is never in doubt.
Rule 2: all times are Unix time as the journal gives it.
Rule 3: the clock of each text starts when it was due to leave, not when it could: the first by the pace, the code when
the subscriber has thought enough. Where the gateway, or this program, is late, the latencies say so.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any, NamedTuple

from simulator.load.pace import Pace
from simulator.load.series import Event, Series, Step
from simulator.load.settings import Behaviour, LoadSettings
from simulator.load.tally import Ending, Tally
from simulator.smsc.journal import Answer, Entry
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from simulator.tapes.plan import latest_code


class Awaits(StrEnum):
    """What a subscriber waits for."""

    CODE = "code"
    """The answer to the first text."""
    OWN_WORDS = "own_words"
    """Nothing: the subscriber is thinking."""
    COMPLAINT = "complaint"
    """The answer to a wrong code."""
    FAREWELL = "farewell"
    """The answer to a cancellation."""
    RECEIPT = "receipt"
    """The answer to the code."""


@dataclass(slots=True, eq=False)
class _Dialogue:
    """One subscriber's; `tally` is where it counts.

    `due_s` is where its clock starts, `asked_s` where that of the answer it waits for does; `thought_s` of the time
    between was the subscriber's own.
    """

    number: str
    operator: str
    tally: Tally
    started_s: float
    due_s: float
    asked_s: float
    behaviour: Behaviour | None
    awaits: Awaits = Awaits.CODE
    code: str = ""
    thought_s: float = 0.0


class _Intent(NamedTuple):
    """What a subscriber will say once the thinking is over."""

    due_s: float
    dialogue: _Dialogue
    words: str
    awaits: Awaits


class Dialogues:
    """All dialogues of one run: call `step` often, and `take` with each entry of the journal.

    *home* names the operator of a number. What is due before the warm-up is over counts in `warm_up`, and nowhere else.
    """

    def __init__(
        self,
        settings: LoadSettings,
        send: Callable[[Text], Mo],
        start_s: float,
        home: Callable[[str], str] = lambda _number: "operator",
    ) -> None:
        self._settings = settings
        self._send = send
        self._home = home
        self._pace = Pace(settings, start_s)
        self._counts_from_s = start_s + settings.warm_up_s
        self._last_s = self._counts_from_s
        self._code = re.compile(settings.code)
        self._receipt = re.compile(settings.receipt)
        self._pending = re.compile(settings.pending)
        self._draw = random.Random(settings.seed)  # noqa: S311 -- who behaves how is no secret
        self._shares = list(zip(settings.shares, accumulate(settings.shares.values()), strict=True))
        self._idle = deque(settings.number(index) for index in range(settings.subscribers))
        self._open: dict[str, _Dialogue] = {}
        self._unanswered: dict[int, tuple[_Dialogue, float]] = {}
        self._thinking: deque[_Intent] = deque()  # all think for the same time: it is in order
        self._due = 0
        self.series = Series(start_s)
        self.tally = Tally(self.series)
        self.warm_up = Tally(self.series)

    @property
    def open(self) -> int:
        """How many dialogues are going on."""
        return len(self._open)

    def finished(self, now_s: float) -> bool:
        """Whether nothing more will happen."""
        return not self._open and self._pace.over(now_s)

    def step(self, now_s: float) -> None:
        """Give up what takes too long, say what is thought out, start what is due."""
        while self._open:
            dialogue = next(iter(self._open.values()))  # they stand in the order in which they started
            if now_s < dialogue.started_s + self._settings.patience_s:
                break
            self._end(dialogue, Ending.NO_ANSWER if dialogue.awaits is Awaits.CODE else Ending.NO_RECEIPT, now_s)
        while self._thinking and self._thinking[0].due_s <= now_s:
            self._say(self._thinking.popleft())
        for due_s in self._pace.fall_due(now_s):
            self._fall_due(due_s)
        self._begin(now_s)

    def take(self, entry: Entry) -> None:
        """Learn what has passed."""
        item = entry.item
        if isinstance(item, Answer):
            self._take_answer(item, entry)
        elif isinstance(item, Mt):
            self._take_text(item.text, entry)

    def report(self) -> dict[str, Any]:
        """Everything so far, ready for JSON."""
        took_s = self._last_s - self._counts_from_s
        # Whoever was due in the warm-up and has not started is missed too: the run never caught up.
        figures = self.tally.report(missed=self._pace.missed(), took_s=took_s)
        warm_up = {"seconds": self._settings.warm_up_s, "dialogues": self.warm_up.started}
        return {"due": self._due, **figures, "warm_up": warm_up, "series": self.series.report()}

    def _fall_due(self, due_s: float) -> None:
        self._due += due_s >= self._counts_from_s
        self.series.at(due_s).events[Event.DUE] += 1

    def _begin(self, now_s: float) -> None:
        while self._idle:
            due_s = self._pace.start(now_s, len(self._open))
            if due_s is None:
                return
            if not self._settings.open_loop:
                self._fall_due(due_s)
            tally = self.tally if due_s >= self._counts_from_s else self.warm_up
            number = self._idle.popleft()
            dialogue = _Dialogue(number, self._home(number), tally, now_s, due_s, due_s, self._behaviour())
            self._open[number] = dialogue
            tally.begin(now_s)
            self._ask(dialogue, self._settings.words(self._pace.started - 1), due_s)

    def _behaviour(self) -> Behaviour | None:
        if not self._shares:
            return None
        drawn = self._draw.random()
        return next((behaviour for behaviour, below in self._shares if drawn < below), None)

    def _ask(self, dialogue: _Dialogue, words: str, asked_s: float) -> None:
        dialogue.asked_s = asked_s
        mo = self._send(Text("+" + dialogue.number, self._settings.short_code, words))
        self._unanswered[mo.id] = dialogue, asked_s

    def _say(self, intent: _Intent) -> None:
        dialogue = intent.dialogue
        if self._open.get(dialogue.number) is dialogue:
            dialogue.awaits = intent.awaits
            self._ask(dialogue, intent.words, intent.due_s)

    def _think(self, dialogue: _Dialogue, words: str, awaits: Awaits, now_s: float) -> None:
        think_s = self._settings.think_s
        dialogue.thought_s += think_s
        dialogue.awaits = Awaits.OWN_WORDS
        if think_s:
            self._thinking.append(_Intent(now_s + think_s, dialogue, words, awaits))
        else:
            dialogue.awaits = awaits
            self._ask(dialogue, words, now_s)

    def _take_answer(self, answer: Answer, entry: Entry) -> None:
        asked = self._unanswered.get(answer.mo_id)
        if asked is None:
            return  # a text that somebody else sent
        dialogue, asked_s = asked
        if answer.state is MoState.RETRYING:
            dialogue.tally.redelivered += 1
            return
        del self._unanswered[answer.mo_id]
        if answer.state is MoState.ACKED:
            dialogue.tally.time(Step.MO_TO_ACK, entry.at_s - asked_s, entry.at_s)
        elif self._open.get(entry.number) is dialogue:
            self._end(dialogue, Ending.NOT_TAKEN, entry.at_s)

    def _take_text(self, text: str, entry: Entry) -> None:
        dialogue = self._open.get(entry.number)
        if dialogue is None:
            self.tally.stray += 1
        elif self._settings.plain:
            self._end(dialogue, Ending.DONE, entry.at_s)
        elif dialogue.awaits is Awaits.CODE:
            self._take_code(dialogue, text, entry.at_s)
        elif self._receipt.search(text):
            self._take_receipt(dialogue, text, entry.at_s)
        elif self._code.search(text):
            dialogue.tally.repeated += 1
        elif self._pending.search(text):
            dialogue.tally.pending += 1
        else:
            self._take_other(dialogue, text, entry.at_s)

    def _take_code(self, dialogue: _Dialogue, text: str, now_s: float) -> None:
        code = latest_code([text], self._code)
        if not code:
            dialogue.tally.surprise(text)
            self._end(dialogue, Ending.REFUSED, now_s)
            return
        dialogue.tally.time(Step.PAY_TO_CODE, now_s - dialogue.asked_s, now_s)
        dialogue.code = code
        match dialogue.behaviour:
            case None:
                self._think(dialogue, code, Awaits.RECEIPT, now_s)
            case Behaviour.WRONG_CODE:
                self._think(dialogue, _wrong(code), Awaits.COMPLAINT, now_s)
            case Behaviour.CANCEL:
                self._think(dialogue, self._settings.cancel, Awaits.FAREWELL, now_s)
            case Behaviour.SILENT:
                self._end(dialogue, Ending.ABANDONED, now_s)

    def _take_receipt(self, dialogue: _Dialogue, text: str, now_s: float) -> None:
        if dialogue.awaits is Awaits.RECEIPT:
            dialogue.tally.time(Step.CODE_TO_RECEIPT, now_s - dialogue.asked_s, now_s)
            self._end(dialogue, Ending.DONE, now_s)
        else:
            dialogue.tally.surprise(text)
            self._end(dialogue, Ending.PAID_UNASKED, now_s)

    def _take_other(self, dialogue: _Dialogue, text: str, now_s: float) -> None:
        if dialogue.awaits is Awaits.COMPLAINT:
            self._think(dialogue, dialogue.code, Awaits.RECEIPT, now_s)
        elif dialogue.awaits is Awaits.FAREWELL:
            self._end(dialogue, Ending.CANCELLED, now_s)
        else:
            dialogue.tally.surprise(text)
            self._end(dialogue, Ending.NOT_PAID, now_s)

    def _end(self, dialogue: _Dialogue, ending: Ending, now_s: float) -> None:
        del self._open[dialogue.number]
        self._idle.append(dialogue.number)
        self._last_s = max(self._last_s, now_s)
        dialogue.tally.end(ending, dialogue.operator, now_s)
        if ending is Ending.DONE:
            dialogue.tally.time_whole(dialogue.operator, now_s - dialogue.due_s - dialogue.thought_s, now_s)
        self._begin(now_s)


def _wrong(code: str) -> str:
    """A code that differs from the right one in its last character."""
    last = code[-1]
    return f"{code[:-1]}{(int(last) + 1) % 10 if last.isdecimal() else 0}"
