"""Confirm and cancel: only the exact code pays, once; every other text about it says where the money is."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from smsgw.domain.payment import State
from smsgw.service.expire import expire
from tests.house import ANNA, BORIS, PAY, House, house_rules, soums

OTHER = "SARKOR*n25657*50000*parol1"


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06d}"


async def test_the_right_code_holds_amount_and_fee_and_orders_the_payment_in_one_step(house: House) -> None:
    await house.text(PAY)
    await house.receive(house.code)

    assert (await house.payment()).state is State.PROCESSING
    assert await house.available() == "949500"
    assert [call.kind for call in house.calls] == ["pay"]


@pytest.mark.proves("A54")
@pytest.mark.parametrize("form", ["{}", " {} ", "код {}", "CODE:{}.", "да {}"])
async def test_the_code_is_taken_in_every_form_that_people_send_it_in(house: House, form: str) -> None:
    await house.text(PAY)

    assert await house.text(form.format(house.code)) == ["receipt"]


async def test_our_own_code_text_forwarded_whole_is_its_code(house: House) -> None:
    await house.text(PAY)

    assert await house.text(house.last_text) == ["receipt"]


@pytest.mark.proves("A54")
async def test_another_text_with_six_digits_is_no_attempt_and_says_what_is_awaited(house: House) -> None:
    await house.text(PAY)

    assert await house.text(f"Bank: never tell the code {house.code} to anyone, operation 5000") == ["need_code"]
    assert (await house.payment()).wrong_codes == 0


async def test_wrong_codes_count_down_and_the_fifth_ends_the_payment(house: House) -> None:
    await house.text(PAY)
    code = house.code
    for by, left in ((1, 4), (2, 3), (3, 2), (4, 1)):
        assert await house.text(wrong(code, by)) == ["wrong_code"]
        assert f" {left}" in house.last_text
    assert await house.text(wrong(code, 5)) == ["code_dead"]
    assert await house.text(code) == ["code_dead"]
    assert (await house.payment()).state is State.CODE_SPENT
    assert await house.available() == "1000000"


async def test_the_same_wrong_code_twice_counts_once(house: House) -> None:
    await house.text(PAY)
    for _ in range(3):
        await house.text(wrong(house.code))

    assert (await house.payment()).wrong_codes == 1


@pytest.mark.proves("A56")
async def test_ten_wrong_codes_in_a_row_over_payments_pause_paying(house: House) -> None:
    for account in ("n25656", "n25657"):
        await house.text(f"SARKOR*{account}*50000*parol1")
        code = house.code
        for by in range(1, 6):
            await house.text(wrong(code, by))

    assert await house.text(PAY) == ["locked"]


@pytest.mark.proves("F5")
async def test_the_same_right_code_twice_pays_once(house: House) -> None:
    await house.text(PAY)
    code = house.code

    assert await house.text(code) == ["receipt"]
    assert await house.text(code) == ["status_executed"]
    assert await house.available() == "949500"


async def test_the_right_code_again_while_the_provider_is_asked_says_so(house: House) -> None:
    await house.text(PAY)
    code = house.code
    await house.receive(code)
    await house.receive(code)

    assert [sms.event for sms in house.texts] == ["processing"]


@pytest.mark.proves("A51", "F52")
async def test_fifty_right_codes_at_once_pay_once(house: House) -> None:
    await house.text(PAY)
    code = house.code
    await asyncio.gather(*(house.receive(code) for _ in range(50)))
    await house.work_off()

    assert house.events.count("receipt") == 1
    assert await house.available() == "949500"


@pytest.mark.parametrize(("after_s", "events"), [(300, ["receipt"]), (300.000_001, ["code_expired"])])
async def test_the_code_lives_three_hundred_seconds(house: House, after_s: float, events: list[str]) -> None:
    await house.text(PAY)
    house.clock.passes(after_s)

    assert await house.text(house.code) == events


async def test_a_code_after_its_expiry_was_written_gets_the_same_answer(house: House) -> None:
    await house.text(PAY)
    code = house.code
    house.clock.passes(400)
    await expire(house.store, house.rules)

    assert await house.text(code) == ["code_expired"]
    assert (await house.payment()).state is State.EXPIRED


async def test_the_code_of_a_replaced_request_has_its_own_answer_and_counts_nothing(house: House) -> None:
    await house.text(PAY)
    old = house.code
    await house.text(OTHER)

    assert await house.text(old) == ["code_of_old"]
    assert (await house.payment()).wrong_codes == 0
    assert await house.text(house.code) == ["receipt"]


async def test_a_code_of_another_subscriber_pays_nothing(house: House) -> None:
    await house.enrol(BORIS)
    await house.text(PAY)
    code = house.code
    await house.text("SARKOR*n25658*700*parol1", BORIS)

    assert await house.text(code, BORIS) == ["wrong_code"]
    assert await house.available(ANNA) == "1000000"


@pytest.mark.proves("F26")
async def test_a_code_while_nothing_waits_says_so(house: House) -> None:
    assert await house.text("483920") == ["nothing_pending"]


@pytest.mark.proves("F26")
async def test_a_code_before_the_account_is_checked_says_that_it_will_come(house: House) -> None:
    await house.receive(PAY)
    await house.receive("483920")

    assert [sms.event for sms in house.texts] == ["checking"]


async def test_too_little_money_ends_the_payment_and_holds_nothing() -> None:
    house = House()
    await house.enrol(money_in="50499.99")
    await house.text(PAY)

    assert await house.text(house.code) == ["no_money"]
    assert (await house.payment()).state is State.NOT_EXECUTED
    assert await house.available() == "50499.99"


async def test_exactly_enough_money_is_enough() -> None:
    house = House()
    await house.enrol(money_in="50500")
    await house.text(PAY)

    assert await house.text(house.code) == ["receipt"]
    assert await house.available() == "0"


@pytest.mark.parametrize(
    ("day", "month", "events"),
    [
        ("50000", "60000000", ["receipt"]),
        ("49999.99", "60000000", ["over_limit_day"]),
        ("5000000", "49999.99", ["over_limit"]),
    ],
)
async def test_limits_of_day_and_month_are_kept(day: str, month: str, events: list[str]) -> None:
    rules = house_rules()
    house = House(replace(rules, limits=replace(rules.limits, day=soums(day), month=soums(month))))
    await house.enrol()
    await house.text(PAY)

    assert await house.text(house.code) == events


async def test_zero_cancels_and_the_code_no_longer_works(house: House) -> None:
    await house.text(PAY)
    code = house.code

    assert await house.text("0") == ["cancelled"]
    assert await house.text(code) == ["status_closed"]
    assert await house.available() == "1000000"


async def test_cancelling_while_the_provider_is_asked_ends_the_check_too(house: House) -> None:
    await house.receive(PAY)

    assert await house.text("0") == ["cancelled"]
    assert (await house.payment()).state is State.CANCELLED


async def test_what_is_being_paid_cannot_be_cancelled_by_a_text(house: House) -> None:
    await house.text(PAY)
    await house.receive(house.code)
    await house.receive("0")

    assert [sms.event for sms in house.texts] == ["too_late_to_cancel"]


async def test_nothing_to_cancel_says_so(house: House) -> None:
    assert await house.text("нет") == ["nothing_to_cancel"]


async def test_a_code_for_a_provider_that_was_taken_out_of_the_configuration_is_answered(house: House) -> None:
    """Nothing is held; with the provider back in time, the same code still pays."""
    await house.text(PAY)
    sarkor = house.providers.pop("sarkor")

    assert await house.text(house.code) == ["bank_down"]
    assert await house.available() == "1000000"
    house.providers["sarkor"] = sarkor
    assert await house.text(house.code) == ["receipt"]


@pytest.mark.proves("A66")
async def test_the_same_wrong_code_is_answered_as_often_as_any_text_and_no_more() -> None:
    """It spends no try, so nothing else would end it."""
    house = House()
    await house.enrol()
    await house.text(PAY)
    wrong = f"{(int(house.code) + 1) % 1_000_000:06d}"
    limit, heard = house.rules.limits.answers_per_hour, Counter[str]()
    for _ in range(limit + 10):
        heard.update(await house.text(wrong))
        house.clock.passes(1)

    # The text that asked for the payment counts too; the first wrong code is a try, and does not.
    assert heard == {"wrong_code": limit, "flood": 1}
    assert await house.text(house.code) == ["receipt"]
