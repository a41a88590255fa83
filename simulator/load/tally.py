"""What came of a run: endings, latencies, and whatever should not have happened."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Any, Final

from simulator.load.latencies import Latencies
from simulator.load.series import Event, Series, Step

TEXTS_MAX: Final = 20
"""How many different unexpected answers are told apart."""

TEXT_CHARACTERS_MAX: Final = 60
"""As much of them is kept; their digits are not, so that they hold no code and alike ones count as one."""


class Ending(StrEnum):
    """How a dialogue ended."""

    DONE = "done"
    """The receipt came; of a plain text, its answer."""
    CANCELLED = "cancelled"
    """The subscriber took it back, and was answered without a receipt."""
    ABANDONED = "abandoned"
    """The code came, and the subscriber was one who does not answer it."""
    REFUSED = "refused"
    """Something else came instead of the code."""
    NOT_PAID = "not_paid"
    """Something else came instead of the receipt."""
    PAID_UNASKED = "paid_unasked"
    """A receipt came for a wrong code, or for a payment that was taken back."""
    NO_ANSWER = "no_answer"
    """No code came in time; of a plain text, no answer."""
    NO_RECEIPT = "no_receipt"
    """The code came, and no receipt (or other last answer) in time."""
    NOT_TAKEN = "not_taken"
    """The gateway refused a text for good, or the SMSC gave it up."""


AS_WANTED: Final = frozenset({Ending.DONE, Ending.CANCELLED, Ending.ABANDONED})
"""Endings that the subscriber meant; all others are failures."""


class Outcomes:
    """Endings and whole latencies of one operator's dialogues."""

    def __init__(self) -> None:
        self.endings: Counter[Ending] = Counter()
        self.whole = Latencies()

    @property
    def failed(self) -> int:
        """How many ended otherwise than the subscriber meant."""
        return sum(count for ending, count in self.endings.items() if ending not in AS_WANTED)

    def report(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {"done": self.endings[Ending.DONE], "failed": self.failed, "whole": self.whole.summary()}


class Tally:
    """Counts of one run, whose points in time are in *series*.

    `redelivered`: texts sent again by the SMSC; `repeated`: codes that came twice; `pending`: "still in processing";
    `stray`: texts that nobody waited for.
    """

    def __init__(self, series: Series) -> None:
        self.started = 0
        self.endings: Counter[Ending] = Counter()
        self.unexpected: Counter[str] = Counter()
        self.redelivered = self.repeated = self.pending = self.stray = 0
        self.latencies = {step: Latencies() for step in Step}
        self.operators: dict[str, Outcomes] = {}
        self._series = series

    @property
    def ended(self) -> int:
        """How many dialogues are over."""
        return self.endings.total()

    @property
    def failed(self) -> int:
        """How many of them ended otherwise than the subscriber meant."""
        return sum(count for ending, count in self.endings.items() if ending not in AS_WANTED)

    def begin(self, now_s: float) -> None:
        """A dialogue starts."""
        self.started += 1
        self._series.at(now_s).events[Event.STARTED] += 1

    def time(self, step: Step, seconds: float, now_s: float) -> None:
        """A step took so long, and ended now."""
        self.latencies[step].add(seconds)
        self._series.at(now_s).latency(step).add(seconds)

    def end(self, ending: Ending, operator: str, now_s: float) -> None:
        """A dialogue at *operator* is over."""
        self.endings[ending] += 1
        if ending is Ending.DONE or ending not in AS_WANTED:
            self._series.at(now_s).events[Event.DONE if ending is Ending.DONE else Event.FAILED] += 1
        outcomes = self.operators.get(operator)
        if outcomes is None:
            outcomes = self.operators[operator] = Outcomes()
        outcomes.endings[ending] += 1

    def time_whole(self, operator: str, seconds: float, now_s: float) -> None:
        """A dialogue that is done took so long."""
        self.time(Step.WHOLE, seconds, now_s)
        self.operators[operator].whole.add(seconds)

    def surprise(self, text: str) -> None:
        """Note an answer that was not expected."""
        key = re.sub("[0-9]", "0", text)[:TEXT_CHARACTERS_MAX]
        if key in self.unexpected or len(self.unexpected) < TEXTS_MAX:
            self.unexpected[key] += 1

    def report(self, *, missed: int, took_s: float) -> dict[str, Any]:
        """Everything, ready for JSON; *took_s* from the first counted start to the last end."""
        done = self.endings[Ending.DONE]
        return {
            "started": self.started,
            "missed": missed,
            "open": self.started - self.ended,
            "failed": self.failed,
            "endings": {ending.value: self.endings[ending] for ending in Ending},
            "took_s": round(took_s, 3),
            "done_per_s": round(done / took_s, 1) if took_s > 0 else 0.0,
            "redelivered": self.redelivered,
            "repeated": self.repeated,
            "pending": self.pending,
            "stray": self.stray,
            "latency": {step.value: latencies.summary() for step, latencies in self.latencies.items()},
            "unexpected": dict(self.unexpected.most_common()),
            "operators": {name: outcomes.report() for name, outcomes in sorted(self.operators.items())},
        }
