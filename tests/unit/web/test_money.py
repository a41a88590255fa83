"""Money operations: a person, a reason, one spelling of everything, and nothing twice."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import pytest

from smsgw.domain.actions import REASON_LENGTH_MAX
from smsgw.domain.calls import Accepted, Answer, Capabilities, RefusalReason, Refused, Unknown, Verb
from smsgw.domain.reconciliation import Reconciliation
from smsgw.domain.statement import Statement, StatementLine
from smsgw.service.reconcile import NotReconciled
from smsgw.web import money as module
from smsgw.web.documents import Document
from smsgw.web.money import BUSY, RUNNING, MoneyOperations, is_day
from smsgw.web.operators import OPERATOR_NEEDED
from smsgw.web.problems import Problem
from smsgw.web.runs import RUNS_MAX
from tests.back_office import DAY, money_of, paid
from tests.house import ANNA, BORIS, House

WHY = "the subscriber called"
REPORTS = Capabilities(statement=True)


def good(answer: Document | Problem) -> dict[str, Any]:
    assert not isinstance(answer, Problem), answer
    return answer


def refused(answer: Document | Problem) -> tuple[int, str]:
    assert isinstance(answer, Problem), answer
    return answer.status, answer.reason


@pytest.fixture
def money(house: House) -> MoneyOperations:
    return money_of(house).of("aziza")


async def test_whoever_is_no_person_moves_nothing(house: House) -> None:
    number, nobody = await paid(house), money_of(house)
    assert await nobody.refund(number, WHY, by_house=False) == OPERATOR_NEEDED
    assert await nobody.resolve(number, WHY, paid=True) == OPERATOR_NEEDED
    assert await nobody.taken_back(number, WHY) == OPERATOR_NEEDED
    assert await nobody.adjust(ANNA, "1", "k", WHY, into=True) == OPERATOR_NEEDED
    assert await nobody.close_day("sarkor", DAY, WHY) == OPERATOR_NEEDED
    assert await nobody.approve("refund:1:1") == OPERATOR_NEEDED
    assert await nobody.reject("refund:1:1", WHY) == OPERATOR_NEEDED
    assert await house.available() == "949500"
    assert good(await nobody.actions(None, 5)) == {"actions": []}


@pytest.mark.parametrize(
    ("reason", "fits"),
    [
        ("", False),
        (" \t\n", False),
        ("x", True),
        ("  x  ", True),
        ("x" * REASON_LENGTH_MAX, True),
        ("x" * (REASON_LENGTH_MAX + 1), False),
        (" " + "ж" * REASON_LENGTH_MAX + " ", True),
        ("two\nlines", False),
        ("a\tb", False),
        ("a\x00b", False),
        ("a\x1b[2Jb", False),
        ("a\u202eb", False),
        ("a\u2028b", False),
        ("a\ud800b", False),
        ("O'zbekcha: to'landi, ёлғиз", True),
    ],
)
async def test_a_reason_is_a_line_of_plain_text(house: House, money: MoneyOperations, reason: str, fits: bool) -> None:  # noqa: FBT001 -- a column
    number = await paid(house)
    answer = await money.refund(number, reason, by_house=True)
    if fits:
        assert good(answer)["reason"] == reason.strip()
    else:
        assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value")
        assert await house.available() == "949500"


async def test_a_refund_is_done_once_however_often_it_is_asked_for(house: House, money: MoneyOperations) -> None:
    number = await paid(house)
    first = good(await money.refund(number, WHY, by_house=True))
    again = good(await money.of("bobur").refund(number, "me too", by_house=True))
    assert (first["state"], first["asked_by"], first["amount"]["amount"]) == ("done", "aziza", "50500.00")
    assert again == first
    assert await house.available() == "1000000"


async def test_the_house_gives_back_without_the_provider(house: House, money: MoneyOperations) -> None:
    number = await paid(house, Capabilities(cancels=True))
    assert good(await money.refund(number, WHY, by_house=True))["kind"] == "give_back"
    assert Verb.CANCEL not in [verb for verb, _ in house.providers["sarkor"].asked]


async def test_what_the_provider_takes_back_is_sent_first(house: House, money: MoneyOperations) -> None:
    number = await paid(house, Capabilities(cancels=True))
    sent = good(await money.refund(number, WHY, by_house=False))
    assert (sent["state"], sent["meaning"][:24]) == ("sent", "nothing has moved yet: t")
    await house.work_off()
    assert good(await money.action(sent["id"]))["state"] == "done"


async def test_a_cancel_without_an_answer_ends_by_a_person_s_word(house: House, money: MoneyOperations) -> None:
    number = await paid(house, Capabilities(cancels=True))
    house.providers["sarkor"].answers[Verb.CANCEL].extend([Unknown("time-out")] * 99)
    sent = good(await money.refund(number, WHY, by_house=False))
    assert refused(await money.taken_back(number, WHY)) == (HTTPStatus.CONFLICT, "not_now")
    for _ in range(60):
        house.clock.passes(1800)
        await house.claim()
    assert good(await money.taken_back(number, WHY))["state"] == "done"
    assert good(await money.action(sent["id"]))["state"] == "done"
    assert await house.available() == "1000000"


@pytest.mark.parametrize(("said_paid", "available"), [(True, "949500"), (False, "1000000")])
async def test_a_parked_payment_is_resolved(
    house: House,
    money: MoneyOperations,
    said_paid: bool,  # noqa: FBT001 -- a column
    available: str,
) -> None:
    number = await paid(house, pay=Unknown("time-out"))
    assert good(await money.resolve(number, WHY, paid=said_paid))["state"] == "done"
    assert await house.available() == available


@pytest.mark.parametrize(
    ("pay", "reason"), [(Refused(RefusalReason.OTHER, "7"), "not_now"), (Unknown("time-out"), "not_now")]
)
async def test_only_what_was_executed_is_refunded(
    house: House, money: MoneyOperations, pay: Answer, reason: str
) -> None:
    number = await paid(house, pay=pay)
    assert refused(await money.refund(number, WHY, by_house=False)) == (HTTPStatus.CONFLICT, reason)


async def test_an_executed_payment_is_nobody_s_to_resolve(house: House, money: MoneyOperations) -> None:
    number = await paid(house, pay=Accepted("P-1"))
    assert refused(await money.resolve(number, WHY, paid=False)) == (HTTPStatus.CONFLICT, "not_now")


@pytest.mark.parametrize(
    ("number", "reason"),
    [("1", "no_payment"), ("x", "wrong_value"), ("", "wrong_value"), ("9" * 13, "wrong_value"), ("-1", "wrong_value")],
)
async def test_there_must_be_such_a_payment(money: MoneyOperations, number: str, reason: str) -> None:
    assert refused(await money.refund(number, WHY, by_house=False))[1] == reason
    assert refused(await money.resolve(number, WHY, paid=True))[1] == reason


@pytest.mark.parametrize(
    "amount", ["1e9", "-5", "NaN", "0", "", "1,5", "0.001", "+1", "10000000000000.01", "9" * 5000, "٣"]
)
async def test_an_adjustment_moves_a_plain_sum(house: House, money: MoneyOperations, amount: str) -> None:
    refusal = await money.adjust(ANNA, amount, "case-17", WHY, into=True)
    assert refused(refusal) == (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value")
    assert await house.available() == "1000000"


@pytest.mark.parametrize("key", ["", "x" * 41, " k", "a\nb", "a\x1bb"])
async def test_an_adjustment_needs_a_plain_key(money: MoneyOperations, key: str) -> None:
    assert refused(await money.adjust(ANNA, "1", key, WHY, into=True))[1] == "wrong_value"


async def test_one_key_is_one_adjustment(house: House, money: MoneyOperations) -> None:
    first = good(await money.adjust(ANNA, "500", "case/17", WHY, into=False))
    assert first["amount"] == {"amount": "-500.00", "currency": "UZS"}
    assert await money.adjust(ANNA, "500.00", "case/17", "again", into=False) == first
    for number, amount, into in ((ANNA, "501", False), (ANNA, "500", True)):
        other = await money.adjust(number, amount, "case/17", WHY, into=into)
        assert refused(other) == (HTTPStatus.CONFLICT, "other_under_key")
    assert await house.available() == "999500"


async def test_a_stranger_s_wallet_is_not_corrected(money: MoneyOperations) -> None:
    assert refused(await money.adjust(BORIS, "1", "k", WHY, into=True)) == (HTTPStatus.CONFLICT, "not_now")
    assert refused(await money.adjust("901234567", "1", "k", WHY, into=True))[1] == "wrong_value"


async def proposed(house: House, money: MoneyOperations) -> str:
    """A refund above the house's limit; its id."""
    action = good(await money.refund(await paid(house, amount="200000"), WHY, by_house=True))
    assert action["state"] == "proposed"
    assert action["meaning"] == "nothing has moved yet: another operator than aziza has to approve it"
    return str(action["id"])


async def test_who_asks_does_not_decide_and_who_decides_does_it_once(house: House, money: MoneyOperations) -> None:
    action, bobur = await proposed(house, money), money.of("bobur")
    assert refused(await money.approve(action)) == (HTTPStatus.FORBIDDEN, "same_person")
    assert await house.available() == "798000"
    done = good(await bobur.approve(action, "looked at it"))
    assert done["decided_by"] == "bobur"
    assert good(await bobur.approve(action)) == done
    assert refused(await money.of("cyrus").approve(action)) == (HTTPStatus.CONFLICT, "decided")
    assert refused(await bobur.reject(action, WHY)) == (HTTPStatus.CONFLICT, "decided")
    assert await house.available() == "1000000"


async def test_what_is_rejected_says_so(house: House, money: MoneyOperations) -> None:
    action = await proposed(house, money)
    assert refused(await money.reject(action, ""))[1] == "wrong_value"
    assert good(await money.reject(action, "another payment"))["note"] == "another payment"
    assert [each["state"] for each in good(await money.actions("rejected", 5))["actions"]] == ["rejected"]
    assert good(await money.actions("proposed", 5)) == {"actions": []}


@pytest.mark.parametrize("action_id", ["refund:1:1", "../payments", "a/b%2Fc", "x" * 500, "a\x1b[2Jb", "", "%00"])
async def test_there_must_be_such_an_action(money: MoneyOperations, action_id: str) -> None:
    """And nothing of what was asked for is repeated, unless it could be an id."""
    for answer in (
        await money.action(action_id),
        await money.approve(action_id),
        await money.reject(action_id, WHY),
    ):
        assert refused(answer) == (HTTPStatus.NOT_FOUND, "no_action")
        assert isinstance(answer, Problem)
        assert answer.detail.isprintable()


@pytest.mark.parametrize(("state", "limit"), [("gone", 5), ("", 5), (None, 0), (None, 1001)])
async def test_a_list_has_a_state_and_a_limit(money: MoneyOperations, state: str | None, limit: int) -> None:
    assert refused(await money.actions(state, limit))[1] == "wrong_value"


async def test_a_list_masks_numbers_and_one_action_does_not(money: MoneyOperations) -> None:
    action = good(await money.adjust(ANNA, "500", "case-17", WHY, into=True))
    assert ANNA not in str(await money.actions(None, 5))
    assert good(await money.action(action["id"]))["subject"] == ANNA


def over(house: House, number: str | None = None, minor: int = 5_000_000) -> None:
    """The day is over; its statement has this payment."""
    house.clock.passes(24 * 3600)
    lines = (StatementLine(int(number), number, minor),) if number is not None else ()
    house.providers["sarkor"].statements.append(Statement(lines, "ab" * 32))


async def test_a_day_is_reconciled_shown_and_closed(house: House, money: MoneyOperations) -> None:
    await paid(house, REPORTS)
    over(house, str((await house.payment()).id))
    report = good(await money.reconcile("sarkor", DAY))
    assert (report["equal"], report["matched"]) == (
        True,
        {"payments": 1, "sum": {"amount": "50000.00", "currency": "UZS"}},
    )
    day = good(await money.day("sarkor", DAY))
    assert (day["running"], day["failure"], day["report"], day["registries"]) == (False, None, report, [])
    assert good(await money.days("sarkor", 5))["days"][0]["day"] == DAY
    closed = good(await money.close_day("sarkor", DAY, WHY))
    assert (closed["state"], closed["amount"]["amount"]) == ("done", "50000.00")
    assert good(await money.close_day("sarkor", DAY, WHY)) == closed
    assert refused(await money.close_day("sarkor", DAY, "again")) == (HTTPStatus.CONFLICT, "not_now")


async def test_a_difference_is_named(house: House, money: MoneyOperations) -> None:
    number = await paid(house, REPORTS)
    over(house)
    report = good(await money.reconcile("sarkor", DAY))
    (finding,) = report["findings"]
    assert (report["equal"], report["missing"]["payments"]) == (False, 1)
    assert (finding["difference"], finding["number"], finding["theirs"]) == ("missing", number, None)
    assert finding["ours"]["amount"] == "50000.00"
    assert "findings" not in good(await money.days("sarkor", 5))["days"][0]


async def test_a_day_that_could_not_be_compared_says_why_until_it_could(house: House, money: MoneyOperations) -> None:
    await paid(house, REPORTS)
    assert refused(await money.reconcile("sarkor", DAY)) == (HTTPStatus.CONFLICT, "not_reconciled")
    assert good(await money.day("sarkor", DAY))["failure"] == f"{DAY} is not over yet in Asia/Tashkent"
    over(house)
    good(await money.reconcile("sarkor", DAY))
    assert good(await money.day("sarkor", DAY))["failure"] is None


async def test_a_run_that_takes_longer_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.001)
    go_on = asyncio.Event()

    async def run(*_: str) -> Reconciliation | NotReconciled:
        await go_on.wait()
        return NotReconciled("HTTP 502")

    money = money_of(house, run)
    async with money.runs:
        assert await money.reconcile("sarkor", DAY) == RUNNING
        assert good(await money.day("sarkor", DAY))["running"] is True
        others = [await money.reconcile("sarkor", f"2026-10-{day:02d}") for day in range(1, RUNS_MAX + 1)]
        assert others == [RUNNING] * (RUNS_MAX - 1) + [BUSY]
        go_on.set()
        await money.runs.wait("sarkor", DAY, 5.0)
        assert good(await money.day("sarkor", DAY))["failure"] == "HTTP 502"


@pytest.mark.parametrize(
    ("provider", "day", "reason"),
    [
        ("nobody", DAY, "no_provider"),
        ("", DAY, "no_provider"),
        ("SARKOR", DAY, "no_provider"),
        ("sarkor", "20261118", "wrong_value"),
        ("sarkor", "2026-W47-3", "wrong_value"),
        ("sarkor", "2026-02-30", "wrong_value"),
        ("sarkor", "9999-12-31", "wrong_value"),
        ("sarkor", "0001-01-01", "wrong_value"),
        ("sarkor", "../../", "wrong_value"),
        ("sarkor", "", "wrong_value"),
    ],
)
async def test_a_day_is_a_provider_s_and_has_one_spelling(
    money: MoneyOperations, provider: str, day: str, reason: str
) -> None:
    """Under another spelling the same day could be closed once more."""
    assert refused(await money.reconcile(provider, day))[1] == reason
    assert refused(await money.day(provider, day))[1] == reason
    assert refused(await money.close_day(provider, day, WHY))[1] == reason


async def test_the_days_of_a_provider_are_listed(money: MoneyOperations) -> None:
    assert good(await money.days("sarkor", 1)) == {"days": []}
    assert refused(await money.days("nobody", 1))[1] == "no_provider"
    assert refused(await money.days("sarkor", 0))[1] == "wrong_value"


@pytest.mark.parametrize(("text", "fits"), [("2000-01-01", True), ("2999-12-31", True), ("1999-12-31", False)])
def test_days_are_of_this_age(text: str, fits: bool) -> None:  # noqa: FBT001 -- a column
    assert is_day(text) is fits
