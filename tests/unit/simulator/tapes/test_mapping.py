"""Other numbers and words in place of those on a tape."""

from __future__ import annotations

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.mapping import Substitutes, first_number, read_csv, read_toml, substituted
from simulator.tapes.tape import Recorded, Taped

ANNA, BORIS, VERA = "+998901234567", "+998901234568", "998901234569"


def taped(sender: str, text: str = "HELP", *replies: str) -> Taped:
    return Taped(0.0, Text(sender, "1400", text), "line 1", Recorded("acked", 0, replies))


def after(substitutes: Substitutes, *tape: Taped) -> list[tuple[str, str]]:
    return [(one.text.sender, one.text.text) for one in substituted(tape, substitutes)]


@pytest.mark.parametrize(
    ("lines", "numbers", "words"),
    [
        (
            ["old,new", "+998901234567,998907654321", "parol1,test1"],
            {"998901234567": "998907654321"},
            {"parol1": "test1"},
        ),
        (["\ufeffold,new", "", "12345,x"], {}, {"12345": "x"}),
        (["a b,", '"c,d",e'], {}, {"a b": "", "c,d": "e"}),
    ],
)
def test_a_table_is_of_two_columns(lines: list[str], numbers: dict[str, str], words: dict[str, str]) -> None:
    """What looks like a subscriber's number is one; a code of five digits is a word."""
    assert read_csv(lines) == Substitutes(numbers, words)


def test_toml_has_a_table_for_each() -> None:
    text = '[numbers]\n"+998901234567" = "+998907654321"\n[words]\nparol1 = "test1"\n'
    assert read_toml(text) == Substitutes({"998901234567": "998907654321"}, {"parol1": "test1"})


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        (["a,b", "c"], "line 2: .*two columns are needed"),
        (["a,b,c"], "line 1: .*two columns are needed"),
        (["+998901234567,Anna"], "line 1: .*both must be numbers"),
        ([",b"], "line 1: an empty word"),
        (['"a'], "line 1: unexpected end of data"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(lines: list[str], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_csv(lines)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[names]\n", "names: unknown; there are"),
        ("words = 1\n", "words: unknown; there are"),
        ("[words]\na = 1\n", "words.a: a text is needed"),
        ('[numbers]\nAnna = "+998901234567"\n', "both must be numbers"),
        ("[words\n", "Expected"),
    ],
)
def test_toml_that_cannot_be_read_is_named(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_toml(text)


@pytest.mark.parametrize(("words", "number"), [("998900000000+", 998_900_000_000), ("+7700000000", 7_700_000_000)])
def test_a_range_is_its_first_number(words: str, number: int) -> None:
    assert first_number(words) == number


@pytest.mark.parametrize("words", ["", "+", "1400+", "0998900000000", "99890-99891", "9" * 20, "٣" * 9])
def test_another_range_is_named(words: str) -> None:
    with pytest.raises(ValueError, match="first number of a range"):
        first_number(words)


def test_numbers_are_replaced_with_their_plus_as_it_was() -> None:
    mapped = Substitutes({"998901234567": "998907654321", "998901234569": "998907654322"})
    assert [sender for sender, _ in after(mapped, taped(ANNA), taped(BORIS), taped(VERA))] == [
        "+998907654321",
        BORIS,
        "998907654322",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SARKOR*n25*parol1", "SARKOR*n25*test1"),
        ("parol1", "test1"),
        ("parol12 xparol1 parol1_", "parol12 xparol1 parol1_"),
        ("two words", "2"),
        ("two", "1"),
        ("a.b aXb", "c aXb"),
        ("SEND*998901234567*+998901234567", "SEND*998907654321*+998907654321"),
    ],
)
def test_words_are_replaced_as_wholes(text: str, said: str) -> None:
    words = {"parol1": "test1", "two": "1", "two words": "2", "a.b": "c"}
    mapped = Substitutes({"998901234567": "998907654321"}, words)
    assert after(mapped, taped(BORIS, text)) == [(BORIS, said)]


def test_replies_are_replaced_too_so_that_they_still_compare() -> None:
    mapped = Substitutes({"998901234567": "998907654321"}, {"SARKOR": "TEST"})
    one = substituted([taped(ANNA, "a", "SARKOR: +998901234567")], mapped)[0]
    assert one.recorded.replies == ("TEST: +998907654321",)


def test_whoever_has_no_number_gets_the_next_free_one() -> None:
    """In the order in which they come; a number that somebody has is not free; services keep theirs."""
    mapped = Substitutes({"998901234568": "998900000000"}, first_number=998_900_000_000)
    tape = [taped(ANNA), taped(BORIS), taped("1400"), taped(VERA), taped(ANNA)]
    assert [sender for sender, _ in after(mapped, *tape)] == [
        "+998900000001",
        "+998900000000",
        "1400",
        "998900000002",
        "+998900000001",
    ]


def test_without_substitutes_a_tape_stays_as_it_is() -> None:
    tape = [taped(ANNA, "parol1", "a")]
    assert substituted(tape, Substitutes()) == tape


def test_a_text_of_which_nothing_would_be_left_stays() -> None:
    assert after(Substitutes(words={"parol1": ""}), taped(ANNA, "parol1")) == [(ANNA, "parol1")]


def test_of_octets_only_the_number_is_another() -> None:
    sent = Taped(0.0, Text(ANNA, "1400", "PAY parol1", octets=b"PAY parol1"), "line 1")
    (text,) = [one.text for one in substituted([sent], read_csv([f"{ANNA},{BORIS}", "parol1,test1"]))]
    assert text == Text(BORIS, "1400", "PAY parol1", octets=b"PAY parol1")
