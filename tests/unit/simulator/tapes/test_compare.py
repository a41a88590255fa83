"""What is a difference, and what no two runs have alike."""

from __future__ import annotations

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.compare import Change, Difference, DiffKind, answer_words, differences, is_compared, normal, words
from simulator.tapes.tape import NOTHING_TOLD, Recorded, Taped

ACKED = ("acked", 0)


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
    ("recorded", "answer", "replies", "found"),
    [
        (NOTHING_TOLD, ("refused", 8), ["a"], []),
        (Recorded("acked", 0, ("a",)), ACKED, ["a"], []),
        (Recorded("acked", 0, ()), ("refused", 88), [], [("answer", "acked", "refused ESME_RTHROTTLED")]),
        (Recorded("refused", 8, None), ("refused", 88), [],
         [("answer", "refused ESME_RSYSERR", "refused ESME_RTHROTTLED")]),
        (Recorded("refused", 8, ()), ("no_answer", None), [], [("answer", "refused ESME_RSYSERR", "no_answer")]),
        (Recorded("acked", 0, ("a 1", "b")), ACKED, ["a 2"], [("reply 2", "b", "")]),
        (Recorded("acked", 0, ()), ACKED, ["a 1"], [("reply 1", "", "a #")]),
        (Recorded("acked", 0, ("a", "b")), ACKED, ["b", "a"], [("reply 1", "a", "b"), ("reply 2", "b", "a")]),
    ],
)  # fmt: skip
def test_what_the_tape_tells_is_compared(
    recorded: Recorded, answer: tuple[str, int | None], replies: list[str], found: list[tuple[str, str, str]]
) -> None:
    assert differences(taped(recorded), answer, replies, DiffKind.NORMAL) == [Difference(*one) for one in found]


@pytest.mark.parametrize(("kind", "count"), [(DiffKind.NORMAL, 0), (DiffKind.EXACT, 1), (DiffKind.NONE, 0)])
def test_how_closely_can_be_chosen(kind: DiffKind, count: int) -> None:
    assert len(differences(taped(Recorded("acked", 0, ("Code 1",))), ACKED, ["Code 2"], kind)) == count


@pytest.mark.parametrize(
    ("recorded", "kind", "compared"),
    [
        (NOTHING_TOLD, DiffKind.NORMAL, False),
        (Recorded("acked", 0, None), DiffKind.NORMAL, True),
        (Recorded("", None, ()), DiffKind.EXACT, True),
        (Recorded("acked", 0, ()), DiffKind.NONE, False),
    ],
)
def test_it_is_known_what_is_compared_at_all(recorded: Recorded, kind: DiffKind, *, compared: bool) -> None:
    assert is_compared(taped(recorded), kind) is compared


def test_nothing_is_compared_where_nobody_wants_it() -> None:
    assert differences(taped(Recorded("acked", 0, ("a",))), ("refused", 8), [], DiffKind.NONE) == []


@pytest.mark.parametrize(
    ("reply", "count"), [("Code 7291 - 7 UZS", 0), ("Kodi 7291 - 7 UZS", 0), ("Codes 1 - 7 UZS", 1)]
)
def test_a_masked_reply_is_compared_with_what_came_masked(reply: str, count: int) -> None:
    """The length of a word is all that is left of it."""
    one = taped(Recorded("acked", 0, ("xxxx 000000 - 0 xxx",)), masked=True)
    assert len(differences(one, ACKED, [reply], DiffKind.NORMAL)) == count


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
