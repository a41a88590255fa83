"""What operations may ask and do: every answer is a document, every refusal names the thing and the mend."""

from dataclasses import replace
from http import HTTPStatus

import pytest

from smsgw.domain.money import UZS
from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.service.day_hashes import close_days
from smsgw.service.rules import Allowance
from smsgw.web.documents import Document
from smsgw.web.operations import LISTED_MAX, Operations, read_amount, read_number
from smsgw.web.problems import Problem
from tests.house import ANNA, BORIS, CHEAP, PAY, House, soums


def good(answer: Document | Problem) -> Document:
    assert not isinstance(answer, Problem), answer
    return answer


def refused(answer: Document | Problem) -> tuple[HTTPStatus, str]:
    assert isinstance(answer, Problem), answer
    return answer.status, answer.reason


@pytest.mark.parametrize("number", ["+998901234567", "+77011234567"])
def test_a_number_with_its_country_is_read(number: str) -> None:
    assert read_number(number) == number


@pytest.mark.parametrize("number", ["901234567", "998901234567", " 998901234567", "+1", "+abc", "", "1400"])
def test_a_number_that_could_be_another_country_s_is_refused(number: str) -> None:
    assert isinstance(read_number(number), Problem)


@pytest.mark.parametrize(("text", "minor"), [("1", 100), ("50000.5", 5_000_050), ("0.01", 1)])
def test_an_amount_is_decimal_text(text: str, minor: int) -> None:
    amount = read_amount(text, UZS)
    assert not isinstance(amount, Problem)
    assert amount.minor == minor


@pytest.mark.parametrize("text", ["0", "0.00", "-1", "1e3", "1,5", "0.001", "", "1.", "NaN", "999999999999999999999"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    assert isinstance(read_amount(text, UZS), Problem)


async def test_a_new_subscriber_can_pay_at_once(house: House, operations: Operations) -> None:
    added = good(await operations.add_subscriber(BORIS, Secret("parol2"), "en"))
    await operations.top_up(BORIS, "60000", "till", "k1")

    assert (added["registered"], added["language"]) == (True, "en")
    assert await house.text("SARKOR*n25656*50000*parol2", BORIS) == ["code"]


async def test_the_old_password_is_worth_nothing_after_a_new_one(house: House, operations: Operations) -> None:
    good(await operations.add_subscriber(ANNA, Secret("another9"), "en"))

    assert await house.text(PAY) == ["wrong_password"]


@pytest.mark.parametrize("password", ["", "ab1", "123456", "qwerty", "пароль12", "a1b2c3 d4", "x" * 65, "a1234567"])
async def test_a_bad_password_is_refused_without_being_repeated(operations: Operations, password: str) -> None:
    answer = await operations.add_subscriber(ANNA, Secret(password), "")

    assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value")
    assert isinstance(answer, Problem)
    assert not password or password not in answer.detail


async def test_a_language_without_texts_is_refused(operations: Operations) -> None:
    assert refused(await operations.add_subscriber(ANNA, Secret("parol12"), "fr"))[1] == "wrong_value"


@pytest.fixture
def levelled(house: House) -> Operations:
    """Operations over a configuration with one level."""
    level = Allowance(payment=soums("40000"), day=soums("40000"), month=soums("60000"))
    rules = replace(house.rules, limits=replace(house.rules.limits, levels={"anonymous": level}))
    return Operations(rules, house.store, house.chance, CHEAP)


async def test_a_level_is_set_with_the_registration_or_later_and_shown(levelled: Operations) -> None:
    assert good(await levelled.add_subscriber(BORIS, Secret("parol2"), "en", "anonymous"))["level"] == "anonymous"
    assert good(await levelled.add_subscriber(BORIS, Secret("parol3"), "en"))["level"] == "anonymous"
    assert good(await levelled.identify(BORIS, ""))["level"] == ""
    assert good(await levelled.identify(BORIS, "anonymous"))["level"] == "anonymous"
    assert good(await levelled.show_subscriber(BORIS))["level"] == "anonymous"


async def test_a_level_that_is_not_configured_is_refused_and_changes_nothing(levelled: Operations) -> None:
    refusal = await levelled.identify(ANNA, "vip")

    assert refused(refusal) == (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value")
    assert isinstance(refusal, Problem)
    assert "there are anonymous" in refusal.detail
    assert refused(await levelled.add_subscriber(ANNA, Secret("parol12"), "", "vip"))[1] == "wrong_value"
    assert good(await levelled.show_subscriber(ANNA))["level"] == ""


async def test_without_levels_the_refusal_says_so(operations: Operations) -> None:
    refusal = await operations.identify(ANNA, "vip")

    assert isinstance(refusal, Problem)
    assert "there are none" in refusal.detail


async def test_a_level_is_for_somebody_who_is_registered(levelled: Operations) -> None:
    """A slip in the number must not look like success."""
    assert refused(await levelled.identify(BORIS, "anonymous"))[1] == "not_registered"
    assert refused(await levelled.show_subscriber(BORIS))[1] == "no_subscriber"


async def test_a_level_needs_a_whole_number(levelled: Operations) -> None:
    assert refused(await levelled.identify("901234567", "anonymous"))[1] == "wrong_value"


async def test_a_blocked_subscriber_is_told_so_until_unblocked(house: House, operations: Operations) -> None:
    assert good(await operations.block(ANNA))["blocked"] is True
    assert await house.text(PAY) == ["is_blocked"]
    assert good(await operations.unblock(ANNA))["blocked"] is False
    assert await house.text(PAY) == ["code"]


async def test_a_subscriber_is_shown_with_what_the_wallet_has(operations: Operations) -> None:
    shown = good(await operations.show_subscriber(ANNA))

    assert shown["number"] == ANNA
    assert shown["available"] == {"amount": "1000000.00", "currency": "UZS"}
    assert shown["paused_until"] is None


async def test_nobody_knows_a_number_that_never_texted(operations: Operations) -> None:
    assert refused(await operations.show_subscriber(BORIS)) == (HTTPStatus.NOT_FOUND, "no_subscriber")


async def test_a_top_up_moves_once_whatever_is_repeated(house: House, operations: Operations) -> None:
    first = good(await operations.top_up(ANNA, "500", "till", "k9"))
    again = good(await operations.top_up(ANNA, "500.00", "till", "k9"))
    other = await operations.top_up(ANNA, "501", "till", "k9")

    assert (first["outcome"], again["outcome"]) == ("done", "repeated")
    assert refused(other) == (HTTPStatus.CONFLICT, "other_under_key")
    assert await house.available() == "1000500"


@pytest.mark.parametrize(
    ("number", "amount", "agent", "key", "status"),
    [
        (BORIS, "500", "till", "k", HTTPStatus.NOT_FOUND),
        (ANNA, "0", "till", "k", HTTPStatus.UNPROCESSABLE_ENTITY),
        (ANNA, "500", "no such:agent", "k", HTTPStatus.UNPROCESSABLE_ENTITY),
        (ANNA, "500", "till", "k" * 41, HTTPStatus.UNPROCESSABLE_ENTITY),
        (Msisdn("901234567"), "500", "till", "k", HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
async def test_a_top_up_that_cannot_be_is_refused(
    operations: Operations, number: Msisdn, amount: str, agent: str, key: str, status: HTTPStatus
) -> None:
    assert refused(await operations.top_up(number, amount, agent, key))[0] is status


@pytest.mark.proves("A85")
async def test_a_list_masks_numbers_and_one_subscriber_s_list_does_not(house: House, operations: Operations) -> None:
    await house.text(PAY)
    everybody, anna = good(await operations.payments(None, 10)), good(await operations.payments(ANNA, 10))

    assert ANNA not in str(everybody)
    assert ANNA in str(anna)


@pytest.mark.parametrize(("limit", "fine"), [(0, False), (1, True), (LISTED_MAX, True), (LISTED_MAX + 1, False)])
async def test_a_list_is_bounded(operations: Operations, limit: int, fine: bool) -> None:  # noqa: FBT001 -- a column
    assert isinstance(await operations.payments(None, limit), Problem) is not fine


async def test_a_payment_is_found_by_the_number_of_its_receipt(house: House, operations: Operations) -> None:
    await house.text(PAY)
    await house.text(house.code)
    number = str((await house.payment()).number)
    found = good(await operations.payment(number))

    assert (found["number"], found["state"], found["subscriber"]) == (number, "executed", ANNA)
    assert isinstance(found["call"], dict)
    assert found["call"]["state"] == "done"


@pytest.mark.parametrize(("number", "reason"), [("1", "no_payment"), ("x", "wrong_value"), ("9" * 13, "wrong_value")])
async def test_a_payment_that_is_not_there_is_said_so(operations: Operations, number: str, reason: str) -> None:
    assert refused(await operations.payment(number))[1] == reason


async def test_the_books_of_a_day_are_balanced(house: House, operations: Operations) -> None:
    await house.text(PAY)
    await house.text(house.code)

    assert good(await operations.check_ledger()) == {"balanced": True, "findings": []}


async def test_closed_days_are_shown_with_their_hashes(house: House, operations: Operations) -> None:
    await house.text(PAY)
    await house.text(house.code)
    house.clock.passes(2 * 24 * 3600)
    await close_days(house.store, house.rules)
    (closed, *_), shown = await house.store.reads.day_hashes(1), good(await operations.check_days(1))

    assert shown["as_closed"] is True
    assert shown["days"] == [
        {"day": closed.day, "transfers": 0, "transfers_now": 0, "sha256": closed.sha256, "as_closed": True}
    ]
    assert refused(await operations.check_days(0))[1] == "wrong_value"
