"""Many subscribers who pay, without I/O: texts out by a function, what happens in as journal entries.

Rule 1: each dialogue is one subscriber's, and a subscriber has one at a time: what a text answers is never in doubt.
Rule 2: all times are Unix time as the journal gives it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.load.pace import Pace
from simulator.load.settings import LoadSettings
from simulator.load.tally import Ending, Tally
from simulator.smsc.journal import Answer, Entry
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt


@dataclass(slots=True)
class _Dialogue:
    """`due_s` is where its clock starts, `asked_s` where that of the answer it waits for does."""

    number: str
    started_s: float
    due_s: float
    asked_s: float
    confirming: bool = False


class Dialogues:
    """All dialogues of one run: call `step` often, and `take` with each entry of the journal."""

    def __init__(self, settings: LoadSettings, send: Callable[[Text], Mo], start_s: float) -> None:
        self._settings = settings
        self._send = send
        self._pace = Pace(settings, start_s)
        self._start_s = self._last_s = start_s
        self._code = re.compile(settings.code)
        self._receipt = re.compile(settings.receipt)
        self._pending = re.compile(settings.pending)
        self._idle = deque(settings.number(index) for index in range(settings.subscribers))
        self._open: dict[str, _Dialogue] = {}
        self._unanswered: dict[int, float] = {}
        self.tally = Tally()

    @property
    def started(self) -> int:
        """How many dialogues have begun."""
        return self._pace.started

    @property
    def open(self) -> int:
        """How many dialogues are going on."""
        return len(self._open)

    def finished(self, now_s: float) -> bool:
        """Whether nothing more will happen."""
        return not self._open and self._pace.over(now_s)

    def step(self, now_s: float) -> None:
        """Give up what takes too long, start what is due."""
        while self._open:
            dialogue = next(iter(self._open.values()))  # they stand in the order in which they started
            if now_s < dialogue.started_s + self._settings.timeout_s:
                break
            self._end(dialogue, Ending.NO_RECEIPT if dialogue.confirming else Ending.NO_ANSWER, now_s)
        self._begin_due(now_s)

    def take(self, entry: Entry) -> None:
        """Learn what has passed."""
        item = entry.item
        if isinstance(item, Answer):
            self._take_answer(item, entry)
        elif isinstance(item, Mt):
            self._take_text(item.text, entry)

    def report(self) -> dict[str, Any]:
        """Everything so far, ready for JSON."""
        took_s = self._last_s - self._start_s
        return self.tally.report(started=self.started, missed=self._pace.missed(), took_s=took_s)

    def _begin_due(self, now_s: float) -> None:
        while self._idle:
            due_s = self._pace.due_s(now_s, len(self._open))
            if due_s is None:
                return
            words = self._settings.words(self._pace.started)
            self._pace.started += 1
            dialogue = _Dialogue(self._idle.popleft(), now_s, due_s, due_s)
            self._open[dialogue.number] = dialogue
            self._ask(dialogue, words, due_s)

    def _ask(self, dialogue: _Dialogue, words: str, asked_s: float) -> None:
        dialogue.asked_s = asked_s
        mo = self._send(Text("+" + dialogue.number, self._settings.short_code, words))
        self._unanswered[mo.id] = asked_s

    def _take_answer(self, answer: Answer, entry: Entry) -> None:
        if answer.mo_id not in self._unanswered:
            return  # a text that somebody else sent
        if answer.state is MoState.RETRYING:
            self.tally.redelivered += 1
            return
        asked_s = self._unanswered.pop(answer.mo_id)
        dialogue = self._open.get(entry.number)
        if answer.state is MoState.ACKED:
            self.tally.ack.add(entry.at_s - asked_s)
        elif dialogue is not None:
            self._end(dialogue, Ending.NOT_TAKEN, entry.at_s)

    def _take_text(self, text: str, entry: Entry) -> None:
        dialogue = self._open.get(entry.number)
        if dialogue is None:
            self.tally.stray += 1
        elif self._settings.plain:
            self._end(dialogue, Ending.DONE, entry.at_s)
        elif dialogue.confirming:
            self._take_receipt(dialogue, text, entry.at_s)
        else:
            self._take_code(dialogue, text, entry.at_s)

    def _take_code(self, dialogue: _Dialogue, text: str, now_s: float) -> None:
        code = self._code.search(text)
        if code is None:
            self.tally.surprise(text)
            self._end(dialogue, Ending.REFUSED, now_s)
            return
        self.tally.to_code.add(now_s - dialogue.asked_s)
        dialogue.confirming = True
        self._ask(dialogue, code[1], now_s)

    def _take_receipt(self, dialogue: _Dialogue, text: str, now_s: float) -> None:
        if self._receipt.search(text):
            self.tally.to_receipt.add(now_s - dialogue.asked_s)
            self._end(dialogue, Ending.DONE, now_s)
        elif self._code.search(text):
            self.tally.repeated += 1
        elif self._pending.search(text):
            self.tally.pending += 1
        else:
            self.tally.surprise(text)
            self._end(dialogue, Ending.NOT_PAID, now_s)

    def _end(self, dialogue: _Dialogue, ending: Ending, now_s: float) -> None:
        del self._open[dialogue.number]
        self._idle.append(dialogue.number)
        self._last_s = max(self._last_s, now_s)
        self.tally.endings[ending] += 1
        if ending is Ending.DONE:
            self.tally.whole.add(now_s - dialogue.due_s)
        self._begin_due(now_s)
