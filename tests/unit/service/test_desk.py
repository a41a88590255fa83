"""The order of judgement: strangers, floods, then the text; every text has an answer or a named silence."""

import pytest

from tests.house import BORIS, PAY, House


async def test_a_stranger_hears_once_a_day_that_he_is_not_registered(house: House) -> None:
    assert await house.text(PAY, BORIS) == ["not_registered"]
    assert await house.text("BALANCE", BORIS) == []
    house.clock.passes(24 * 3600)
    assert await house.text(PAY, BORIS) == ["not_registered"]


async def test_a_stranger_who_asks_for_help_gets_help(house: House) -> None:
    assert await house.text("HELP", BORIS) == ["help"]


async def test_twenty_answers_an_hour_then_one_notice_then_silence(house: House) -> None:
    for _ in range(20):
        assert await house.text("HELP") == ["help"]
    assert await house.text("HELP") == ["flood"]
    assert await house.text("HELP") == []
    house.clock.passes(3600)
    assert await house.text("HELP") == ["help"]


async def test_a_flood_never_stops_a_code_or_a_cancel(house: House) -> None:
    for _ in range(19):
        await house.text("HELP")
    await house.text(PAY)
    await house.text("HELP")

    assert await house.text(house.code) == ["receipt"]


async def test_a_payment_in_a_flood_is_not_started(house: House) -> None:
    for _ in range(22):
        await house.text("HELP")

    assert await house.text(PAY) == []
    assert house.hasher.verified == 0


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("", "help"),
        ("?", "help"),
        ("ПОМОЩЬ САРКОР", "help_provider"),
        ("sarkor", "help_provider"),
        ("HELP IMEI", "help_fixed"),
        ("LIST", "list"),
        ("BALANCE", "balance"),
        ("STATUS", "status_none"),
        ("да", "nothing_pending"),
        ("код", "nothing_pending"),
        ("50000", "unpaid_digits"),
        ("7", "unpaid_digits"),
        ("hello there", "unknown"),
        ("SARKOR*n25656*50.000*parol1", "amount_unclear"),
        ("SARKOR*n25656*50k*parol1", "amount_suggest"),
        ("SARKOR*n25656*50000", "no_password"),
        ("SARKOR*n25656*499*parol1", "amount_range"),
        ("IMEI*490154203237518*50000*parol1", "amount_fixed"),
        ("IMEI*490154203237519*parol1", "bad_digit"),
        ("SARKOR*n2565O*50000*parol1", "account_suggest"),
        ("SARKOR*n25656*50000*parol", "no_password"),
        ("SARCOR*n25656*50000*parol1", "did_you_mean"),
        ("XYZ*1*50000*parol1", "no_provider"),
        ("SARKOR*8600123412341234*50000*parol1", "card_number"),
        ("SARKOR*50000*n25656*parol1", "corrected"),
        ("SARKOR*n25656*50000*раrol1", "pass_letters"),
    ],
)
async def test_every_text_has_its_answer_and_costs_no_hash(house: House, text: str, event: str) -> None:
    assert await house.text(text) == [event]
    assert house.hasher.verified == 0


@pytest.mark.parametrize("word", ["да", "yes", "ha", "ok"])
async def test_a_word_never_pays(house: House, word: str) -> None:
    await house.text(PAY)

    assert await house.text(word) == ["need_code"]


@pytest.mark.parametrize("text", ["да", "Bank: Code 777777, tell nobody", "КОД", "STATUS"])
@pytest.mark.parametrize(("after_s", "expired"), [(300, False), (300.000_001, True)])
async def test_nobody_is_asked_for_a_code_after_its_deadline(
    house: House, text: str, after_s: float, *, expired: bool
) -> None:
    """Before the sweep has come to it, too."""
    await house.text(PAY)
    house.clock.passes(after_s)

    assert (await house.text(text) == ["code_expired"]) is expired


@pytest.mark.parametrize("word", ["КОД", "qayta", "RESEND", "повтор"])
async def test_the_code_again_is_the_same_code_three_times_at_most(house: House, word: str) -> None:
    await house.text(PAY)
    first = house.code
    for _ in range(3):
        house.clock.passes(30)
        assert await house.text(word) == ["resent"]
        assert house.code == first
    house.clock.passes(30)
    assert await house.text(word) == ["no_more_resend"]


async def test_asking_for_information_leaves_the_code_alone(house: House) -> None:
    await house.text(PAY)
    await house.text("BALANCE")

    assert await house.text(house.code) == ["receipt"]
