"""What is different now from what was recorded.

Rule 1: what no two runs have alike is no difference: runs of digits (codes, numbers of receipts, dates, times, sums,
balances) count as one sign each, unless the comparison is exact.
Rule 2: where the tape is masked, what came now is masked too before the two are compared.
Rule 3: what the tape does not tell is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Final, NamedTuple

from simulator.smsc.statuses import status_name
from simulator.tapes.masking import masked
from simulator.tapes.tape import NOTHING_TOLD, Taped

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


def is_compared(taped: Taped, kind: DiffKind) -> bool:
    """Whether the tape tells anything of a text that is compared."""
    return kind is not DiffKind.NONE and taped.recorded != NOTHING_TOLD


def differences(
    taped: Taped, answer: tuple[str, int | None], replies: Sequence[str], kind: DiffKind
) -> list[Difference]:
    """What is different in what became of a text: its *answer* (state and status) and its *replies*."""
    if kind is DiffKind.NONE:
        return []
    recorded = taped.recorded
    found = []
    if recorded.state:
        found.append(Difference("answer", answer_words(recorded.state, recorded.status), answer_words(*answer)))
    if recorded.replies is not None:
        now = [masked(reply) for reply in replies] if taped.masked else replies
        pairs = zip_longest(recorded.replies, now, fillvalue=NOTHING)
        found += [
            Difference(f"reply {number}", _shown(was, kind), _shown(is_now, kind))
            for number, (was, is_now) in enumerate(pairs, start=1)
        ]
    return [one for one in found if one.recorded != one.now]


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
