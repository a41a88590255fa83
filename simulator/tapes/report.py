"""What came of a replay: counts, latencies, what is different, and whether that is too much. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from simulator.load.latencies import Latencies
from simulator.smsc.mo import MoState
from simulator.tapes.compare import Difference, DiffKind, answer_difference, reply_differences, same_in_sequence
from simulator.tapes.masking import masked
from simulator.tapes.phone import Said
from simulator.tapes.tape import NOTHING_TOLD

DIFFERENT_MAX: Final = 1_000
"""Texts whose differences are kept; all are counted."""


STOPPED: Final = "stopped"
"""What has become of a text that was under way when the replay was stopped; nobody knows the end of it."""


def some_texts(count: int) -> str:
    """How many texts, in words."""
    return "1 text" if count == 1 else f"{count} texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a replay may come to; None = whatever it is."""

    differences_max: int = 0
    refused_max: int = 0
    ack_p99_ms: float | None = None
    reply_p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Different:
    """A text of which something is different; the text itself is masked, for it may hold a password."""

    where: str
    sender: str
    text: str
    differences: tuple[Difference, ...]


class Report:
    """Counts what the phones said, of *planned* texts, compared as *kind* says."""

    def __init__(self, kind: DiffKind, planned: int) -> None:
        self._kind = kind
        self._planned = planned
        self.states: Counter[str] = Counter()
        self.ack, self.reply = Latencies(), Latencies()
        self.no_reply = self.refused = self.compared = self.differences = 0
        self.different: list[Different] = []
        self.reasons: Counter[str] = Counter()

    def add(self, all_said: Sequence[Said]) -> None:
        """Count what one phone has said."""
        over = [said for said in all_said if not said.under_way]
        self.states[STOPPED] += len(all_said) - len(over)
        same_replies = same_in_sequence([(said.taped, said.replies) for said in over], self._kind)
        for said in over:
            self._count(said)
            if self._kind is not DiffKind.NONE:
                self._compare(said, same_replies=same_replies)

    def _count(self, said: Said) -> None:
        self.states[said.state] += 1
        if said.state == MoState.ACKED and said.answered_s is not None:
            self.ack.add(said.answered_s)
        if said.replied_s is not None:
            self.reply.add(said.replied_s)
        if said.reason:
            self.reasons[said.reason] += 1
        self.no_reply += said.replies_due > 0 and not said.replies
        # What was refused then as well is as it should be.
        self.refused += said.state not in {MoState.ACKED, said.taped.recorded.state}

    def _compare(self, said: Said, *, same_replies: bool) -> None:
        taped = said.taped
        self.compared += taped.recorded != NOTHING_TOLD
        found = answer_difference(taped, said.state, said.status)
        if not same_replies:
            found += reply_differences(taped, said.replies, self._kind)
        self.differences += len(found)
        if found and len(self.different) < DIFFERENT_MAX:
            self.different.append(Different(taped.where, taped.text.sender, masked(taped.text.text), tuple(found)))

    def failures(self, limits: Limits) -> list[str]:
        """Why it is not good enough, in words; none where it is."""
        return list(self._failures(limits))

    def _failures(self, limits: Limits) -> Iterator[str]:
        if (missing := self._planned - self.states.total() + self.states[STOPPED]) > 0:
            yield f"stopped: {some_texts(missing)} of the tape not said, or still under way"
        if self.differences > limits.differences_max:
            yield f"differences: {self.differences}, at most {limits.differences_max} may be (--max-differences)"
        if self.refused > limits.refused_max:
            yield f"texts not acked: {self.refused}, at most {limits.refused_max} may be (--max-refused)"
        for name, latencies, limit_ms in (
            ("--p99-ms", self.ack, limits.ack_p99_ms),
            ("--reply-p99-ms", self.reply, limits.reply_p99_ms),
        ):
            p99_ms = 1000 * latencies.percentile(99)
            if limit_ms is not None and p99_ms > limit_ms:
                yield f"p99: {p99_ms:.3f} ms, at most {limit_ms:g} ms may be ({name})"

    def body(self, limits: Limits, took_s: float) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "sent": self.states.total(),
            "took_s": round(took_s, 3),
            "states": dict(+self.states),
            "no_reply": self.no_reply,
            "mo_to_ack": self.ack.summary(),
            "mo_to_reply": self.reply.summary(),
            "compared": self.compared,
            "differences": self.differences,
            "different": [
                {
                    "where": one.where,
                    "from": one.sender,
                    "text": one.text,
                    "differences": [difference._asdict() for difference in one.differences],
                }
                for one in self.different
            ],
            "not_sent_because": dict(self.reasons),
            "failures": self.failures(limits),
        }
