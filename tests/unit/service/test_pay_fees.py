"""Pay, the fee: on top of the texted sum or inside it, and what the subscriber reads and pays either way."""

from dataclasses import replace

import pytest

from smsgw.domain.catalogue import AmountRule, Catalogue, Fee, Provider
from smsgw.parser.words import Lexicon
from tests.house import ANNA, SARKOR, House, house_rules, soums, words

INSIDE = replace(
    SARKOR,
    amount=AmountRule(soums("500"), soums("5000000"), step_minor=100),
    fee=Fee(fixed_minor=20_000, basis_points=150, from_amount=True),
)


async def house_of(payee: Provider, language: str = "en") -> House:
    catalogue = Catalogue((payee,))
    house = House(replace(house_rules(), catalogue=catalogue, lexicon=Lexicon.of(words(), catalogue)))
    await house.enrol(language=language)
    return house


async def test_a_fee_inside_the_sum_leaves_the_provider_the_rest_and_costs_nothing_more() -> None:
    """50000 texted: 750 and 200 are ours, 49050 the provider's, and the wallet pays just the 50000."""
    house = await house_of(INSIDE)
    await house.text("SARKOR*n25656*50000*parol1")
    assert all(word in house.last_text for word in ("49050 ", "fee 950"))
    await house.text(house.code)

    payment = await house.payment()
    assert (payment.amount, payment.fee, payment.total) == (soums("49050"), soums("950"), soums("50000"))
    assert all(word in house.last_text for word in ("49050 ", "fee 950", "total 50000"))
    assert await house.available() == "950000"


async def test_the_same_text_with_the_fee_inside_is_the_same_order() -> None:
    """Repeats are known by what the provider would get, not by what was texted."""
    house = await house_of(INSIDE)
    await house.text("SARKOR*n25656*50000*parol1")
    code = house.code
    house.clock.passes(31)
    assert await house.text("SARKOR*n25656*50000*parol1") == ["resent"]
    await house.text(code)
    assert await house.text("SARKOR*n25656*50000*parol1") == ["duplicate"]
    assert len(await house.store.reads.payments(ANNA, 10)) == 1


@pytest.mark.parametrize(
    ("texted", "events", "named"),
    [
        ("500", ["amount_range"], "Of your 500 it would get 293"),
        ("709", ["amount_range"], "Of your 709 it would get 499"),
        ("710", ["code"], " 500 UZS"),
        ("5076345", ["code"], " 5000000 UZS"),
        ("5076346", ["amount_range"], "Of your 5076346 it would get 5000001"),
        ("50000.50", ["code"], " 49051 UZS to SARKOR n25656, fee 949.50"),  # 950 would leave 49050.50
    ],
)
async def test_what_the_provider_would_get_must_be_what_it_takes(texted: str, events: list[str], named: str) -> None:
    house = await house_of(INSIDE)

    assert await house.text(f"SARKOR*n25656*{texted}*parol1") == events
    assert named in house.last_text


async def test_a_fee_that_eats_the_whole_sum_says_that_nothing_would_come() -> None:
    house = await house_of(replace(INSIDE, fee=Fee(fixed_minor=60_000, from_amount=True)))

    assert await house.text("SARKOR*n25656*599*parol1") == ["amount_range"]
    assert "Of your 599 it would get 0." in house.last_text


async def test_a_sum_with_no_whole_step_in_the_fee_s_reach_is_refused() -> None:
    """0.20 are less than the way from 100.50 to a whole soum; more than the fee is never taken."""
    house = await house_of(replace(INSIDE, fee=Fee(fixed_minor=20, from_amount=True)))

    assert await house.text("SARKOR*n25656*1000.50*parol1") == ["amount_step"]
    assert await house.text("SARKOR*n25656*1000.20*parol1") == ["code"]


@pytest.mark.parametrize("language", ["en", "uz", "ru", "ru-Latn"])
async def test_the_longest_sums_are_named_in_every_language(language: str) -> None:
    amount = AmountRule(soums("9999999.98"), soums("9999999.99"))
    house = await house_of(
        replace(INSIDE, title="SARKOR TELEC", amount=amount, fee=Fee(1_234_567, from_amount=True)), language
    )

    assert await house.text("SARKOR*n25656*9999999.99*parol1") == ["amount_range"]
    assert all(sum_ in house.last_text for sum_ in ("9987654.32", "9999999.98", "9999999.99"))


async def test_money_of_this_source_may_have_a_fee_of_its_own() -> None:
    house = await house_of(replace(SARKOR, source_fees={"wallet": Fee(fixed_minor=100)}))
    await house.text("SARKOR*n25656*50000*parol1")

    assert (await house.payment()).fee == soums("1")


@pytest.mark.parametrize(
    ("language", "words_"),
    [
        ("en", "the fee 1.5%+200 is taken from your amount"),
        ("uz", "komissiya 1.5%+200 summaning ichida"),
        ("ru", "500-5000000, ком.1.5%+200 внутри"),
        ("ru-Latn", "komissiya 1.5%+200 vnutri summy"),
    ],
)
async def test_help_says_that_the_fee_is_inside(language: str, words_: str) -> None:
    house = await house_of(INSIDE, language)

    assert await house.text("HELP SARKOR") == ["help_fee_inside"]
    assert words_ in house.last_text
