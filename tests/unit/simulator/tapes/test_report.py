"""What came of a replay, and whether it is good enough."""

from __future__ import annotations

import pytest

from simulator.smsc.mo import Text
from simulator.tapes.compare import DiffKind
from simulator.tapes.phone import NOT_SENT, Said
from simulator.tapes.report import DIFFERENT_MAX, STOPPED, Limits, Report
from simulator.tapes.tape import NOTHING_TOLD, Recorded, Taped


def said(
    state: str = "acked", recorded: Recorded = NOTHING_TOLD, replies: tuple[str, ...] = (), seconds: float = 0.1
) -> Said:
    taped = Taped(0.0, Text("+998901234567", "1400", "PAY*parol1"), "line 3", recorded)
    answered = seconds if state == "acked" else None
    return Said(
        taped, "PAY*parol1", 7, 1.0, state, {"acked": 0, "refused": 8}.get(state), answered,
        2 * seconds if replies else None, "too many wait" if state == NOT_SENT else "", list(replies),
    )  # fmt: skip


def report(*all_said: Said, planned: int | None = None, kind: DiffKind = DiffKind.NORMAL) -> Report:
    made = Report(kind, len(all_said) if planned is None else planned)
    for one in all_said:
        made.add([one])  # each by a phone of its own
    return made


def test_everything_is_in_the_report() -> None:
    same, other = Recorded("acked", 0, ("Code 1",)), Recorded("acked", 0, ("PAID",))
    made = report(said(recorded=same, replies=("Code 2",)), said(recorded=other, replies=("Sorry",)), said())
    body = made.body(Limits(), 1.23456)
    assert {
        key: body[key] for key in ("sent", "took_s", "states", "no_reply", "compared", "differences", "different")
    } == {
        "sent": 3,
        "took_s": 1.235,
        "states": {"acked": 3},
        "no_reply": 1,
        "compared": 2,
        "differences": 1,
        "different": [
            {
                "where": "line 3",
                "from": "+998901234567",
                "text": "xxx*xxxxx0",
                "differences": [{"what": "reply 1", "recorded": "PAID", "now": "Sorry"}],
            }
        ],
    }
    assert (body["mo_to_ack"]["count"], body["mo_to_ack"]["max_ms"]) == (3, 100.0)
    assert (body["mo_to_reply"]["count"], body["mo_to_reply"]["max_ms"]) == (2, 200.0)
    assert body["failures"] == ["differences: 1, at most 0 may be (--max-differences)"]


@pytest.mark.parametrize(
    ("state", "recorded", "refused"),
    [
        ("acked", NOTHING_TOLD, 0),
        ("refused", NOTHING_TOLD, 1),
        ("no_answer", NOTHING_TOLD, 1),
        (NOT_SENT, NOTHING_TOLD, 1),
        ("refused", Recorded("refused", 8), 0),
        ("refused", Recorded("acked", 0), 1),
        ("given_up", Recorded("refused", 8), 1),
    ],
)
def test_what_was_refused_then_as_well_is_as_it_should_be(state: str, recorded: Recorded, refused: int) -> None:
    assert report(said(state, recorded)).refused == refused


@pytest.mark.parametrize(
    ("limits", "failures"),
    [
        (Limits(), ["differences: 2", "texts not acked: 1"]),
        (Limits(differences_max=1), ["differences: 2", "texts not acked: 1"]),
        (Limits(differences_max=2), ["texts not acked: 1"]),
        (Limits(differences_max=2, refused_max=1), []),
        (Limits(differences_max=2, refused_max=1, ack_p99_ms=99), ["p99: 100.000 ms, at most 99 ms may be (--p99-ms)"]),
        (Limits(differences_max=2, refused_max=1, ack_p99_ms=100, reply_p99_ms=200), []),
        (Limits(differences_max=2, refused_max=1, reply_p99_ms=0), ["p99: 200.000 ms, at most 0 ms may be (--reply"]),
    ],
)
def test_each_limit_is_held_to_its_number(limits: Limits, failures: list[str]) -> None:
    told = Recorded("acked", 0, ("a",))
    found = report(said("refused", told), said(recorded=told, replies=("a",))).failures(limits)
    assert len(found) == len(failures)
    assert all(one.startswith(start) for one, start in zip(found, failures, strict=True))


def test_a_replay_that_was_stopped_is_no_success() -> None:
    one = report(said(), planned=2).failures(Limits())
    assert one == ["stopped: 1 text of the tape not said, or still under way"]


def test_what_was_under_way_when_it_stopped_is_neither_refused_nor_different() -> None:
    under_way = said("no_answer", Recorded("acked", 0, ("a",)))
    under_way.under_way = True
    made = report(said(), under_way)
    assert (made.states, made.refused, made.differences) == ({"acked": 1, STOPPED: 1}, 0, 0)
    assert made.failures(Limits()) == ["stopped: 1 text of the tape not said, or still under way"]


def test_why_texts_were_not_sent_is_counted() -> None:
    made = report(said(NOT_SENT), said(NOT_SENT))
    assert made.body(Limits(), 0)["not_sent_because"] == {"too many wait": 2}


def test_all_differences_are_counted_though_not_all_are_kept() -> None:
    made = report(*[said(recorded=Recorded("refused", 8))] * (DIFFERENT_MAX + 1))
    assert (made.differences, len(made.different)) == (DIFFERENT_MAX + 1, DIFFERENT_MAX)


def test_replies_that_only_stand_behind_another_text_are_no_difference() -> None:
    """The answers to the texts are compared all the same."""
    made = Report(DiffKind.NORMAL, 2)
    made.add([said(recorded=Recorded("acked", 0, ("a", "b"))), said("refused", Recorded("acked", 0, ()), ("a", "b"))])
    assert [one.differences[0].what for one in made.different] == ["answer"]


def test_nothing_is_compared_where_nobody_wants_it() -> None:
    made = report(said("refused", Recorded("acked", 0, ("a",))), kind=DiffKind.NONE)
    assert (made.compared, made.differences, made.refused) == (0, 0, 1)
