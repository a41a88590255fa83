"""Who says what and when, and which texts are codes that are read anew."""

from __future__ import annotations

import re

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.plan import CODE, CODE_AGE_MAX, Pace, Step, latest_code, scripts, spoken
from simulator.tapes.tape import NOTHING_TOLD, Recorded, Taped

PATTERN = re.compile(CODE)
ANNA, BORIS = "+998901234567", "+998901234568"


def taped(
    at_s: float, text: str, recorded: Recorded = NOTHING_TOLD, sender: str = ANNA, *, masked: bool = False
) -> Taped:
    return Taped(at_s, Text(sender, "1400", text), "", recorded, masked)


def replied(*replies: str) -> Recorded:
    return Recorded("acked", 0, replies)


def test_each_phone_has_its_texts_in_their_order() -> None:
    tape = [taped(10, "a"), taped(11, "b", sender=BORIS), taped(12, "c")]
    plan = scripts(tape, Pace(), PATTERN)
    assert {number: [(step.taped.text.text, step.due_s) for step in steps] for number, steps in plan.items()} == {
        "998901234567": [("a", 0.0), ("c", 2.0)],
        "998901234568": [("b", 1.0)],
    }


@pytest.mark.parametrize(
    ("pace", "due_s"),
    [
        (Pace(), [0, 5, 20]),
        (Pace(speed=10), [0, 0.5, 2]),
        (Pace(speed=0.5), [0, 10, 40]),
        (Pace(speed=0), [0, 0, 0]),
        (Pace(rate_per_s=4), [0, 0.25, 0.5]),
        (Pace(speed=10, rate_per_s=0), [0, 0, 0]),
    ],
)
def test_texts_are_due_at_the_pace_that_was_asked_for(pace: Pace, due_s: list[float]) -> None:
    tape = [taped(at_s, "a") for at_s in (100, 105, 120)]
    assert [step.due_s for step in scripts(tape, pace, PATTERN)[ANNA[1:]]] == due_s


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Code 483920 - 50000 UZS to SARKOR n25656, fee 0.", "483920"),
        ("Kod 4839 - SARKOR n25656, 50000 so'm", "4839"),
        ("Код 48392011 - SARKOR n25656", "48392011"),
        ("Your code: 483920", "483920"),
        ("Tasdiqlash kodi 483920", "483920"),
        ("PIN is 4839.", "4839"),
        ("44742441 PAID. Code of SARKOR", ""),
        ("Code 123", ""),
        ("Code 123456789", ""),
        ("decode 483920", ""),
    ],
)
def test_a_code_is_found_in_a_reply(reply: str, code: str) -> None:
    assert latest_code([reply], PATTERN) == code


def test_the_latest_code_counts() -> None:
    assert latest_code(["Code 1111", "Code 2222", "PAID"], PATTERN) == "2222"


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (taped(0, "PAY", replied("Code 483920")), taped(1, "483920", replied()), "483920"),
        (taped(0, "PAY", replied("Code 483920")), taped(1, "OK 483920!", replied()), "483920"),
        (taped(0, "PAY", replied("Code 483920")), taped(1, "483921", replied()), ""),
        (taped(0, "PAY", replied("Code 483920")), taped(1, "4839201", replied()), ""),
        (taped(0, "PAY", replied("No")), taped(1, "483920", replied()), ""),
        (taped(0, "PAY"), taped(1, " 483920 "), "483920"),
        (taped(0, "PAY"), taped(1, "PAY 483920"), ""),
        (taped(0, "PAY"), taped(1, "123"), ""),
        (taped(0, "xxx", replied("xxxx 000000"), masked=True), taped(1, "000000", masked=True), "000000"),
        (taped(0, "PAY", sender=BORIS), taped(1, "483920"), ""),
    ],
)
def test_a_code_that_was_sent_back_is_known(first: Taped, second: Taped, code: str) -> None:
    """Where the tape shows the code, only that one; where it does not, digits after another text."""
    assert scripts([first, second], Pace(), PATTERN)[ANNA[1:]][-1].code == code


@pytest.mark.parametrize(("between", "code"), [(CODE_AGE_MAX - 1, "483920"), (CODE_AGE_MAX, "")])
def test_an_old_code_is_none(between: int, code: str) -> None:
    tape = [
        taped(0, "PAY", replied("Code 483920")),
        *[taped(1, "HELP", replied())] * between,
        taped(2, "483920", replied()),
    ]
    assert scripts(tape, Pace(), PATTERN)[ANNA[1:]][-1].code == code


@pytest.mark.parametrize(
    ("text", "code", "replies", "said"),
    [
        ("483920", "483920", ["Code 7291"], "7291"),
        ("OK 483920", "483920", ["Code 1111", "Code 7291"], "OK 7291"),
        ("483920", "483920", ["Not registered"], "483920"),
        ("483920", "", ["Code 7291"], "483920"),
        (" 000000", "000000", ["Код 7291 - 5 сум"], " 7291"),
    ],
)
def test_the_new_code_is_said_in_place_of_the_old(text: str, code: str, replies: list[str], said: str) -> None:
    assert spoken(Step(0.0, taped(0, text), code), replies, PATTERN) == said


def test_a_code_of_letters_is_put_in_as_it_is() -> None:
    pattern = re.compile(r"key (\S+)")
    plan = scripts([taped(0, "PAY", replied("key a.b")), taped(1, "a.b", replied())], Pace(), pattern)
    assert spoken(plan[ANNA[1:]][1], [r"key \1c"], pattern) == r"\1c"


def test_octets_are_said_again_as_they_were_whatever_they_look_like() -> None:
    sent = Taped(12, Text(ANNA, "1400", "483920", octets=b"483920"), "", replied())
    (_, step) = scripts([taped(10, "PAY", replied("Code 483920")), sent], Pace(), PATTERN)[ANNA[1:]]
    assert (step.code, spoken(step, ["Code 111111"], PATTERN)) == ("", "483920")
