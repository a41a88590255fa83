"""How a session ends in good order (SMPP 3.4, 4.2): who said unbind, what is still awaited, until when.

Rule 1: when we leave, we wait for the answers in both directions, then say unbind, then wait for unbind_resp; each wait
has its end.
Rule 2: when the peer leaves, its open requests get their answers before our unbind_resp, and ours in flight have a
moment: the peer has said that it is done, but answers that it wrote with its unbind may stand behind it.
"""

import math
from dataclasses import dataclass
from enum import StrEnum


class Leave(StrEnum):
    """The next step on the way out."""

    SEND_UNBIND = "send_unbind"
    ANSWER_UNBIND = "answer_unbind"
    GIVE_UP = "give_up"


@dataclass(slots=True)
class Departure:
    """How far the unbind has come; *by_s* is when patience ends (monotonic seconds).

    *answers_by_s*: when it ends for the answers of a peer that leaves.
    """

    by_s: float = math.inf
    answers_by_s: float = math.inf
    unbind_sent: bool = False
    peer_sequence: int | None = None

    def due(self, now_s: float, *, in_flight: int, unanswered: int) -> Leave | None:
        """What to do now, given our requests *in_flight* and the peer's *unanswered* ones; None = wait."""
        is_late = now_s >= self.by_s
        if self.unbind_sent:
            return Leave.GIVE_UP if is_late else None
        if self.peer_sequence is not None:
            has_all = not unanswered and (not in_flight or now_s >= self.answers_by_s)
            return Leave.ANSWER_UNBIND if is_late or has_all else None
        return Leave.SEND_UNBIND if is_late or not (in_flight or unanswered) else None

    def next_deadline_s(self, *, unanswered: int) -> float:
        """When time alone makes something due, `math.inf` for never."""
        return self.by_s if unanswered or self.unbind_sent else min(self.by_s, self.answers_by_s)
