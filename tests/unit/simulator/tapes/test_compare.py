"""What is a difference, and what no two runs have alike."""

from __future__ import annotations

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.compare import (
    Change,
    Difference,
    DiffKind,
    answer_difference,
    answer_words,
    normal,
    reply_differences,
    same_in_sequence,
    words,
)
from simulator.tapes.tape import NOTHING_TOLD, Recorded, Taped


def taped(recorded: Recorded, *, masked: bool = False) -> Taped:
    return Taped(0.0, Text("1", "2", "3"), "line 1", recorded, masked)


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("Code 483920 - 50000 UZS", "Code 1111 - 50000 UZS"),
        ("44742441 PAID 21.11.26 21:26. SARKOR", "7 PAID 1.12.26 9:05. SARKOR"),
        ("Balance 1 000 000.00 UZS", "Balance 999,50 UZS"),
        ("Balance 1\xa0000 UZS", "Balance 10'000 UZS"),
        ("n25656", "n1"),
    ],
)
def test_codes_numbers_dates_and_sums_are_no_difference(was: str, is_now: str) -> None:
    assert normal(was) == normal(is_now)


@pytest.mark.parametrize(
    ("was", "is_now"), [("PAID 5", "PAID"), ("1 - 2", "1"), ("Code 5", "code 5"), ("a  b", "a b"), ("1 + 2", "1 2")]
)
def test_everything_else_is_one(was: str, is_now: str) -> None:
    assert normal(was) != normal(is_now)


@pytest.mark.parametrize(
    ("recorded", "answer", "found"),
    [
        (NOTHING_TOLD, ("refused", 8), []),
        (Recorded("acked", 0), ("acked", 0), []),
        (Recorded("acked", 0), ("refused", 88), [("acked", "refused ESME_RTHROTTLED")]),
        (Recorded("refused", 8), ("refused", 88), [("refused ESME_RSYSERR", "refused ESME_RTHROTTLED")]),
        (Recorded("refused", 8), ("no_answer", None), [("refused ESME_RSYSERR", "no_answer")]),
    ],
)
def test_an_answer_is_compared_where_the_tape_has_one(
    recorded: Recorded, answer: tuple[str, int | None], found: list[tuple[str, str]]
) -> None:
    assert answer_difference(taped(recorded), *answer) == [Difference("answer", *one) for one in found]


@pytest.mark.parametrize(
    ("recorded", "replies", "found"),
    [
        (None, ["a"], []),
        (("a",), ["a"], []),
        (("a 1", "b"), ["a 2"], [("reply 2", "b", "")]),
        ((), ["a 1"], [("reply 1", "", "a #")]),
        (("a", "b"), ["b", "a"], [("reply 1", "a", "b"), ("reply 2", "b", "a")]),
    ],
)
def test_replies_are_compared_one_by_one_where_the_tape_has_any(
    recorded: tuple[str, ...] | None, replies: list[str], found: list[tuple[str, str, str]]
) -> None:
    one = taped(Recorded("acked", 0, recorded))
    assert reply_differences(one, replies, DiffKind.NORMAL) == [Difference(*each) for each in found]


@pytest.mark.parametrize(
    ("texts", "same"),
    [
        ([], True),
        ([(("a 1", "b"), []), ((), ["a 2", "b"])], True),
        ([(("a",), []), (("b",), ["a", "b"])], True),
        ([(("a",), ["b"]), (("b",), ["a"])], False),
        ([(("a",), ["a"]), (("b",), [])], False),
        ([(("a",), ["a"]), ((), ["b"])], False),
        ([(None, ["x"]), (("a",), ["a"])], True),
    ],
)
def test_a_reply_behind_another_text_is_the_same_reply(
    texts: list[tuple[tuple[str, ...] | None, list[str]]], *, same: bool
) -> None:
    """As long as it is in its place among all that the subscriber got."""
    pairs = [(taped(Recorded("acked", 0, recorded)), replies) for recorded, replies in texts]
    assert same_in_sequence(pairs, DiffKind.NORMAL) is same


@pytest.mark.parametrize(("kind", "count"), [(DiffKind.NORMAL, 0), (DiffKind.EXACT, 1)])
def test_how_closely_can_be_chosen(kind: DiffKind, count: int) -> None:
    assert len(reply_differences(taped(Recorded("acked", 0, ("Code 1",))), ["Code 2"], kind)) == count


@pytest.mark.parametrize(
    ("reply", "count"), [("Code 7291 - 7 UZS", 0), ("Kodi 7291 - 7 UZS", 0), ("Codes 1 - 7 UZS", 1)]
)
def test_a_masked_reply_is_compared_with_what_came_masked(reply: str, count: int) -> None:
    """The length of a word is all that is left of it."""
    one = taped(Recorded("acked", 0, ("xxxx 000000 - 0 xxx",)), masked=True)
    assert len(reply_differences(one, [reply], DiffKind.NORMAL)) == count


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [("acked", 0, "acked"), ("refused", 0x450, "refused 0x00000450"), ("no_answer", None, "no_answer")],
)
def test_an_answer_is_said_with_its_status(state: str, status: int | None, said: str) -> None:
    assert answer_words(state, status) == said


@pytest.mark.parametrize(
    ("was", "is_now", "pieces"),
    [
        ("a b", "a b", [(Change.SAME, "a b")]),
        (
            "# PAID. x",
            "# DONE. x",
            [(Change.SAME, "# "), (Change.GONE, "PAID"), (Change.COME, "DONE"), (Change.SAME, ". x")],
        ),
        ("", "a b", [(Change.COME, "a b")]),
        ("a b", "", [(Change.GONE, "a b")]),
        ("", "", []),
    ],
)
def test_what_changed_is_told_in_words(was: str, is_now: str, pieces: list[tuple[Change, str]]) -> None:
    assert list(words(was, is_now)) == pieces
