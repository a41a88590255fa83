"""A code is a text that is a code and nothing else."""

from __future__ import annotations

import pytest

from smsgw.domain.catalogue import Catalogue
from smsgw.domain.secret import Secret
from smsgw.parser.codes import confirmation, forwarded
from smsgw.parser.intents import Confirm, Forwarded
from smsgw.parser.words import Lexicon


@pytest.mark.proves("A54")
@pytest.mark.parametrize(
    "text",
    [
        "483920", "483 920", "483-920", "4 8 3 9 2 0", "код 483920", "Код: 483-920.", "KOD483920",
        "да, 483920", "483920!", "#483920#",
        '"483920"', "48392O", "48392o", "4839 2О", "４８３９２０", "٤٨٣٩٢٠",
    ],
)  # fmt: skip
def test_ways_to_write_a_code(text: str, lexicon: Lexicon) -> None:
    assert confirmation(text, lexicon) == Confirm(Secret("483920"))


@pytest.mark.proves("A54")
@pytest.mark.parametrize(
    "text",
    [
        "48392", "4839201", "баланс 483920", "483920 спасибо", "483.920", "483*920", "OOOOOO",
        "48392²", "483920 0", "код", "",
        "код " + " " * 40 + "483920",
    ],
)  # fmt: skip
def test_nothing_else_is_an_attempt(text: str, lexicon: Lexicon) -> None:
    assert confirmation(text, lexicon) is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Code 483920: pay", ("483920",)),
        ("483920 and 123456", ("483920", "123456")),
        ("no code 4839201", None),
        (" ".join(["123456"] * 9), ("123456",) * 4),
    ],
)
def test_groups_in_a_longer_text(text: str, codes: tuple[str, ...] | None, lexicon: Lexicon) -> None:
    assert forwarded(text, lexicon) == (None if codes is None else Forwarded(codes))


def test_the_length_of_a_code_is_a_setting() -> None:
    four = Lexicon.of({}, Catalogue(()), code_digits=4)
    assert confirmation("4839", four) == Confirm(Secret("4839"))
    assert confirmation("483920", four) is None
