"""Which answer and which reply belongs to which text."""

from __future__ import annotations

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.tape import Answered, Event, Recorded, Replied, Sent, gathered

ANNA, BORIS = "+998901234567", "+998901234568"


def sent(at_s: float, number: int, sender: str = ANNA) -> Sent:
    return Sent(at_s, number, Text(sender, "1400", f"text {number}"), f"line {number}")


def told(*events: Event, tells_replies: bool = True) -> list[tuple[str, Recorded]]:
    return [(taped.where, taped.recorded) for taped in gathered(events, tells_replies=tells_replies)]


def test_a_reply_belongs_to_the_latest_text_of_its_subscriber() -> None:
    found = told(
        Replied(0, ANNA[1:], "to an earlier tape"),
        sent(1, 1),
        sent(2, 2, BORIS),
        Replied(3, ANNA[1:], "one"),
        sent(4, 3),
        Replied(5, ANNA[1:], "two"),
        Replied(6, ANNA[1:], "three"),
        Replied(7, BORIS[1:], "four"),
    )
    assert found == [
        ("line 1", Recorded("", None, ("one",))),
        ("line 2", Recorded("", None, ("four",))),
        ("line 3", Recorded("", None, ("two", "three"))),
    ]


def test_everything_stands_in_the_order_of_time_wherever_it_is_written() -> None:
    found = told(Replied(3, ANNA[1:], "late"), sent(2, 2), Replied(1.5, ANNA[1:], "early"), sent(1, 1))
    assert [(where, recorded.replies) for where, recorded in found] == [("line 1", ("early",)), ("line 2", ("late",))]


@pytest.mark.parametrize(
    ("answers", "recorded"),
    [
        ([], ("", None)),
        ([("waiting", None)], ("", None)),
        ([("retrying", 88), ("acked", 0)], ("acked", 0)),
        ([("retrying", 88), ("refused", 8)], ("refused", 8)),
        ([("given_up", None)], ("given_up", None)),
    ],
)
def test_only_the_last_answer_tells_what_became_of_a_text(
    answers: list[tuple[str, int | None]], recorded: tuple[str, int | None]
) -> None:
    events = [Answered(2.0 + at, 1, *answer) for at, answer in enumerate(answers)]
    assert told(sent(1, 1), *events) == [("line 1", Recorded(*recorded, ()))]


def test_where_the_tape_tells_of_no_replies_nobody_knows() -> None:
    assert told(sent(1, 1), tells_replies=False) == [("line 1", Recorded("", None, None))]
