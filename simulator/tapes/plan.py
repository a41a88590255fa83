"""Who says what and when: a tape as one script for each phone. Pure.

Rule 1: a phone says its texts one after the other, whatever the pace: the next waits until the one before is answered.
Rule 2: a code that a person sent back is not said again: the phone reads the new one out of the new reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.tapes.tape import Taped

CODE: Final = r"(?i)\b(?:code|kod|код|kodi|коди|pin|otp)\b\D{0,20}(\d{4,8})\b"
"""A one-time code in a reply, in English, Uzbek and Russian: as our own gateway writes it, and most others."""

CODE_AGE_MAX: Final = 5
"""Texts after which nobody sends a code back any more."""

_ONLY_DIGITS: Final = re.compile(r"\s*(\d{4,8})\s*")


def read_pattern(words: str) -> re.Pattern[str]:
    """Read a regular expression. Raises ValueError."""
    try:
        return re.compile(words)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None


def read_code(words: str) -> re.Pattern[str]:
    """Read what a code looks like in a reply: its first group is what is sent back. Raises ValueError."""
    pattern = read_pattern(words)
    if not pattern.groups:
        raise ValueError(rf"{words!r} has no group around the code itself, such as (\d{{4,8}})")
    return pattern


@dataclass(frozen=True, slots=True)
class Pace:
    """When texts are due: *speed* times as fast as recorded, or at a *rate* a second; with 0 of either, at once."""

    speed: float = 1.0
    rate_per_s: float | None = None

    def due_s(self, index: int, at_s: float) -> float:
        """Seconds from the beginning until the text *index* is due, which was sent *at_s* from its beginning."""
        if self.rate_per_s is not None:
            return index / self.rate_per_s if self.rate_per_s else 0.0
        return at_s / self.speed if self.speed else 0.0


class Step(NamedTuple):
    """One text of a script; `code` is the recorded code in it, empty where there is none."""

    due_s: float
    taped: Taped
    code: str


def scripts(tape: Sequence[Taped], pace: Pace, code: re.Pattern[str]) -> Mapping[str, list[Step]]:
    """The script of each phone, by its number without plus."""
    phones: dict[str, list[Step]] = {}
    for index, taped in enumerate(tape):
        steps = phones.setdefault(taped.number, [])
        due_s = pace.due_s(index, taped.at_s - tape[0].at_s)
        earlier = [step.taped for step in steps[-CODE_AGE_MAX:]]
        steps.append(Step(due_s, taped, _code_in(taped, earlier, code)))
    return phones


def _code_in(taped: Taped, earlier: Sequence[Taped], code: re.Pattern[str]) -> str:
    """The code in a text that answers a reply to one of the *earlier* ones."""
    if not earlier or taped.text.octets is not None:
        return ""  # octets are sent as they were
    if taped.masked or earlier[-1].recorded.replies is None:
        # The tape does not show the code: nothing but digits, after another text, is one.
        digits = _ONLY_DIGITS.fullmatch(taped.text.text)
        return digits[1] if digits else ""
    told = latest_code([reply for one in earlier for reply in one.recorded.replies or ()], code)
    # Other digits than those that were told are a mistake that a person made, and it is played as it was.
    return told if told and _word(told).search(taped.text.text) else ""


def latest_code(replies: Sequence[str], code: re.Pattern[str]) -> str:
    """The code that the last reply with any told; empty where none did."""
    for reply in reversed(replies):
        found = code.search(reply)
        if found and found[1]:
            return found[1]
    return ""


def spoken(step: Step, replies: Sequence[str], code: re.Pattern[str]) -> str:
    """The text as it is said now, after these *replies*: with the new code, if there is one."""
    new = latest_code(replies, code) if step.code else ""
    text = step.taped.text.text
    return _word(step.code).sub(lambda _: new, text) if new else text


def _word(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(code)}(?!\w)")
