"""What came of a run: endings, latencies, and whatever should not have happened."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Any, Final

from simulator.load.latencies import Latencies

TEXTS_MAX: Final = 20
"""How many different unexpected answers are told apart."""

TEXT_CHARACTERS_MAX: Final = 60
"""As much of them is kept; their digits are not, so that they hold no code and alike ones count as one."""


class Ending(StrEnum):
    """How a dialogue ended."""

    DONE = "done"
    """The receipt came; of a plain text, its answer."""
    REFUSED = "refused"
    """Something else came instead of the code."""
    NOT_PAID = "not_paid"
    """Something else came instead of the receipt."""
    NO_ANSWER = "no_answer"
    """No code came in time; of a plain text, no answer."""
    NO_RECEIPT = "no_receipt"
    """No receipt came in time."""
    NOT_TAKEN = "not_taken"
    """The gateway refused a text for good, or the SMSC gave it up."""


class Tally:
    """Counts of one run.

    `redelivered`: texts sent again by the SMSC; `repeated`: codes that came twice; `pending`: "still in processing";
    `stray`: texts that nobody waited for.
    """

    def __init__(self) -> None:
        self.endings: Counter[Ending] = Counter()
        self.unexpected: Counter[str] = Counter()
        self.redelivered = self.repeated = self.pending = self.stray = 0
        self.ack, self.to_code, self.to_receipt, self.whole = Latencies(), Latencies(), Latencies(), Latencies()

    @property
    def ended(self) -> int:
        """How many dialogues are over."""
        return self.endings.total()

    def surprise(self, text: str) -> None:
        """Note an answer that was not expected."""
        key = re.sub("[0-9]", "0", text)[:TEXT_CHARACTERS_MAX]
        if key in self.unexpected or len(self.unexpected) < TEXTS_MAX:
            self.unexpected[key] += 1

    def report(self, *, started: int, missed: int, took_s: float) -> dict[str, Any]:
        """Everything, ready for JSON; *took_s* from the first start to the last end."""
        done = self.endings[Ending.DONE]
        return {
            "started": started,
            "missed": missed,
            "open": started - self.ended,
            "endings": {ending.value: self.endings[ending] for ending in Ending},
            "took_s": round(took_s, 3),
            "done_per_s": round(done / took_s, 1) if took_s > 0 else 0.0,
            "redelivered": self.redelivered,
            "repeated": self.repeated,
            "pending": self.pending,
            "stray": self.stray,
            "latency": {
                "mo_to_ack": self.ack.summary(),
                "pay_to_code": self.to_code.summary(),
                "code_to_receipt": self.to_receipt.summary(),
                "whole": self.whole.summary(),
            },
            "unexpected": dict(self.unexpected.most_common()),
        }
