"""A tape hides what texts say, and plays what it recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from simulator.tapes.tape import masked, read_lines, write_line
from smsgw.smpp.text import length

ENTRY: dict[str, Any] = {
    "id": 1,
    "at_s": 12.5,
    "kind": "mo",
    "number": "998901234567",
    "from": "+998901234567",
    "to": "1400",
    "text": "SARKOR*n25656*50000*parol1",
    "segments": 1,
    "state": "acked",
}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("SARKOR*n25656*50000*parol1", "xxxxxx*x00000*00000*xxxxx0"),
        ("Код 483920 - 50000 сум", "жжж 000000 - 00000 жжж"),
        ("to'lov 👍", "xx'xxx 👍"),
    ],
)
def test_letters_and_digits_are_hidden_and_the_shape_stays(text: str, hidden: str) -> None:
    assert masked(text) == hidden


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_no_letter_or_digit_is_left(text: str) -> None:
    assert {character for character in masked(text) if character.isalnum()} <= set("x0ж")


@settings(max_examples=100)
@given(st.text("abcXYZ019*#. \nКодéñΔ€", min_size=1, max_size=300))
def test_a_masked_text_takes_as_much_of_the_network(text: str) -> None:
    assert length(masked(text)) == length(text)


def test_a_line_keeps_the_text_only_if_told() -> None:
    hidden, open_line = write_line(ENTRY, with_text=False), write_line(ENTRY, with_text=True)
    assert hidden is not None
    assert open_line is not None
    assert "parol1" not in hidden
    assert json.loads(open_line)["text"] == ENTRY["text"]


@pytest.mark.parametrize("kind", ["answer", "receipt", "session"])
def test_only_texts_are_recorded(kind: str) -> None:
    assert write_line({**ENTRY, "kind": kind}, with_text=True) is None


def test_what_was_recorded_plays_again_in_the_order_of_time() -> None:
    lines = [
        write_line({**ENTRY, "at_s": at_s, "kind": kind}, with_text=True)
        for at_s, kind in ((9, "mo"), (5, "mt"), (1, "mo"))
    ]
    tape = read_lines([line for line in lines if line is not None] + ["\n"])
    assert [taped.at_s for taped in tape] == [1, 9]
    assert (tape[0].text.sender, tape[0].text.recipient, tape[0].text.text) == (
        "+998901234567",
        "1400",
        "SARKOR*n25656*50000*parol1",
    )


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("HELP", "line 2: "),
        ("[]", "line 2: an object is needed"),
        ('{"at_s": 0, "from": "1", "to": "2"}', "line 2: 'text' is missing"),
        ('{"at_s": 0, "from": "1", "to": "2", "text": ""}', "line 2: text: 1 to"),
        ('{"at_s": 0, "from": ["1"], "to": "2", "text": "3"}', "line 2: from: a text"),
        ('{"at_s": 0, "from": "1", "to": "2", "text": "\\ud800"}', "line 2: .* surrogates not allowed"),
        *[
            (f'{{"at_s": {at_s}, "from": "1", "to": "2", "text": "3"}}', "line 2: at_s: a number of seconds")
            for at_s in ('"soon"', '" 1_0 "', "true", "NaN", "1e999", "-Infinity", "1" + "0" * 400)
        ],
        ("[" * 100_000, "line 2: maximum recursion depth"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, hint: str) -> None:
    good = '{"at_s": 0, "from": "1", "to": "2", "text": "3"}'
    with pytest.raises(ValueError, match=hint):
        read_lines([good, line])
