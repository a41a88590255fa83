"""A tape as values: the texts of subscribers, and what became of each when it was recorded.

Rule: a reply belongs to the latest text of its subscriber before it; nothing on the wire says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from simulator.smsc.mo import OVER, Text

AT_S_MAX: Final = 1e11
"""Some three thousand years, in seconds: a longer time is no time, and nobody could wait until it."""


def milliseconds_hint(at_s: object) -> str:
    """What to do about a time that is none because it counts milliseconds; empty where it does not look like it."""
    if isinstance(at_s, int | float) and AT_S_MAX < at_s <= 1000 * AT_S_MAX:
        return "; milliseconds? divide by 1000"
    return ""


class Recorded(NamedTuple):
    """What the tape tells of one text.

    `state` and `status` as in GET /traffic, empty and None where it does not tell; `replies` None = it tells of none,
    not even that there were none.
    """

    state: str = ""
    status: int | None = None
    replies: tuple[str, ...] | None = None


NOTHING_TOLD: Final = Recorded()


class Taped(NamedTuple):
    """A text of a subscriber, when it was sent (Unix time, or seconds from any beginning), and what came of it.

    `where` says where it stands on the tape; `masked` = letters and digits of it and of its replies are hidden.
    """

    at_s: float
    text: Text
    where: str = ""
    recorded: Recorded = NOTHING_TOLD
    masked: bool = False

    @property
    def number(self) -> str:
        """The subscriber's number, without plus."""
        return self.text.sender.removeprefix("+")


class Sent(NamedTuple):
    """A subscriber's text stands on the tape; `id` is what its answers name."""

    at_s: float
    id: object
    text: Text
    where: str
    masked: bool = False


class Answered(NamedTuple):
    """What the gateway answered to the text `id`."""

    at_s: float
    id: object
    state: str
    status: int | None


class Replied(NamedTuple):
    """The gateway's text to a subscriber, whose number is without plus."""

    at_s: float
    number: str
    text: str


Event = Sent | Answered | Replied


def gathered(events: Sequence[Event], *, tells_replies: bool) -> list[Taped]:
    """Tie answers and replies to their texts, which stand in the order of time then.

    With *tells_replies*, a text without any is known to have had none.
    """
    sent: dict[object, Sent] = {}
    answers: dict[object, Answered] = {}
    latest: dict[str, object] = {}
    replies: dict[object, list[str]] = {}
    for event in sorted(events, key=attrgetter("at_s")):
        match event:
            case Sent():
                key = event.id if event.id not in sent else (event.id, event.where)
                sent[key] = event
                latest[event.text.sender.removeprefix("+")] = key
            case Answered():
                answers[event.id] = event
            case Replied() if event.number in latest:
                replies.setdefault(latest[event.number], []).append(event.text)
            case Replied():
                pass  # to a text before the tape began
    return [
        Taped(one.at_s, one.text, one.where, _recorded(answers.get(key), replies.get(key), tells_replies), one.masked)
        for key, one in sent.items()
    ]


def _recorded(answer: Answered | None, replies: list[str] | None, tells_replies: bool) -> Recorded:  # noqa: FBT001 -- private, and its one call reads plainly
    told = answer if answer is not None and answer.state in OVER else None
    known = tuple(replies or ()) if tells_replies else None
    return Recorded(told.state if told else "", told.status if told else None, known)
