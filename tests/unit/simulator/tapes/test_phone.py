"""A subscriber who plays a tape: what came of each text."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.phone import NO_ANSWER, Phone, Said
from simulator.tapes.plan import Step
from simulator.tapes.tape import NOTHING_TOLD, Recorded, Taped


def mo(text: str = "HELP", number: int = 7, at_s: float = 10.0) -> dict[str, Any]:
    return {"kind": "mo", "id": number, "at_s": at_s, "text": text}


def answer(state: str, number: int = 7, status: int | None = 0, at_s: float = 10.5) -> dict[str, Any]:
    return {"kind": "answer", "id": 8, "mo": number, "at_s": at_s, "state": state, "status": status}


def mt(text: str = "Call us", at_s: float = 11.0) -> dict[str, Any]:
    return {"kind": "mt", "id": 9, "at_s": at_s, "text": text}


def after(*entries: dict[str, Any], recorded: Recorded = NOTHING_TOLD) -> Said:
    """What is known of a text after these entries."""
    step = Step(0.0, Taped(0.0, Text("1", "2", "HELP"), "", recorded), "")
    phone = Phone([step])
    said = phone.say(step, "HELP")
    for entry in entries:
        phone.take(entry)
    return said


def test_a_text_its_answer_and_its_replies() -> None:
    said = after(mo(), answer("acked"), mt(), mt("Bye", 12.0))
    assert (said.state, said.status, said.answered_s, said.replied_s) == ("acked", 0, 0.5, 1.0)
    assert said.replies == ["Call us", "Bye"]


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ((), NO_ANSWER),
        ((mo(), answer("waiting", status=None)), NO_ANSWER),
        ((mo(), answer("retrying", status=88)), NO_ANSWER),
        ((mo(), answer("retrying", status=88), answer("acked")), "acked"),
        ((mo(), answer("refused", status=8)), "refused"),
        ((mo(), answer("given_up", status=None)), "given_up"),
        ((mo(), answer("acked", number=6)), NO_ANSWER),
        ((mo("Somebody else's"), answer("acked")), NO_ANSWER),
        ((answer("acked"),), NO_ANSWER),
    ],
)
def test_only_the_end_of_its_own_delivery_is_an_answer(entries: tuple[dict[str, Any], ...], state: str) -> None:
    assert (said := after(*entries)).state == state
    assert said.over is (state != NO_ANSWER)


@pytest.mark.parametrize(
    ("recorded", "entries", "replied"),
    [
        (NOTHING_TOLD, (mo(), answer("acked")), False),
        (NOTHING_TOLD, (mo(), answer("acked"), mt()), True),
        (Recorded("acked", 0, ()), (mo(), answer("acked")), True),
        (Recorded("acked", 0, ("a", "b")), (mo(), answer("acked"), mt()), False),
        (Recorded("acked", 0, ("a", "b")), (mo(), answer("acked"), mt(), mt()), True),
        (Recorded("acked", 0, ("a",)), (mo(), answer("refused", status=8)), True),
        (NOTHING_TOLD, (mo(), mt()), False),
    ],
)
def test_a_person_waits_for_as_many_replies_as_there_were(
    recorded: Recorded, entries: tuple[dict[str, Any], ...], *, replied: bool
) -> None:
    """For one, where nobody knows; for none, where the text was refused."""
    assert after(*entries, recorded=recorded).replied is replied


def test_what_comes_before_it_was_said_is_not_its_own() -> None:
    assert after(mt(), mo()).replies == []


def test_what_comes_before_the_first_text_is_nobodys() -> None:
    phone = Phone([])
    phone.take(mt())
    assert (phone.said, list(phone.read)) == ([], [])


def test_a_text_with_its_code_is_not_shown() -> None:
    assert "HELP" not in repr(after(mt())).replace("Text(sender='1', recipient='2', text='HELP'", "")
