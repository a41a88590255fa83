"""What is different now from what was recorded.

Rule 1: what no two runs have alike is no difference: runs of digits (codes, numbers of receipts, dates, times, sums,
balances) count as one sign each, unless the comparison is exact.
Rule 2: where the tape is masked, what came now is masked too before the two are compared.
Rule 3: what the tape does not tell is not compared.
Rule 4: replies are compared text by text, and count as the same too if all of a subscriber's are, in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import chain, zip_longest
from typing import Final, NamedTuple

from simulator.smsc.statuses import status_name
from simulator.tapes.masking import masked
from simulator.tapes.tape import Taped

DIGITS: Final = "#"
NOTHING: Final = ""

# Digits with at most one sign between them: 21.11.26 21:26, 1 000 000, 50'000.00.
_RUN: Final = re.compile(r"\d+(?:[ \xa0.,:/'-]\d+)*")
_TOKEN: Final = re.compile(r"\s+|\w+|[^\w\s]")


class DiffKind(StrEnum):
    """How closely what came now is compared with what was recorded."""

    NORMAL = "normal"
    EXACT = "exact"
    NONE = "none"


class Difference(NamedTuple):
    """One thing of a text that is different: `what` it is, how it was recorded (empty = not there), how it is now."""

    what: str
    recorded: str
    now: str


class Change(StrEnum):
    """What became of a piece of a text."""

    SAME = "same"
    GONE = "gone"
    COME = "come"


def normal(text: str) -> str:
    """The text without what no two runs have alike."""
    return _RUN.sub(DIGITS, text)


def answer_words(state: str, status: int | None) -> str:
    """An answer as people read it; a status says more than `refused`, and nothing beyond `acked`."""
    return f"{state} {status_name(status)}" if status else state


def answer_difference(taped: Taped, state: str, status: int | None) -> list[Difference]:
    """What is different in the answer to a text: nothing, or one thing."""
    recorded = taped.recorded
    then, now = answer_words(recorded.state, recorded.status), answer_words(state, status)
    return [Difference("answer", then, now)] if recorded.state and then != now else []


def reply_differences(taped: Taped, replies: Sequence[str], kind: DiffKind) -> list[Difference]:
    """What is different in the replies to a text, one by one."""
    then, now = _replies(taped, replies, kind)
    pairs = zip_longest(then, now, fillvalue=NOTHING)
    return [Difference(f"reply {number}", *pair) for number, pair in enumerate(pairs, start=1) if pair[0] != pair[1]]


def same_in_sequence(texts: Iterable[tuple[Taped, Sequence[str]]], kind: DiffKind) -> bool:
    """Whether all replies to the *texts* of one subscriber are the same in the same order, whichever text they follow.

    Where somebody texts again without waiting, a reply may stand behind another text than the one it belongs to.
    """
    pairs = [_replies(taped, replies, kind) for taped, replies in texts]
    return list(chain.from_iterable(then for then, _ in pairs)) == list(chain.from_iterable(now for _, now in pairs))


def _replies(taped: Taped, replies: Sequence[str], kind: DiffKind) -> tuple[list[str], list[str]]:
    """Those of then and those of now, as they are compared; none where the tape does not tell."""
    recorded = taped.recorded.replies
    if recorded is None:
        return [], []
    now = [masked(reply) for reply in replies] if taped.masked else replies
    return [_shown(reply, kind) for reply in recorded], [_shown(reply, kind) for reply in now]


def _shown(text: str, kind: DiffKind) -> str:
    return text if kind is DiffKind.EXACT else normal(text)


def words(recorded: str, now: str) -> Iterator[tuple[Change, str]]:
    """What stayed, went and came, in pieces of words."""
    was, is_now = _TOKEN.findall(recorded), _TOKEN.findall(now)
    for tag, first, last, start, end in SequenceMatcher(None, was, is_now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Change.SAME, "".join(was[first:last])
            continue
        if first < last:
            yield Change.GONE, "".join(was[first:last])
        if start < end:
            yield Change.COME, "".join(is_now[start:end])
