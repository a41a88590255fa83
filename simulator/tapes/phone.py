"""A subscriber who plays their part of a tape: what was said, and what came of it. Entries of GET /traffic come in.

Rule: a phone has one text under way at a time, so what comes belongs to the latest one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.smsc.mo import OVER, MoState
from simulator.tapes.plan import CODE_AGE_MAX, Step
from simulator.tapes.tape import Taped

NO_ANSWER: Final = "no_answer"
NOT_SENT: Final = "not_sent"
"""The simulator itself refused a text: it is too long, or too many wait."""


@dataclass(slots=True, eq=False)
class Said:
    """One text as it was said. `text` has its new code, so it is never shown; times are Unix time.

    It is `under_way` as long as its answer or its replies are awaited.
    """

    taped: Taped
    text: str = field(repr=False)
    id: int = 0
    sent_at_s: float = 0.0
    state: str = NO_ANSWER
    status: int | None = None
    answered_s: float | None = None
    replied_s: float | None = None
    reason: str = ""
    replies: list[str] = field(default_factory=list, repr=False)
    under_way: bool = False

    @property
    def over(self) -> bool:
        """Whether its delivery has ended, one way or the other."""
        return self.state != NO_ANSWER

    @property
    def replies_due(self) -> int:
        """How many replies a person would wait for: as many as there were, or one where nobody knows."""
        recorded = self.taped.recorded.replies
        return 0 if self.state != MoState.ACKED else 1 if recorded is None else len(recorded)

    @property
    def replied(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.over and len(self.replies) >= self.replies_due


class Phone:
    """One subscriber, by their number without plus."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.said: list[Said] = []
        self.read: deque[str] = deque(maxlen=2 * CODE_AGE_MAX)
        """The latest replies: one of them may hold a code."""

    def say(self, step: Step, text: str) -> Said:
        """Begin the next text."""
        said = Said(step.taped, text, under_way=True)
        self.said.append(said)
        return said

    def take(self, entry: Mapping[str, Any]) -> None:
        """Learn what has passed."""
        if not self.said:
            return
        said = self.said[-1]
        match entry["kind"]:
            case "mo" if not said.id and entry["text"] == said.text:
                said.id, said.sent_at_s = entry["id"], entry["at_s"]
            case "answer" if entry["mo"] == said.id and entry["state"] in OVER:
                said.state, said.status = entry["state"], entry["status"]
                said.answered_s = entry["at_s"] - said.sent_at_s
            case "mt" if said.id:
                said.replies.append(entry["text"])
                self.read.append(entry["text"])
                said.replied_s = said.replied_s or entry["at_s"] - said.sent_at_s
