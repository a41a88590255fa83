"""Transactions of Payme: ids, answers to each question, rows of statements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from smsgw.domain.calls import Accepted, Answer, Cancelled, Prepared, Question, Unknown, Verb
from smsgw.domain.statement import StatementLine
from smsgw.providers.payme_transaction import METHODS, answer_about, id_of, read_line, read_transaction, reference_of

BASE = {"create_time": 5, "perform_time": 0, "cancel_time": 0, "transaction": "5123", "reason": None}
PERFORMED = BASE | {"state": 2, "perform_time": 6}
ASKED_OF_A_TRANSACTION = [Verb.PREPARE, Verb.PAY, Verb.STATUS, Verb.WITHDRAW, Verb.CANCEL]


def about(verb: Verb, values: dict[str, object], **memory: str) -> Answer:
    return answer_about(Question(verb=verb, parameters={"id": id_of(1)}, memory=memory), values)


@given(st.integers(1, 2**63 - 1))
def test_an_id_is_24_lower_hexadecimal_digits_and_leads_back(reference: int) -> None:
    made = id_of(reference)
    assert len(made) == 24
    assert set(made) <= set("0123456789abcdef")
    assert reference_of(made) == reference
    assert reference_of(made.upper()) == reference


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_two_references_never_have_one_id(one: int, other: int) -> None:
    assert (id_of(one) == id_of(other)) is (one == other)


@pytest.mark.parametrize(("reference", "made"), [(1, "0" * 23 + "1"), (2**63 - 1, "0" * 8 + "7" + "f" * 15)])
def test_ids_at_the_edge(reference: int, made: str) -> None:
    assert id_of(reference) == made


@pytest.mark.parametrize("reference", [0, -1, 2**63])
def test_what_is_no_reference_makes_no_id(reference: int) -> None:
    with pytest.raises(AssertionError, match="no reference"):
        id_of(reference)


@pytest.mark.parametrize(
    "foreign", ["5f00c1d2e3f4a5b6c7d8e9f0", "0" * 8 + "8" + "0" * 15, "0" * 24, "1", "0" * 25, "", "٣" * 24, "0x" * 12]
)
def test_an_id_that_none_of_our_references_makes_is_not_ours(foreign: str) -> None:
    assert reference_of(foreign) == 0


PREPARED = Prepared({"transaction": "5123", "create_time": "5"})
CONTRADICTION = "no transaction, or one that contradicts itself"


@pytest.mark.parametrize(
    ("state", "times", "prepare", "pay", "status", "taken_back"),
    [
        (1, {}, PREPARED, "state 1", PREPARED, "state 1"),
        (2, {"perform_time": 6}, Accepted("5123"), Accepted("5123"), Accepted("5123"), "state 2"),
        (2, {}, Accepted("5123"), "performed, but at no time", "performed, but at no time", "state 2"),
        (-1, {"cancel_time": 7}, Cancelled("state -1"), "state -1", Cancelled("state -1"), Cancelled("state -1")),
        (
            -2,
            {"perform_time": 6, "cancel_time": 7},
            Cancelled("state -2"),
            "state -2",
            Cancelled("state -2"),
            Cancelled("state -2"),
        ),
        (-1, {}, Cancelled("state -1"), "state -1", Cancelled("state -1"), Cancelled("state -1")),
        (1, {"perform_time": 6}, *[CONTRADICTION] * 4),
        (1, {"cancel_time": 7}, *[CONTRADICTION] * 4),
        (2, {"perform_time": 6, "cancel_time": 7}, *[CONTRADICTION] * 4),
        (-1, {"perform_time": 6, "cancel_time": 7}, *[CONTRADICTION] * 4),
    ],
)
def test_states(
    state: int,
    times: dict[str, int],
    prepare: Answer | str,
    pay: Answer | str,
    status: Answer | str,
    taken_back: Answer | str,
) -> None:
    """A pay is good in one state alone, and with a time; a text is what is unknown about it, and an alarm."""
    answers = (prepare, pay, status, taken_back, taken_back)
    for verb, expected in zip(ASKED_OF_A_TRANSACTION, answers, strict=True):
        answer = about(verb, BASE | {"state": state} | times)
        if isinstance(expected, str):
            assert isinstance(answer, Unknown)
            assert answer.alarm
            assert answer.why.endswith(expected)
        else:
            assert answer == expected


@pytest.mark.parametrize("verb", ASKED_OF_A_TRANSACTION)
@pytest.mark.parametrize(
    "wrong",
    [
        {"state": None},
        {"state": "2"},
        {"state": True},
        {"state": 2.0},
        {"state": Decimal(2)},
        {"state": 0},
        {"state": 3},
        {"state": -3},
        {"state": [2]},
        {"perform_time": "6"},
        {"perform_time": -6},
        {"perform_time": True},
        {"perform_time": Decimal("6.0")},
        {"cancel_time": False},
        {"create_time": "2026-11-21"},
        {"transaction": True},
        {"transaction": 5123.0},
        {"transaction": ["5123"]},
    ],
)
def test_a_wrong_type_is_no_answer(verb: Verb, wrong: dict[str, Any]) -> None:
    assert read_transaction(PERFORMED | wrong) is None
    answer = about(verb, PERFORMED | wrong)
    assert isinstance(answer, Unknown)
    assert answer.alarm


@pytest.mark.parametrize("verb", ASKED_OF_A_TRANSACTION)
def test_a_missing_state_is_no_answer(verb: Verb) -> None:
    for values in ({}, BASE, {"transaction": "5123", "perform_time": 6}):
        answer = about(verb, dict(values))
        assert isinstance(answer, Unknown)
        assert answer.alarm


@pytest.mark.parametrize("verb", [Verb.PAY, Verb.STATUS, Verb.WITHDRAW, Verb.CANCEL])
def test_another_number_than_the_remembered_one_is_an_alarm(verb: Verb) -> None:
    state = -2 if verb in {Verb.WITHDRAW, Verb.CANCEL} else 2
    others: list[object] = ["5124", 5124, "05123"]
    for number in others:
        answer = about(verb, PERFORMED | {"state": state, "transaction": number}, transaction="5123")
        assert answer == Unknown(f"{METHODS[verb]}: the answer is about another transaction", alarm=True)
    same: list[object] = ["5123", 5123, " 5123", None]
    for number in same:
        answer = about(verb, PERFORMED | {"state": state, "transaction": number}, transaction="5123")
        assert answer == (Accepted("5123") if state > 0 else Cancelled("state -2"))


def test_a_cancel_knows_the_number_from_its_parameters() -> None:
    question = Question(verb=Verb.CANCEL, parameters={"id": id_of(1), "transaction": "5123"})
    assert answer_about(question, {"state": -2, "transaction": "5123"}) == Cancelled("state -2")
    assert isinstance(answer_about(question, {"state": -2, "transaction": "5124"}), Unknown)


def test_a_provider_without_numbers_can_be_paid() -> None:
    """Its number is for people; the id is what everything hangs on."""
    assert about(Verb.PREPARE, {"state": 1, "create_time": 5}) == Prepared({"transaction": "", "create_time": "5"})
    paid = about(Verb.PAY, {"state": 2, "perform_time": 6}, transaction="", create_time="5")
    assert paid == Accepted("")


ROW: dict[str, Any] = {
    "id": id_of(900_001),
    "time": 4,
    "amount": 500_000,
    "account": {"login": "ali77"},
    **PERFORMED,
    "receivers": None,
}
LINE = StatementLine(900_001, id_of(900_001), 500_000, "5123")


def row(*missing: str, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (ROW | changes).items() if key not in missing}


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (row(), LINE),
        (row(amount=Decimal("500000.0")), LINE),
        (row(amount=Decimal("5E+5")), LINE),
        (row(account={"inner": 17}), LINE),
        (row("account", "receivers", "create_time", "reason"), LINE),
        (row("state"), LINE),
        (row(state=None), LINE),
        (row("amount"), LINE._replace(amount_minor=None)),
        (row("transaction"), LINE._replace(provider_reference="")),
        (row("id", transaction=id_of(900_001)), LINE._replace(provider_reference="")),
        (row(id="5f00c1d2e3f4a5b6c7d8e9f0"), LINE._replace(reference=0, key="5f00c1d2e3f4a5b6c7d8e9f0")),
        (row(id="of another kind"), LINE._replace(reference=0, key="of another kind")),
        (row(state=1, perform_time=0), None),
        (row(state=-1, perform_time=0, cancel_time=7), None),
        (row(state=-2, cancel_time=7), None),
        (row("state", perform_time=0), None),
        (row("state", cancel_time=7), None),
        (row("state", perform_time=0, cancel_time=7), None),
    ],
)
def test_a_line_is_what_is_performed(item: dict[str, Any], line: StatementLine | None) -> None:
    """Providers differ: some name no state, some no id, some an amount with a point."""
    assert read_line(item) == line


@pytest.mark.parametrize(
    "item",
    [
        {},
        row("state", "perform_time"),
        row("state", perform_time=None),
        row(state="2"),
        row(state=3),
        row(state=2, cancel_time=7),
        row(state=1),
        row(state=-1),
        row("id", "transaction"),
        row(id=17),
        row("id", transaction=5123),
        row(amount=0),
        row(amount=-500_000),
        row(amount=True),
        row(amount="500000"),
        row(amount=Decimal("500000.5")),
        row(amount=Decimal("1E+999999")),
        row(amount=10**18 + 1),
        row(perform_time="6"),
        row(perform_time=0),
    ],
)
def test_a_row_that_cannot_be_read_voids_the_statement(item: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_line(item)
